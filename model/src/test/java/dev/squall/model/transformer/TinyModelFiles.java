package dev.squall.model.transformer;

import dev.squall.model.format.GgufWriter;
import dev.squall.model.format.SafetensorsWriter;
import dev.squall.model.format.TensorType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/** Writes {@link TinyModel}s in the formats that models are published in. */
public final class TinyModelFiles {
    private static final Map<String, String> GGUF_NAMES = Map.ofEntries(
            Map.entry("model.embed_tokens", "token_embd"),
            Map.entry("model.norm", "output_norm"),
            Map.entry("lm_head", "output"),
            Map.entry("input_layernorm", "attn_norm"),
            Map.entry("self_attn.q_proj", "attn_q"),
            Map.entry("self_attn.k_proj", "attn_k"),
            Map.entry("self_attn.v_proj", "attn_v"),
            Map.entry("self_attn.o_proj", "attn_output"),
            Map.entry("self_attn.q_norm", "attn_q_norm"),
            Map.entry("self_attn.k_norm", "attn_k_norm"),
            Map.entry("post_attention_layernorm", "ffn_norm"),
            Map.entry("mlp.gate_proj", "ffn_gate"),
            Map.entry("mlp.up_proj", "ffn_up"),
            Map.entry("mlp.down_proj", "ffn_down"));

    private TinyModelFiles() {}

    /** The values that a model has after its matrices were stored in a type, by Hugging Face name. */
    public static Map<String, float[]> values(TinyModel model, String type) {
        Map<String, float[]> values = new LinkedHashMap<>();
        model.tensors()
                .forEach((name, tensor) -> values.put(
                        name,
                        TinyWeights.encode(typeOf(tensor, type), tensor.data()).values()));
        return values;
    }

    /** Vectors stay in F32, as in published files. */
    static String typeOf(TinyModel.Tensor tensor, String type) {
        return tensor.shape().length == 1 ? "F32" : type;
    }

    /** The metadata of a GGUF file. */
    public static Map<String, Object> metadata(TinyModel model) {
        String architecture = model.type().equals("mistral") ? "llama" : model.type();
        Map<String, Object> metadata = new LinkedHashMap<>();
        metadata.put("general.architecture", architecture);
        metadata.put("general.name", model.name());
        metadata.put(architecture + ".context_length", model.context());
        metadata.put(architecture + ".embedding_length", model.dim());
        metadata.put(architecture + ".block_count", model.layers());
        metadata.put(architecture + ".feed_forward_length", model.hidden());
        metadata.put(architecture + ".attention.head_count", model.heads());
        metadata.put(architecture + ".attention.head_count_kv", model.kvHeads());
        metadata.put(architecture + ".attention.key_length", model.headDim());
        metadata.put(architecture + ".attention.value_length", model.headDim());
        metadata.put(architecture + ".attention.layer_norm_rms_epsilon", (float) model.epsilon());
        metadata.put(architecture + ".rope.freq_base", (float) model.ropeTheta());
        metadata.put(architecture + ".rope.dimension_count", model.headDim());
        if (model.slidingWindow() > 0) {
            metadata.put(architecture + ".attention.sliding_window", model.slidingWindow());
        }
        Map<String, Object> scaling = model.ropeScaling();
        String type = (String) scaling.getOrDefault("rope_type", "none");
        if (type.equals("linear") || type.equals("yarn")) {
            metadata.put(architecture + ".rope.scaling.type", type);
            metadata.put(architecture + ".rope.scaling.factor", ((Number) scaling.get("factor")).floatValue());
        }
        if (type.equals("yarn")) {
            metadata.put(
                    architecture + ".rope.scaling.original_context_length",
                    scaling.get("original_max_position_embeddings"));
        }
        return metadata;
    }

    /** The tensors as a GGUF file of the model's family has them: other names, and llama's pairs made adjacent. */
    public static Map<String, TinyModel.Tensor> ggufTensors(TinyModel model) {
        boolean adjacent = model.type().equals("llama") || model.type().equals("mistral");
        Map<String, TinyModel.Tensor> tensors = new LinkedHashMap<>();
        model.tensors().forEach((name, tensor) -> {
            int heads = name.contains("q_proj") ? model.heads() : name.contains("k_proj") ? model.kvHeads() : 0;
            tensors.put(ggufName(name), adjacent && heads > 0 ? interleave(tensor, heads) : tensor);
        });
        if ("llama3".equals(model.ropeScaling().get("rope_type"))) {
            tensors.put("rope_freqs.weight", llama3Divisors(model));
        }
        return tensors;
    }

    private static String ggufName(String name) {
        int end = name.lastIndexOf('.');
        String stem = name.substring(0, end);
        if (!stem.startsWith("model.layers.")) {
            return GGUF_NAMES.get(stem) + name.substring(end);
        }
        int dot = stem.indexOf('.', "model.layers.".length());
        String layer = stem.substring("model.layers.".length(), dot);
        return "blk." + layer + "." + GGUF_NAMES.get(stem.substring(dot + 1)) + name.substring(end);
    }

    /** Row i of the first half of a head becomes row 2i of that head, row i of the second half row 2i+1. */
    private static TinyModel.Tensor interleave(TinyModel.Tensor tensor, int heads) {
        int rows = tensor.rows();
        int cols = tensor.cols();
        int headDim = rows / heads;
        float[] out = new float[rows * cols];
        for (int row = 0; row < rows; row++) {
            int within = row % headDim;
            int half = within / (headDim / 2);
            int to = row - within + 2 * (within % (headDim / 2)) + half;
            System.arraycopy(tensor.data(), row * cols, out, to * cols, cols);
        }
        return new TinyModel.Tensor(tensor.shape(), out);
    }

    private static TinyModel.Tensor llama3Divisors(TinyModel model) {
        double factor = ((Number) model.ropeScaling().get("factor")).doubleValue();
        double low = ((Number) model.ropeScaling().get("low_freq_factor")).doubleValue();
        double high = ((Number) model.ropeScaling().get("high_freq_factor")).doubleValue();
        double context = ((Number) model.ropeScaling().get("original_max_position_embeddings")).doubleValue();
        float[] divisors = new float[model.headDim() / 2];
        for (int i = 0; i < divisors.length; i++) {
            double wave = 2 * Math.PI * Math.pow(model.ropeTheta(), 2.0 * i / model.headDim());
            double smooth = (context / wave - low) / (high - low);
            divisors[i] = (float)
                    (wave < context / high ? 1 : wave > context / low ? factor : 1 / ((1 - smooth) / factor + smooth));
        }
        return new TinyModel.Tensor(new int[] {divisors.length}, divisors);
    }

    /** The fields of config.json. */
    public static Map<String, Object> config(TinyModel model) {
        Map<String, Object> config = new LinkedHashMap<>();
        config.put("model_type", model.type());
        config.put("hidden_act", "silu");
        config.put("hidden_size", model.dim());
        config.put("num_hidden_layers", model.layers());
        config.put("num_attention_heads", model.heads());
        config.put("num_key_value_heads", model.kvHeads());
        if (model.headDim() != model.dim() / model.heads()) {
            config.put("head_dim", model.headDim());
        }
        config.put("intermediate_size", model.hidden());
        config.put("vocab_size", model.vocabulary());
        config.put("max_position_embeddings", model.context());
        config.put("rms_norm_eps", model.epsilon());
        config.put("rope_theta", model.ropeTheta());
        config.put("tie_word_embeddings", model.tied());
        config.put("rope_scaling", model.ropeScaling().isEmpty() ? null : model.ropeScaling());
        if (model.type().equals("mistral")) {
            config.put("sliding_window", model.slidingWindow() == 0 ? null : model.slidingWindow());
        } else if (model.slidingWindow() > 0) {
            config.put("use_sliding_window", true);
            config.put("sliding_window", model.slidingWindow());
            config.put("max_window_layers", model.fullLayers());
        }
        return config;
    }

    /** Writes {@code NAME-TYPE.gguf} into a folder. */
    public static Path gguf(TinyModel model, String type, Path folder) {
        Path file = folder.resolve(model.name() + "-" + type + ".gguf");
        return gguf(metadata(model), ggufTensors(model), type, file);
    }

    /** Writes a GGUF file of any metadata and tensors. */
    public static Path gguf(
            Map<String, Object> metadata, Map<String, TinyModel.Tensor> tensors, String type, Path file) {
        GgufWriter writer = new GgufWriter().putAll(metadata);
        tensors.forEach((name, tensor) -> {
            String stored = typeOf(tensor, type);
            int id = TensorType.valueOf(stored).ggufId();
            writer.tensor(
                    name,
                    id,
                    shape(tensor),
                    TinyWeights.encode(stored, tensor.data()).bytes());
        });
        return writer.write(file);
    }

    /** Writes the directory {@code NAME-TYPE}. */
    public static Path huggingFace(TinyModel model, String type, Path folder) throws IOException {
        return huggingFace(config(model), model.tensors(), type, folder.resolve(model.name() + "-" + type));
    }

    /** Writes a directory of any configuration and tensors. */
    public static Path huggingFace(
            Map<String, Object> config, Map<String, TinyModel.Tensor> tensors, String type, Path directory)
            throws IOException {
        Files.createDirectories(directory);
        new JsonMapper().writeValue(directory.resolve("config.json").toFile(), config);
        SafetensorsWriter writer = new SafetensorsWriter();
        tensors.forEach((name, tensor) -> {
            String stored = typeOf(tensor, type);
            writer.tensor(
                    name,
                    stored,
                    shape(tensor),
                    TinyWeights.encode(stored, tensor.data()).bytes());
        });
        writer.write(directory.resolve("model.safetensors"));
        return directory;
    }

    private static long[] shape(TinyModel.Tensor tensor) {
        return Arrays.stream(tensor.shape()).asLongStream().toArray();
    }
}
