package dev.squall.kernels.simd;

import dev.squall.kernels.Workers;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;
import uk.ac.manchester.tornado.api.types.arrays.ShortArray;

/**
 * Grouped-query attention over a paged cache; see {@link dev.squall.kernels.reference.Attention}.
 *
 * <p>An item of work is one key/value head and a block of rows, so that a page, once it is in the processor's cache, serves
 * all heads of the group and all rows of the block that see it: {@link AttentionBlock}.
 */
public final class Attention {
    private static final int BLOCK_ROWS = 32;
    /** Multiply-adds that are worth a thread. */
    private static final long WORTH_A_THREAD = 65_536;

    private Attention() {}

    /** See {@link dev.squall.kernels.reference.Attention#store}. */
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
        store(step, slot, pageTable, k, CacheNumbers.of(keys), kvHeads, headDim, pageSize);
        store(step, slot, pageTable, v, CacheNumbers.of(values), kvHeads, headDim, pageSize);
    }

    /** See {@link dev.squall.kernels.reference.Attention#storeF16}. */
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
        store(step, slot, pageTable, k, CacheNumbers.of(keys), kvHeads, headDim, pageSize);
        store(step, slot, pageTable, v, CacheNumbers.of(values), kvHeads, headDim, pageSize);
    }

    private static void store(
            IntArray step,
            IntArray slot,
            IntArray pageTable,
            FloatArray x,
            CacheNumbers cache,
            int kvHeads,
            int headDim,
            int pageSize) {
        MemorySegment numbers = x.getSegment();
        for (int row = 0; row < step.get(0); row++) {
            int t = slot.get(row);
            int page = pageTable.get(t / pageSize);
            for (int head = 0; head < kvHeads; head++) {
                int to = ((page * kvHeads + head) * pageSize + t % pageSize) * headDim;
                cache.put(numbers, (long) (row * kvHeads + head) * headDim, headDim, to);
            }
        }
    }

    /** See {@link dev.squall.kernels.reference.Attention#attend}. */
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
        attend(
                step,
                windowStart,
                prefixEnd,
                treeBase,
                mask,
                pageTable,
                null,
                q,
                CacheNumbers.of(keys),
                CacheNumbers.of(values),
                out,
                heads,
                kvHeads,
                headDim,
                pageSize,
                scale);
        Reference.reachabilityFence(keys);
        Reference.reachabilityFence(values);
    }

    /** See {@link dev.squall.kernels.reference.Attention#attendF16}. */
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
        attend(
                step,
                windowStart,
                prefixEnd,
                treeBase,
                mask,
                pageTable,
                null,
                q,
                CacheNumbers.of(keys),
                CacheNumbers.of(values),
                out,
                heads,
                kvHeads,
                headDim,
                pageSize,
                scale);
        Reference.reachabilityFence(keys);
        Reference.reachabilityFence(values);
    }

    /** Over the pages of a selection, [rows, kvHeads, words], or over all where it is null; the caller keeps the cache alive. */
    static void attend(
            IntArray step,
            IntArray windowStart,
            IntArray prefixEnd,
            IntArray treeBase,
            LongArray mask,
            IntArray pageTable,
            LongArray selection,
            FloatArray q,
            CacheNumbers keys,
            CacheNumbers values,
            FloatArray out,
            int heads,
            int kvHeads,
            int headDim,
            int pageSize,
            float scale) {
        int rows = step.get(0);
        int blocks = (rows + BLOCK_ROWS - 1) / BLOCK_ROWS;
        long slots = 0;
        for (int row = 0; row < rows; row++) {
            slots += Math.max(0, prefixEnd.get(row) - windowStart.get(row)) + Long.bitCount(mask.get(row));
        }
        int blockRows = Math.min(rows, BLOCK_ROWS);
        int items = blocks * kvHeads;
        long work = slots * heads * headDim * 2;
        int minItems = (int) Math.min(items, items * WORTH_A_THREAD / (work + 1) + 1);
        Workers.shared().parallelFor(items, minItems, (from, to) -> {
            Visibility visibility = new Visibility(
                    windowStart,
                    prefixEnd,
                    treeBase,
                    mask,
                    pageTable,
                    selection,
                    kvHeads,
                    pageSize,
                    headDim,
                    blockRows);
            AttentionBlock block = new AttentionBlock(
                    visibility, q, keys, values, out, heads, kvHeads, headDim, pageSize, scale, blockRows);
            for (int item = from; item < to; item++) {
                // Later rows of a prompt see more: early and late blocks take turns, so that threads finish together.
                int i = item % blocks;
                int first = ((i & 1) == 0 ? i / 2 : blocks - 1 - i / 2) * BLOCK_ROWS;
                block.attend(item / blocks, first, Math.min(rows, first + BLOCK_ROWS));
            }
        });
    }
}
