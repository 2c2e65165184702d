package dev.squall.kernels.simd;

import java.util.Arrays;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;

/**
 * The mean keys of windows, as rows see them: stored, or taken here where some of a window's tokens belong to a draft tree;
 * see {@link dev.squall.kernels.reference.SparseAttention}.
 */
final class WindowKeys {
    private final IntArray prefixEnd; // [R]
    private final IntArray treeBase; // [R]
    private final LongArray mask; // [R]
    private final IntArray pageTable; // [logical pages]
    private final CacheNumbers keys; // [pages, kvHeads, pageSize, headDim]
    private final int kvHeads;
    private final int headDim;
    private final int pageSize;

    WindowKeys(
            IntArray prefixEnd,
            IntArray treeBase,
            LongArray mask,
            IntArray pageTable,
            CacheNumbers keys,
            int kvHeads,
            int headDim,
            int pageSize) {
        this.prefixEnd = prefixEnd;
        this.treeBase = treeBase;
        this.mask = mask;
        this.pageTable = pageTable;
        this.keys = keys;
        this.kvHeads = kvHeads;
        this.headDim = headDim;
        this.pageSize = pageSize;
    }

    /** Number of tokens that a row sees, itself included. */
    int length(int row, int base) {
        return prefixEnd.get(row) + Long.bitCount(mask.get(row)) - base;
    }

    /** Whether window j ends in the row's prefix, so that its mean is stored. */
    boolean stored(int row, int base, int j, int size, int stride) {
        return base + j * stride + size <= prefixEnd.get(row);
    }

    /**
     * The address of a stored mean.
     *
     * @param compressed [slots / stride, kvHeads, headDim]
     */
    long address(FloatArray compressed, int kvHead, int base, int j, int stride) {
        return compressed.getSegment().address() + 4L * headDim * ((long) (base / stride + j) * kvHeads + kvHead);
    }

    /** Floats from a stored mean to the next one's. */
    int apart() {
        return kvHeads * headDim;
    }

    /**
     * Takes the mean of window j of {@code size} keys, one every {@code stride} keys, that ends among the nodes of a tree.
     *
     * @param base the first slot of the row's sequence
     * @param to takes headDim numbers
     */
    void mean(int row, int kvHead, int base, int j, int size, int stride, float[] to) {
        int end = prefixEnd.get(row);
        int first = base + j * stride;
        Arrays.fill(to, 0f);
        long rest = mask.get(row); // bits of the places that follow
        for (int place = Math.min(first, end); place < first + size; place++) {
            int slot = place;
            if (place >= end) {
                slot = treeBase.get(row) + Long.numberOfTrailingZeros(rest);
                rest &= rest - 1L;
            }
            if (place >= first) {
                int page = pageTable.get(slot / pageSize) * kvHeads + kvHead;
                int key = (page * pageSize + slot % pageSize) * headDim;
                for (int i = 0; i < headDim; i++) {
                    to[i] += keys.get(key + i);
                }
            }
        }
        for (int i = 0; i < headDim; i++) {
            to[i] /= size;
        }
    }
}
