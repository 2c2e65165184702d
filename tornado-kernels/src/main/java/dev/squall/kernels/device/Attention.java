package dev.squall.kernels.device;

import dev.squall.kernels.Lanes;
import dev.squall.kernels.MathFunctions;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;
import uk.ac.manchester.tornado.api.types.arrays.ShortArray;
import uk.ac.manchester.tornado.api.types.vectors.Float8;

/**
 * Grouped-query attention over a paged cache with an online softmax, eight elements of a head at a time.
 *
 * <p>{@link dev.squall.kernels.reference.Attention} says what is seen, and in which order pages are combined; the numbers
 * are the same.
 */
public final class Attention {
    private Attention() {}

    /**
     * out = softmax(scale · q · keysᵀ) · values over what each row sees, of all pages or of those that are chosen: a head of a
     * row a work-item, R · heads in all. Where all pages are chosen, the bits are those of all pages.
     *
     * @param step counts of this step; step[0] rows are live
     * @param windowStart [R], first slot of the prefix that the row sees; that of a page, where pages are chosen
     * @param prefixEnd [R], the slot after the prefix
     * @param treeBase [R], the slot of bit 0 of the mask, not before prefixEnd
     * @param mask [R], bit b set: the row sees slot treeBase + b
     * @param pageTable [logical pages]
     * @param selection [R, kvHeads, words]: bit b of the words is page b of the row's sequence; not read for 0 words
     * @param words of 64 pages; 0 for all pages
     * @param q [R, heads, headDim]; heads / kvHeads neighbouring heads share a key/value head
     * @param keys [pages, kvHeads, pageSize, headDim]
     * @param values [pages, kvHeads, pageSize, headDim]
     * @param out [R, heads, headDim]
     */
    public static void attend(
            KernelContext c,
            IntArray step,
            IntArray windowStart,
            IntArray prefixEnd,
            IntArray treeBase,
            LongArray mask,
            IntArray pageTable,
            LongArray selection,
            int words,
            FloatArray q,
            FloatArray keys,
            FloatArray values,
            FloatArray out,
            int heads,
            int kvHeads,
            int headDim,
            int pageSize,
            float scale) {
        attend(
                c.globalIdx,
                step,
                windowStart,
                prefixEnd,
                treeBase,
                mask,
                pageTable,
                selection,
                words,
                q,
                false,
                keys,
                null,
                values,
                null,
                out,
                heads,
                kvHeads,
                headDim,
                pageSize,
                scale);
    }

    /** As {@link #attend}, over a cache in F16. */
    public static void attendF16(
            KernelContext c,
            IntArray step,
            IntArray windowStart,
            IntArray prefixEnd,
            IntArray treeBase,
            LongArray mask,
            IntArray pageTable,
            LongArray selection,
            int words,
            FloatArray q,
            ShortArray keys,
            ShortArray values,
            FloatArray out,
            int heads,
            int kvHeads,
            int headDim,
            int pageSize,
            float scale) {
        attend(
                c.globalIdx,
                step,
                windowStart,
                prefixEnd,
                treeBase,
                mask,
                pageTable,
                selection,
                words,
                q,
                true,
                null,
                keys,
                null,
                values,
                out,
                heads,
                kvHeads,
                headDim,
                pageSize,
                scale);
    }

    /** Of the two forms of keys and of values, one is null. */
    private static void attend(
            int head,
            IntArray step,
            IntArray windowStart,
            IntArray prefixEnd,
            IntArray treeBase,
            LongArray mask,
            IntArray pageTable,
            LongArray selection,
            int words,
            FloatArray q,
            boolean half,
            FloatArray f32Keys,
            ShortArray f16Keys,
            FloatArray f32Values,
            ShortArray f16Values,
            FloatArray out,
            int heads,
            int kvHeads,
            int headDim,
            int pageSize,
            float scale) {
        int row = head / heads;
        if (row < step.get(0)) {
            int kvHead = head % heads / (heads / kvHeads);
            int chosen = (row * kvHeads + kvHead) * words;
            int firstPage = windowStart.get(row) / pageSize;
            int to = prefixEnd.get(row);
            int from = Math.min(windowStart.get(row), to);
            int base = treeBase.get(row);
            long tree = mask.get(row); // the bits whose slots have no place yet
            int end = to + Long.bitCount(tree);
            int query = head * headDim + Loads.nothing(to);

            int[] at = new int[pageSize]; // where the key of each place of a page begins
            float[] scores = new float[pageSize];
            float[] weighted = new float[headDim];
            float[] lanes = new float[Lanes.COUNT];
            for (int i = 0; i < headDim; i++) {
                weighted[i] = 0f;
            }
            float largest = Float.NEGATIVE_INFINITY;
            float sum = 0f;
            for (int page = from / pageSize; page * pageSize < end && from < end; page++) {
                int first = Math.max(0, from - page * pageSize);
                int left = end - page * pageSize; // no Math.min: a bit count is of another type on the device
                int last = left < pageSize ? left : pageSize;
                int taken = 1;
                if (words > 0) {
                    int block = page - firstPage;
                    taken = (int) ((selection.get(chosen + block / 64) >> (block % 64)) & 1L);
                    int passed = taken == 1
                            ? last
                            : Math.max(first, to - page * pageSize); // places of nodes are passed over
                    for (int t = passed; t < last; t++) {
                        tree = tree & (tree - 1L);
                    }
                }
                if (taken == 1) {
                    float pageLargest = Float.NEGATIVE_INFINITY;
                    for (int t = first; t < last; t++) {
                        int place = page * pageSize + t;
                        int slot = place < to ? place : base + Long.bitCount((tree & -tree) - 1L);
                        tree = place < to ? tree : tree & (tree - 1L);
                        int key = ((pageTable.get(slot / pageSize) * kvHeads + kvHead) * pageSize + slot % pageSize)
                                        * headDim
                                + Loads.nothing(to);
                        float score = dot(q, query, half, f32Keys, f16Keys, key, headDim) * scale;
                        at[t] = key;
                        scores[t] = score;
                        pageLargest = Math.max(pageLargest, score);
                    }
                    for (int lane = 0; lane < Lanes.COUNT; lane++) {
                        lanes[lane] = 0f;
                    }
                    for (int t = first; t < last; t++) {
                        float weight = MathFunctions.exp(scores[t] - pageLargest);
                        scores[t] = weight;
                        lanes[t & 15] = lanes[t & 15] + weight;
                    }
                    float newLargest = Math.max(largest, pageLargest);
                    float before = MathFunctions.exp(largest - newLargest);
                    float here = MathFunctions.exp(pageLargest - newLargest);
                    sum = sum * before + Lanes.sum(lanes, 0) * here;
                    for (int i = 0; i + 7 < headDim; i += 8) {
                        Float8 value = Loads.zero();
                        for (int t = first; t < last; t++) {
                            value = Loads.add(
                                    value,
                                    Loads.all(scores[t]),
                                    CacheNumbers.eight(half, f32Values, f16Values, at[t] + i));
                        }
                        weighted[i] = weighted[i] * before + value.getS0() * here;
                        weighted[i + 1] = weighted[i + 1] * before + value.getS1() * here;
                        weighted[i + 2] = weighted[i + 2] * before + value.getS2() * here;
                        weighted[i + 3] = weighted[i + 3] * before + value.getS3() * here;
                        weighted[i + 4] = weighted[i + 4] * before + value.getS4() * here;
                        weighted[i + 5] = weighted[i + 5] * before + value.getS5() * here;
                        weighted[i + 6] = weighted[i + 6] * before + value.getS6() * here;
                        weighted[i + 7] = weighted[i + 7] * before + value.getS7() * here;
                    }
                    for (int i = headDim - headDim % 8; i < headDim; i++) {
                        float value = 0f;
                        for (int t = first; t < last; t++) {
                            value = value + scores[t] * CacheNumbers.get(half, f32Values, f16Values, at[t] + i);
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
    }

    /** The product of q[qAt...] and keys[keyAt...], in the order of {@link Lanes}; one of the two forms of keys is null. */
    static float dot(FloatArray q, int qAt, boolean half, FloatArray f32, ShortArray f16, int keyAt, int n) {
        Float8 low = Loads.zero();
        Float8 high = Loads.zero();
        for (int i = 0; i + 15 < n; i += 16) {
            low = Loads.add(low, Loads.floats(q, qAt + i), CacheNumbers.eight(half, f32, f16, keyAt + i));
            high = Loads.add(high, Loads.floats(q, qAt + i + 8), CacheNumbers.eight(half, f32, f16, keyAt + i + 8));
        }
        if (n % 16 != 0) {
            int i = n - n % 16;
            low = Loads.add(low, Loads.floatsUpTo(q, qAt, i, n), CacheNumbers.eightUpTo(half, f32, f16, keyAt, i, n));
            high = Loads.add(
                    high, Loads.floatsUpTo(q, qAt, i + 8, n), CacheNumbers.eightUpTo(half, f32, f16, keyAt, i + 8, n));
        }
        return Loads.sum(low, high);
    }
}
