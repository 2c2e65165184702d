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
    private final float[] here; // [rows, group, headDim], the weighted values of the current page
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
        here = new float[count * headDim];
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
            for (int i = 0; i < count; i++) {
                combine(active[i]);
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
        float pageLargest = most.reduceLanes(VectorOperators.MAX);
        Vectors.exp(scores, at, at + stride, pageLargest);
        float sum = Vectors.sum(scores, at, at + stride);
        float now = Math.max(largest[query], pageLargest);
        shrink[query] = Vectors.exp(largest[query] - now);
        share[query] = Vectors.exp(pageLargest - now);
        sums[query] = Math.fma(sums[query], shrink[query], sum * share[query]);
        largest[query] = now;
    }

    /** The page's weighted values of one query, or of two that see the same slots. */
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
        FloatVector a0 = FloatVector.zero(Vectors.EIGHT);
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
            FloatVector pa = FloatVector.broadcast(Vectors.EIGHT, scores[a * stride + t]);
            FloatVector pb = FloatVector.broadcast(Vectors.EIGHT, scores[b * stride + t]);
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
        a0.intoArray(here, a * headDim + i);
        a1.intoArray(here, a * headDim + i + 8);
        a2.intoArray(here, a * headDim + i + 16);
        a3.intoArray(here, a * headDim + i + 24);
        b0.intoArray(here, b * headDim + i);
        b1.intoArray(here, b * headDim + i + 8);
        b2.intoArray(here, b * headDim + i + 16);
        b3.intoArray(here, b * headDim + i + 24);
    }

    private void addEight(int row, int query, int i) {
        FloatVector sum = FloatVector.zero(Vectors.EIGHT);
        int[] keyAt = visibility.keyAt();
        for (int t = visibility.from(row); t < visibility.to(row); t++) {
            int v = keyAt[row * pageSize + t] + i;
            sum = FloatVector.broadcast(Vectors.EIGHT, scores[query * stride + t])
                    .fma(Vectors.load(values, v), sum);
        }
        sum.intoArray(here, query * headDim + i);
    }

    private void addOne(int row, int query, int i) {
        float sum = 0f;
        int[] keyAt = visibility.keyAt();
        for (int t = visibility.from(row); t < visibility.to(row); t++) {
            int v = keyAt[row * pageSize + t] + i;
            sum = Math.fma(scores[query * stride + t], values.get(FLOAT, 4L * v), sum);
        }
        here[query * headDim + i] = sum;
    }

    /** weighted = weighted · shrink + here · share. */
    private void combine(int query) {
        FloatVector before = FloatVector.broadcast(Vectors.EIGHT, shrink[query]);
        FloatVector now = FloatVector.broadcast(Vectors.EIGHT, share[query]);
        int i = query * headDim;
        int end = i + headDim;
        for (; i + 8 <= end; i += 8) {
            FloatVector shrunk =
                    FloatVector.fromArray(Vectors.EIGHT, weighted, i).mul(before);
            FloatVector.fromArray(Vectors.EIGHT, here, i).fma(now, shrunk).intoArray(weighted, i);
        }
        for (; i < end; i++) {
            weighted[i] = Math.fma(here[i], share[query], weighted[i] * shrink[query]);
        }
    }
}
