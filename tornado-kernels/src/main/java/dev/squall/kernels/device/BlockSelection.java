package dev.squall.kernels.device;

import static dev.squall.kernels.reference.SparseAttention.BLOCK;
import static dev.squall.kernels.reference.SparseAttention.COARSE;
import static dev.squall.kernels.reference.SparseAttention.DENSE_LENGTH;
import static dev.squall.kernels.reference.SparseAttention.EXACT;
import static dev.squall.kernels.reference.SparseAttention.KV_HEADS;
import static dev.squall.kernels.reference.SparseAttention.SIZE;
import static dev.squall.kernels.reference.SparseAttention.SLOTS;
import static dev.squall.kernels.reference.SparseAttention.STRIDE;

import dev.squall.kernels.reference.SparseAttention;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;
import uk.ac.manchester.tornado.api.types.arrays.ShortArray;

/**
 * The first stage of InfLLM-V2 (Zhao et al. 2025) in one launch: compressed keys, their scores, and the blocks that a row
 * attends to. {@link SparseAttention} has the formulas; the numbers are the same.
 *
 * <p>A work-item cannot wait for what another one writes. So it reads the windows that were complete before this pass, and takes
 * the mean of the few later ones by itself, on its path through a draft tree or not. One row of a sequence keeps those that
 * lie in its prefix, for the passes to come.
 */
public final class BlockSelection {
    private BlockSelection() {}

    /**
     * Chooses blocks: a key/value head of a row a work-item, R · kvHeads in all.
     *
     * @param step counts of this step; step[0] rows are live
     * @param windowStart [R], the first slot of the row's sequence, which begins with a page
     * @param prefixEnd [R], the slot after the prefix
     * @param treeBase [R], the slot of bit 0 of the mask
     * @param mask [R], bit b set: the row sees slot treeBase + b
     * @param kept [R, 2]: of how many tokens of the row's sequence the windows are kept, and whether the row keeps later ones
     * @param pageTable [logical pages]
     * @param q [R, heads, headDim], rotated
     * @param keys [pages, kvHeads, block, headDim]
     * @param compressed the windows that are kept, by the slot of their first key: fine ones, [slots / stride, kvHeads,
     *     headDim], then coarse ones, [slots / (4 stride), kvHeads, headDim]; read and written
     * @param later [R, kvHeads, room, headDim], overwritten: the windows that are not kept, fine ones, then coarse ones
     * @param scores [R, kvHeads, windows], overwritten
     * @param selection [R, kvHeads, words]: bit b of the words is block b of the row's sequence
     * @param shape what a model has as constants, by the indexes of {@link SparseAttention}
     * @param group heads that share a key/value head
     * @param scale factor on products
     */
    public static void selectBlocks(
            KernelContext c,
            IntArray step,
            IntArray windowStart,
            IntArray prefixEnd,
            IntArray treeBase,
            LongArray mask,
            IntArray kept,
            IntArray pageTable,
            FloatArray q,
            FloatArray keys,
            FloatArray compressed,
            FloatArray later,
            FloatArray scores,
            LongArray selection,
            IntArray shape,
            int group,
            int headDim,
            float scale) {
        select(
                c.globalIdx,
                step,
                windowStart,
                prefixEnd,
                treeBase,
                mask,
                kept,
                pageTable,
                q,
                false,
                keys,
                null,
                compressed,
                later,
                scores,
                selection,
                shape,
                group,
                headDim,
                scale);
    }

    /** As {@link #selectBlocks}, with a cache in F16; compressed keys are the means of its numbers, in F32. */
    public static void selectBlocksF16(
            KernelContext c,
            IntArray step,
            IntArray windowStart,
            IntArray prefixEnd,
            IntArray treeBase,
            LongArray mask,
            IntArray kept,
            IntArray pageTable,
            FloatArray q,
            ShortArray keys,
            FloatArray compressed,
            FloatArray later,
            FloatArray scores,
            LongArray selection,
            IntArray shape,
            int group,
            int headDim,
            float scale) {
        select(
                c.globalIdx,
                step,
                windowStart,
                prefixEnd,
                treeBase,
                mask,
                kept,
                pageTable,
                q,
                true,
                null,
                keys,
                compressed,
                later,
                scores,
                selection,
                shape,
                group,
                headDim,
                scale);
    }

    /** One of the two forms of keys is null. */
    private static void select(
            int item,
            IntArray step,
            IntArray windowStart,
            IntArray prefixEnd,
            IntArray treeBase,
            LongArray mask,
            IntArray kept,
            IntArray pageTable,
            FloatArray q,
            boolean half,
            FloatArray f32,
            ShortArray f16,
            FloatArray compressed,
            FloatArray later,
            FloatArray scores,
            LongArray selection,
            IntArray shape,
            int group,
            int headDim,
            float scale) {
        int kvHeads = shape.get(KV_HEADS);
        int row = item / kvHeads;
        if (row < step.get(0)) {
            int items = windowStart.getSize() * kvHeads;
            int words = selection.getSize() / items;
            int base = windowStart.get(row);
            int prefix = prefixEnd.get(row) - base;
            long nodes = mask.get(row);
            int length = prefix + Long.bitCount(nodes);
            int stride = shape.get(STRIDE);
            int visible = windows(length, shape, 1);
            int ready = windows(kept.get(2 * row), shape, 1);
            int visibleCoarse = windows(length, shape, COARSE);
            int readyCoarse = windows(kept.get(2 * row), shape, COARSE);
            int keeps = kept.get(2 * row + 1);
            // Where windows begin: fine and coarse, kept and later ones.
            int width = kvHeads * headDim;
            int slots = pageTable.getSize() * shape.get(BLOCK);
            int fine = (base / stride * kvHeads + item % kvHeads) * headDim;
            int coarse = slots / stride * width + (base / (COARSE * stride) * kvHeads + item % kvHeads) * headDim;
            int own = item * (later.getSize() / items);
            int ownCoarse = own + (visible - ready) * headDim;

            int blocks = (length + shape.get(BLOCK) - 1) / shape.get(BLOCK);
            int dense = length < shape.get(DENSE_LENGTH) ? 1 : 0;
            dense = blocks <= shape.get(SLOTS) ? 1 : dense;
            dense = visible == 0 ? 1 : dense;
            for (int word = 0; word < words; word++) {
                int left = blocks - word * 64;
                long all = left >= 64 ? -1L : left <= 0 ? 0L : (1L << left) - 1L;
                selection.set(item * words + word, dense == 1 ? all : 0L);
            }
            if (dense == 0 || keeps == 1) {
                int tree = treeBase.get(row);
                int head = item % kvHeads;
                int missing = visible - ready;
                for (int n = 0; n < missing + visibleCoarse - readyCoarse; n++) {
                    int factor = n < missing ? 1 : COARSE;
                    int j = n < missing ? ready + n : readyCoarse + n - missing;
                    int first = j * factor * stride;
                    int end = first + factor * shape.get(SIZE);
                    BlockChoice.mean(
                            later,
                            own + n * headDim,
                            first,
                            end,
                            base,
                            prefix,
                            tree,
                            nodes,
                            pageTable,
                            half,
                            f32,
                            f16,
                            head,
                            kvHeads,
                            shape.get(BLOCK),
                            headDim);
                    if (keeps == 1 && end <= prefix) {
                        int to = (n < missing ? fine : coarse) + j * width;
                        for (int i = 0; i < headDim; i++) {
                            compressed.set(to + i, later.get(own + n * headDim + i));
                        }
                    }
                }
            }
            if (dense == 0) {
                int query = item * group * headDim + Loads.nothing(row);
                int at = item * (scores.getSize() / items);
                float[] largest = new float[group];
                float[] sums = new float[group];
                for (int g = 0; g < group; g++) {
                    largest[g] = Float.NEGATIVE_INFINITY;
                    sums[g] = 0f;
                }
                boolean exact = shape.get(EXACT) == 1 || visibleCoarse == 0;
                // The second pass is over fine windows, the first perhaps over coarse ones.
                for (int pass = 0; pass < 2; pass++) {
                    boolean rough = pass == 0 && !exact;
                    int from = rough ? coarse : fine;
                    int ownFrom = rough ? ownCoarse : own;
                    int read = rough ? readyCoarse : ready;
                    int rest = rough ? visibleCoarse - readyCoarse : visible - ready;
                    BlockChoice.weigh(
                            pass,
                            largest,
                            sums,
                            scores,
                            at,
                            q,
                            query,
                            compressed,
                            from,
                            width,
                            read,
                            group,
                            headDim,
                            scale);
                    BlockChoice.weigh(
                            pass, largest, sums, scores, at + read, q, query, later, ownFrom, headDim, rest, group,
                            headDim, scale);
                }
                BlockChoice.pool(scores, at, blocks, visible, shape);
                BlockChoice.choose(selection, item * words, scores, at, blocks, shape);
            }
        }
    }

    private static int windows(int length, IntArray shape, int factor) {
        return SparseAttention.windows(length, shape.get(SIZE) * factor, shape.get(STRIDE) * factor);
    }
}
