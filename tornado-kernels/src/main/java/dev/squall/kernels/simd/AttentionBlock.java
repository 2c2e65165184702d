package dev.squall.kernels.simd;

import static dev.squall.kernels.simd.Memory.ALL;
import static dev.squall.kernels.simd.Memory.FLOAT;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * Attention of a block of rows over one key/value head. A query is one row and one head of the group.
 *
 * <p>Page by page: scores ({@link PageScores}), softmax within the page, weighted values and their combination with those of
 * the pages before ({@link PageValues}).
 */
final class AttentionBlock {
    /** Queries whose softmax goes step by step: no step then waits for the one before. */
    private static final int TOGETHER = 16;

    private final Visibility visibility;
    private final MemorySegment q; // [R, heads, headDim]
    private final MemorySegment out; // [R, heads, headDim]
    private final int heads;
    private final int group; // heads that share a key/value head
    private final int headDim;
    private final int stride; // of KeyTile
    private final CachePage keys;
    private final CachePage values;
    private final PageScores scoring;
    private final PageValues adding;

    private final long queries; // [rows, group, headDim]
    private final long weighted; // [rows, group, headDim], the values so far, weighted by exp(score - largest)
    private final long scores; // [rows, group, stride], of the current page; then their exponentials
    private final float[] largest; // [rows, group], the largest score so far
    private final float[] sums; // [rows, group], sum of exp(score - largest) so far
    private final int[] active; // [rows * group], the queries that see the current page
    private final float[] shrink; // [rows * group], factor of what was before the current page for each of them
    private final float[] share; // [rows * group], factor of the current page, likewise
    private final float[] pageSums = new float[TOGETHER];

    AttentionBlock(
            Visibility visibility,
            FloatArray q,
            CacheNumbers cachedKeys,
            CacheNumbers cachedValues,
            FloatArray out,
            int heads,
            int kvHeads,
            int headDim,
            int pageSize,
            float scale,
            int blockRows) {
        this.visibility = visibility;
        this.q = q.getSegment();
        this.out = out.getSegment();
        this.heads = heads;
        this.group = heads / kvHeads;
        this.headDim = headDim;
        this.stride = KeyTile.stride(pageSize);
        int count = blockRows * group;
        int rounded = QueryTile.padded(count);
        long numbers = (long) rounded * headDim;
        long page = (long) pageSize * headDim;
        long[] pieces = Scratch.cut(
                numbers, numbers, (long) rounded * stride, page, page, PageScores.size(group, pageSize, headDim));
        queries = pieces[0];
        weighted = pieces[1];
        scores = pieces[2];
        largest = new float[count];
        sums = new float[count];
        shrink = new float[count];
        share = new float[count];
        active = new int[count];
        keys = new CachePage(cachedKeys, visibility, headDim, pageSize, pieces[3]);
        values = new CachePage(cachedValues, visibility, headDim, pageSize, pieces[4]);
        scoring = new PageScores(
                visibility, keys, queries, scores, blockRows, group, headDim, pageSize, scale, pieces[5]);
        adding = new PageValues(visibility, values, scores, weighted, shrink, share, group, headDim, stride);
    }

    /** Attention of the rows [first, end) of the batch over a key/value head. */
    void attend(int kvHead, int first, int end) {
        start(kvHead, first, end);
        scoring.start();
        visibility.start(kvHead, first, end);
        while (visibility.nextPage()) {
            keys.touch(values);
            scoring.score();
            int count = activate();
            for (int i = 0; i < count; i += TOGETHER) {
                softmax(i, Math.min(count, i + TOGETHER));
            }
            adding.add(active, count);
        }
        finish(kvHead, first, end);
    }

    private void start(int kvHead, int first, int end) {
        int count = (end - first) * group;
        ALL.asSlice(weighted, 4L * count * headDim).fill((byte) 0);
        Arrays.fill(largest, 0, count, Float.NEGATIVE_INFINITY);
        Arrays.fill(sums, 0, count, 0f);
        long bytes = 4L * group * headDim;
        for (int row = first; row < end; row++) {
            MemorySegment.copy(q, at(row, kvHead), ALL, queries + (row - first) * bytes, bytes);
        }
    }

    private void finish(int kvHead, int first, int end) {
        for (int query = 0; query < (end - first) * group; query++) {
            float factor = sums[query] > 0f ? 1f / sums[query] : 0f;
            long numbers = weighted + 4L * query * headDim;
            for (long i = numbers; i < numbers + 4L * headDim; i += 4) {
                ALL.set(FLOAT, i, ALL.get(FLOAT, i) * factor);
            }
        }
        long bytes = 4L * group * headDim;
        for (int row = first; row < end; row++) {
            MemorySegment.copy(ALL, weighted + (row - first) * bytes, out, at(row, kvHead), bytes);
        }
    }

    /** Where a row's queries, and outputs, of the group begin. */
    private long at(int row, int kvHead) {
        return 4L * (row * heads + kvHead * group) * headDim;
    }

    /** Lists the queries that see the current page. */
    private int activate() {
        int count = 0;
        for (int i = 0; i < visibility.activeRows(); i++) {
            for (int g = 0; g < group; g++) {
                active[count++] = visibility.activeRow(i) * group + g;
            }
        }
        return count;
    }

    /** Softmax within the page of the queries active[first, end), and the factors that put it together with those before. */
    private void softmax(int first, int end) {
        for (int i = first; i < end; i++) {
            share[i] = Vectors.largest(row(i), stride);
        }
        for (int i = first; i < end; i++) {
            Vectors.exp(row(i), stride, share[i]);
        }
        for (int i = first; i < end; i++) {
            pageSums[i - first] = Vectors.sum(row(i), stride);
        }
        for (int i = first; i < end; i++) {
            float before = largest[active[i]];
            float now = Math.max(before, share[i]);
            shrink[i] = before - now;
            share[i] -= now;
            largest[active[i]] = now;
        }
        Vectors.exp(shrink, first, end, 0f);
        Vectors.exp(share, first, end, 0f);
        for (int i = first; i < end; i++) {
            sums[active[i]] = Math.fma(sums[active[i]], shrink[i], pageSums[i - first] * share[i]);
        }
    }

    /** Scores of an active query. */
    private long row(int i) {
        return scores + 4L * stride * active[i];
    }
}
