package dev.squall.app;

import dev.squall.DeviceFigures;
import dev.squall.Generation;
import dev.squall.GenerationOptions;
import dev.squall.ModelInfo;
import dev.squall.Speculation;
import dev.squall.Squall;
import dev.squall.attention.SparseConfig;
import dev.squall.kernels.ReadBandwidth;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.DoubleStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code squall bench}: how fast a model runs here. */
@Command(
        name = "bench",
        description = {
            "Measures how fast a model runs on this machine, after one run that is not counted.",
            "Weight bytes a second stand beside the read bandwidth, which is the bound for one token after the other.",
            "With --device the JVM is measured first, and its figures stand beside those of the device."
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
                            + " a way: mode, draftVocab, treeSize, depth, topK, tokensPerSecond, acceptedLength, draftLayerMs, draftHeadMs, verifyMs, rowCost,"
                            + " sameTextAsPlain, shareOfParts: tokens a second over what acceptance length and the"
                            + " times of passes and draft allow.")
    private boolean speculative;

    @Option(
            names = "--lengths",
            split = ",",
            paramLabel = "N",
            description =
                    "With --attention alone, dense and sparse attention of published models are compared, without a"
                            + " model, for texts of so many tokens; the default is 4096 to 131072, doubled each time."
                            + " With --json a"
                            + " list of objects: shape, phase, length, denseMs, sparseMs, selectionMs, speedup, and denseRoofShare,"
                            + " the share of what dense attention could reach by the read bandwidth, or by 60 %% of the"
                            + " multiply-adds that the machine does.")
    private List<Integer> lengths;

    @Option(
            names = "--end-to-end",
            description =
                    "With --attention alone: the time of a whole token of a model with random weights of the shape of"
                            + " MiniCPM4-0.5B (0.9 GB for a while in the directory of temporary files), behind random keys"
                            + " and values (50 KB of memory for each token of the longest text); phase is token.")
    private boolean endToEnd;

    @Option(
            names = "--plot",
            paramLabel = "PNG",
            description =
                    "With --attention alone: draw one token's time against the length. With --speculative: tokens a"
                            + " second and acceptance length against the tokens that a draft may guess.")
    private Path plot;

    @Option(
            names = "--figures",
            paramLabel = "FILE",
            description =
                    "With --plot: draw what --attention --json or --speculative --json has printed to FILE; nothing is measured.")
    private Path figures;

    @Option(
            names = "--coverage",
            paramLabel = "TEXT",
            description =
                    "How much of dense attention falls on the blocks that sparse attention with the numbers of --sparse"
                            + " chooses, for passages of this file of --lengths tokens; the default is a quarter, a half and"
                            + " the whole of the context. With --json a list of objects: length, passages, blocks, mass,"
                            + " leastLayerMass, forcedMass, bestMass; blocks is a share of those seen, the others are shares"
                            + " of attention.")
    private Path coverage;

    @Option(
            names = "--trees",
            split = ",",
            paramLabel = "SIZE:DEPTH:TOPK",
            description = "Trees of guesses that --speculative compares, each a mode of its own for every vocabulary.")
    private List<String> trees = List.of();

    @Option(
            names = "--random-draft",
            description =
                    "With --speculative: a draft of the model's shape with random weights, for what its parts cost.")
    private boolean randomDraft;

    @Option(names = "--prompts", paramLabel = "FILE", description = "Prompts for --speculative, one a line.")
    private Path prompts;

    @Option(names = "--prompt-tokens", paramLabel = "N", description = "Tokens of the prompt; default 128.")
    private int promptTokens = 128;

    @Option(names = "--gen-tokens", paramLabel = "N", description = "Tokens to generate; default 32.")
    private int generatedTokens = 32;

    @Option(
            names = "--repeat",
            paramLabel = "N",
            description = "Runs that count; default 3. With --speculative: of each prompt.")
    private int repeat = 3;

    @Option(
            names = "--json",
            description =
                    "Print one JSON object: promptTokensPerSecond, generationTokensPerSecond, weightBytesPerSecond,"
                            + " readBandwidth, bandwidthShare, each with mean and deviation; on a device also launches,"
                            + " launchSeconds, compilerSeconds, driverSeconds, copySeconds, copiedBytes, and jvm, the same object"
                            + " of the JVM.")
    private boolean json;

    @Option(
            names = "--record",
            paramLabel = "FILE",
            description = "Measure on the JVM and write the JSON object to FILE, for --beside.")
    private Path record;

    @Option(
            names = "--beside",
            paramLabel = "FILE",
            description = "Set figures beside those that --record has written.")
    private Path beside;

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
        if (endToEnd && (!model.attentionAlone() || plot != null)) {
            throw new ParameterException(
                    spec.commandLine(), "--end-to-end: found it, expected --attention alone beside it, and no --plot");
        }
        if (coverage != null) {
            new CoverageBench(console, model).run(coverage, lengths, json);
            return 0;
        }
        if (plot == null ? figures != null : figures == null && !model.attentionAlone() && !drawsDrafts()) {
            throw new ParameterException(
                    spec.commandLine(),
                    plot == null
                            ? "--figures: found " + figures + ", expected --plot beside it"
                            : "--plot: found " + plot
                                    + ", expected --attention or --figures beside it, or --speculative with a draft's directory");
        }
        if (figures != null) {
            JsonNode results = JsonMapper.shared().readTree(figures.toFile());
            if (results.path(0).has("mode")) {
                SpeculationPlot.draw(results, figures.toString(), plot);
            } else {
                AttentionPlot.draw(results, figures.toString(), plot);
            }
            return 0;
        }
        if (model.attentionAlone()) {
            model.requireF32("--attention alone");
            lengths = lengths == null ? AttentionBench.LENGTHS : lengths;
            for (int length : lengths) {
                if (length < 1 || length > AttentionBench.MOST_LENGTH) {
                    throw new ParameterException(
                            spec.commandLine(),
                            "--lengths: found " + length + ", expected 1 to " + AttentionBench.MOST_LENGTH);
                }
            }
            if (endToEnd) {
                new TokenBench(console, SyntheticModel.MINICPM4_HALF_B, SparseConfig.defaults()).run(lengths, json);
                return 0;
            }
            List<Map<String, Object>> results = new AttentionBench(console).run(lengths, json);
            if (plot != null) {
                AttentionPlot.draw(JsonMapper.shared().valueToTree(results), "--attention", plot);
            }
            return 0;
        }
        if (speculative) {
            if (randomDraft) {
                draft.use(RandomDraft.write(ModelInfo.read(model.path())));
            }
            List<Map<String, Object>> results =
                    new SpeculativeBench(console, model, draft).run(prompts(), generatedTokens, repeat, trees(), json);
            if (plot != null) {
                SpeculationPlot.draw(JsonMapper.shared().valueToTree(results), "--speculative", plot);
            }
            return 0;
        }
        JsonNode jvm = beside == null ? null : JsonMapper.shared().readTree(beside.toFile());
        Map<String, Object> result = measure(jvm);
        if (record != null) {
            JsonMapper.shared().writeValue(record.toFile(), result);
            return 0;
        }
        if (json) {
            if (jvm != null) {
                result.put("jvm", jvm);
            }
            console.json(result);
            return 0;
        }
        JsonNode here = JsonMapper.shared().valueToTree(result);
        line("prompt", "promptTokensPerSecond", 1, "tokens/s", here, jvm);
        line("generation", "generationTokensPerSecond", 1, "tokens/s", here, jvm);
        line("weights", "weightBytesPerSecond", 1e9, "GB/s", here, jvm);
        line("read bandwidth", "readBandwidth", 1e9, "GB/s", here, jvm);
        line("share of it", "bandwidthShare", 0.01, "%", here, jvm);
        if (here.has("launches")) {
            console.out()
                    .printf(
                            Locale.ROOT,
                            "%-16s %8d a token, %.0f microseconds of host work each%n",
                            "launches",
                            here.get("launches").intValue(),
                            here.get("launchSeconds").doubleValue() * 1e6);
            console.out()
                    .printf(
                            Locale.ROOT,
                            "%-16s %8.2f s compiler, %.2f s driver, %.2f s copies of %.2f GB%n",
                            "start",
                            here.get("compilerSeconds").doubleValue(),
                            here.get("driverSeconds").doubleValue(),
                            here.get("copySeconds").doubleValue(),
                            here.get("copiedBytes").doubleValue() / 1e9);
        }
        return 0;
    }

    /** Whether there will be drafts of some vocabulary to draw. */
    private boolean drawsDrafts() {
        return speculative && draft.directory(model.path()) != null;
    }

    /** @param jvm figures of the JVM, whose read bandwidth counts on a device too; null where there are none */
    private Map<String, Object> measure(JsonNode jvm) {
        double[] prompts = new double[repeat];
        double[] generations = new double[repeat];
        double[] bytes = new double[repeat];
        double[] bandwidths = new double[repeat];
        double[] shares = new double[repeat];
        Optional<DeviceFigures> device;
        try (Squall squall = record == null ? model.load() : model.loadOnJvm()) {
            GenerationOptions options = GenerationOptions.builder()
                    .maxTokens(generatedTokens)
                    .ignoreEndOfSequence(true)
                    .speculation(Speculation.none())
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
                bandwidths[run] = jvm == null
                        ? ReadBandwidth.measure()
                        : jvm.get("readBandwidth").get("mean").doubleValue();
                shares[run] = bytes[run] / bandwidths[run];
            }
            device = squall.deviceFigures();
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
        result.put("bandwidthShare", figure(shares));
        device.ifPresent(figures -> {
            result.put("launches", figures.launches());
            result.put("launchSeconds", figures.launchSeconds());
            result.put("compilerSeconds", figures.compilerSeconds());
            result.put("driverSeconds", figures.driverSeconds());
            result.put("copySeconds", figures.copySeconds());
            result.put("copiedBytes", figures.copiedBytes());
        });
        return result;
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

    private List<Speculation> trees() {
        List<Speculation> shapes = new ArrayList<>();
        for (String tree : trees) {
            String[] numbers = tree.split(":");
            try {
                shapes.add(Speculation.model()
                        .withTreeSize(Integer.parseInt(numbers[0]))
                        .withDepth(Integer.parseInt(numbers[1]))
                        .withTopK(Integer.parseInt(numbers[2])));
            } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
                throw new ParameterException(
                        spec.commandLine(),
                        "--trees: found " + tree + ", expected SIZE:DEPTH:TOPK, such as 16:4:4 (" + e.getMessage()
                                + ")",
                        e);
            }
        }
        return shapes;
    }

    /** A figure, and that of the JVM if there is one. */
    private void line(String name, String key, double unit, String label, JsonNode here, JsonNode jvm) {
        console.out()
                .printf(
                        Locale.ROOT,
                        "%-16s %8s %s%s%n",
                        name,
                        text(here.get(key), unit),
                        label,
                        jvm == null ? "" : ", on the JVM " + text(jvm.get(key), unit));
    }

    private static String text(JsonNode figure, double unit) {
        return String.format(
                Locale.ROOT,
                "%.2f ± %.2f",
                figure.get("mean").doubleValue() / unit,
                figure.get("deviation").doubleValue() / unit);
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
