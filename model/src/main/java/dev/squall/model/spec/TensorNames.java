package dev.squall.model.spec;

import dev.squall.model.format.Format;

/**
 * What the tensors of a model are called. Names of a layer are without its prefix, and all without the
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

    private static TensorNames ofEncoder(String prefix) {
        return new TensorNames(
                prefix + "embeddings.word_embeddings",
                null,
                "lm_head.decoder",
                prefix + "encoder.layer.",
                "attention.output.LayerNorm",
                "attention.self.query",
                "attention.self.key",
                "attention.self.value",
                "attention.output.dense",
                null,
                null,
                "output.LayerNorm",
                null,
                "intermediate.dense",
                "output.dense");
    }

    /** What stands before the names of a RoBERTa with a head. */
    public static final String ROBERTA_PREFIX = "roberta.";

    /**
     * What only an encoder has.
     *
     * @param positions table of positions
     * @param types table of sentence types
     * @param embeddingNorm norm of the sum of the embeddings
     * @param headDense the masked-language-model head's own layer
     * @param headNorm its norm
     * @param headBias bias of every token, a whole name
     */
    public record EncoderNames(
            String positions, String types, String embeddingNorm, String headDense, String headNorm, String headBias) {
        /** Of checkpoints of roberta-base and roberta-large. */
        public static final EncoderNames ROBERTA = of(ROBERTA_PREFIX);

        /** Of a checkpoint whose names of tensors begin so, but for those of the head. */
        public static EncoderNames of(String prefix) {
            return new EncoderNames(
                    prefix + "embeddings.position_embeddings",
                    prefix + "embeddings.token_type_embeddings",
                    prefix + "embeddings.LayerNorm",
                    "lm_head.dense",
                    "lm_head.layer_norm",
                    "lm_head.bias");
        }
    }

    /** The names of Hugging Face checkpoints of the RoBERTa family. */
    public static TensorNames roberta() {
        return ofEncoder(ROBERTA_PREFIX);
    }

    /** The names of a model's tensors in a file of a format. */
    public static TensorNames of(Format format, ModelSpec spec) {
        return spec.encoder() == null ? of(format) : ofEncoder(spec.encoder().prefix());
    }

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
