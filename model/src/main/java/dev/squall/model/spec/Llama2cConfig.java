package dev.squall.model.spec;

import dev.squall.model.format.Llama2cCheckpoint;
import dev.squall.model.spec.RopeSpec.Pairing;

/** The header of a llama2.c file; what it does not say is fixed in that program. */
final class Llama2cConfig {
    private static final double EPSILON = 1e-5;
    private static final double ROPE_BASE = 10_000;

    private Llama2cConfig() {}

    static Hyperparameters read(Llama2cCheckpoint file) {
        Llama2cCheckpoint.Header header = file.header();
        int headDim = header.dim() / header.heads();
        return new Hyperparameters(
                file.path(),
                "llama",
                header.dim(),
                header.layers(),
                header.heads(),
                header.kvHeads(),
                headDim,
                header.hiddenDim(),
                header.vocabSize(),
                header.seqLen(),
                EPSILON,
                RopeSpec.plain(Pairing.ADJACENT, ROPE_BASE, headDim),
                new int[header.layers()],
                false,
                false,
                false,
                header.sharedClassifier());
    }
}
