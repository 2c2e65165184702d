package dev.squall.app;

import dev.squall.GenerationOptions;
import dev.squall.Speculation;
import dev.squall.Squall;
import dev.squall.model.spec.RecommendedSampling;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** How tokens are chosen: the options of every command that generates. */
final class SamplingOptions {
    @Spec(Target.MIXEE)
    private CommandSpec command;

    @Option(names = "--max-tokens", paramLabel = "N", description = "Most tokens to generate; default 256.")
    private int maxTokens = 256;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            description =
                    "0 always takes the most probable token. Without any option of sampling, those that the model's"
                            + " files recommend count, or 0.")
    private Double temperature;

    @Option(
            names = "--top-k",
            paramLabel = "K",
            description = "Only the K most probable tokens; 0, the default, for all.")
    private Integer topK;

    @Option(names = "--top-p", paramLabel = "P", description = "Only the nucleus of probability P; default 1.")
    private Double topP;

    @Option(
            names = "--min-p",
            paramLabel = "P",
            description = "Only tokens at least P times as probable as the first; default 0.")
    private Double minP;

    @Option(names = "--repetition-penalty", paramLabel = "R", description = "Weakens tokens that occurred; default 1.")
    private Double repetitionPenalty;

    @Option(
            names = "--seed",
            paramLabel = "S",
            description = "Of the random numbers; the same seed gives the same text. Default 0.")
    private long seed;

    @Option(names = "--stop", paramLabel = "S", description = "Ends the text before this string; may be repeated.")
    private List<String> stop = new ArrayList<>();

    /**
     * The options; a value out of its range is wrong usage.
     *
     * @param parseSpecial whether special tokens that are spelled out in the prompt are read as such
     * @param speculation how tokens are guessed in advance
     */
    GenerationOptions options(boolean parseSpecial, Speculation speculation) {
        return options(parseSpecial, speculation, new RecommendedSampling(0, 0, 1));
    }

    /**
     * As {@link #options(boolean, Speculation)} where an option of sampling is given, else as a model's files recommend,
     * which is said.
     *
     * @param quiet whether it is not said
     */
    GenerationOptions options(boolean parseSpecial, Speculation speculation, Squall squall, boolean quiet) {
        boolean given =
                Stream.of(temperature, topK, topP, minP, repetitionPenalty).anyMatch(Objects::nonNull);
        RecommendedSampling sampling = squall.info().sampling().orElse(null);
        if (given || sampling == null) {
            return options(parseSpecial, speculation);
        }
        if (!quiet) {
            command.commandLine()
                    .getErr()
                    .printf(
                            Locale.ROOT,
                            "squall: sampling as the model's files recommend: temperature %s, top-k %d, top-p %s;"
                                    + " --temperature 0 takes the most probable token%n",
                            sampling.temperature(),
                            sampling.topK(),
                            sampling.topP());
        }
        return options(parseSpecial, speculation, sampling);
    }

    private GenerationOptions options(boolean parseSpecial, Speculation speculation, RecommendedSampling otherwise) {
        try {
            return GenerationOptions.builder()
                    .maxTokens(maxTokens)
                    .temperature(temperature == null ? otherwise.temperature() : temperature)
                    .topK(topK == null ? otherwise.topK() : topK)
                    .topP(topP == null ? otherwise.topP() : topP)
                    .minP(minP == null ? 0 : minP)
                    .repetitionPenalty(repetitionPenalty == null ? 1 : repetitionPenalty)
                    .seed(seed)
                    .stop(stop.toArray(String[]::new))
                    .parseSpecial(parseSpecial)
                    .speculation(speculation)
                    .build();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(command.commandLine(), e.getMessage(), e);
        }
    }
}
