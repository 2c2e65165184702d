package dev.squall.kernels.device;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

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
        int head = c.globalIdx / headDim;
        int element = c.globalIdx % headDim;
        if (head < kvHeads) {
            for (int i = 0; i < moves.get(0); i++) {
                int from = moves.get(1 + 2 * i);
                int to = moves.get(2 + 2 * i);
                int source = ((from / pageSize * kvHeads + head) * pageSize + from % pageSize) * headDim + element;
                int target = ((to / pageSize * kvHeads + head) * pageSize + to % pageSize) * headDim + element;
                keys.set(target, keys.get(source));
                values.set(target, values.get(source));
            }
        }
    }
}
