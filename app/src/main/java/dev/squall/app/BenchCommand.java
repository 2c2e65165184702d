package dev.squall.app;

import dev.squall.ModelInfo;
import dev.squall.Speculation;
import dev.squall.attention.SparseConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
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
        check();
        if (coverage != null) {
            new CoverageBench(console, model).run(coverage, lengths, json);
        } else if (figures != null) {
            draw(JsonMapper.shared().readTree(figures.toFile()), figures.toString());
        } else if (model.attentionAlone()) {
            attention();
        } else if (speculative) {
            speculation();
        } else {
            generation();
        }
        return 0;
    }

    /** @throws ParameterException if options do not go together */
    private void check() {
        if (promptTokens < 1 || generatedTokens < 2 || repeat < 1) {
            throw wrong("found --prompt-tokens " + promptTokens + ", --gen-tokens " + generatedTokens + ", --repeat "
                    + repeat + ", expected at least 1, 2 and 1");
        }
        if (endToEnd && (!model.attentionAlone() || plot != null)) {
            throw wrong("--end-to-end: found it, expected --attention alone beside it, and no --plot");
        }
        if (coverage != null) {
            return;
        }
        if (figures != null && plot == null) {
            throw wrong("--figures: found " + figures + ", expected --plot beside it");
        }
        if (plot != null && figures == null && !model.attentionAlone() && !drawsDrafts()) {
            throw wrong("--plot: found " + plot
                    + ", expected --attention or --figures beside it, or --speculative with a draft's directory");
        }
    }

    /** Whether there will be drafts of some vocabulary to draw. */
    private boolean drawsDrafts() {
        return speculative && draft.directory(model.path()) != null;
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    private void attention() throws IOException {
        model.requireF32("--attention alone");
        List<Integer> texts = lengths == null ? AttentionBench.LENGTHS : lengths;
        for (int length : texts) {
            if (length < 1 || length > AttentionBench.MOST_LENGTH) {
                throw wrong("--lengths: found " + length + ", expected 1 to " + AttentionBench.MOST_LENGTH);
            }
        }
        if (endToEnd) {
            new TokenBench(console, SyntheticModel.MINICPM4_HALF_B, SparseConfig.defaults()).run(texts, json);
        } else {
            draw(new AttentionBench(console).run(texts, json), "--attention");
        }
    }

    private void speculation() throws IOException {
        if (randomDraft) {
            draft.use(RandomDraft.write(ModelInfo.read(model.path())));
        }
        SpeculativeBench bench = new SpeculativeBench(console, model, draft);
        draw(bench.run(prompts(), generatedTokens, repeat, trees(), json), "--speculative");
    }

    private void generation() throws IOException {
        GenerationBench bench = new GenerationBench(console, model, promptTokens, generatedTokens, repeat);
        JsonNode jvm = beside == null ? null : JsonMapper.shared().readTree(beside.toFile());
        if (record == null) {
            bench.run(jvm, json);
        } else {
            JsonMapper.shared().writeValue(record.toFile(), bench.measureOnJvm());
        }
    }

    private void draw(List<Map<String, Object>> results, String from) throws IOException {
        if (plot != null) {
            draw(JsonMapper.shared().valueToTree(results), from);
        }
    }

    private void draw(JsonNode results, String from) throws IOException {
        if (results.path(0).has("mode")) {
            SpeculationPlot.draw(results, from, plot);
        } else {
            AttentionPlot.draw(results, from, plot);
        }
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
}
