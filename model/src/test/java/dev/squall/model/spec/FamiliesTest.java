package dev.squall.model.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squall.attention.SparseConfig;
import dev.squall.kernels.KernelSet;
import dev.squall.model.format.Checkpoint;
import dev.squall.model.format.Checkpoints;
import dev.squall.model.format.ModelFileException;
import dev.squall.model.spec.LayerSpec.AttentionSpec;
import dev.squall.model.spec.RopeSpec.Pairing;
import dev.squall.model.transformer.TinyModel;
import dev.squall.model.transformer.TinyModelFiles;
import dev.squall.model.transformer.Transformer;
import dev.squall.model.transformer.TransformerOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FamiliesTest {
    @TempDir
    Path folder;

    @Test
    void bothFormatsOfAModelGiveTheSameSpecification() throws Exception {
        for (TinyModel model : TinyModel.all()) {
            ModelSpec gguf = gguf(model, metadata -> {});
            ModelSpec directory = huggingFace(model, config -> {});
            assertThat(gguf.layers()).hasSameSizeAs(directory.layers());
            assertThat(gguf.finalNorm()).isEqualTo(directory.finalNorm());
            assertThat(gguf.tiedHead()).isEqualTo(directory.tiedHead()).isEqualTo(model.tied());
            assertThat(gguf.contextLength()).isEqualTo(directory.contextLength());
            LayerSpec a = gguf.layers().getLast();
            LayerSpec b = directory.layers().getLast();
            assertThat(a.feedForward()).isEqualTo(b.feedForward());
            AttentionSpec x = a.attention();
            AttentionSpec y = b.attention();
            assertThat(x.queryDim()).isEqualTo(y.queryDim());
            assertThat(x.kvDim()).isEqualTo(y.kvDim());
            assertThat(x.slidingWindow()).isEqualTo(y.slidingWindow()).isEqualTo(model.slidingWindow());
            assertThat(x.inputBias()).isEqualTo(y.inputBias()).isEqualTo(model.projectionBias());
            assertThat(x.queryKeyNorm() != null)
                    .isEqualTo(y.queryKeyNorm() != null)
                    .isEqualTo(model.headNorm());
            boolean adjacent = model.type().equals("llama") || model.type().equals("mistral");
            assertThat(x.rope().pairing()).isEqualTo(adjacent ? Pairing.ADJACENT : Pairing.HALVES);
            assertThat(y.rope().pairing()).isEqualTo(Pairing.HALVES);
        }
    }

    @Test
    void unknownFamiliesAreRefusedByName() {
        assertThatThrownBy(() -> gguf(TinyModel.llama2(), m -> m.put("general.architecture", "gemma9")))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("general.architecture")
                .hasMessageContaining("gemma9")
                .hasMessageContaining("qwen3");
        assertThatThrownBy(() -> huggingFace(TinyModel.llama2(), c -> c.put("model_type", "gemma9")))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("model_type")
                .hasMessageContaining("gemma9")
                .hasMessageContaining("mistral");
    }

    @Test
    void unknownScalingsAreRefusedByName() {
        assertThatThrownBy(() -> gguf(TinyModel.llama2(), m -> m.put("llama.rope.scaling.type", "spiral")))
                .hasMessageContaining("llama.rope.scaling.type")
                .hasMessageContaining("spiral");
        assertThatThrownBy(() -> huggingFace(
                        TinyModel.llama2(), c -> c.put("rope_scaling", Map.of("type", "dynamic", "factor", 2.0))))
                .hasMessageContaining("rope_scaling.rope_type")
                .hasMessageContaining("dynamic");
        assertThatThrownBy(() ->
                        huggingFace(TinyModel.llama2(), c -> c.put("rope_scaling", Map.of("rope_type", "linear"))))
                .hasMessageContaining("factor")
                .hasMessageContaining("found nothing");
    }

    @Test
    void theRotationMayStandInTheNewerField() throws Exception {
        RopeSpec old = huggingFace(TinyModel.llama3(), c -> {})
                .layers()
                .getFirst()
                .attention()
                .rope();
        RopeSpec young = huggingFace(TinyModel.llama3(), c -> {
                    Map<String, Object> rope =
                            new java.util.HashMap<>(TinyModel.llama3().ropeScaling());
                    rope.put("rope_theta", c.remove("rope_theta"));
                    c.remove("rope_scaling");
                    c.put("rope_parameters", rope);
                })
                .layers()
                .getFirst()
                .attention()
                .rope();
        assertThat(young).isEqualTo(old);
    }

    @Test
    void fieldsThatMakeNoSenseAreRefusedWithFileAndField() {
        assertThatThrownBy(() -> huggingFace(TinyModel.llama2(), c -> c.put("hidden_act", "gelu")))
                .hasMessageContaining("config.json")
                .hasMessageContaining("hidden_act")
                .hasMessageContaining("gelu");
        assertThatThrownBy(() -> huggingFace(TinyModel.llama2(), c -> c.remove("hidden_size")))
                .hasMessageContaining("hidden_size");
        assertThatThrownBy(() -> huggingFace(TinyModel.llama2(), c -> c.put("num_attention_heads", 0)))
                .hasMessageContaining("num_attention_heads");
        assertThatThrownBy(() -> huggingFace(TinyModel.llama2(), c -> c.put("num_key_value_heads", 3)))
                .hasMessageContaining("key/value heads");
        assertThatThrownBy(() -> gguf(TinyModel.llama2(), m -> m.put("llama.expert_count", 8)))
                .hasMessageContaining("expert_count");
        assertThatThrownBy(() -> gguf(TinyModel.llama2(), m -> m.put("llama.attention.value_length", 8)))
                .hasMessageContaining("attention.value_length");
    }

    @Test
    void missingAndMisshapenTensorsAreRefusedWithFileAndShapes() throws Exception {
        TinyModel model = TinyModel.qwen2();
        Map<String, TinyModel.Tensor> tensors = TinyModelFiles.ggufTensors(model);
        TinyModel.Tensor bias = tensors.remove("blk.1.attn_k.bias");
        Path file = TinyModelFiles.gguf(TinyModelFiles.metadata(model), tensors, "F32", folder.resolve("a.gguf"));
        assertThatThrownBy(() -> load(file))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("a.gguf")
                .hasMessageContaining("blk.1.attn_k.bias")
                .hasMessageContaining("[32]");
        tensors.put("blk.1.attn_k.bias", bias);
        tensors.put("blk.0.ffn_up.weight", new TinyModel.Tensor(new int[] {95, 64}, new float[95 * 64]));
        Path other = TinyModelFiles.gguf(TinyModelFiles.metadata(model), tensors, "F32", folder.resolve("b.gguf"));
        assertThatThrownBy(() -> load(other))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("b.gguf")
                .hasMessageContaining("blk.0.ffn_up.weight")
                .hasMessageContaining("[95, 64]")
                .hasMessageContaining("[96, 64]");
    }

    private static void load(Path file) throws Exception {
        try (Checkpoint checkpoint = Checkpoints.open(file)) {
            Transformer.load(checkpoint, KernelSet.reference(), TransformerOptions.defaults())
                    .close();
        }
    }

    private ModelSpec gguf(TinyModel model, Consumer<Map<String, Object>> change) throws Exception {
        Map<String, Object> metadata = TinyModelFiles.metadata(model);
        change.accept(metadata);
        Path file = TinyModelFiles.gguf(
                metadata, TinyModelFiles.ggufTensors(model), "F32", folder.resolve(model.name() + ".gguf"));
        try (Checkpoint checkpoint = Checkpoints.open(file)) {
            return Families.spec(checkpoint);
        }
    }

    @Test
    void sparseAttentionIsReadFromConfig() throws Exception {
        assertThat(sparse(c -> {})).isEmpty();
        assertThat(sparse(c -> c.put("sparse_config", Map.of("topk", 32, "window_size", 1024, "use_nope", false))))
                .contains(new SparseConfig(32, 16, 1, 64, 1024, 32, 8192, false));
        assertThatThrownBy(() -> sparse(c -> c.put("sparse_config", Map.of("top", 32))))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContainingAll("config.json", "sparse_config.top");
        assertThatThrownBy(() -> sparse(c -> c.put("sparse_config", Map.of("window_size", 100))))
                .hasMessageContainingAll("config.json", "window_size: found 100");
        assertThatThrownBy(() -> sparse(c -> c.put("sparse_config", Map.of("use_nope", true))))
                .hasMessageContaining("use_nope");
        assertThatThrownBy(() -> sparse(c -> c.put("sparse_config", List.of(3))))
                .hasMessageContaining("an object");
        assertThatThrownBy(() -> sparse(c -> c.put("sparse_config", Map.of("topk", "many"))))
                .hasMessageContainingAll("sparse_config.topk", "an integer");
    }

    private Optional<SparseConfig> sparse(Consumer<Map<String, Object>> change) throws Exception {
        TinyModel model = TinyModel.llama2();
        Map<String, Object> config = TinyModelFiles.config(model);
        change.accept(config);
        try (Checkpoint checkpoint = Checkpoints.open(
                TinyModelFiles.huggingFace(config, model.tensors(), "F32", folder.resolve("sparse")))) {
            return Families.sparse(checkpoint);
        }
    }

    private ModelSpec huggingFace(TinyModel model, Consumer<Map<String, Object>> change) throws Exception {
        Map<String, Object> config = TinyModelFiles.config(model);
        change.accept(config);
        try (Checkpoint checkpoint = Checkpoints.open(
                TinyModelFiles.huggingFace(config, model.tensors(), "F32", folder.resolve(model.name())))) {
            return Families.spec(checkpoint);
        }
    }
}
