package dev.squall.kernels.simd;

import static dev.squall.kernels.reference.SparseAttention.BLOCK;
import static dev.squall.kernels.reference.SparseAttention.COARSE;
import static dev.squall.kernels.reference.SparseAttention.DENSE_LENGTH;
import static dev.squall.kernels.reference.SparseAttention.HEADS;
import static dev.squall.kernels.reference.SparseAttention.HEAD_DIM;
import static dev.squall.kernels.reference.SparseAttention.KV_HEADS;
import static dev.squall.kernels.reference.SparseAttention.SIZE;
import static dev.squall.kernels.reference.SparseAttention.SLOTS;
import static dev.squall.kernels.reference.SparseAttention.STRIDE;
import static dev.squall.kernels.reference.SparseAttention.windows;

import dev.squall.kernels.Workers;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;

/**
 * Compressed keys, selection of blocks, and attention over them; see {@link dev.squall.kernels.reference.SparseAttention}. An
 * item of the selection is one row and one key/value head.
 */
public final class SparseAttention {
    private SparseAttention() {}

    /** See {@link dev.squall.kernels.reference.SparseAttention#compress}. */
    public static void compress(
            IntArray step,
            IntArray ends,
            IntArray pageTable,
            FloatArray keys,
            FloatArray compressed,
            IntArray shape,
            int scale) {
        int kvHeads = shape.get(KV_HEADS);
        int headDim = shape.get(HEAD_DIM);
        int block = shape.get(BLOCK);
        int size = shape.get(SIZE) * scale;
        int stride = shape.get(STRIDE) * scale;
        Workers.shared().parallelFor(step.get(0) * kvHeads, 4, (from, to) -> {
            float[] sum = new float[headDim];
            for (int item = from; item < to; item++) {
                int kvHead = item % kvHeads;
                int first = ends.get(item / kvHeads) - size;
                java.util.Arrays.fill(sum, 0f);
                for (int slot = first; slot < first + size; slot++) {
                    int at = ((pageTable.get(slot / block) * kvHeads + kvHead) * block + slot % block) * headDim;
                    for (int i = 0; i < headDim; i++) {
                        sum[i] += keys.get(at + i);
                    }
                }
                int at = (first / stride * kvHeads + kvHead) * headDim;
                for (int i = 0; i < headDim; i++) {
                    compressed.set(at + i, sum[i] / size);
                }
            }
        });
    }

    /** See {@link dev.squall.kernels.reference.SparseAttention#select}; {@code scores} is not needed here. */
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
        int kvHeads = shape.get(KV_HEADS);
        int words = selection.getSize() / (windowStart.getSize() * kvHeads);
        Workers.shared().parallelFor(step.get(0) * kvHeads, 1, (from, to) -> {
            BlockChoice choice = new BlockChoice(shape);
            for (int item = from; item < to; item++) {
                int row = item / kvHeads;
                int length = prefixEnd.get(row) - windowStart.get(row) + Long.bitCount(mask.get(row));
                int blocks = Math.ceilDiv(length, shape.get(BLOCK));
                int visible = windows(length, shape.get(SIZE), shape.get(STRIDE));
                if (length < shape.get(DENSE_LENGTH) || blocks <= shape.get(SLOTS) || visible == 0) {
                    all(selection, item * words, words, blocks);
                    continue;
                }
                float[] summed = new CompressedScores(
                                shape,
                                scale,
                                row,
                                item % kvHeads,
                                windowStart,
                                prefixEnd,
                                treeBase,
                                mask,
                                pageTable,
                                q,
                                keys)
                        .sum(
                                fine,
                                coarse,
                                visible,
                                windows(length, shape.get(SIZE) * COARSE, shape.get(STRIDE) * COARSE));
                choice.choose(selection, item * words, words, summed, blocks, visible);
            }
        });
    }

    private static void all(LongArray selection, int at, int words, int blocks) {
        for (int word = 0; word < words; word++) {
            int left = blocks - word * 64;
            selection.set(at + word, left >= 64 ? -1L : left <= 0 ? 0L : (1L << left) - 1L);
        }
    }

    /** See {@link dev.squall.kernels.reference.SparseAttention#attend}. */
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
        Attention.attend(
                step,
                windowStart,
                prefixEnd,
                treeBase,
                mask,
                pageTable,
                selection,
                q,
                keys,
                values,
                out,
                shape.get(HEADS),
                shape.get(KV_HEADS),
                shape.get(HEAD_DIM),
                shape.get(BLOCK),
                scale);
    }
}
