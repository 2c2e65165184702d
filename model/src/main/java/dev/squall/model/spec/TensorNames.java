package dev.squall.model.spec;

import dev.squall.model.format.Format;

/**
 * What the tensors of a Llama-shaped model are called. Names of a layer are without its prefix, and all without the
 * endings {@code .weight} and {@code .bias}.
 */
public record TensorNames(
        String embedding,
        String finalNorm,
        String head,
        String layerPrefix,
        String attentionNorm,
        String query,
        String key,
        String value,
        String attentionOutput,
        String queryNorm,
        String keyNorm,
        String feedForwardNorm,
        String gate,
        String up,
        String down) {

    private static final TensorNames GGUF = new TensorNames(
            "token_embd",
            "output_norm",
            "output",
            "blk.",
            "attn_norm",
            "attn_q",
            "attn_k",
            "attn_v",
            "attn_output",
            "attn_q_norm",
            "attn_k_norm",
            "ffn_norm",
            "ffn_gate",
            "ffn_up",
            "ffn_down");

    private static final TensorNames HUGGING_FACE = new TensorNames(
            "model.embed_tokens",
            "model.norm",
            "lm_head",
            "model.layers.",
            "input_layernorm",
            "self_attn.q_proj",
            "self_attn.k_proj",
            "self_attn.v_proj",
            "self_attn.o_proj",
            "self_attn.q_norm",
            "self_attn.k_norm",
            "post_attention_layernorm",
            "mlp.gate_proj",
            "mlp.up_proj",
            "mlp.down_proj");

    /** The names of a file format; llama2.c files, which have no names, are given those of GGUF by their reader. */
    public static TensorNames of(Format format) {
        return format == Format.HUGGING_FACE ? HUGGING_FACE : GGUF;
    }

    /** The same names with another prefix of layers. */
    public TensorNames withLayerPrefix(String prefix) {
        return new TensorNames(
                embedding,
                finalNorm,
                head,
                prefix,
                attentionNorm,
                query,
                key,
                value,
                attentionOutput,
                queryNorm,
                keyNorm,
                feedForwardNorm,
                gate,
                up,
                down);
    }

    /** The name of a tensor of a layer, without ending. */
    public String inLayer(int layer, String name) {
        return layerPrefix + layer + "." + name;
    }
}
