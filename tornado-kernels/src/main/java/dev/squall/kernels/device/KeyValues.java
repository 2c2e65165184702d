package dev.squall.kernels.device;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.ShortArray;

/** Moves keys and values within the paged cache of a device, where no host can reach them. */
public final class KeyValues {
    private KeyValues() {}

    /**
     * Copies the keys and values of some tokens to other places, one token after the other: an element of a head a work-item,
     * kvHeads · headDim in all. So a place may be read and written by different moves, in their order.
     *
     * <p>A token's place is {@code page * pageSize + offset}.
     *
     * @param moves [1 + 2 · most]: how many, then from where and to where, one move after the other
     * @param keys [pages, kvHeads, pageSize, headDim]
     * @param values [pages, kvHeads, pageSize, headDim]
     */
    public static void move(
            KernelContext c,
            IntArray moves,
            FloatArray keys,
            FloatArray values,
            int kvHeads,
            int headDim,
            int pageSize) {
        move(c.globalIdx, moves, false, keys, null, values, null, kvHeads, headDim, pageSize);
    }

    /** As {@link #move}, within a cache in F16. */
    public static void moveF16(
            KernelContext c,
            IntArray moves,
            ShortArray keys,
            ShortArray values,
            int kvHeads,
            int headDim,
            int pageSize) {
        move(c.globalIdx, moves, true, null, keys, null, values, kvHeads, headDim, pageSize);
    }

    /** Of the two forms of keys and of values, one is null. */
    private static void move(
            int item,
            IntArray moves,
            boolean half,
            FloatArray f32Keys,
            ShortArray f16Keys,
            FloatArray f32Values,
            ShortArray f16Values,
            int kvHeads,
            int headDim,
            int pageSize) {
        int head = item / headDim;
        int element = item % headDim;
        if (head < kvHeads) {
            for (int i = 0; i < moves.get(0); i++) {
                int source = place(moves.get(1 + 2 * i), head, kvHeads, pageSize) * headDim + element;
                int target = place(moves.get(2 + 2 * i), head, kvHeads, pageSize) * headDim + element;
                CacheNumbers.copy(half, f32Keys, f16Keys, source, target);
                CacheNumbers.copy(half, f32Values, f16Values, source, target);
            }
        }
    }

    /** Where a head of a token lies, in units of headDim. */
    private static int place(int place, int head, int kvHeads, int pageSize) {
        return (place / pageSize * kvHeads + head) * pageSize + place % pageSize;
    }
}
