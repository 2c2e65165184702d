package dev.squall.kernels.simd;

import static dev.squall.kernels.reference.SparseAttention.BLOCK;
import static dev.squall.kernels.reference.SparseAttention.DENSE_LENGTH;
import static dev.squall.kernels.reference.SparseAttention.HEADS;
import static dev.squall.kernels.reference.SparseAttention.HEAD_DIM;
import static dev.squall.kernels.reference.SparseAttention.KV_HEADS;
import static dev.squall.kernels.reference.SparseAttention.SIZE;
import static dev.squall.kernels.reference.SparseAttention.SLOTS;
import static dev.squall.kernels.reference.SparseAttention.STRIDE;
import static dev.squall.kernels.reference.SparseAttention.windows;

import dev.squall.kernels.Workers;
import java.lang.ref.Reference;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;
import uk.ac.manchester.tornado.api.types.arrays.ShortArray;

/**
 * Compressed keys, selection of blocks, and attention over them; see {@link dev.squall.kernels.reference.SparseAttention}. An
 * item of the selection is a block of rows and one key/value head, so that compressed keys, once they are in the processor's
 * cache, serve all heads of the group and all rows: {@link WindowScores}.
 */
public final class SparseAttention {
    private static final int BLOCK_ROWS = 32;

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
        compress(step, ends, pageTable, CacheNumbers.of(keys), compressed, shape, scale);
    }

    /** See {@link dev.squall.kernels.reference.SparseAttention#compressF16}. */
    public static void compressF16(
            IntArray step,
            IntArray ends,
            IntArray pageTable,
            ShortArray keys,
            FloatArray compressed,
            IntArray shape,
            int scale) {
        compress(step, ends, pageTable, CacheNumbers.of(keys), compressed, shape, scale);
    }

    private static void compress(
            IntArray step,
            IntArray ends,
            IntArray pageTable,
            CacheNumbers keys,
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

    /** See {@link dev.squall.kernels.reference.BlockSelection#select}; {@code scores} is not needed here. */
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
        select(
                step,
                windowStart,
                prefixEnd,
                treeBase,
                mask,
                pageTable,
                q,
                CacheNumbers.of(keys),
                fine,
                coarse,
                selection,
                shape,
                scale);
    }

    /** See {@link dev.squall.kernels.reference.BlockSelection#selectF16}; {@code scores} is not needed here. */
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
        select(
                step,
                windowStart,
                prefixEnd,
                treeBase,
                mask,
                pageTable,
                q,
                CacheNumbers.of(keys),
                fine,
                coarse,
                selection,
                shape,
                scale);
    }

    private static void select(
            IntArray step,
            IntArray windowStart,
            IntArray prefixEnd,
            IntArray treeBase,
            LongArray mask,
            IntArray pageTable,
            FloatArray q,
            CacheNumbers keys,
            FloatArray fine,
            FloatArray coarse,
            LongArray selection,
            IntArray shape,
            float scale) {
        int kvHeads = shape.get(KV_HEADS);
        int rows = step.get(0);
        int blocks = Math.ceilDiv(rows, BLOCK_ROWS);
        Workers.shared().parallelFor(blocks * kvHeads, 1, (from, to) -> {
            WindowKeys windows = new WindowKeys(
                    prefixEnd, treeBase, mask, pageTable, keys, kvHeads, shape.get(HEAD_DIM), shape.get(BLOCK));
            Chooser chooser = new Chooser(
                    windows,
                    new WindowScores(windows, q, fine, coarse, shape, scale),
                    new BlockChoice(shape),
                    selection,
                    selection.getSize() / (windowStart.getSize() * kvHeads),
                    shape);
            for (int item = from; item < to; item++) {
                int end = Math.min(rows, (item / kvHeads + 1) * BLOCK_ROWS);
                int next;
                for (int row = item / kvHeads * BLOCK_ROWS; row < end; row = next) {
                    next = row + 1;
                    while (next < end && alike(next - 1, next, windowStart, prefixEnd, mask)) {
                        next++;
                    }
                    chooser.choose(item % kvHeads, row, next, windowStart.get(row));
                }
            }
        });
        Reference.reachabilityFence(fine);
        Reference.reachabilityFence(coarse);
    }

    /** Two rows of one sequence, neither in a tree: the other sees the same windows, and perhaps more. */
    private static boolean alike(int row, int other, IntArray windowStart, IntArray prefixEnd, LongArray mask) {
        return windowStart.get(row) == windowStart.get(other)
                && prefixEnd.get(row) <= prefixEnd.get(other)
                && mask.get(row) == 0L
                && mask.get(other) == 0L;
    }

    /** Selections of some rows of a sequence; those that are dense come first. */
    private record Chooser(
            WindowKeys seen, WindowScores scores, BlockChoice choice, LongArray selection, int words, IntArray shape) {
        void choose(int kvHead, int first, int end, int base) {
            int row = first;
            while (row < end && dense(seen.length(row, base))) {
                all(selection, at(row, kvHead), words, blocks(row, base));
                row++;
            }
            if (row == end) {
                return;
            }
            int capacity = windows(seen.length(end - 1, base), shape.get(SIZE), shape.get(STRIDE));
            float[] summed = new float[(end - row) * capacity];
            scores.score(kvHead, row, end, base, summed, capacity);
            for (int i = row; i < end; i++) {
                int visible = windows(seen.length(i, base), shape.get(SIZE), shape.get(STRIDE));
                choice.choose(selection, at(i, kvHead), words, summed, (i - row) * capacity, blocks(i, base), visible);
            }
        }

        private boolean dense(int length) {
            return length < shape.get(DENSE_LENGTH)
                    || Math.ceilDiv(length, shape.get(BLOCK)) <= shape.get(SLOTS)
                    || length < shape.get(SIZE);
        }

        private int blocks(int row, int base) {
            return Math.ceilDiv(seen.length(row, base), shape.get(BLOCK));
        }

        private int at(int row, int kvHead) {
            return (row * shape.get(KV_HEADS) + kvHead) * words;
        }
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
                CacheNumbers.of(keys),
                CacheNumbers.of(values),
                out,
                shape.get(HEADS),
                shape.get(KV_HEADS),
                shape.get(HEAD_DIM),
                shape.get(BLOCK),
                scale);
        Reference.reachabilityFence(keys);
        Reference.reachabilityFence(values);
    }

    /** See {@link dev.squall.kernels.reference.SparseAttention#attendF16}. */
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
        Attention.attend(
                step,
                windowStart,
                prefixEnd,
                treeBase,
                mask,
                pageTable,
                selection,
                q,
                CacheNumbers.of(keys),
                CacheNumbers.of(values),
                out,
                shape.get(HEADS),
                shape.get(KV_HEADS),
                shape.get(HEAD_DIM),
                shape.get(BLOCK),
                scale);
        Reference.reachabilityFence(keys);
        Reference.reachabilityFence(values);
    }
}
