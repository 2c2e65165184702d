package dev.squall.app;

import dev.squall.Speculation;
import dev.squall.SpeculationStatistics;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** Who guesses tokens in advance, and how many: the options of every command that generates. */
final class DraftOptions {
    @Spec(Target.MIXEE)
    private CommandSpec command;

    @Option(
            names = "--draft",
            paramLabel = "WHO",
            description =
                    "Who guesses tokens in advance, which makes the same text faster: lookup, which copies from the"
                            + " text itself, or none, the default.")
    private String draft = "none";

    @Option(
            names = "--tree-size",
            paramLabel = "N",
            description = "Tokens that are checked in one pass, 2 to " + Speculation.MOST_NODES + ".")
    private int treeSize;

    @Option(names = "--depth", paramLabel = "L", description = "How many tokens ahead are guessed.")
    private int depth;

    /** Who guesses, and how many; a value out of its range is wrong usage. */
    Speculation speculation() {
        Speculation.Draft who = switch (draft) {
            case "none" -> Speculation.Draft.NONE;
            case "lookup" -> Speculation.Draft.LOOKUP;
            default ->
                throw new ParameterException(
                        command.commandLine(), "--draft: found " + draft + ", expected lookup or none");
        };
        try {
            return new Speculation(who, treeSize, depth, 0);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), e.getMessage(), e);
        }
    }

    /** Whether anybody guesses. */
    boolean guesses() {
        return !draft.equals("none");
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

    private static double milliseconds(double seconds, SpeculationStatistics figures) {
        return figures.rounds() == 0 ? 0 : 1000 * seconds / figures.rounds();
    }
}
