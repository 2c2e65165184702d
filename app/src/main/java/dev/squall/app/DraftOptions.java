package dev.squall.app;

import dev.squall.DraftFiles;
import dev.squall.Generation;
import dev.squall.LoadOptions;
import dev.squall.Speculation;
import dev.squall.SpeculationStatistics;
import dev.squall.Token;
import dev.squall.model.ranking.FrequencyList;
import dev.squall.model.ranking.TokenRanking;
import dev.squall.model.spec.DraftVariant;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** Who guesses tokens in advance, and how many: the options of every command that generates. */
final class DraftOptions {
    @Spec(Target.MIXEE)
    private CommandSpec command;

    private static final String AUTO = "auto";

    @Option(
            names = "--draft",
            paramLabel = "WHO",
            description =
                    "Who guesses tokens in advance, as far as that makes the same text faster here: the directory of"
                            + " an EAGLE draft; auto, the default, which is the directory 'draft' in or beside the model, loaded"
                            + " once its guesses are wanted, or lookup where there is none; lookup, which copies from the"
                            + " text itself; or none.")
    private String draft;

    @Option(
            names = "--draft-vocab",
            paramLabel = "VOCAB",
            split = ",",
            description =
                    "What the draft may guess: full; a file with a list of tokens, the most frequent first, in JSON or"
                            + " as freq_V.pt; so many of ranking.json in the draft's directory, which squall rank writes; or auto, the default, which"
                            + " is a quarter of the vocabulary where there is a ranking. squall bench takes several, with"
                            + " commas.")
    private List<String> vocabularies = List.of(AUTO);

    @Option(
            names = "--draft-rope",
            paramLabel = "WHOSE",
            description = "Whose rotation a draft uses: model, the default, or draft for what its config.json says.")
    private DraftVariant.Rope rope = DraftVariant.Rope.MODEL;

    @Option(
            names = "--no-draft-head-scale",
            description = "The draft does not scale its head as the model does (MiniCPM4: by 1/16).")
    private boolean unscaledHead;

    @Option(
            names = "--tree-size",
            paramLabel = "N",
            description = "Tokens that are checked in one pass, 2 to " + Speculation.MOST_NODES + ".")
    private int treeSize;

    @Option(names = "--depth", paramLabel = "L", description = "How many tokens ahead are guessed.")
    private int depth;

    @Option(names = "--topk", paramLabel = "K", description = "How many ways a draft goes on at a time.")
    private int topK;

    /** Who guesses, and how many; a value out of its range is wrong usage. */
    Speculation speculation() {
        Speculation.Draft who = switch (who()) {
            case "none" -> Speculation.Draft.NONE;
            case "lookup" -> Speculation.Draft.LOOKUP;
            case AUTO -> Speculation.Draft.AUTO;
            default -> Speculation.Draft.MODEL;
        };
        try {
            return new Speculation(who, treeSize, depth, topK);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), e.getMessage(), e);
        }
    }

    /** Sets the draft that is loaded beside a model. */
    void apply(LoadOptions.Builder options, Path model) {
        Path directory = directory(model);
        if (vocabularies.size() != 1) {
            throw wrong("found " + vocabularies + ", expected one; squall bench --speculative compares several");
        }
        boolean usual = vocabularies.getFirst().equals(AUTO) && variant().equals(DraftVariant.defaults());
        if (directory != null && !(who().equals(AUTO) && usual)) {
            options.draft(directory)
                    .draftVocabulary(vocabularies(directory).getFirst())
                    .draftVariant(variant());
            return;
        }
        options.draftBeside(directory != null);
        if (directory == null
                && !vocabularies.getFirst().equals(AUTO)
                && !vocabularies.getFirst().equals("full")) {
            throw wrong("found " + vocabularies.getFirst() + ", expected it with a draft's directory");
        } else if (directory == null && !variant().equals(DraftVariant.defaults())) {
            throw new ParameterException(
                    command.commandLine(),
                    "--draft-rope, --no-draft-head-scale: found " + variant()
                            + ", expected them with a draft's directory");
        }
    }

    private ParameterException wrong(String message) {
        return new ParameterException(command.commandLine(), "--draft-vocab: " + message);
    }

    /** What the draft's files do not say. */
    DraftVariant variant() {
        return new DraftVariant(rope, !unscaledHead);
    }

    /** The draft's directory, null if no draft model guesses. */
    Path directory(Path model) {
        if (who().equals("none") || who().equals("lookup")) {
            return null;
        }
        if (who().equals(AUTO)) {
            return DraftFiles.beside(model).orElse(null);
        }
        Path directory = Path.of(who());
        if (!Files.isDirectory(directory)) {
            throw new ParameterException(
                    command.commandLine(),
                    "--draft: found " + who() + ", expected the directory of a draft, auto, lookup or none");
        }
        return directory;
    }

    /** What the draft may guess, one list an element of {@code --draft-vocab}; an empty list is all tokens. */
    List<List<Integer>> vocabularies(Path directory) {
        return vocabularies.stream().map(each -> vocabulary(each, directory)).toList();
    }

    private static List<Integer> vocabulary(String which, Path directory) {
        if (which.equals("full")) {
            return List.of();
        }
        if (which.equals(AUTO)) {
            return DraftFiles.usualVocabulary(directory);
        }
        if (!which.matches("[1-9][0-9]{0,8}")) {
            return list(Path.of(which));
        }
        Path file = DraftFiles.ranking(directory);
        TokenRanking ranking = TokenRanking.read(file);
        try {
            return Arrays.stream(ranking.top(Integer.parseInt(which))).boxed().toList();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
        }
    }

    /** A list of tokens in JSON, or as published, freq_V.pt. */
    private static List<Integer> list(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException(file + ": no such file; --draft-vocab takes full, a list or a size");
        }
        if (file.toString().endsWith(".pt")) {
            return Arrays.stream(FrequencyList.read(file)).boxed().toList();
        }
        try {
            int[] ids = new JsonMapper().readValue(file.toFile(), int[].class);
            return Arrays.stream(ids).distinct().boxed().toList(); // published lists have tokens twice
        } catch (JacksonException e) {
            throw new IllegalArgumentException(file + ": found no list of tokens, expected a JSON list of integers", e);
        }
    }

    /** Names a draft's directory. */
    DraftOptions use(Path directory) {
        draft = directory.toString();
        return this;
    }

    private String who() {
        return draft == null ? AUTO : draft;
    }

    /** Whether somebody who may guess was named, so that figures are wanted. */
    boolean areNamed() {
        return draft != null && !draft.equals("none");
    }

    /** Whether there is something to say about guesses: they were asked for, or there were some. */
    boolean report(SpeculationStatistics figures) {
        return areNamed() || figures.guesses() > 0;
    }

    /** The figures for JSON, and of every token whether it was guessed. */
    static Map<String, Object> describe(Generation result) {
        SpeculationStatistics figures = result.speculation();
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("rounds", figures.rounds());
        object.put("guesses", figures.guesses());
        object.put("acceptedLength", figures.acceptedLength());
        object.put("acceptancePerDepth", perDepth(figures));
        object.put("outsideShare", figures.outsideShare());
        object.put("draftLayerMs", milliseconds(figures.draftLayer(), figures));
        object.put("draftHeadMs", milliseconds(figures.draftHead(), figures));
        object.put("verifyMs", milliseconds(figures.verify(), figures));
        object.put("commitMs", milliseconds(figures.commit(), figures));
        object.put("guessed", result.tokens().stream().map(Token::guessed).toList());
        return object;
    }

    /** The line of figures after a generation. */
    static String line(SpeculationStatistics figures) {
        StringBuilder depths = new StringBuilder();
        perDepth(figures).forEach(share -> depths.append(String.format(Locale.ROOT, " %.2f", share)));
        return String.format(
                Locale.ROOT,
                "squall: %d rounds, %.2f tokens a round; right per depth%s; ms a round: draft layer %.2f, draft head %.2f,"
                        + " verify %.2f, commit %.2f; outside the draft's vocabulary %.1f %%",
                figures.rounds(),
                figures.acceptedLength(),
                depths.isEmpty() ? " -" : depths,
                milliseconds(figures.draftLayer(), figures),
                milliseconds(figures.draftHead(), figures),
                milliseconds(figures.verify(), figures),
                milliseconds(figures.commit(), figures),
                100 * figures.outsideShare());
    }

    private static List<Double> perDepth(SpeculationStatistics figures) {
        List<Double> shares = new ArrayList<>();
        for (int depth = 1; depth < figures.acceptedLengths().size() - 1; depth++) {
            shares.add(figures.acceptance(depth));
        }
        return shares;
    }

    static double milliseconds(double seconds, SpeculationStatistics figures) {
        return figures.rounds() == 0 ? 0 : 1000 * seconds / figures.rounds();
    }
}
