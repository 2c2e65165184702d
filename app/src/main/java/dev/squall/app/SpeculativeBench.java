package dev.squall.app;

import dev.squall.Generation;
import dev.squall.GenerationOptions;
import dev.squall.Speculation;
import dev.squall.SpeculationStatistics;
import dev.squall.Squall;
import dev.squall.Token;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * What guessing tokens in advance brings on this machine: every prompt is continued greedily in every mode, in turn, so that
 * a machine that grows slow is slow for all of them.
 *
 * <pre>
 *   plain      one token a pass
 *   lookup     guesses from the text, of fixed length
 *   eagle2     guesses of the draft, which may guess any token
 *   frspec     guesses of the draft, which may guess the tokens of --draft-vocab
 *   adaptive   as many guesses as pay off, of the draft with --draft-vocab, or from the text without a draft
 * </pre>
 */
final class SpeculativeBench {
    /** Beginnings of texts of several kinds. */
    static final List<String> PROMPTS = List.of(
            "Once upon a time, in a village by the sea, there lived",
            "The committee met on Tuesday to discuss the following points: first, the",
            "for (int i = 0; i < 10; i++) { sum = sum + i; } for (int j = 0; j < 10; j++) { sum =",
            "It was late in the evening when the detective finally opened the letter and");

    private static final int[] ROWS = {1, 2, 4, 8, 16, 32, 60};
    private static final int LOOKUP_DEPTH = 7;

    private final Console console;
    private final LoadingOptions model;
    private final DraftOptions draft;

    SpeculativeBench(Console console, LoadingOptions model, DraftOptions draft) {
        this.console = console;
        this.model = model;
        this.draft = draft;
    }

    /** A way to generate, and what it came to so far. */
    private static final class Mode {
        final String name;
        final Squall squall;
        final Speculation speculation;
        final int vocabulary; // of the draft, 0 without one
        final List<Generation> results = new ArrayList<>();

        Mode(String name, Squall squall, Speculation speculation, int vocabulary) {
            this.name = name;
            this.squall = squall;
            this.speculation = speculation;
            this.vocabulary = vocabulary;
        }
    }

    /**
     * Measures, prints, and returns what it prints as JSON.
     *
     * @param prompts texts to continue
     * @param tokens how far each is continued
     */
    List<Map<String, Object>> run(List<String> prompts, int tokens, boolean json) {
        Path directory = draft.directory(model.path());
        List<Integer> vocabulary = directory == null ? List.of() : draft.vocabulary(directory);
        try (Squall whole = directory == null ? model.load() : model.load(directory, List.of(), draft.variant());
                Squall pruned = vocabulary.isEmpty() ? null : model.load(directory, vocabulary, draft.variant())) {
            List<Mode> modes = modes(whole, pruned, directory != null, vocabulary.size());
            GenerationOptions.Builder options =
                    GenerationOptions.builder().ignoreEndOfSequence(true).maxTokens(tokens);
            for (Mode mode : modes) { // not counted
                mode.squall.generate(
                        prompts.getFirst(),
                        options.speculation(mode.speculation).build());
            }
            for (String prompt : prompts) {
                for (Mode mode : modes) {
                    mode.results.add(mode.squall.generate(
                            prompt, options.speculation(mode.speculation).build()));
                }
            }
            int context = whole.contextLength();
            double[] seconds = whole.passSeconds(
                    5, IntStream.of(ROWS).filter(rows -> rows < context).toArray());
            List<Double> rowCost =
                    DoubleStream.of(seconds).map(s -> s / seconds[0]).boxed().toList();
            List<Map<String, Object>> figures = modes.stream()
                    .map(mode -> figures(mode, modes.getFirst(), rowCost))
                    .toList();
            if (json) {
                console.json(figures);
            } else {
                print(figures, rowCost);
            }
            return figures;
        }
    }

    private List<Mode> modes(Squall whole, Squall pruned, boolean drafts, int vocabulary) {
        List<Mode> modes = new ArrayList<>();
        modes.add(new Mode("plain", whole, Speculation.none(), 0));
        modes.add(new Mode("lookup", whole, Speculation.lookup().withDepth(LOOKUP_DEPTH), 0));
        int full = whole.info().vocabulary();
        if (drafts) {
            Speculation asked = draft.speculation(model.path());
            Speculation fixed = asked.treeSize() + asked.depth() + asked.topK() > 0 ? asked : asked.withTreeSize(16);
            modes.add(new Mode("eagle2", whole, fixed, full));
            if (pruned != null) {
                modes.add(new Mode("frspec", pruned, fixed, vocabulary));
            }
        }
        Squall best = pruned == null ? whole : pruned;
        Speculation adaptive = drafts ? Speculation.model() : Speculation.lookup();
        modes.add(new Mode("adaptive", best, adaptive, drafts ? pruned == null ? full : vocabulary : 0));
        return modes;
    }

    private static Map<String, Object> figures(Mode mode, Mode plain, List<Double> rowCost) {
        double tokens = 0;
        double seconds = 0;
        double yielded = 0;
        double rounds = 0;
        double layer = 0;
        double head = 0;
        double verify = 0;
        boolean same = true;
        for (int i = 0; i < mode.results.size(); i++) {
            Generation one = mode.results.get(i);
            SpeculationStatistics guesses = one.speculation();
            boolean guessing = mode != plain;
            tokens += one.completionTokens() - 1;
            seconds += one.timings().generation();
            rounds += guessing ? guesses.rounds() : one.completionTokens() - 1;
            yielded += guessing ? guesses.acceptedLength() * guesses.rounds() : one.completionTokens() - 1;
            layer += guesses.draftLayer();
            head += guesses.draftHead();
            verify += guessing ? guesses.verify() : one.timings().generation();
            same &= ids(one).equals(ids(plain.results.get(i)));
        }
        double count = Math.max(1, rounds);
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("mode", mode.name);
        object.put("draftVocab", mode.vocabulary);
        object.put("tokensPerSecond", seconds > 0 ? tokens / seconds : 0);
        object.put("acceptedLength", yielded / count);
        object.put("draftLayerMs", 1000 * layer / count);
        object.put("draftHeadMs", 1000 * head / count);
        object.put("verifyMs", 1000 * verify / count);
        object.put("rowCost", rowCost);
        object.put("sameTextAsPlain", same);
        return object;
    }

    private static List<Integer> ids(Generation generation) {
        return generation.tokens().stream().map(Token::id).toList();
    }

    private void print(List<Map<String, Object>> figures, List<Double> rowCost) {
        console.out()
                .println(
                        "mode      vocabulary  tokens/s  accepted  draft layer ms  draft head ms  verify ms  same text");
        for (Map<String, Object> one : figures) {
            console.out()
                    .printf(
                            Locale.ROOT,
                            "%-9s %10d  %8.2f  %8.2f  %14.2f  %13.2f  %9.2f  %s%n",
                            one.get("mode"),
                            one.get("draftVocab"),
                            one.get("tokensPerSecond"),
                            one.get("acceptedLength"),
                            one.get("draftLayerMs"),
                            one.get("draftHeadMs"),
                            one.get("verifyMs"),
                            one.get("sameTextAsPlain"));
        }
        StringBuilder costs = new StringBuilder("a pass of n rows costs, in passes of one:");
        for (int i = 0; i < rowCost.size(); i++) {
            costs.append(String.format(Locale.ROOT, "  %d: %.2f", ROWS[i], rowCost.get(i)));
        }
        console.out().println(costs);
    }
}
