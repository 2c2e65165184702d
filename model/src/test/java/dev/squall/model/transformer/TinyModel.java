package dev.squall.model.transformer;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/**
 * A model of a published family with a handful of parameters, all of them random but always the same. The tensors have
 * Hugging Face names and layout; {@link TinyModelFiles} writes them in each file format, {@link ReferenceTransformer}
 * computes with them.
 *
 * @param name for people and file names
 * @param type {@code model_type} of config.json
 * @param dim width of the residual stream
 * @param layers number of layers
 * @param heads query heads
 * @param kvHeads key/value heads
 * @param headDim elements of a head
 * @param hidden width of the feed-forward block
 * @param vocabulary tokens
 * @param context trained context
 * @param epsilon of the norms
 * @param ropeTheta base of the rotation
 * @param ropeScaling as in config.json, empty for none
 * @param slidingWindow positions a row sees, 0 for all
 * @param fullLayers number of first layers that see everything in spite of the window
 * @param projectionBias biases on query, key and value
 * @param headNorm norm over each query and key head
 * @param tied head and embedding are one matrix
 */
public record TinyModel(
        String name,
        String type,
        int dim,
        int layers,
        int heads,
        int kvHeads,
        int headDim,
        int hidden,
        int vocabulary,
        int context,
        double epsilon,
        double ropeTheta,
        Map<String, Object> ropeScaling,
        int slidingWindow,
        int fullLayers,
        boolean projectionBias,
        boolean headNorm,
        boolean tied) {

    /** A tensor, row-major. */
    public record Tensor(int[] shape, float[] data) {
        public int rows() {
            return shape.length == 1 ? 1 : shape[0];
        }

        public int cols() {
            return shape[shape.length - 1];
        }
    }

    /** Llama 2: no scaling, untied head. */
    public static TinyModel llama2() {
        return new TinyModel(
                "llama2", "llama", 64, 2, 4, 4, 16, 96, 96, 256, 1e-5, 10_000, Map.of(), 0, 0, false, false, false);
    }

    /** Llama 3.2: grouped heads, large base, the Llama-3 scaling, tied head. */
    public static TinyModel llama3() {
        Map<String, Object> scaling = Map.of(
                "rope_type", "llama3",
                "factor", 8.0,
                "low_freq_factor", 1.0,
                "high_freq_factor", 4.0,
                "original_max_position_embeddings", 64);
        return new TinyModel(
                "llama3", "llama", 64, 2, 4, 2, 16, 96, 96, 512, 1e-5, 500_000, scaling, 0, 0, false, false, true);
    }

    /** Mistral: a window shorter than the texts of the tests. */
    public static TinyModel mistral() {
        return new TinyModel(
                "mistral", "mistral", 64, 2, 4, 2, 16, 96, 96, 256, 1e-5, 10_000, Map.of(), 20, 0, false, false, false);
    }

    /** Qwen2: biases on the projections. */
    public static TinyModel qwen2() {
        return new TinyModel(
                "qwen2", "qwen2", 64, 2, 4, 2, 16, 96, 96, 256, 1e-6, 1_000_000, Map.of(), 0, 0, true, false, true);
    }

    /** Qwen3: norms on the heads, which are together wider than the model. */
    public static TinyModel qwen3() {
        return new TinyModel(
                "qwen3", "qwen3", 64, 2, 4, 2, 24, 96, 96, 256, 1e-6, 1_000_000, Map.of(), 0, 0, false, true, true);
    }

    /** All families. */
    public static TinyModel[] all() {
        return new TinyModel[] {llama2(), llama3(), mistral(), qwen2(), qwen3()};
    }

    /** The same model with another rotation. */
    public TinyModel withRopeScaling(String newName, Map<String, Object> scaling) {
        return new TinyModel(
                newName,
                type,
                dim,
                layers,
                heads,
                kvHeads,
                headDim,
                hidden,
                vocabulary,
                context,
                epsilon,
                ropeTheta,
                scaling,
                slidingWindow,
                fullLayers,
                projectionBias,
                headNorm,
                tied);
    }

    /** The same model with a window in the layers from {@code fullLayers} on. */
    public TinyModel withWindow(String newName, int window, int fullLayers) {
        return new TinyModel(
                newName,
                type,
                dim,
                layers,
                heads,
                kvHeads,
                headDim,
                hidden,
                vocabulary,
                context,
                epsilon,
                ropeTheta,
                ropeScaling,
                window,
                fullLayers,
                projectionBias,
                headNorm,
                tied);
    }

    /** All tensors, in the order of a file. */
    public Map<String, Tensor> tensors() {
        Random random = new Random(42 + name.hashCode());
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("model.embed_tokens.weight", matrix(random, vocabulary, dim, 1));
        for (int i = 0; i < layers; i++) {
            String layer = "model.layers." + i + ".";
            tensors.put(layer + "input_layernorm.weight", norm(random, dim));
            tensors.put(layer + "self_attn.q_proj.weight", matrix(random, heads * headDim, dim, 2 / Math.sqrt(dim)));
            tensors.put(layer + "self_attn.k_proj.weight", matrix(random, kvHeads * headDim, dim, 2 / Math.sqrt(dim)));
            tensors.put(layer + "self_attn.v_proj.weight", matrix(random, kvHeads * headDim, dim, 1 / Math.sqrt(dim)));
            tensors.put(layer + "self_attn.o_proj.weight", matrix(random, dim, heads * headDim, 1 / Math.sqrt(dim)));
            if (projectionBias) {
                tensors.put(layer + "self_attn.q_proj.bias", matrix(random, 0, heads * headDim, 1));
                tensors.put(layer + "self_attn.k_proj.bias", matrix(random, 0, kvHeads * headDim, 1));
                tensors.put(layer + "self_attn.v_proj.bias", matrix(random, 0, kvHeads * headDim, 0.5));
            }
            if (headNorm) {
                tensors.put(layer + "self_attn.q_norm.weight", norm(random, headDim));
                tensors.put(layer + "self_attn.k_norm.weight", norm(random, headDim));
            }
            tensors.put(layer + "post_attention_layernorm.weight", norm(random, dim));
            tensors.put(layer + "mlp.gate_proj.weight", matrix(random, hidden, dim, 1 / Math.sqrt(dim)));
            tensors.put(layer + "mlp.up_proj.weight", matrix(random, hidden, dim, 1 / Math.sqrt(dim)));
            tensors.put(layer + "mlp.down_proj.weight", matrix(random, dim, hidden, 1 / Math.sqrt(hidden)));
        }
        tensors.put("model.norm.weight", norm(random, dim));
        if (!tied) {
            tensors.put("lm_head.weight", matrix(random, vocabulary, dim, 1 / Math.sqrt(dim)));
        }
        return tensors;
    }

    /** A text of {@code length} random tokens. */
    public int[] text(long seed, int length) {
        return new Random(seed).ints(length, 0, vocabulary).toArray();
    }

    private static Tensor matrix(Random random, int rows, int cols, double deviation) {
        float[] data = new float[Math.max(1, rows) * cols];
        for (int i = 0; i < data.length; i++) {
            data[i] = (float) (random.nextGaussian() * deviation);
        }
        return new Tensor(rows == 0 ? new int[] {cols} : new int[] {rows, cols}, data);
    }

    private static Tensor norm(Random random, int size) {
        float[] data = new float[size];
        for (int i = 0; i < size; i++) {
            data[i] = (float) (1 + 0.2 * random.nextGaussian());
        }
        return new Tensor(new int[] {size}, data);
    }
}
