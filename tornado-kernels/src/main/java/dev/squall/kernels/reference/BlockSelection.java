package dev.squall.kernels.reference;

import static dev.squall.kernels.reference.Attention.number;
import static dev.squall.kernels.reference.Attention.place;
import static dev.squall.kernels.reference.SparseAttention.BLOCK;
import static dev.squall.kernels.reference.SparseAttention.COARSE;
import static dev.squall.kernels.reference.SparseAttention.DENSE_LENGTH;
import static dev.squall.kernels.reference.SparseAttention.EXACT;
import static dev.squall.kernels.reference.SparseAttention.HEADS;
import static dev.squall.kernels.reference.SparseAttention.HEAD_DIM;
import static dev.squall.kernels.reference.SparseAttention.INIT_BLOCKS;
import static dev.squall.kernels.reference.SparseAttention.KV_HEADS;
import static dev.squall.kernels.reference.SparseAttention.SIZE;
import static dev.squall.kernels.reference.SparseAttention.SLOTS;
import static dev.squall.kernels.reference.SparseAttention.STRIDE;
import static dev.squall.kernels.reference.SparseAttention.WINDOW_BLOCKS;
import static dev.squall.kernels.reference.SparseAttention.nth;
import static dev.squall.kernels.reference.SparseAttention.windows;

import dev.squall.kernels.Lanes;
import dev.squall.kernels.MathFunctions;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;
import uk.ac.manchester.tornado.api.types.arrays.ShortArray;

/**
 * The first stage of InfLLM-V2 (Zhao et al. 2025): which blocks a row attends to, by the products of its queries with
 * compressed keys. {@link SparseAttention} has the formulas, and the second stage.
 */
public final class BlockSelection {
    private BlockSelection() {}

    /**
     * Chooses the blocks of every row and key/value head.
     *
     * @param step step[0] rows are live
     * @param windowStart [rows], the first slot of the row's sequence
     * @param prefixEnd [rows], the slot after the prefix
     * @param treeBase [rows], the slot of bit 0 of the mask
     * @param mask [rows], bit b set: the row sees slot treeBase + b
     * @param pageTable [logical pages]
     * @param q [rows, heads, headDim], rotated
     * @param keys [pages, kvHeads, block, headDim]
     * @param fine [slots / stride, kvHeads, headDim], all windows of the prefix
     * @param coarse [slots / (4 stride), kvHeads, headDim], all windows of the prefix
     * @param selection [rows, kvHeads, words]: bit b of the words is block b of the row's sequence
     * @param scores [rows, kvHeads, windows], overwritten
     * @param scale factor on products
     */
    public static void select(
            IntArray step,
            IntArray windowStart,
            IntArray prefixEnd,
            IntArray treeBase,
            LongArray mask,
            IntArray pageTable,
            FloatArray q,
            FloatArray keys,
            FloatArray fine,
            FloatArray coarse,
            LongArray selection,
            FloatArray scores,
            IntArray shape,
            float scale) {
        for (@Parallel int item = 0; item < windowStart.getSize() * shape.get(KV_HEADS); item++) {
            if (item / shape.get(KV_HEADS) < step.get(0)) {
                select(
                        item,
                        windowStart,
                        prefixEnd,
                        treeBase,
                        mask,
                        pageTable,
                        q,
                        false,
                        keys,
                        null,
                        fine,
                        coarse,
                        selection,
                        scores,
                        shape,
                        scale);
            }
        }
    }

    /** As {@link #select}, with a cache in F16. */
    public static void selectF16(
            IntArray step,
            IntArray windowStart,
            IntArray prefixEnd,
            IntArray treeBase,
            LongArray mask,
            IntArray pageTable,
            FloatArray q,
            ShortArray keys,
            FloatArray fine,
            FloatArray coarse,
            LongArray selection,
            FloatArray scores,
            IntArray shape,
            float scale) {
        for (@Parallel int item = 0; item < windowStart.getSize() * shape.get(KV_HEADS); item++) {
            if (item / shape.get(KV_HEADS) < step.get(0)) {
                select(
                        item,
                        windowStart,
                        prefixEnd,
                        treeBase,
                        mask,
                        pageTable,
                        q,
                        true,
                        null,
                        keys,
                        fine,
                        coarse,
                        selection,
                        scores,
                        shape,
                        scale);
            }
        }
    }

    /** One row and key/value head; one of the two forms of keys is null. */
    private static void select(
            int item,
            IntArray windowStart,
            IntArray prefixEnd,
            IntArray treeBase,
            LongArray mask,
            IntArray pageTable,
            FloatArray q,
            boolean half,
            FloatArray f32,
            ShortArray f16,
            FloatArray fine,
            FloatArray coarse,
            LongArray selection,
            FloatArray scores,
            IntArray shape,
            float scale) {
        int kvHeads = shape.get(KV_HEADS);
        int row = item / kvHeads;
        int kvHead = item % kvHeads;
        int base = windowStart.get(row);
        int prefix = prefixEnd.get(row) - base;
        int length = prefix + Long.bitCount(mask.get(row));
        int words = selection.getSize() / (windowStart.getSize() * kvHeads);
        int most = scores.getSize() / (windowStart.getSize() * kvHeads);
        int blocks = (length + shape.get(BLOCK) - 1) / shape.get(BLOCK);
        int visible = windows(length, shape.get(SIZE), shape.get(STRIDE));
        int dense = length < shape.get(DENSE_LENGTH) ? 1 : 0;
        dense = blocks <= shape.get(SLOTS) ? 1 : dense;
        dense = visible == 0 ? 1 : dense;
        for (int word = 0; word < words; word++) {
            int left = blocks - word * 64;
            long all = left >= 64 ? -1L : left <= 0 ? 0L : (1L << left) - 1L;
            selection.set(item * words + word, dense == 1 ? all : 0L);
        }
        if (dense == 0) {
            score(
                    row,
                    kvHead,
                    base,
                    prefix,
                    visible,
                    treeBase,
                    mask,
                    pageTable,
                    q,
                    half,
                    f32,
                    f16,
                    fine,
                    coarse,
                    scores,
                    item * most,
                    shape,
                    scale);
            choose(selection, item * words, scores, item * most, blocks, visible, shape);
        }
    }

    /** S[j] for the visible windows, summed over the heads of the group. */
    private static void score(
            int row,
            int kvHead,
            int base,
            int prefix,
            int visible,
            IntArray treeBase,
            LongArray mask,
            IntArray pageTable,
            FloatArray q,
            boolean half,
            FloatArray f32,
            ShortArray f16,
            FloatArray fine,
            FloatArray coarse,
            FloatArray scores,
            int at,
            IntArray shape,
            float scale) {
        int heads = shape.get(HEADS);
        int kvHeads = shape.get(KV_HEADS);
        int headDim = shape.get(HEAD_DIM);
        int size = shape.get(SIZE);
        int stride = shape.get(STRIDE);
        int length = prefix + Long.bitCount(mask.get(row));
        int visibleCoarse = windows(length, size * COARSE, stride * COARSE);
        boolean exact = shape.get(EXACT) == 1 || visibleCoarse == 0;
        float[] lanes = new float[Lanes.COUNT];
        float[] mean = new float[headDim];
        for (int j = 0; j < visible; j++) {
            scores.set(at + j, 0f);
        }
        for (int head = kvHead * (heads / kvHeads); head < (kvHead + 1) * (heads / kvHeads); head++) {
            int query = (row * heads + head) * headDim;
            int factor = exact ? 1 : COARSE;
            int count = exact ? visible : visibleCoarse;
            float largest = Float.NEGATIVE_INFINITY;
            float sum = 0f;
            for (int j = 0; j < count; j++) {
                window(
                        mean,
                        j,
                        factor,
                        row,
                        kvHead,
                        base,
                        prefix,
                        treeBase,
                        mask,
                        pageTable,
                        half,
                        f32,
                        f16,
                        exact ? fine : coarse,
                        shape);
                float product = dot(q, query, mean, headDim, lanes) * scale;
                float newLargest = Math.max(largest, product);
                sum = sum * MathFunctions.exp(largest - newLargest) + MathFunctions.exp(product - newLargest);
                largest = newLargest;
            }
            for (int j = 0; j < visible; j++) {
                window(mean, j, 1, row, kvHead, base, prefix, treeBase, mask, pageTable, half, f32, f16, fine, shape);
                float product = dot(q, query, mean, headDim, lanes) * scale;
                scores.set(at + j, scores.get(at + j) + MathFunctions.exp(product - largest) / sum);
            }
        }
    }

    /** A compressed key: one that is kept, or the mean over the row's own path where the window ends among nodes. */
    private static void window(
            float[] mean,
            int j,
            int factor,
            int row,
            int kvHead,
            int base,
            int prefix,
            IntArray treeBase,
            LongArray mask,
            IntArray pageTable,
            boolean half,
            FloatArray f32,
            ShortArray f16,
            FloatArray compressed,
            IntArray shape) {
        int kvHeads = shape.get(KV_HEADS);
        int headDim = shape.get(HEAD_DIM);
        int block = shape.get(BLOCK);
        int size = shape.get(SIZE) * factor;
        int stride = shape.get(STRIDE) * factor;
        int first = j * stride;
        if (first + size <= prefix) {
            int from = ((base / stride + j) * kvHeads + kvHead) * headDim;
            for (int i = 0; i < headDim; i++) {
                mean[i] = compressed.get(from + i);
            }
        } else {
            for (int i = 0; i < headDim; i++) {
                float sum = 0f;
                for (int place = first; place < first + size; place++) {
                    int slot = place < prefix ? base + place : treeBase.get(row) + nth(mask.get(row), place - prefix);
                    int at = place(slot, pageTable, kvHead, kvHeads, block) * headDim;
                    sum = sum + number(half, f32, f16, at + i);
                }
                mean[i] = sum / size;
            }
        }
    }

    /** Pools windows to blocks, and sets the bits of the best ones. */
    static void choose(
            LongArray selection, int to, FloatArray scores, int at, int blocks, int visible, IntArray shape) {
        int perBlock = shape.get(BLOCK) / shape.get(STRIDE);
        int before = shape.get(SIZE) / shape.get(STRIDE) - 1;
        int firstLocal = blocks - 1 - shape.get(WINDOW_BLOCKS);
        float[] pooled = new float[blocks];
        for (int b = 0; b < blocks; b++) {
            float best = Float.NEGATIVE_INFINITY;
            int from = Math.max(b * perBlock - before, 0);
            int end = Math.min((b + 1) * perBlock, visible);
            for (int j = from; j < end; j++) {
                best = Math.max(best, scores.get(at + j));
            }
            boolean forced = b < shape.get(INIT_BLOCKS) || b >= firstLocal;
            pooled[b] = forced ? Float.POSITIVE_INFINITY : best;
        }
        int left = shape.get(SLOTS);
        for (int slot = 0; slot < left; slot++) {
            int best = -1;
            for (int b = 0; b < blocks; b++) {
                boolean free = (selection.get(to + b / 64) & (1L << (b % 64))) == 0L;
                if (free && (best < 0 || pooled[b] > pooled[best])) {
                    best = b;
                }
            }
            selection.set(to + best / 64, selection.get(to + best / 64) | (1L << (best % 64)));
        }
    }

    /** The product of q[at...] and x, in the order of {@link Lanes}. */
    private static float dot(FloatArray q, int at, float[] x, int n, float[] lanes) {
        for (int lane = 0; lane < Lanes.COUNT; lane++) {
            lanes[lane] = 0f;
        }
        for (int i = 0; i < n; i++) {
            lanes[i & 15] = lanes[i & 15] + q.get(at + i) * x[i];
        }
        return Lanes.sum(lanes, 0);
    }
}
