package dev.squall.kernels.simd;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;

/** Grouped-query attention over a paged cache; see {@link dev.squall.kernels.reference.Attention}. */
public final class Attention {
    private Attention() {}

    /** See {@link dev.squall.kernels.reference.Attention#store}. */
    public static void store(
            IntArray step,
            IntArray slot,
            IntArray pageTable,
            FloatArray k,
            FloatArray v,
            FloatArray keys,
            FloatArray values,
            int kvHeads,
            int headDim,
            int pageSize) {
        dev.squall.kernels.reference.Attention.store(
                step, slot, pageTable, k, v, keys, values, kvHeads, headDim, pageSize);
    }

    /** See {@link dev.squall.kernels.reference.Attention#attend}. */
    public static void attend(
            IntArray step,
            IntArray windowStart,
            IntArray prefixEnd,
            IntArray treeBase,
            LongArray mask,
            IntArray pageTable,
            FloatArray q,
            FloatArray keys,
            FloatArray values,
            FloatArray out,
            int heads,
            int kvHeads,
            int headDim,
            int pageSize,
            float scale) {
        dev.squall.kernels.reference.Attention.attend(
                step,
                windowStart,
                prefixEnd,
                treeBase,
                mask,
                pageTable,
                q,
                keys,
                values,
                out,
                heads,
                kvHeads,
                headDim,
                pageSize,
                scale);
    }
}
