package dev.squall.app;

import dev.squall.Generation;
import dev.squall.GenerationOptions;
import dev.squall.Squall;
import dev.squall.kernels.ReadBandwidth;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.DoubleStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code squall bench}: how fast a model runs here. */
@Command(
        name = "bench",
        description = {
            "Measures how fast a model runs on this machine, after one run that is not counted.",
            "Weight bytes a second stand beside the read bandwidth, which is the bound for one token after the other."
        })
final class BenchCommand implements Callable<Integer> {
    private final Console console;

    @Spec
    private CommandSpec spec;

    @Mixin
    private LoadingOptions model;

    @Mixin
    private DraftOptions draft;

    @Option(
            names = "--speculative",
            description =
                    "Compare ways to guess tokens in advance, in turn on every prompt; with --json a list with one object"
                            + " a way: mode, draftVocab, tokensPerSecond, acceptedLength, draftLayerMs, draftHeadMs, verifyMs, rowCost,"
                            + " sameTextAsPlain.")
    private boolean speculative;

    @Option(
            names = "--lengths",
            split = ",",
            paramLabel = "N",
            defaultValue = AttentionBench.LENGTHS,
            description =
                    "With --attention alone, dense and sparse attention of published models are compared, without a"
                            + " model, for texts of so many tokens; the default is " + AttentionBench.LENGTHS
                            + ". With --json a"
                            + " list of objects: shape, phase, length, denseMs, sparseMs, selectionMs, speedup.")
    private List<Integer> lengths;

    @Option(names = "--prompts", paramLabel = "FILE", description = "Prompts for --speculative, one a line.")
    private Path prompts;

    @Option(names = "--prompt-tokens", paramLabel = "N", description = "Tokens of the prompt; default 128.")
    private int promptTokens = 128;

    @Option(names = "--gen-tokens", paramLabel = "N", description = "Tokens to generate; default 32.")
    private int generatedTokens = 32;

    @Option(names = "--repeat", paramLabel = "N", description = "Runs that count; default 3.")
    private int repeat = 3;

    @Option(
            names = "--json",
            description =
                    "Print one JSON object: promptTokensPerSecond, generationTokensPerSecond, weightBytesPerSecond,"
                            + " readBandwidth, each with mean and deviation.")
    private boolean json;

    BenchCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        if (promptTokens < 1 || generatedTokens < 2 || repeat < 1) {
            throw new ParameterException(
                    spec.commandLine(),
                    "found --prompt-tokens " + promptTokens + ", --gen-tokens " + generatedTokens + ", --repeat "
                            + repeat + ", expected at least 1, 2 and 1");
        }
        if (model.attentionAlone()) {
            for (int length : lengths) {
                if (length < 1 || length > AttentionBench.MOST_LENGTH) {
                    throw new ParameterException(
                            spec.commandLine(),
                            "--lengths: found " + length + ", expected 1 to " + AttentionBench.MOST_LENGTH);
                }
            }
            new AttentionBench(console).run(lengths, json);
            return 0;
        }
        if (speculative) {
            new SpeculativeBench(console, model, draft).run(prompts(), generatedTokens, json);
            return 0;
        }
        double[] prompts = new double[repeat];
        double[] generations = new double[repeat];
        double[] bytes = new double[repeat];
        double[] bandwidths = new double[repeat];
        try (Squall squall = model.load()) {
            GenerationOptions options = GenerationOptions.builder()
                    .maxTokens(generatedTokens)
                    .ignoreEndOfSequence(true)
                    .build();
            int[] prompt = new int[promptTokens];
            for (int i = 0; i < promptTokens; i++) {
                prompt[i] = (int) ((i * 7919L + 13) % squall.info().vocabulary());
            }
            squall.generate(prompt, options);
            for (int run = 0; run < repeat; run++) {
                Generation result = squall.generate(prompt, options);
                prompts[run] = result.promptTokensPerSecond();
                generations[run] = result.tokensPerSecond();
                bytes[run] = result.tokensPerSecond() * squall.info().bytesPerToken();
                bandwidths[run] = ReadBandwidth.measure();
            }
        }
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("model", model.path().toString());
        result.put("promptTokens", promptTokens);
        result.put("genTokens", generatedTokens);
        result.put("repeat", repeat);
        result.put("promptTokensPerSecond", figure(prompts));
        result.put("generationTokensPerSecond", figure(generations));
        result.put("weightBytesPerSecond", figure(bytes));
        result.put("readBandwidth", figure(bandwidths));
        if (json) {
            console.json(result);
        } else {
            line("prompt", prompts, 1, "tokens/s");
            line("generation", generations, 1, "tokens/s");
            line("weights", bytes, 1e9, "GB/s");
            line("read bandwidth", bandwidths, 1e9, "GB/s");
        }
        return 0;
    }

    private List<String> prompts() throws IOException {
        if (prompts == null) {
            return SpeculativeBench.PROMPTS;
        }
        List<String> lines =
                TextFile.read(prompts).lines().filter(line -> !line.isBlank()).toList();
        if (lines.isEmpty()) {
            throw new IllegalArgumentException(prompts + ": found no prompts, expected one a line");
        }
        return lines;
    }

    private void line(String name, double[] runs, double unit, String label) {
        Map<String, Double> figure = figure(runs);
        console.out()
                .printf(
                        Locale.ROOT,
                        "%-16s %8.2f ± %.2f %s%n",
                        name,
                        figure.get("mean") / unit,
                        figure.get("deviation") / unit,
                        label);
    }

    /** Mean and standard deviation. */
    static Map<String, Double> figure(double[] runs) {
        double mean = DoubleStream.of(runs).average().orElseThrow();
        double squares = DoubleStream.of(runs).map(x -> (x - mean) * (x - mean)).sum();
        Map<String, Double> figure = new LinkedHashMap<>();
        figure.put("mean", mean);
        figure.put("deviation", runs.length > 1 ? Math.sqrt(squares / (runs.length - 1)) : 0);
        return figure;
    }
}
