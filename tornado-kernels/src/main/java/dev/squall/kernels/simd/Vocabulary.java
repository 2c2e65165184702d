package dev.squall.kernels.simd;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Kernels over the logits of a row; see {@link dev.squall.kernels.reference.Vocabulary}. */
public final class Vocabulary {
    private Vocabulary() {}

    /** See {@link dev.squall.kernels.reference.Vocabulary#argMax}. */
    public static void argMax(IntArray step, FloatArray logits, IntArray out, int count, int vocab) {
        dev.squall.kernels.reference.Vocabulary.argMax(step, logits, out, count, vocab);
    }

    /** See {@link dev.squall.kernels.reference.Vocabulary#logSumExp}. */
    public static void logSumExp(IntArray step, FloatArray logits, FloatArray out, int count, int vocab) {
        dev.squall.kernels.reference.Vocabulary.logSumExp(step, logits, out, count, vocab);
    }

    /** See {@link dev.squall.kernels.reference.Vocabulary#topK}. */
    public static void topK(
            IntArray step, FloatArray logits, IntArray ids, FloatArray values, int count, int vocab, int k) {
        dev.squall.kernels.reference.Vocabulary.topK(step, logits, ids, values, count, vocab, k);
    }
}
