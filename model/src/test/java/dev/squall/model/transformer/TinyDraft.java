package dev.squall.model.transformer;

import dev.squall.model.transformer.TinyModel.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/**
 * An EAGLE draft for a {@link TinyModel}, all of it random but always the same. The tensors have the names of published
 * checkpoints.
 *
 * @param target the model that it drafts for
 * @param kvHeads key/value heads, other than the model's
 * @param qkvBias biases on query, key and value, as for Qwen2
 * @param fcBias bias of fc
 * @param miniCpm norms on the inputs and in front of the attention, scales
 */
public record TinyDraft(TinyModel target, int kvHeads, boolean qkvBias, boolean fcBias, boolean miniCpm) {
    public static final double SCALE_DEPTH = 1.4;

    /** The variants that are published for a model. */
    public static TinyDraft[] of(TinyModel target) {
        return new TinyDraft[] {
            new TinyDraft(target, 1, target.projectionBias(), false, false),
            new TinyDraft(target, 4, target.projectionBias(), true, false),
            new TinyDraft(target, 2, false, false, true)
        };
    }

    int heads() {
        return 4;
    }

    int headDim() {
        return target.dim() / heads();
    }

    int hidden() {
        return 80;
    }

    double epsilon() {
        return 1e-5;
    }

    /** The fields of config.json. */
    public Map<String, Object> config() {
        Map<String, Object> config = new LinkedHashMap<>();
        config.put("architectures", new String[] {"LlamaForCausalLMEagle"});
        config.put("hidden_act", "silu");
        config.put("hidden_size", target.dim());
        config.put("intermediate_size", hidden());
        config.put("num_attention_heads", heads());
        config.put("num_key_value_heads", kvHeads);
        config.put("num_hidden_layers", 1);
        config.put("rms_norm_eps", epsilon());
        config.put("vocab_size", target.vocabulary());
        config.put("max_position_embeddings", 17); // no limit, see the specification
        config.put("bias", fcBias);
        if (qkvBias) {
            config.put("qkv_bias", true);
        }
        if (miniCpm) {
            config.put("scale_depth", SCALE_DEPTH);
            config.put("scale_emb", 1);
            config.put("dim_model_base", target.dim());
        }
        return config;
    }

    /** All tensors; the embedding is there, and other than the model's, to show that nobody reads it. */
    public Map<String, Tensor> tensors() {
        Random random = new Random(7 + hashCode());
        int dim = target.dim();
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("embed_tokens.weight", matrix(random, target.vocabulary(), dim, 1));
        tensors.put("fc.weight", matrix(random, dim, 2 * dim, 1 / Math.sqrt(dim)));
        if (fcBias) {
            tensors.put("fc.bias", vector(random, dim, 0));
        }
        if (miniCpm) {
            tensors.put("input_norm1.weight", vector(random, dim, 1));
            tensors.put("input_norm2.weight", vector(random, dim, 1));
            tensors.put("layers.0.input_layernorm.weight", vector(random, dim, 1));
        }
        String attention = "layers.0.self_attn.";
        tensors.put(attention + "q_proj.weight", matrix(random, heads() * headDim(), dim, 1 / Math.sqrt(dim)));
        tensors.put(attention + "k_proj.weight", matrix(random, kvHeads * headDim(), dim, 1 / Math.sqrt(dim)));
        tensors.put(attention + "v_proj.weight", matrix(random, kvHeads * headDim(), dim, 1 / Math.sqrt(dim)));
        tensors.put(attention + "o_proj.weight", matrix(random, dim, heads() * headDim(), 1 / Math.sqrt(dim)));
        if (qkvBias) {
            tensors.put(attention + "q_proj.bias", vector(random, heads() * headDim(), 0));
            tensors.put(attention + "k_proj.bias", vector(random, kvHeads * headDim(), 0));
            tensors.put(attention + "v_proj.bias", vector(random, kvHeads * headDim(), 0));
        }
        tensors.put("layers.0.post_attention_layernorm.weight", vector(random, dim, 1));
        tensors.put("layers.0.mlp.gate_proj.weight", matrix(random, hidden(), dim, 1 / Math.sqrt(dim)));
        tensors.put("layers.0.mlp.up_proj.weight", matrix(random, hidden(), dim, 1 / Math.sqrt(dim)));
        tensors.put("layers.0.mlp.down_proj.weight", matrix(random, dim, hidden(), 1 / Math.sqrt(hidden())));
        return tensors;
    }

    /** Writes the directory of the draft. */
    public Path write(Path directory) {
        try {
            return TinyModelFiles.huggingFace(config(), tensors(), "F32", directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Tensor matrix(Random random, int rows, int cols, double deviation) {
        float[] data = new float[rows * cols];
        for (int i = 0; i < data.length; i++) {
            data[i] = (float) (random.nextGaussian() * deviation);
        }
        return new Tensor(new int[] {rows, cols}, data);
    }

    private static Tensor vector(Random random, int size, double mean) {
        float[] data = new float[size];
        for (int i = 0; i < size; i++) {
            data[i] = (float) (mean + 0.3 * random.nextGaussian());
        }
        return new Tensor(new int[] {size}, data);
    }
}
