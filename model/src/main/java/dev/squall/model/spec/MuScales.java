package dev.squall.model.spec;

/**
 * The three constants by which MiniCPM keeps its hyper-parameters the same at every width and depth (muP; MiniCPM4 report,
 * section 2).
 *
 * @param embedding factor on embeddings, {@code scale_emb}
 * @param residual factor on what a block adds to the stream, {@code scale_depth / sqrt(layers)}
 * @param logitDivisor what the normed stream is divided by in front of the head, {@code hidden_size / dim_model_base}
 */
record MuScales(float embedding, float residual, float logitDivisor) {
    /** Of files that do not say them: 12, 1.4 / sqrt(layers) and width / 256, which all published models have. */
    static MuScales published(int layers, int dim) {
        return new MuScales(12f, (float) (1.4 / Math.sqrt(layers)), dim / 256f);
    }
}
