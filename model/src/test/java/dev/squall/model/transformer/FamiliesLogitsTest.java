package dev.squall.model.transformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.squall.kernels.DeviceKernels;
import dev.squall.kernels.KernelSet;
import dev.squall.kernels.Kernels;
import dev.squall.model.format.Checkpoint;
import dev.squall.model.format.Checkpoints;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every family, file format, weight type and kernel set against the same formulas in float64. */
class FamiliesLogitsTest {
    private static final double TOLERANCE = 1e-4;

    @TempDir
    Path folder;

    static List<Arguments> gguf() {
        List<Arguments> cases = new ArrayList<>();
        for (TinyModel model : TinyModel.all()) {
            for (String type : List.of("F32", "F16", "BF16", "Q8_0", "Q4_0")) {
                cases.add(Arguments.of(model.name(), type, model));
            }
        }
        for (TinyModel model : scaled()) {
            cases.add(Arguments.of(model.name(), "F32", model));
        }
        return cases;
    }

    static List<Arguments> huggingFace() {
        List<Arguments> cases = new ArrayList<>();
        for (TinyModel model : TinyModel.all()) {
            for (String type : List.of("F32", "F16", "BF16")) {
                cases.add(Arguments.of(model.name(), type, model));
            }
        }
        for (TinyModel model : scaled()) {
            cases.add(Arguments.of(model.name(), "F32", model));
        }
        cases.add(Arguments.of("qwen2 with a window", "F32", TinyModel.qwen2().withWindow("qwen2 window", 10, 1)));
        return cases;
    }

    /** Emulated work-items are slow, so here are fewer cases. */
    static List<Arguments> fused() {
        List<Arguments> cases = new ArrayList<>();
        for (TinyModel model : TinyModel.all()) {
            cases.add(Arguments.of(model.name(), model.name().equals("llama2") ? "Q8_0" : "F32", model));
        }
        return cases;
    }

    private static List<TinyModel> scaled() {
        return List.of(
                TinyModel.llama2().withRopeScaling("linear", Map.of("rope_type", "linear", "factor", 4.0)),
                TinyModel.qwen2()
                        .withRopeScaling(
                                "yarn",
                                Map.of("rope_type", "yarn", "factor", 4.0, "original_max_position_embeddings", 4096)));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("gguf")
    void ggufFilesAgreeWithTheFormulas(String name, String type, TinyModel model) throws Exception {
        compare(TinyModelFiles.gguf(model, type, folder), model, type);
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("huggingFace")
    void huggingFaceDirectoriesAgreeWithTheFormulas(String name, String type, TinyModel model) throws Exception {
        compare(TinyModelFiles.huggingFace(model, type, folder), model, type);
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("fused")
    void fusedKernelsAgreeWithTheFormulas(String name, String type, TinyModel model) throws Exception {
        List<Kernels> sets = model.name().equals("llama2")
                ? List.of(new DeviceKernels(false), new DeviceKernels(true))
                : List.of(new DeviceKernels(false));
        compare(TinyModelFiles.gguf(model, type, folder), model, type, model.text(7, 9), sets);
    }

    private static void compare(Path file, TinyModel model, String type) throws Exception {
        compare(file, model, type, model.text(7, 40), List.of(KernelSet.reference(), KernelSet.simd()));
    }

    private static void compare(Path file, TinyModel model, String type, int[] text, List<? extends Kernels> sets)
            throws Exception {
        double[][] expected = new ReferenceTransformer(model, TinyModelFiles.values(model, type)).logits(text);
        for (Kernels kernels : sets) {
            try (Checkpoint checkpoint = Checkpoints.open(file);
                    Transformer transformer = Transformer.load(
                            checkpoint,
                            kernels,
                            TransformerOptions.defaults().withRows(16, 16).withPageSize(8))) {
                float[][] found = Texts.logits(transformer, text, 16);
                for (int t = 0; t < text.length; t++) {
                    for (int i = 0; i < expected[t].length; i++) {
                        assertThat((double) found[t][i])
                                .as("%s: token %d, logit %d", kernels.name(), t, i)
                                .isEqualTo(expected[t][i], within(TOLERANCE));
                    }
                }
            }
        }
    }
}
