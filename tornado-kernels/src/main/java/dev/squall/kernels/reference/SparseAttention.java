package dev.squall.kernels.reference;

import static dev.squall.kernels.reference.Attention.dot;
import static dev.squall.kernels.reference.Attention.number;
import static dev.squall.kernels.reference.Attention.place;

import dev.squall.kernels.Lanes;
import dev.squall.kernels.MathFunctions;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;
import uk.ac.manchester.tornado.api.types.arrays.ShortArray;

/**
 * InfLLM-V2 (Zhao et al. 2025): compressed keys, and attention over the blocks that {@link BlockSelection} chooses by them.
 *
 * <pre>
 *   compress   C[j] = mean of keys [j stride, j stride + size)            whole windows only, after rotation
 *   select     S[j] = Σ over the heads of a group  exp(scale q·C[j] − m) / e     windows that end at or before the row
 *              M[b] = max S[j] of the windows that touch block b          the first and the last blocks are forced
 *              the slots best blocks, of equals the lower
 *   attend     as {@link Attention#attend}, over the pages of these blocks
 * </pre>
 *
 * A block is a page. A row's places count its prefix and then the nodes of its draft tree in ascending order, so a window that
 * ends among the nodes is the mean of the keys on the row's own path: a node selects the blocks that it would select in a
 * linear text, bit for bit.
 *
 * <p>{@code shape} holds the constants of a model, see the indexes.
 */
public final class SparseAttention {
    public static final int HEADS = 0;
    public static final int KV_HEADS = 1;
    public static final int HEAD_DIM = 2;
    public static final int BLOCK = 3;
    public static final int SIZE = 4;
    public static final int STRIDE = 5;
    public static final int INIT_BLOCKS = 6;
    public static final int WINDOW_BLOCKS = 7;
    public static final int SLOTS = 8;
    public static final int DENSE_LENGTH = 9;
    public static final int EXACT = 10;

    /** Coarse windows are four times the size and the stride of fine ones. */
    public static final int COARSE = 4;

    private SparseAttention() {}

    /** How many whole windows {@code length} keys have. */
    public static int windows(int length, int size, int stride) {
        int after = length - size;
        return after < 0 ? 0 : after / stride + 1;
    }

    /**
     * Computes compressed keys.
     *
     * @param step step[0] windows are asked for
     * @param ends [capacity], the slot after a window's last key; a sequence begins at a multiple of the block
     * @param pageTable [logical pages]
     * @param keys [pages, kvHeads, block, headDim]
     * @param compressed [slots / stride, kvHeads, headDim], by the slot of a window's first key
     * @param scale 1 for fine windows, {@link #COARSE} for coarse ones: factor on size and stride
     */
    public static void compress(
            IntArray step,
            IntArray ends,
            IntArray pageTable,
            FloatArray keys,
            FloatArray compressed,
            IntArray shape,
            int scale) {
        for (@Parallel int item = 0; item < ends.getSize() * shape.get(KV_HEADS); item++) {
            if (item / shape.get(KV_HEADS) < step.get(0)) {
                compress(item, ends, pageTable, false, keys, null, compressed, shape, scale);
            }
        }
    }

    /** As {@link #compress}, of a cache in F16; the means are those of its numbers, in F32. */
    public static void compressF16(
            IntArray step,
            IntArray ends,
            IntArray pageTable,
            ShortArray keys,
            FloatArray compressed,
            IntArray shape,
            int scale) {
        for (@Parallel int item = 0; item < ends.getSize() * shape.get(KV_HEADS); item++) {
            if (item / shape.get(KV_HEADS) < step.get(0)) {
                compress(item, ends, pageTable, true, null, keys, compressed, shape, scale);
            }
        }
    }

    /** One window of one head; one of the two forms of keys is null. */
    private static void compress(
            int item,
            IntArray ends,
            IntArray pageTable,
            boolean half,
            FloatArray f32,
            ShortArray f16,
            FloatArray compressed,
            IntArray shape,
            int scale) {
        int kvHeads = shape.get(KV_HEADS);
        int kvHead = item % kvHeads;
        int headDim = shape.get(HEAD_DIM);
        int block = shape.get(BLOCK);
        int size = shape.get(SIZE) * scale;
        int first = ends.get(item / kvHeads) - size;
        int to = (first / (shape.get(STRIDE) * scale) * kvHeads + kvHead) * headDim;
        for (int i = 0; i < headDim; i++) {
            float sum = 0f;
            for (int slot = first; slot < first + size; slot++) {
                int at = place(slot, pageTable, kvHead, kvHeads, block) * headDim;
                sum = sum + number(half, f32, f16, at + i);
            }
            compressed.set(to + i, sum / size);
        }
    }

    /**
     * As {@link Attention#attend}, over the chosen pages.
     *
     * @param selection [rows, kvHeads, words], of {@link BlockSelection#select}
     */
    public static void attend(
            IntArray step,
            IntArray windowStart,
            IntArray prefixEnd,
            IntArray treeBase,
            LongArray mask,
            IntArray pageTable,
            LongArray selection,
            FloatArray q,
            FloatArray keys,
            FloatArray values,
            FloatArray out,
            IntArray shape,
            float scale) {
        for (@Parallel int head = 0; head < windowStart.getSize() * shape.get(HEADS); head++) {
            if (head / shape.get(HEADS) < step.get(0)) {
                attend(
                        head,
                        windowStart,
                        prefixEnd,
                        treeBase,
                        mask,
                        pageTable,
                        selection,
                        q,
                        false,
                        keys,
                        null,
                        values,
                        null,
                        out,
                        shape,
                        scale);
            }
        }
    }

    /** As {@link #attend}, over a cache in F16. */
    public static void attendF16(
            IntArray step,
            IntArray windowStart,
            IntArray prefixEnd,
            IntArray treeBase,
            LongArray mask,
            IntArray pageTable,
            LongArray selection,
            FloatArray q,
            ShortArray keys,
            ShortArray values,
            FloatArray out,
            IntArray shape,
            float scale) {
        for (@Parallel int head = 0; head < windowStart.getSize() * shape.get(HEADS); head++) {
            if (head / shape.get(HEADS) < step.get(0)) {
                attend(
                        head,
                        windowStart,
                        prefixEnd,
                        treeBase,
                        mask,
                        pageTable,
                        selection,
                        q,
                        true,
                        null,
                        keys,
                        null,
                        values,
                        out,
                        shape,
                        scale);
            }
        }
    }

    /** One head of one row; of the two forms of keys and of values, one is null. */
    private static void attend(
            int head,
            IntArray windowStart,
            IntArray prefixEnd,
            IntArray treeBase,
            LongArray mask,
            IntArray pageTable,
            LongArray selection,
            FloatArray q,
            boolean half,
            FloatArray f32Keys,
            ShortArray f16Keys,
            FloatArray f32Values,
            ShortArray f16Values,
            FloatArray out,
            IntArray shape,
            float scale) {
        int heads = shape.get(HEADS);
        int row = head / heads;
        int kvHeads = shape.get(KV_HEADS);
        int headDim = shape.get(HEAD_DIM);
        int block = shape.get(BLOCK);
        int kvHead = head % heads / (heads / kvHeads);
        int words = selection.getSize() / (windowStart.getSize() * kvHeads);
        int chosen = (row * kvHeads + kvHead) * words;
        int base = windowStart.get(row);
        int prefix = prefixEnd.get(row) - base;
        int length = prefix + Long.bitCount(mask.get(row));
        int[] at = new int[block]; // where the key of each place of a page begins, -1 for none
        float[] scores = new float[block];
        float[] weighted = new float[headDim];
        float[] lanes = new float[Lanes.COUNT];
        for (int i = 0; i < headDim; i++) {
            weighted[i] = 0f;
        }
        float largest = Float.NEGATIVE_INFINITY;
        float sum = 0f;
        for (int page = 0; page * block < length; page++) {
            if ((selection.get(chosen + page / 64) & (1L << (page % 64))) != 0L) {
                float pageLargest = Float.NEGATIVE_INFINITY;
                for (int t = 0; t < block; t++) {
                    int place = page * block + t;
                    at[t] = -1;
                    scores[t] = Float.NEGATIVE_INFINITY;
                    if (place < length) {
                        int slot =
                                place < prefix ? base + place : treeBase.get(row) + nth(mask.get(row), place - prefix);
                        at[t] = place(slot, pageTable, kvHead, kvHeads, block) * headDim;
                        scores[t] = dot(q, head * headDim, half, f32Keys, f16Keys, at[t], headDim, lanes) * scale;
                        pageLargest = Math.max(pageLargest, scores[t]);
                    }
                }
                for (int lane = 0; lane < Lanes.COUNT; lane++) {
                    lanes[lane] = 0f;
                }
                for (int t = 0; t < block; t++) {
                    scores[t] = MathFunctions.exp(scores[t] - pageLargest);
                    lanes[t & 15] = lanes[t & 15] + scores[t];
                }
                float newLargest = Math.max(largest, pageLargest);
                float before = MathFunctions.exp(largest - newLargest);
                float here = MathFunctions.exp(pageLargest - newLargest);
                sum = sum * before + Lanes.sum(lanes, 0) * here;
                for (int i = 0; i < headDim; i++) {
                    float value = 0f;
                    for (int t = 0; t < block; t++) {
                        if (at[t] >= 0) {
                            value = value + scores[t] * number(half, f32Values, f16Values, at[t] + i);
                        }
                    }
                    weighted[i] = weighted[i] * before + value * here;
                }
                largest = newLargest;
            }
        }
        float factor = sum > 0f ? 1f / sum : 0f;
        for (int i = 0; i < headDim; i++) {
            out.set(head * headDim + i, weighted[i] * factor);
        }
    }

    /** The position of the n-th set bit, from 0. */
    static int nth(long bits, int n) {
        long left = bits;
        for (int i = 0; i < n; i++) {
            left = left & (left - 1L);
        }
        return Long.bitCount((left & -left) - 1L);
    }
}
