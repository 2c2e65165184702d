package dev.squall.app;

import dev.squall.LoadOptions;
import dev.squall.Speculation;
import dev.squall.SpeculationStatistics;
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
    private static final int SHARE = 4; // of the vocabulary, for auto: what FR-Spec's figures recommend

    @Option(
            names = "--draft",
            paramLabel = "WHO",
            description =
                    "Who guesses tokens in advance, which makes the same text faster where a pass of several rows costs"
                            + " little more than one: the directory of an EAGLE draft; auto, which is the directory 'draft' in"
                            + " or beside the model, if there is one; lookup, which copies from the text itself; or none, the"
                            + " default, but for squall bench --speculative, whose default is auto.")
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
        if (directory != null) {
            options.draft(directory)
                    .draftVocabulary(vocabularies(directory).getFirst())
                    .draftVariant(variant());
        } else if (!vocabularies.getFirst().equals(AUTO)
                && !vocabularies.getFirst().equals("full")) {
            throw wrong("found " + vocabularies.getFirst() + ", expected it with a draft's directory");
        } else if (!variant().equals(DraftVariant.defaults())) {
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
            Path base =
                    Files.isDirectory(model) ? model : model.toAbsolutePath().getParent();
            return Files.isDirectory(base.resolve("draft")) ? base.resolve("draft") : null;
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
        Path file = directory.resolve("ranking.json");
        if (which.equals("full") || which.equals(AUTO) && !Files.exists(file)) {
            return List.of();
        }
        if (!which.equals(AUTO) && !which.matches("[1-9][0-9]{0,8}")) {
            return list(Path.of(which));
        }
        TokenRanking ranking = TokenRanking.read(file);
        try {
            int size = which.equals(AUTO)
                    ? Math.clamp(ranking.vocabulary() / SHARE, ranking.forced().length, ranking.largest())
                    : Integer.parseInt(which);
            return Arrays.stream(ranking.top(size)).boxed().toList();
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

    private String who() {
        return draft == null ? "none" : draft;
    }

    /** Where nobody is named, the draft beside the model guesses. */
    DraftOptions orAuto() {
        draft = draft == null ? AUTO : draft;
        return this;
    }

    /** Whether anybody may guess. */
    boolean guesses() {
        return !who().equals("none");
    }

    /** The figures for JSON. */
    static Map<String, Object> describe(SpeculationStatistics figures) {
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
