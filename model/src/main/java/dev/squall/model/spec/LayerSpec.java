package dev.squall.model.spec;

/**
 * Everything that differs between the layers of different families.
 *
 * <pre>
 *   BEFORE   x = x + residualScale * attention(norm(x));        x = x + residualScale * feedForward(norm(x))
 *   AFTER    x = norm(x + attention(x));                        x = norm(x + feedForward(x))
 * </pre>
 *
 * Llama, Mistral, Qwen and MiniCPM are BEFORE; RoBERTa is AFTER; the first layer of an EAGLE draft has no norm in
 * front of its attention.
 *
 * @param attentionNorm norm of the attention block, null if it has none
 * @param feedForwardNorm norm of the feed-forward block, null if it has none
 * @param placement where the norms stand
 * @param residualScale factor on what a block adds to the residual stream (muP), 1 if the family has none
 */
public record LayerSpec(
        NormSpec attentionNorm,
        AttentionSpec attention,
        NormSpec feedForwardNorm,
        FeedForwardSpec feedForward,
        Placement placement,
        float residualScale) {

    /** The same layer with another factor on what its blocks add. */
    public LayerSpec withResidualScale(float scale) {
        return new LayerSpec(attentionNorm, attention, feedForwardNorm, feedForward, placement, scale);
    }

    /** The same layer with another rotation. */
    LayerSpec withRope(RopeSpec rope) {
        AttentionSpec changed = new AttentionSpec(
                attention.heads,
                attention.kvHeads,
                attention.headDim,
                attention.inputBias,
                attention.outputBias,
                attention.queryKeyNorm,
                rope,
                attention.slidingWindow,
                attention.scale);
        return new LayerSpec(attentionNorm, changed, feedForwardNorm, feedForward, placement, residualScale);
    }

    /** Where the norms of a layer stand. */
    public enum Placement {
        BEFORE,
        AFTER
    }

    /** What is divided by what. */
    public enum Norm {
        /** x * weight / sqrt(mean(x^2) + epsilon), Zhang and Sennrich 2019. */
        RMS,
        /** (x - mean) * weight / sqrt(variance + epsilon) + bias, Ba et al. 2016. */
        LAYER
    }

    /**
     * @param epsilon added to the mean square or the variance
     */
    public record NormSpec(Norm kind, float epsilon) {
        public static NormSpec rms(double epsilon) {
            return new NormSpec(Norm.RMS, (float) epsilon);
        }
    }

    /**
     * @param heads query heads
     * @param kvHeads key/value heads, a divisor of {@code heads} (grouped-query attention, Ainslie et al. 2023)
     * @param headDim elements of a head; {@code heads * headDim} need not be the model's width
     * @param inputBias whether the query, key and value projections have biases
     * @param outputBias whether the output projection has one
     * @param queryKeyNorm norm over each head of queries and keys before rotation, null if there is none
     * @param rope rotation, null for learned positions
     * @param slidingWindow most positions that a row sees, itself included; 0 for all
     * @param scale factor on the scores, usually 1/sqrt(headDim)
     */
    public record AttentionSpec(
            int heads,
            int kvHeads,
            int headDim,
            boolean inputBias,
            boolean outputBias,
            NormSpec queryKeyNorm,
            RopeSpec rope,
            int slidingWindow,
            float scale) {
        /** Width of all query heads together. */
        public int queryDim() {
            return heads * headDim;
        }

        /** Width of all key heads together, and of all value heads. */
        public int kvDim() {
            return kvHeads * headDim;
        }
    }

    /** What the feed-forward block does between its products. */
    public enum Activation {
        /** down(silu(gate(x)) * up(x)), Shazeer 2020. */
        SILU_GATED,
        /** down(gelu(up(x))). */
        GELU
    }

    /**
     * @param hidden width between the products
     * @param bias whether all products of the block have biases
     */
    public record FeedForwardSpec(int hidden, Activation activation, boolean bias) {}
}
