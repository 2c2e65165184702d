package dev.squall.model.convert;

import dev.squall.model.format.SafetensorsWriter;
import dev.squall.model.format.TensorType;
import dev.squall.model.format.TensorValues;
import dev.squall.model.spec.LayerSpec;
import dev.squall.model.spec.LayerSpec.Activation;
import dev.squall.model.spec.LayerSpec.AttentionSpec;
import dev.squall.model.spec.LayerSpec.Placement;
import dev.squall.model.spec.ModelSpec;
import dev.squall.model.spec.RopeSpec;
import dev.squall.model.spec.RopeSpec.Pairing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes a Llama-shaped model as a Hugging Face directory: config.json and model.safetensors, to which a tokenizer is
 * added by its own writer. Tensors bear the names of Hugging Face files. A family with a window in some layers only, or a
 * scaled rotation, is refused: trained models have neither.
 */
public final class HuggingFaceWriter {
    private static final Map<String, String> CLASSES = Map.of(
            "llama", "LlamaForCausalLM",
            "mistral", "MistralForCausalLM",
            "qwen2", "Qwen2ForCausalLM",
            "qwen3", "Qwen3ForCausalLM");

    /**
     * The numbers of one tensor.
     *
     * @param shape outermost dimension first
     * @param values row-major
     */
    public record Tensor(long[] shape, float[] values) {}

    private HuggingFaceWriter() {}

    /**
     * Writes the directory, which is made where it is missing.
     *
     * @param ropeBase base of the plain rotation that the specification's frequencies come from
     * @param specialIds such as "bos_token_id", for config.json
     * @param tensors by their names in Hugging Face files, with {@code .weight} or {@code .bias}
     * @param type of matrices, F32 or F16; vectors stay in F32
     * @throws IllegalArgumentException if config.json cannot say what the specification says
     */
    public static void write(
            ModelSpec spec,
            double ropeBase,
            Map<String, Integer> specialIds,
            Map<String, Tensor> tensors,
            TensorType type,
            Path directory)
            throws IOException {
        if (type != TensorType.F32 && type != TensorType.F16) {
            throw new IllegalArgumentException("type: found " + type + ", expected F32 or F16");
        }
        Map<String, Object> config = config(spec, ropeBase);
        config.putAll(specialIds);
        config.put("torch_dtype", type == TensorType.F32 ? "float32" : "float16");
        SafetensorsWriter writer = new SafetensorsWriter();
        tensors.forEach((name, tensor) -> {
            TensorType stored = tensor.shape.length == 1 ? TensorType.F32 : type;
            writer.tensor(name, stored.name(), tensor.shape, TensorValues.encode(stored, tensor.values));
        });
        Files.createDirectories(directory);
        JsonMapper mapper =
                JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
        Files.write(directory.resolve("config.json"), mapper.writeValueAsBytes(config));
        writer.write(directory.resolve("model.safetensors"));
    }

    private static Map<String, Object> config(ModelSpec spec, double ropeBase) {
        LayerSpec layer = spec.layers().getFirst();
        AttentionSpec attention = layer.attention();
        String architecture = CLASSES.get(spec.family());
        boolean plain = attention.rope() != null
                && attention
                        .rope()
                        .equals(RopeSpec.plain(
                                Pairing.HALVES, ropeBase, attention.rope().rotaryDim()))
                && attention.rope().rotaryDim() == attention.headDim();
        require(architecture != null, "family", spec.family(), "one of llama, mistral, qwen2, qwen3");
        require(plain, "rotation", attention.rope(), "the plain one of base " + ropeBase + ", halves in pairs");
        require(spec.layers().stream().allMatch(layer::equals), "layers", "several kinds", "one kind");
        require(layer.placement() == Placement.BEFORE, "norms", layer.placement(), "BEFORE");
        require(layer.feedForward().activation() == Activation.SILU_GATED, "activation", "GELU", "SILU_GATED");
        require(
                spec.embeddingScale() == 1 && spec.logitScale() == 1 && layer.residualScale() == 1,
                "scales",
                "another one",
                "1");
        require(spec.family().equals("mistral") || attention.slidingWindow() == 0, "window", "one", "none");
        Map<String, Object> config = new LinkedHashMap<>();
        config.put("architectures", List.of(architecture));
        config.put("model_type", spec.family());
        config.put("hidden_act", "silu");
        config.put("hidden_size", spec.dim());
        config.put("intermediate_size", layer.feedForward().hidden());
        config.put("num_hidden_layers", spec.layers().size());
        config.put("num_attention_heads", attention.heads());
        config.put("num_key_value_heads", attention.kvHeads());
        config.put("head_dim", attention.headDim());
        config.put("vocab_size", spec.vocabulary());
        config.put("max_position_embeddings", spec.contextLength());
        config.put(
                "rms_norm_eps",
                Double.parseDouble(Float.toString(spec.finalNorm().epsilon())));
        config.put("rope_theta", ropeBase);
        config.put("tie_word_embeddings", spec.tiedHead());
        if (spec.family().equals("llama")) {
            config.put("attention_bias", attention.inputBias());
            config.put("mlp_bias", layer.feedForward().bias());
        }
        if (spec.family().equals("mistral")) {
            config.put("sliding_window", attention.slidingWindow() == 0 ? null : attention.slidingWindow());
        }
        return config;
    }

    private static void require(boolean fine, String field, Object found, String expected) {
        if (!fine) {
            throw new IllegalArgumentException(
                    field + ": found " + found + ", expected " + expected + ", to write config.json");
        }
    }
}
