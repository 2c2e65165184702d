package dev.squall.kernels.simd;

import java.lang.foreign.MemorySegment;
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
    private final FloatArray keys; // [pages, kvHeads, pageSize, headDim]
    private final int kvHeads;
    private final int headDim;
    private final int pageSize;

    WindowKeys(
            IntArray prefixEnd,
            IntArray treeBase,
            LongArray mask,
            IntArray pageTable,
            FloatArray keys,
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

    /**
     * Copies the mean of window j of {@code size} keys, one every {@code stride} keys.
     *
     * @param base the first slot of the row's sequence
     * @param compressed [slots / stride, kvHeads, headDim]
     * @param to takes headDim elements from {@code at} on
     */
    void read(int row, int kvHead, FloatArray compressed, int base, int j, int size, int stride, float[] to, int at) {
        int end = prefixEnd.get(row);
        int first = base + j * stride;
        if (first + size <= end) {
            long from = 4L * headDim * ((long) (base / stride + j) * kvHeads + kvHead);
            MemorySegment.copy(compressed.getSegment(), Memory.FLOAT, from, to, at, headDim);
            return;
        }
        Arrays.fill(to, at, at + headDim, 0f);
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
                    to[at + i] += keys.get(key + i);
                }
            }
        }
        for (int i = at; i < at + headDim; i++) {
            to[i] /= size;
        }
    }
}
