package dev.squall.app;

import dev.squall.GenerationOptions;
import dev.squall.Speculation;
import java.util.ArrayList;
import java.util.List;
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
            description = "0, the default, always takes the most probable token.")
    private double temperature;

    @Option(
            names = "--top-k",
            paramLabel = "K",
            description = "Only the K most probable tokens; 0, the default, for all.")
    private int topK;

    @Option(names = "--top-p", paramLabel = "P", description = "Only the nucleus of probability P; default 1.")
    private double topP = 1;

    @Option(
            names = "--min-p",
            paramLabel = "P",
            description = "Only tokens at least P times as probable as the first; default 0.")
    private double minP;

    @Option(names = "--repetition-penalty", paramLabel = "R", description = "Weakens tokens that occurred; default 1.")
    private double repetitionPenalty = 1;

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
        try {
            return GenerationOptions.builder()
                    .maxTokens(maxTokens)
                    .temperature(temperature)
                    .topK(topK)
                    .topP(topP)
                    .minP(minP)
                    .repetitionPenalty(repetitionPenalty)
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
