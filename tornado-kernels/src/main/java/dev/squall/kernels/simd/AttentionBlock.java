package dev.squall.kernels.simd;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * Attention of a block of rows over one key/value head. A query is one row and one head of the group.
 *
 * <p>Page by page: scores, softmax within the page, weighted values, and the combination with the pages before.
 */
final class AttentionBlock {
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Visibility visibility;
    private final MemorySegment q; // [R, heads, headDim]
    private final MemorySegment values; // [pages, kvHeads, pageSize, headDim]
    private final MemorySegment out; // [R, heads, headDim]
    private final int heads;
    private final int group; // heads that share a key/value head
    private final int headDim;
    private final int pageSize;
    private final int stride; // pageSize, rounded up to the sixteen lanes
    private final PageScores scoring;

    private final float[] queries; // [rows, group, headDim]
    private final float[] weighted; // [rows, group, headDim], the values so far, weighted by exp(score - largest)
    private final float[] largest; // [rows, group], the largest score so far
    private final float[] sums; // [rows, group], sum of exp(score - largest) so far
    private final float[] scores; // [rows, group, stride], of the current page; then their exponentials
    private final float[] shrink; // [rows, group], factor of what was before the current page
    private final float[] share; // [rows, group], factor of the current page
    private final int[] active; // [rows * group], the queries that see the current page

    AttentionBlock(
            Visibility visibility,
            FloatArray q,
            FloatArray keys,
            FloatArray values,
            FloatArray out,
            int heads,
            int kvHeads,
            int headDim,
            int pageSize,
            float scale,
            int blockRows) {
        this.visibility = visibility;
        this.q = q.getSegment();
        this.values = values.getSegment();
        this.out = out.getSegment();
        this.heads = heads;
        this.group = heads / kvHeads;
        this.headDim = headDim;
        this.pageSize = pageSize;
        this.stride = (pageSize + 15) & -16;
        int count = blockRows * group;
        queries = new float[count * headDim];
        weighted = new float[count * headDim];
        largest = new float[count];
        sums = new float[count];
        scores = new float[count * stride];
        shrink = new float[count];
        share = new float[count];
        active = new int[count];
        scoring =
                new PageScores(visibility, keys.getSegment(), queries, scores, group, headDim, pageSize, stride, scale);
    }

    /** Attention of the rows [first, end) of the batch over a key/value head. */
    void attend(int kvHead, int first, int end) {
        start(kvHead, first, end);
        visibility.start(kvHead, first, end);
        while (visibility.nextPage()) {
            scoring.score();
            int count = activate();
            for (int i = 0; i < count; i++) {
                softmax(active[i]);
            }
            for (int i = 0; i < count; i++) {
                int row = active[i] / group;
                boolean pair = i + 1 < count && visibility.same(row, active[i + 1] / group);
                addValues(row, active[i], active[pair ? i + 1 : i]);
                i += pair ? 1 : 0;
            }
        }
        finish(kvHead, first, end);
    }

    private void start(int kvHead, int first, int end) {
        int count = (end - first) * group;
        Arrays.fill(weighted, 0, count * headDim, 0f);
        Arrays.fill(largest, 0, count, Float.NEGATIVE_INFINITY);
        Arrays.fill(sums, 0, count, 0f);
        int length = group * headDim;
        for (int row = first; row < end; row++) {
            long at = 4L * (row * heads + kvHead * group) * headDim;
            MemorySegment.copy(q, FLOAT, at, queries, (row - first) * length, length);
        }
    }

    private void finish(int kvHead, int first, int end) {
        int length = group * headDim;
        for (int query = 0; query < (end - first) * group; query++) {
            float factor = sums[query] > 0f ? 1f / sums[query] : 0f;
            for (int i = query * headDim; i < (query + 1) * headDim; i++) {
                weighted[i] *= factor;
            }
        }
        for (int row = first; row < end; row++) {
            long at = 4L * (row * heads + kvHead * group) * headDim;
            MemorySegment.copy(weighted, (row - first) * length, out, FLOAT, at, length);
        }
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

    private void softmax(int query) {
        int at = query * stride;
        FloatVector most = FloatVector.fromArray(Vectors.EIGHT, scores, at);
        for (int t = 8; t < stride; t += 8) {
            most = most.max(FloatVector.fromArray(Vectors.EIGHT, scores, at + t));
        }
        float here = most.reduceLanes(VectorOperators.MAX);
        FloatVector low = Vectors.broadcast(0f);
        FloatVector high = low;
        for (int t = 0; t < stride; t += 16) {
            FloatVector a = Vectors.exp(
                    FloatVector.fromArray(Vectors.EIGHT, scores, at + t).sub(here));
            FloatVector b = Vectors.exp(
                    FloatVector.fromArray(Vectors.EIGHT, scores, at + t + 8).sub(here));
            a.intoArray(scores, at + t);
            b.intoArray(scores, at + t + 8);
            low = low.add(a);
            high = high.add(b);
        }
        float now = Math.max(largest[query], here);
        shrink[query] = Vectors.exp(largest[query] - now);
        share[query] = Vectors.exp(here - now);
        sums[query] = Math.fma(sums[query], shrink[query], Vectors.sum(low, high) * share[query]);
        largest[query] = now;
    }

    /** Adds the page's weighted values to one query, or to two that see the same slots. */
    private void addValues(int row, int a, int b) {
        int i = 0;
        for (; i + 32 <= headDim; i += 32) {
            addThirtyTwo(row, a, b, i);
        }
        for (; i + 8 <= headDim; i += 8) {
            addEight(row, a, i);
            if (b != a) {
                addEight(row, b, i);
            }
        }
        for (; i < headDim; i++) {
            addOne(row, a, i);
            if (b != a) {
                addOne(row, b, i);
            }
        }
    }

    private void addThirtyTwo(int row, int a, int b, int i) {
        FloatVector a0 = Vectors.broadcast(0f);
        FloatVector a1 = a0;
        FloatVector a2 = a0;
        FloatVector a3 = a0;
        FloatVector b0 = a0;
        FloatVector b1 = a0;
        FloatVector b2 = a0;
        FloatVector b3 = a0;
        int[] keyAt = visibility.keyAt();
        int to = visibility.to(row);
        for (int t = visibility.from(row); t < to; t++) {
            int v = keyAt[row * pageSize + t] + i;
            FloatVector pa = Vectors.broadcast(scores[a * stride + t]);
            FloatVector pb = Vectors.broadcast(scores[b * stride + t]);
            FloatVector v0 = Vectors.load(values, v);
            FloatVector v1 = Vectors.load(values, v + 8);
            FloatVector v2 = Vectors.load(values, v + 16);
            FloatVector v3 = Vectors.load(values, v + 24);
            a0 = pa.fma(v0, a0);
            a1 = pa.fma(v1, a1);
            a2 = pa.fma(v2, a2);
            a3 = pa.fma(v3, a3);
            b0 = pb.fma(v0, b0);
            b1 = pb.fma(v1, b1);
            b2 = pb.fma(v2, b2);
            b3 = pb.fma(v3, b3);
        }
        combine(a0, a, i);
        combine(a1, a, i + 8);
        combine(a2, a, i + 16);
        combine(a3, a, i + 24);
        if (b != a) {
            combine(b0, b, i);
            combine(b1, b, i + 8);
            combine(b2, b, i + 16);
            combine(b3, b, i + 24);
        }
    }

    private void addEight(int row, int query, int i) {
        FloatVector sum = Vectors.broadcast(0f);
        int[] keyAt = visibility.keyAt();
        for (int t = visibility.from(row); t < visibility.to(row); t++) {
            int v = keyAt[row * pageSize + t] + i;
            sum = Vectors.broadcast(scores[query * stride + t]).fma(Vectors.load(values, v), sum);
        }
        combine(sum, query, i);
    }

    private void combine(FloatVector here, int query, int i) {
        int at = query * headDim + i;
        FloatVector before = FloatVector.fromArray(Vectors.EIGHT, weighted, at).mul(shrink[query]);
        here.fma(Vectors.broadcast(share[query]), before).intoArray(weighted, at);
    }

    private void addOne(int row, int query, int i) {
        float sum = 0f;
        int[] keyAt = visibility.keyAt();
        for (int t = visibility.from(row); t < visibility.to(row); t++) {
            int v = keyAt[row * pageSize + t] + i;
            sum = Math.fma(scores[query * stride + t], values.get(FLOAT, 4L * v), sum);
        }
        int at = query * headDim + i;
        weighted[at] = Math.fma(sum, share[query], weighted[at] * shrink[query]);
    }
}
