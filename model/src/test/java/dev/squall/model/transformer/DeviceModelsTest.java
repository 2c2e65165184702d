package dev.squall.model.transformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.squall.attention.KvCache;
import dev.squall.kernels.DeviceKernels;
import dev.squall.kernels.Devices;
import dev.squall.kernels.KernelSet;
import dev.squall.kernels.Kernels;
import dev.squall.kernels.KvType;
import dev.squall.model.format.Checkpoint;
import dev.squall.model.format.Checkpoints;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Tiny models of every family and weight type on a device, against the same formulas in float64. */
@Tag("device")
class DeviceModelsTest {
    private static final double TOLERANCE = 1e-3;
    private static final int CHUNK = 16; // rows of a pass

    @TempDir
    Path folder;

    @BeforeAll
    static void needsADevice() {
        assumeTrue(Devices.present() && !Devices.all().isEmpty(), "skipped: this process has no TornadoVM device");
    }

    static List<Arguments> models() {
        List<Arguments> cases = new ArrayList<>();
        for (Kernels kernels : List.of(KernelSet.reference(), new DeviceKernels(false), new DeviceKernels(true))) {
            for (TinyModel model : TinyModel.all()) {
                cases.add(Arguments.of(model.name(), "F32", kernels, model));
            }
            for (String type : List.of("F16", "BF16", "Q8_0", "Q4_0")) {
                cases.add(Arguments.of("llama2", type, kernels, TinyModel.llama2()));
            }
        }
        return cases;
    }

    @ParameterizedTest(name = "{0} {1}, {2}")
    @MethodSource("models")
    void logitsAgreeWithTheFormulas(String name, String type, Kernels kernels, TinyModel model) throws Exception {
        compare(TinyModelFiles.gguf(model, type, folder), model, type, kernels);
    }

    /** Layers that see everything, then layers with a window: another array comes to the device in the middle of a pass. */
    @ParameterizedTest
    @MethodSource("sets")
    void aWindowInTheMiddle(Kernels kernels) throws Exception {
        TinyModel model = TinyModel.qwen2().withWindow("window", 10, 1);
        compare(TinyModelFiles.huggingFace(model, "F32", folder), model, "F32", kernels);
    }

    /** A tree of guesses has the bits of its paths, and goes on as one of them once that has been moved behind the prompt. */
    @ParameterizedTest
    @MethodSource("sets")
    void aPathOfATreeIsAsGoodAsALinearText(Kernels kernels) throws Exception {
        TinyModel model = TinyModel.qwen2();
        try (Checkpoint checkpoint = Checkpoints.open(TinyModelFiles.gguf(model, "F32", folder));
                Transformer transformer = Transformer.load(checkpoint, kernels, forTrees())) {
            BatchInvarianceTest.treeAgainstPaths(transformer, model);
            BatchInvarianceTest.treeAgainstPaths(transformer, model); // the graphs know one another by now
        }
    }

    /** Keys and values in half of the memory: other numbers than with F32, but as invariant, and near them. */
    @ParameterizedTest
    @MethodSource("sets")
    void anF16CacheIsAsInvariant(Kernels kernels) throws Exception {
        TinyModel model = TinyModel.llama3();
        int[] text = model.text(3, 100);
        try (Checkpoint checkpoint = Checkpoints.open(TinyModelFiles.gguf(model, "F32", folder));
                Transformer half =
                        Transformer.load(checkpoint, kernels, forTrees().withKvType(KvType.F16));
                Transformer single = Transformer.load(checkpoint, kernels, forTrees())) {
            float[][] whole = Texts.logits(half, text, 64);
            for (int chunk : new int[] {1, 7}) {
                assertThat(Texts.logits(half, text, chunk)).isDeepEqualTo(whole);
            }
            BatchInvarianceTest.treeAgainstPaths(half, model);
            BatchInvarianceTest.treeAgainstPaths(half, model);
            try (KvCache.Sequence sequence = half.cache().open()) {
                Texts.logits(half, sequence, text, 0, 64);
                sequence.truncate(33);
                assertThat(Texts.logits(half, sequence, text, 33, 9)[99]).isEqualTo(whole[99]);
            }
            float[] exact = Texts.logits(single, text, 64)[99];
            assertThat(whole[99]).isNotEqualTo(exact).containsExactly(exact, within(0.02f));
            assertThat(half.onDevice().bytes()).isLessThan(single.onDevice().bytes());
        }
    }

    private static TransformerOptions forTrees() {
        return TransformerOptions.defaults()
                .withRows(64, 64)
                .withPageSize(8)
                .withSequences(2)
                .withDevice("auto");
    }

    static List<Kernels> sets() {
        return List.of(KernelSet.reference(), new DeviceKernels(false));
    }

    private static void compare(Path file, TinyModel model, String type, Kernels kernels) {
        int[] text = model.text(7, 40);
        double[][] expected = new ReferenceTransformer(model, TinyModelFiles.values(model, type)).logits(text);
        try (Checkpoint checkpoint = Checkpoints.open(file);
                Transformer transformer = load(checkpoint, kernels)) {
            float[][] found = Texts.logits(transformer, text, CHUNK);
            agree(found, expected);
            // a row's bits are the same alone and among others: why 'squall devices' says batch-invariant
            assertThat(Texts.logits(transformer, text, 1)).isDeepEqualTo(found);
            assertThat(Texts.logits(transformer, text, 5)).isDeepEqualTo(found);
            for (int k = 0; k < 5; k++) { // the last pass
                assertThat(transformer.best(k)).isEqualTo(Texts.argMax(found[text.length - 5 + k]));
            }
        }
    }

    private static Transformer load(Checkpoint checkpoint, Kernels kernels) {
        return Transformer.load(
                checkpoint,
                kernels,
                TransformerOptions.defaults()
                        .withRows(CHUNK, CHUNK)
                        .withPageSize(8)
                        .withDevice("auto"));
    }

    private static void agree(float[][] found, double[][] expected) {
        for (int t = 0; t < expected.length; t++) {
            for (int i = 0; i < expected[t].length; i++) {
                assertThat((double) found[t][i])
                        .as("token %d, logit %d", t, i)
                        .isEqualTo(expected[t][i], within(TOLERANCE));
            }
        }
    }
}
