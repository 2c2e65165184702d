package dev.squall.kernels.reference;

import dev.squall.kernels.Lanes;
import dev.squall.kernels.MathFunctions;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;
import uk.ac.manchester.tornado.api.types.arrays.ShortArray;

/**
 * Grouped-query attention over a paged cache.
 *
 * <p>Slots are logical; slot t lies in the physical page pageTable[t / pageSize]. A row sees the slots [windowStart,
 * prefixEnd) and treeBase + b for every bit b of its mask. The softmax is computed page by page: a page gives its largest
 * score, the sum of its exponentials and its weighted values, and the pages are combined in ascending order (Dao et al.,
 * FlashAttention, 2022, Algorithm 1). So which pages are looked at, not where they lie, makes the numbers.
 *
 * <p>What a row sees is numbered for this: slots of the prefix keep their number, and the slots of the mask's bits count
 * on from prefixEnd, in ascending order. These places, not the slots, say which page and which lane a key adds to. So a
 * node of a draft tree, whose ancestors lie scattered behind the prefix, has the very bits that it has in a linear text,
 * where they follow one another.
 */
public final class Attention {
    private Attention() {}

    /**
     * Writes the keys and values of the live rows into the cache.
     *
     * @param step counts of this step; step[0] rows are live
     * @param slot [rows], the logical slot of a row
     * @param pageTable [logical pages]
     * @param k [rows, kvHeads, headDim]
     * @param v [rows, kvHeads, headDim]
     * @param keys [pages, kvHeads, pageSize, headDim]
     * @param values [pages, kvHeads, pageSize, headDim]
     */
    public static void store(
            IntArray step,
            IntArray slot,
            IntArray pageTable,
            FloatArray k,
            FloatArray v,
            FloatArray keys,
            FloatArray values,
            int kvHeads,
            int headDim,
            int pageSize) {
        for (@Parallel int head = 0; head < slot.getSize() * kvHeads; head++) {
            if (head / kvHeads < step.get(0)) {
                int at = place(slot.get(head / kvHeads), pageTable, head % kvHeads, kvHeads, pageSize) * headDim;
                for (int i = 0; i < headDim; i++) {
                    keys.set(at + i, k.get(head * headDim + i));
                    values.set(at + i, v.get(head * headDim + i));
                }
            }
        }
    }

    /** As {@link #store}, into a cache in F16. */
    public static void storeF16(
            IntArray step,
            IntArray slot,
            IntArray pageTable,
            FloatArray k,
            FloatArray v,
            ShortArray keys,
            ShortArray values,
            int kvHeads,
            int headDim,
            int pageSize) {
        for (@Parallel int head = 0; head < slot.getSize() * kvHeads; head++) {
            if (head / kvHeads < step.get(0)) {
                int at = place(slot.get(head / kvHeads), pageTable, head % kvHeads, kvHeads, pageSize) * headDim;
                for (int i = 0; i < headDim; i++) {
                    keys.set(at + i, (short) Lanes.halfBits(k.get(head * headDim + i)));
                    values.set(at + i, (short) Lanes.halfBits(v.get(head * headDim + i)));
                }
            }
        }
    }

    /**
     * out = softmax(scale · q · keysᵀ) · values over what each row sees; zeros for a row that sees nothing.
     *
     * @param step counts of this step; step[0] rows are live
     * @param windowStart [rows], first slot of the prefix that the row sees
     * @param prefixEnd [rows], the slot after the prefix
     * @param treeBase [rows], the slot of bit 0 of the mask, not before prefixEnd
     * @param mask [rows], bit b set: the row sees slot treeBase + b
     * @param pageTable [logical pages]
     * @param q [rows, heads, headDim]; heads / kvHeads neighbouring heads share a key/value head
     * @param keys [pages, kvHeads, pageSize, headDim]
     * @param values [pages, kvHeads, pageSize, headDim]
     * @param out [rows, heads, headDim]
     */
    public static void attend(
            IntArray step,
            IntArray windowStart,
            IntArray prefixEnd,
            IntArray treeBase,
            LongArray mask,
            IntArray pageTable,
            FloatArray q,
            FloatArray keys,
            FloatArray values,
            FloatArray out,
            int heads,
            int kvHeads,
            int headDim,
            int pageSize,
            float scale) {
        for (@Parallel int head = 0; head < windowStart.getSize() * heads; head++) {
            if (head / heads < step.get(0)) {
                attend(
                        head,
                        windowStart,
                        prefixEnd,
                        treeBase,
                        mask,
                        pageTable,
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
            FloatArray q,
            ShortArray keys,
            ShortArray values,
            FloatArray out,
            int heads,
            int kvHeads,
            int headDim,
            int pageSize,
            float scale) {
        for (@Parallel int head = 0; head < windowStart.getSize() * heads; head++) {
            if (head / heads < step.get(0)) {
                attend(
                        head,
                        windowStart,
                        prefixEnd,
                        treeBase,
                        mask,
                        pageTable,
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
        int kvHead = head % heads / (heads / kvHeads);
        int to = prefixEnd.get(row);
        int from = Math.min(windowStart.get(row), to);
        int base = treeBase.get(row);
        long tree = mask.get(row); // the bits whose slots have no place yet
        int end = to + Long.bitCount(tree);

        int[] at = new int[pageSize]; // where the key of each place of a page begins, -1 for none
        float[] scores = new float[pageSize];
        float[] weighted = new float[headDim];
        float[] lanes = new float[Lanes.COUNT];
        for (int i = 0; i < headDim; i++) {
            weighted[i] = 0f;
        }
        float largest = Float.NEGATIVE_INFINITY;
        float sum = 0f;
        for (int page = from / pageSize; page * pageSize < end && from < end; page++) {
            float pageLargest = Float.NEGATIVE_INFINITY;
            for (int t = 0; t < pageSize; t++) {
                int place = page * pageSize + t;
                at[t] = -1;
                scores[t] = Float.NEGATIVE_INFINITY;
                if (place >= from && place < end) {
                    int slot = place < to ? place : base + Long.bitCount((tree & -tree) - 1L);
                    tree = place < to ? tree : tree & (tree - 1L);
                    at[t] = place(slot, pageTable, kvHead, kvHeads, pageSize) * headDim;
                    scores[t] = dot(q, head * headDim, half, f32Keys, f16Keys, at[t], headDim, lanes) * scale;
                    pageLargest = Math.max(pageLargest, scores[t]);
                }
            }
            for (int lane = 0; lane < Lanes.COUNT; lane++) {
                lanes[lane] = 0f;
            }
            for (int t = 0; t < pageSize; t++) {
                scores[t] = MathFunctions.exp(scores[t] - pageLargest);
                lanes[t & 15] = lanes[t & 15] + scores[t];
            }
            float newLargest = Math.max(largest, pageLargest);
            float before = MathFunctions.exp(largest - newLargest);
            float here = MathFunctions.exp(pageLargest - newLargest);
            sum = sum * before + Lanes.sum(lanes, 0) * here;
            for (int i = 0; i < headDim; i++) {
                float value = 0f;
                for (int t = 0; t < pageSize; t++) {
                    if (at[t] >= 0) {
                        value = value + scores[t] * number(half, f32Values, f16Values, at[t] + i);
                    }
                }
                weighted[i] = weighted[i] * before + value * here;
            }
            largest = newLargest;
        }
        float factor = sum > 0f ? 1f / sum : 0f;
        for (int i = 0; i < headDim; i++) {
            out.set(head * headDim + i, weighted[i] * factor);
        }
    }

    /** Where the cache has a slot, in units of headDim. */
    static int place(int slot, IntArray pageTable, int kvHead, int kvHeads, int pageSize) {
        return (pageTable.get(slot / pageSize) * kvHeads + kvHead) * pageSize + slot % pageSize;
    }

    /** A number of a cache in F32, or in F16; TornadoVM wants to see a constant say which. */
    static float number(boolean half, FloatArray f32, ShortArray f16, int at) {
        return half ? Lanes.halfOrInfinity(f16.get(at)) : f32.get(at);
    }

    /** The product of q[qAt...] and keys[keyAt...], in the order of {@link Lanes}. */
    static float dot(
            FloatArray q, int qAt, boolean half, FloatArray f32, ShortArray f16, int keyAt, int n, float[] lanes) {
        for (int lane = 0; lane < Lanes.COUNT; lane++) {
            lanes[lane] = 0f;
        }
        for (int i = 0; i < n; i++) {
            lanes[i & 15] = lanes[i & 15] + q.get(qAt + i) * number(half, f32, f16, keyAt + i);
        }
        return Lanes.sum(lanes, 0);
    }
}
