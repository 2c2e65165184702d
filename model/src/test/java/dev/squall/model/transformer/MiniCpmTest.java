package dev.squall.model.transformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.squall.kernels.KernelSet;
import dev.squall.model.format.Checkpoint;
import dev.squall.model.format.Checkpoints;
import dev.squall.model.format.ModelFileException;
import dev.squall.model.spec.Families;
import dev.squall.model.spec.ModelSpec;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * MiniCPM4 in both formats against the formulas of Llama in float64, whose weights have the scales in them: embeddings times
 * 12, what blocks add times 1.4 / sqrt(layers), the head divided by width / 32. All rotary factors are 4, which is linear
 * scaling.
 */
class MiniCpmTest {
    private static final double RESIDUAL = 1.4 / Math.sqrt(2);
    private static final TinyModel MODEL =
            TinyModel.llama2().withRopeScaling("minicpm", Map.of("rope_type", "linear", "factor", 4.0));

    @TempDir
    Path folder;

    private double[][] expected(int[] text) {
        Map<String, float[]> values = new LinkedHashMap<>(TinyModelFiles.values(MODEL, "F32"));
        values.replaceAll((name, data) -> {
            double factor = name.startsWith("model.embed_tokens")
                    ? 12
                    : name.contains("o_proj") || name.contains("down_proj")
                            ? RESIDUAL
                            : name.startsWith("lm_head") ? 32.0 / MODEL.dim() : 1;
            float[] scaled = data.clone();
            for (int i = 0; i < scaled.length; i++) {
                scaled[i] *= (float) factor;
            }
            return scaled;
        });
        return new ReferenceTransformer(MODEL, values).logits(text);
    }

    private static float[] fours() {
        float[] factors = new float[MODEL.headDim() / 2];
        Arrays.fill(factors, 4f);
        return factors;
    }

    private Path huggingFace(Consumer<Map<String, Object>> change) throws Exception {
        Map<String, Object> config = TinyModelFiles.config(MODEL);
        config.put("model_type", "minicpm");
        config.put("scale_emb", 12);
        config.put("scale_depth", 1.4);
        config.put("dim_model_base", 32);
        config.put("rope_scaling", longRope(fours(), MODEL.context()));
        change.accept(config);
        return TinyModelFiles.huggingFace(config, MODEL.tensors(), "F32", folder.resolve("hf" + System.nanoTime()));
    }

    private static Map<String, Object> longRope(float[] factors, int original) {
        return Map.of(
                "rope_type",
                "longrope",
                "long_factor",
                factors,
                "short_factor",
                factors,
                "original_max_position_embeddings",
                original);
    }

    private Path gguf(Consumer<Map<String, Object>> change) {
        Map<String, Object> metadata = new LinkedHashMap<>();
        TinyModelFiles.metadata(MODEL).forEach((key, value) -> metadata.put(key.replace("llama.", "minicpm."), value));
        metadata.put("general.architecture", "minicpm");
        metadata.remove("minicpm.rope.scaling.type");
        metadata.remove("minicpm.rope.scaling.factor");
        metadata.put("minicpm.embedding_scale", 12f);
        metadata.put("minicpm.residual_scale", (float) RESIDUAL);
        metadata.put("minicpm.logit_scale", MODEL.dim() / 32f);
        change.accept(metadata);
        Map<String, TinyModel.Tensor> tensors = new LinkedHashMap<>(TinyModelFiles.ggufTensors(MODEL));
        TinyModel.Tensor factors = new TinyModel.Tensor(new int[] {fours().length}, fours());
        tensors.put("rope_factors_long.weight", factors);
        tensors.put("rope_factors_short.weight", factors);
        return TinyModelFiles.gguf(metadata, tensors, "F32", folder.resolve("m" + System.nanoTime() + ".gguf"));
    }

    private static ModelSpec spec(Path path) {
        try (Checkpoint checkpoint = Checkpoints.open(path)) {
            return Families.spec(checkpoint);
        }
    }

    @Test
    void bothFormatsAgreeWithTheFormulas() throws Exception {
        int[] text = MODEL.text(5, 40);
        double[][] expected = expected(text);
        for (Path path : List.of(huggingFace(config -> {}), gguf(metadata -> {}))) {
            try (Checkpoint checkpoint = Checkpoints.open(path);
                    Transformer transformer =
                            Transformer.load(checkpoint, KernelSet.simd(), TransformerOptions.defaults())) {
                float[][] found = Texts.logits(transformer, text, 16);
                for (int t = 0; t < text.length; t++) {
                    for (int i = 0; i < expected[t].length; i++) {
                        assertThat((double) found[t][i]).isEqualTo(expected[t][i], within(2e-4));
                    }
                }
            }
        }
    }

    @Test
    void theSmallModelsFileNamesItsClassOnlyAndTiesItsHead() throws Exception {
        ModelSpec spec = spec(huggingFace(config -> {
            config.remove("model_type");
            config.remove("tie_word_embeddings");
            config.put("architectures", List.of("MiniCPMForCausalLM"));
        }));
        assertThat(spec.family()).isEqualTo("minicpm");
        assertThat(spec.tiedHead()).isFalse(); // a head is in the file
        assertThat(spec.embeddingScale()).isEqualTo(12f);
        assertThat(spec.logitScale()).isEqualTo(0.5f);
        assertThat(spec.layers().getFirst().residualScale()).isCloseTo((float) RESIDUAL, within(1e-6f));
    }

    @Test
    void missingScalesAndListsOfAnotherLengthAreRefused() throws Exception {
        for (String field : List.of("scale_emb", "scale_depth", "dim_model_base")) {
            refused(c -> c.remove(field), field, "found nothing");
        }
        refused(c -> c.put("rope_scaling", longRope(new float[7], 256)), "long_factor", "7 numbers", "8 numbers");
        assertThatThrownBy(() -> spec(gguf(m -> m.remove("minicpm.residual_scale"))))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("minicpm.residual_scale");
        ModelSpec old = spec(gguf(m -> m.keySet().removeIf(key -> key.endsWith("_scale"))));
        assertThat(old.embeddingScale()).isEqualTo(12f);
        assertThat(old.logitScale()).isEqualTo(4f); // 256 / 64
    }

    private void refused(Consumer<Map<String, Object>> change, String... parts) throws Exception {
        Path path = huggingFace(change);
        assertThatThrownBy(() -> spec(path))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContainingAll(parts);
    }
}
