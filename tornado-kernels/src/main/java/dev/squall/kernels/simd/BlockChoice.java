package dev.squall.kernels.simd;

import static dev.squall.kernels.reference.SparseAttention.BLOCK;
import static dev.squall.kernels.reference.SparseAttention.INIT_BLOCKS;
import static dev.squall.kernels.reference.SparseAttention.SIZE;
import static dev.squall.kernels.reference.SparseAttention.SLOTS;
import static dev.squall.kernels.reference.SparseAttention.STRIDE;
import static dev.squall.kernels.reference.SparseAttention.WINDOW_BLOCKS;

import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;

/**
 * Pools the scores of windows to blocks and takes the best: all above the smallest score that has a place, and of those equal to
 * it the lower ones.
 */
final class BlockChoice {
    private final int perBlock;
    private final int before; // windows of the block in front that reach into a block
    private final int init;
    private final int window;
    private final int slots;

    BlockChoice(IntArray shape) {
        perBlock = shape.get(BLOCK) / shape.get(STRIDE);
        before = shape.get(SIZE) / shape.get(STRIDE) - 1;
        init = shape.get(INIT_BLOCKS);
        window = shape.get(WINDOW_BLOCKS);
        slots = shape.get(SLOTS);
    }

    /**
     * Writes a selection.
     *
     * @param selection from element at: words, a bit a block
     * @param scores from element {@code scoresAt} on: [visible], of windows
     * @param blocks more than there are slots
     */
    void choose(LongArray selection, int at, int words, float[] scores, int scoresAt, int blocks, int visible) {
        float[] pooled = new float[blocks];
        for (int b = 0; b < blocks; b++) {
            float best = Float.NEGATIVE_INFINITY;
            int end = Math.min((b + 1) * perBlock, visible);
            for (int j = Math.max(b * perBlock - before, 0); j < end; j++) {
                best = Math.max(best, scores[scoresAt + j]);
            }
            pooled[b] = b < init || b >= blocks - 1 - window ? Float.POSITIVE_INFINITY : best;
        }
        float least = smallest(pooled.clone(), blocks - slots);
        int above = 0;
        for (float each : pooled) {
            above += each > least ? 1 : 0;
        }
        int equals = slots - above; // of those equal to the least that have a place
        long[] bits = new long[words];
        for (int b = 0; b < blocks; b++) {
            if (pooled[b] > least || pooled[b] == least && equals-- > 0) {
                bits[b / 64] |= 1L << b;
            }
        }
        for (int word = 0; word < words; word++) {
            selection.set(at + word, bits[word]);
        }
    }

    /** The number that would be at index k if x were sorted, which gets another order (C. A. R. Hoare, Algorithm 65, 1961). */
    private static float smallest(float[] x, int k) {
        int low = 0;
        int high = x.length - 1;
        while (low < high) {
            float pivot = x[k];
            int i = low;
            int j = high;
            while (i <= j) {
                while (x[i] < pivot) {
                    i++;
                }
                while (x[j] > pivot) {
                    j--;
                }
                if (i <= j) {
                    float swapped = x[i];
                    x[i++] = x[j];
                    x[j--] = swapped;
                }
            }
            low = j < k ? i : low;
            high = i > k ? j : high;
        }
        return x[k];
    }
}
