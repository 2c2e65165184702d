package dev.squall.kernels.device;

import static dev.squall.kernels.reference.SparseAttention.BLOCK;
import static dev.squall.kernels.reference.SparseAttention.INIT_BLOCKS;
import static dev.squall.kernels.reference.SparseAttention.SIZE;
import static dev.squall.kernels.reference.SparseAttention.SLOTS;
import static dev.squall.kernels.reference.SparseAttention.STRIDE;
import static dev.squall.kernels.reference.SparseAttention.WINDOW_BLOCKS;

import dev.squall.kernels.MathFunctions;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;
import uk.ac.manchester.tornado.api.types.arrays.ShortArray;

/** The steps of {@link BlockSelection}: means of keys, scores of windows, scores of blocks, and the best blocks. */
final class BlockChoice {
    private BlockChoice() {}

    /** The mean of the keys at the places [first, end) of a row, to later[at...]. */
    static void mean(
            FloatArray later,
            int at,
            int first,
            int end,
            int base,
            int prefix,
            int tree,
            long nodes,
            IntArray pageTable,
            boolean half,
            FloatArray f32,
            ShortArray f16,
            int kvHead,
            int kvHeads,
            int block,
            int headDim) {
        for (int i = 0; i < headDim; i++) {
            later.set(at + i, 0f);
        }
        long left = nodes; // whose slots have no place yet
        int skipped = first < prefix ? first : prefix;
        for (int place = skipped; place < end; place++) {
            int slot = place < prefix ? base + place : tree + Long.bitCount((left & -left) - 1L);
            left = place < prefix ? left : left & (left - 1L);
            int key = ((pageTable.get(slot / block) * kvHeads + kvHead) * block + slot % block) * headDim;
            if (place >= first) {
                for (int i = 0; i < headDim; i++) {
                    later.set(at + i, later.get(at + i) + CacheNumbers.get(half, f32, f16, key + i));
                }
            }
        }
        for (int i = 0; i < headDim; i++) {
            later.set(at + i, later.get(at + i) / (float) (end - first));
        }
    }
    /**
     * Products of the group's queries with {@code count} windows: in the first pass they go into the softmax's largest product and
     * sum of each query, in the second the weights, summed over the queries, are the windows' scores.
     */
    static void weigh(
            int pass,
            float[] largest,
            float[] sums,
            FloatArray scores,
            int at,
            FloatArray q,
            int query,
            FloatArray windows,
            int from,
            int width,
            int count,
            int group,
            int headDim,
            float scale) {
        for (int j = 0; j < count; j++) {
            float score = 0f;
            for (int g = 0; g < group; g++) {
                float product =
                        Attention.dot(q, query + g * headDim, false, windows, null, from + j * width, headDim) * scale;
                float before = largest[g];
                float most = pass == 0 ? Math.max(before, product) : before;
                float least = pass == 0 ? Math.min(before, product) : product;
                float weight = MathFunctions.exp(least - most); // in the first pass that of the larger one is 1
                float sum = product > before ? sums[g] * weight + 1f : sums[g] + weight;
                score = score + weight / sums[g];
                sums[g] = pass == 0 ? sum : sums[g];
                largest[g] = most;
            }
            scores.set(at + j, score);
        }
    }

    /** The scores of blocks in place of those of windows; -1 for those that are forced. */
    static void pool(FloatArray scores, int at, int blocks, int visible, IntArray shape) {
        int perBlock = shape.get(BLOCK) / shape.get(STRIDE);
        int before = shape.get(SIZE) / shape.get(STRIDE) - 1;
        int firstLocal = blocks - 1 - shape.get(WINDOW_BLOCKS);
        for (int b = 0; b < blocks; b++) {
            float best = 0f; // the last block may have no window, but it is forced
            int first = Math.max(b * perBlock - before, 0);
            int last = Math.min((b + 1) * perBlock, visible);
            for (int j = first; j < last; j++) {
                best = Math.max(best, scores.get(at + j));
            }
            boolean forced = b < shape.get(INIT_BLOCKS) || b >= firstLocal;
            scores.set(at + b, forced ? -1f : best);
        }
    }

    /** Sets the bits of the forced blocks, and of the best others as long as there are slots; of equals the lower. */
    static void choose(LongArray selection, int to, FloatArray scores, int at, int blocks, IntArray shape) {
        int slots = shape.get(SLOTS);
        for (int b = 0; b < blocks; b++) {
            if (scores.get(at + b) < 0f) {
                selection.set(to + b / 64, selection.get(to + b / 64) | (1L << (b % 64)));
                slots = slots - 1;
            }
        }
        for (int slot = 0; slot < slots; slot++) {
            float best = -1f;
            int chosen = 0;
            for (int b = 0; b < blocks; b++) {
                float score = scores.get(at + b);
                chosen = score > best ? b : chosen;
                best = score > best ? score : best;
            }
            scores.set(at + chosen, -1f);
            selection.set(to + chosen / 64, selection.get(to + chosen / 64) | (1L << (chosen % 64)));
        }
    }
}
