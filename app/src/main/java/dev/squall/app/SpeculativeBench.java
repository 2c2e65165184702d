package dev.squall.app;

import dev.squall.Generation;
import dev.squall.GenerationOptions;
import dev.squall.Speculation;
import dev.squall.SpeculationStatistics;
import dev.squall.Squall;
import dev.squall.Token;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/**
 * What guessing tokens in advance brings on this machine: every prompt is continued greedily in every mode, in turn, so that
 * a machine that grows slow is slow for all of them; of the runs of a prompt in a mode the one of median speed counts.
 *
 * <pre>
 *   plain      one token a pass
 *   lookup     guesses from the text, of fixed length
 *   eagle2     guesses of the draft, which may guess any token
 *   frspec     guesses of the draft, which may guess the tokens of --draft-vocab; once for each of its sizes
 *   adaptive   as many guesses as pay off, of the draft with the first --draft-vocab, or from the text without a draft
 * </pre>
 *
 * <p>The draft's fixed modes run once for each of the trees asked for, all of the same shape beside each other.
 */
final class SpeculativeBench {
    /** Beginnings of texts of several kinds. */
    static final List<String> PROMPTS = List.of(
            "Once upon a time, in a village by the sea, there lived",
            "The committee met on Tuesday to discuss the following points: first, the",
            "for (int i = 0; i < 10; i++) { sum = sum + i; } for (int j = 0; j < 10; j++) { sum =",
            "It was late in the evening when the detective finally opened the letter and");

    private static final int[] ROWS = {1, 2, 4, 8, 16, 32, 60};
    private static final double TIMED = 3; // seconds for measuring passes of all sizes, about
    private static final int LOOKUP_DEPTH = 7;
    private static final int TREE = 16; // nodes of a fixed tree where none is asked for

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
        final List<Generation> results = new ArrayList<>(); // [prompts], the runs of median speed

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
     * @param repeat how often
     * @param trees shapes of the fixed modes' trees; none for the one of the options, or the default
     */
    List<Map<String, Object>> run(List<String> prompts, int tokens, int repeat, List<Speculation> trees, boolean json) {
        Path directory = draft.directory(model.path());
        List<List<Integer>> vocabularies = directory == null ? List.of() : draft.vocabularies(directory);
        List<Squall> loaded = new ArrayList<>();
        try {
            loaded.add(directory == null ? model.load() : model.load(directory, List.of(), draft.variant()));
            for (List<Integer> vocabulary : vocabularies) {
                if (!vocabulary.isEmpty()) {
                    loaded.add(model.load(directory, vocabulary, draft.variant()));
                }
            }
            List<Integer> sizes = vocabularies.stream()
                    .map(List::size)
                    .filter(size -> size > 0)
                    .toList();
            return measure(prompts, tokens, repeat, modes(loaded, sizes, trees, directory != null), json);
        } finally {
            loaded.forEach(Squall::close);
        }
    }

    private List<Map<String, Object>> measure(
            List<String> prompts, int tokens, int repeat, List<Mode> modes, boolean json) {
        GenerationOptions.Builder options =
                GenerationOptions.builder().ignoreEndOfSequence(true).maxTokens(tokens);
        for (Mode mode : modes) { // not counted
            mode.squall.generate(
                    prompts.getFirst(), options.speculation(mode.speculation).build());
        }
        for (String prompt : prompts) {
            Map<Mode, List<Generation>> runs = new LinkedHashMap<>();
            for (int run = 0; run < repeat; run++) {
                for (Mode mode : modes) {
                    Generation result = mode.squall.generate(
                            prompt, options.speculation(mode.speculation).build());
                    runs.computeIfAbsent(mode, ignored -> new ArrayList<>()).add(result);
                }
            }
            runs.forEach((mode, results) -> {
                results.sort(Comparator.comparingDouble(one -> one.timings().generation()));
                mode.results.add(results.get(repeat / 2));
            });
        }
        Mode plain = modes.getFirst();
        int passes = (int) Math.clamp(rate(plain) * TIMED / IntStream.of(ROWS).sum(), 5, 51);
        double[] seconds = plain.squall.passSeconds(
                passes,
                IntStream.of(ROWS)
                        .filter(rows -> rows < plain.squall.contextLength())
                        .toArray());
        List<Map<String, Object>> figures =
                modes.stream().map(mode -> figures(mode, plain, seconds)).toList();
        if (json) {
            console.json(figures);
        } else {
            print(figures);
        }
        return figures;
    }

    /**
     * @param loaded the model with the whole draft, and with those that guess some tokens
     * @param sizes how many tokens those guess
     */
    private List<Mode> modes(List<Squall> loaded, List<Integer> sizes, List<Speculation> trees, boolean drafts) {
        Squall whole = loaded.getFirst();
        List<Mode> modes = new ArrayList<>();
        modes.add(new Mode("plain", whole, Speculation.none(), 0));
        modes.add(new Mode("lookup", whole, Speculation.lookup().withDepth(LOOKUP_DEPTH), 0));
        if (!drafts) {
            modes.add(new Mode("adaptive", whole, Speculation.lookup(), 0));
            return modes;
        }
        int full = whole.info().vocabulary();
        Speculation asked = draft.speculation();
        boolean open = asked.treeSize() + asked.depth() + asked.topK() == 0;
        List<Speculation> shapes = !trees.isEmpty() ? trees : List.of(open ? asked.withTreeSize(TREE) : asked);
        for (Speculation shape : shapes) {
            modes.add(new Mode("eagle2", whole, shape, full));
            for (int i = 0; i < sizes.size(); i++) {
                modes.add(new Mode("frspec", loaded.get(i + 1), shape, sizes.get(i)));
            }
        }
        modes.add(new Mode(
                "adaptive",
                sizes.isEmpty() ? whole : loaded.get(1),
                Speculation.model(),
                sizes.isEmpty() ? full : sizes.getFirst()));
        return modes;
    }

    /** @param pass seconds of a pass of each of {@link #ROWS}, measured in the same run */
    private static Map<String, Object> figures(Mode mode, Mode plain, double[] pass) {
        double passes = 0; // seconds, as the sizes of the rounds' passes let expect
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
            rounds += guessing ? guesses.rounds() : one.completionTokens() - 1;
            yielded += guessing ? guesses.acceptedLength() * guesses.rounds() : one.completionTokens() - 1;
            layer += guesses.draftLayer();
            head += guesses.draftHead();
            verify += guessing ? guesses.verify() : one.timings().generation();
            for (int nodes = 1; nodes < guesses.treeSizes().size(); nodes++) {
                passes += guessing ? guesses.treeSizes().get(nodes) * seconds(pass, nodes) : 0;
            }
            passes += guessing ? 0 : (one.completionTokens() - 1) * pass[0];
            same &= ids(one).equals(ids(plain.results.get(i)));
        }
        double count = Math.max(1, rounds);
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("mode", mode.name);
        object.put("draftVocab", mode.vocabulary);
        object.put("treeSize", mode.speculation.treeSize());
        object.put("depth", mode.speculation.depth());
        object.put("topK", mode.speculation.topK());
        object.put("tokensPerSecond", rate(mode));
        object.put("acceptedLength", yielded / count);
        object.put("draftLayerMs", 1000 * layer / count);
        object.put("draftHeadMs", 1000 * head / count);
        object.put("verifyMs", 1000 * verify / count);
        object.put(
                "rowCost",
                DoubleStream.of(pass).map(one -> one / pass[0]).boxed().toList());
        object.put("sameTextAsPlain", same);
        object.put("shareOfParts", rate(mode) * (passes + layer + head) / Math.max(1, yielded));
        return object;
    }

    /** Tokens a second, the prompts' first ones left out. */
    private static double rate(Mode mode) {
        double tokens = 0;
        double seconds = 0;
        for (Generation one : mode.results) {
            tokens += one.completionTokens() - 1;
            seconds += one.timings().generation();
        }
        return seconds > 0 ? tokens / seconds : 0;
    }

    /** Seconds of a pass, between and behind those of {@link #ROWS} on a line. */
    private static double seconds(double[] pass, int rows) {
        int above = 1;
        while (above < pass.length - 1 && ROWS[above] < rows) {
            above++;
        }
        double part = (double) (rows - ROWS[above - 1]) / (ROWS[above] - ROWS[above - 1]);
        return pass[above - 1] + part * (pass[above] - pass[above - 1]);
    }

    private static List<Integer> ids(Generation generation) {
        return generation.tokens().stream().map(Token::id).toList();
    }

    private void print(List<Map<String, Object>> figures) {
        double plain = number(figures.getFirst(), "tokensPerSecond");
        console.out()
                .println("mode      vocabulary  tree      tokens/s  to plain  accepted  draft layer ms  draft head ms"
                        + "  verify ms  of its parts  same text");
        for (Map<String, Object> one : figures) {
            console.out()
                    .printf(
                            Locale.ROOT,
                            "%-9s %10d  %-8s  %8.2f  %8.3f  %8.2f  %14.2f  %13.2f  %9.2f  %12.2f  %s%n",
                            one.get("mode"),
                            one.get("draftVocab"),
                            one.get("treeSize") + ":" + one.get("depth") + ":" + one.get("topK"),
                            one.get("tokensPerSecond"),
                            number(one, "tokensPerSecond") / plain,
                            one.get("acceptedLength"),
                            one.get("draftLayerMs"),
                            one.get("draftHeadMs"),
                            one.get("verifyMs"),
                            one.get("shareOfParts"),
                            one.get("sameTextAsPlain"));
        }
        StringBuilder costs = new StringBuilder("a pass of n rows costs, in passes of one:");
        List<?> rowCost = (List<?>) figures.getFirst().get("rowCost");
        for (int i = 0; i < rowCost.size(); i++) {
            costs.append(String.format(Locale.ROOT, "  %d: %.2f", ROWS[i], (Double) rowCost.get(i)));
        }
        console.out().println(costs);
        double adaptive = best(figures, Set.of("adaptive"));
        double fixed = best(figures, Set.of("plain", "lookup", "eagle2", "frspec"));
        console.out()
                .printf(
                        Locale.ROOT,
                        "adaptive: %.3f of the best fixed mode, %.3f of plain%n",
                        adaptive / fixed,
                        adaptive / plain);
        if (best(figures, Set.of("frspec")) > 0) {
            console.out()
                    .printf(
                            Locale.ROOT,
                            "FR-Spec: %.3f of EAGLE-2's tokens/s, each at its best%n",
                            best(figures, Set.of("frspec")) / best(figures, Set.of("eagle2")));
        }
    }

    private static double number(Map<String, Object> figures, String name) {
        return (Double) figures.get(name);
    }

    /** Tokens a second of the best of some modes, 0 without one. */
    private static double best(List<Map<String, Object>> figures, Set<String> modes) {
        return figures.stream()
                .filter(one -> modes.contains(one.get("mode")))
                .mapToDouble(one -> number(one, "tokensPerSecond"))
                .max()
                .orElse(0);
    }
}
