package dev.squall.kernels.simd;

import dev.squall.kernels.Lanes;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.function.IntPredicate;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * Attention of a block of rows over one key/value head. A query is one row and one head of the group.
 *
 * <p>There are two ways to the scores of a page. One query at a time, vectors lie along headDim. With many queries the
 * page is transposed once and vectors lie along its slots, which needs no sums across a vector. Both add in the order of
 * {@link Lanes}, so a score has the same bits whichever way is taken, that is however many rows are in the batch.
 */
final class AttentionBlock {
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    /** Queries from which on a page is transposed. */
    private static final int MANY_QUERIES = 12;

    private final Visibility visibility;
    private final MemorySegment q; // [R, heads, headDim]
    private final MemorySegment keys; // [pages, kvHeads, pageSize, headDim]
    private final MemorySegment values; // [pages, kvHeads, pageSize, headDim]
    private final MemorySegment out; // [R, heads, headDim]
    private final int heads;
    private final int kvHeads;
    private final int group; // heads that share a key/value head
    private final int headDim;
    private final int pageSize;
    private final int stride; // pageSize, rounded up to the sixteen lanes
    private final float scale;

    // State of the queries of a block; they grow to the largest block met.
    private float[] queries = {}; // [rows, group, headDim]
    private float[] weighted = {}; // [rows, group, headDim], the values so far, weighted by exp(score - largest)
    private float[] largest = {}; // [rows, group], the largest score so far
    private float[] sums = {}; // [rows, group], sum of exp(score - largest) so far
    private float[] scores = {}; // [rows, group, stride], of the current page; then their exponentials
    private float[] shrink = {}; // [rows, group], factor of what was before the current page
    private float[] share = {}; // [rows, group], factor of the current page
    private int[] active = {}; // [rows * group], the queries that see the current page
    private final float[] page; // [pageSize, headDim]
    private final float[] transposed; // [headDim, pageSize]
    private final float[] partial; // [8, 2 queries, 16 slots]
    private final float[] lanes = new float[Lanes.COUNT];

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
            float scale) {
        this.visibility = visibility;
        this.q = q.getSegment();
        this.keys = keys.getSegment();
        this.values = values.getSegment();
        this.out = out.getSegment();
        this.heads = heads;
        this.kvHeads = kvHeads;
        this.group = heads / kvHeads;
        this.headDim = headDim;
        this.pageSize = pageSize;
        this.stride = (pageSize + 15) & -16;
        this.scale = scale;
        this.page = new float[pageSize * headDim];
        this.transposed = new float[pageSize * headDim];
        this.partial = new float[8 * 2 * 16];
    }

    /** Attention of the rows [first, end) of the batch over a key/value head. */
    void attend(int kvHead, int first, int end) {
        start(kvHead, first, end);
        visibility.start(kvHead, first, end);
        while (visibility.nextPage()) {
            score();
            int count = activate(row -> true);
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
        if (count > largest.length) {
            queries = new float[count * headDim];
            weighted = new float[count * headDim];
            largest = new float[count];
            sums = new float[count];
            scores = new float[count * stride];
            shrink = new float[count];
            share = new float[count];
            active = new int[count];
        }
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

    /** Lists the queries of some of the rows that see the current page. */
    private int activate(IntPredicate rows) {
        int count = 0;
        for (int i = 0; i < visibility.activeRows(); i++) {
            int row = visibility.activeRow(i);
            for (int g = 0; g < group && rows.test(row); g++) {
                active[count++] = row * group + g;
            }
        }
        return count;
    }

    private void score() {
        int count = activate(visibility::inPrefix);
        boolean transpose = count >= MANY_QUERIES && pageSize % 16 == 0 && headDim % 16 == 0;
        if (transpose) {
            scoreMany(count);
        }
        for (int i = 0; i < visibility.activeRows(); i++) {
            int row = visibility.activeRow(i);
            if (!transpose || !visibility.inPrefix(row)) {
                scoreEach(row);
            }
        }
    }

    // --- scores: vectors along headDim

    private void scoreEach(int row) {
        int[] keyAt = visibility.keyAt();
        Arrays.fill(scores, row * group * stride, (row + 1) * group * stride, Float.NEGATIVE_INFINITY);
        for (int query = row * group; query < (row + 1) * group; query++) {
            for (int t = visibility.from(row); t < visibility.to(row); t++) {
                scores[query * stride + t] = dot(query * headDim, keyAt[row * pageSize + t]) * scale;
            }
        }
    }

    private float dot(int queryAt, int keyAt) {
        FloatVector low = Vectors.broadcast(0f);
        FloatVector high = low;
        int i = 0;
        for (; i + 16 <= headDim; i += 16) {
            low = FloatVector.fromArray(Vectors.EIGHT, queries, queryAt + i).fma(Vectors.load(keys, keyAt + i), low);
            high = FloatVector.fromArray(Vectors.EIGHT, queries, queryAt + i + 8)
                    .fma(Vectors.load(keys, keyAt + i + 8), high);
        }
        if (i == headDim) {
            return Vectors.sum(low, high);
        }
        low.intoArray(lanes, 0);
        high.intoArray(lanes, 8);
        for (int lane = 0; i < headDim; i++, lane++) {
            float key = keys.get(FLOAT, 4L * (keyAt + i));
            lanes[lane] = Math.fma(queries[queryAt + i], key, lanes[lane]);
        }
        return Lanes.sum(lanes, 0);
    }

    // --- scores: vectors along the slots of a transposed page

    private void scoreMany(int count) {
        int row = active[0] / group;
        int at = visibility.keyAt()[row * pageSize + visibility.from(row)] - visibility.from(row) * headDim;
        MemorySegment.copy(keys, FLOAT, 4L * at, page, 0, page.length);
        for (int t = 0; t < pageSize; t++) {
            for (int i = 0; i < headDim; i++) {
                transposed[i * pageSize + t] = page[t * headDim + i];
            }
        }
        for (int i = 0; i < count; i += 2) {
            int a = active[i];
            int b = active[Math.min(i + 1, count - 1)];
            for (int t = 0; t < pageSize; t += 16) {
                scorePair(a * headDim, b * headDim, t);
                sumLanes(0, a * stride + t);
                sumLanes(16, b * stride + t);
            }
        }
        for (int i = 0; i < count; i++) {
            hide(active[i]);
        }
    }

    /** partial[j] = lane j + lane (j + 8), for two queries and sixteen slots. */
    private void scorePair(int a, int b, int t) {
        for (int j = 0; j < 8; j++) {
            FloatVector a0 = Vectors.broadcast(0f);
            FloatVector a1 = a0;
            FloatVector b0 = a0;
            FloatVector b1 = a0;
            FloatVector c0 = a0;
            FloatVector c1 = a0;
            FloatVector d0 = a0;
            FloatVector d1 = a0;
            for (int i = j; i < headDim; i += 16) {
                FloatVector k0 = FloatVector.fromArray(Vectors.EIGHT, transposed, i * pageSize + t);
                FloatVector k1 = FloatVector.fromArray(Vectors.EIGHT, transposed, i * pageSize + t + 8);
                FloatVector qa = Vectors.broadcast(queries[a + i]);
                FloatVector qb = Vectors.broadcast(queries[b + i]);
                a0 = qa.fma(k0, a0);
                a1 = qa.fma(k1, a1);
                b0 = qb.fma(k0, b0);
                b1 = qb.fma(k1, b1);
                k0 = FloatVector.fromArray(Vectors.EIGHT, transposed, (i + 8) * pageSize + t);
                k1 = FloatVector.fromArray(Vectors.EIGHT, transposed, (i + 8) * pageSize + t + 8);
                qa = Vectors.broadcast(queries[a + i + 8]);
                qb = Vectors.broadcast(queries[b + i + 8]);
                c0 = qa.fma(k0, c0);
                c1 = qa.fma(k1, c1);
                d0 = qb.fma(k0, d0);
                d1 = qb.fma(k1, d1);
            }
            a0.add(c0).intoArray(partial, j * 32);
            a1.add(c1).intoArray(partial, j * 32 + 8);
            b0.add(d0).intoArray(partial, j * 32 + 16);
            b1.add(d1).intoArray(partial, j * 32 + 24);
        }
    }

    /** The rest of the tree, for sixteen slots of one query. */
    private void sumLanes(int from, int to) {
        for (int t = 0; t < 16; t += 8) {
            FloatVector even = part(from + t, 0).add(part(from + t, 2));
            FloatVector odd = part(from + t, 1).add(part(from + t, 3));
            even.add(odd).mul(scale).intoArray(scores, to + t);
        }
    }

    private FloatVector part(int at, int j) {
        FloatVector first = FloatVector.fromArray(Vectors.EIGHT, partial, at + j * 32);
        return first.add(FloatVector.fromArray(Vectors.EIGHT, partial, at + (j + 4) * 32));
    }

    /** Scores of slots that a query does not see become −∞. */
    private void hide(int query) {
        int row = query / group;
        int at = query * stride;
        Arrays.fill(scores, at, at + visibility.from(row), Float.NEGATIVE_INFINITY);
        Arrays.fill(scores, at + visibility.to(row), at + pageSize, Float.NEGATIVE_INFINITY);
    }

    // --- softmax and values

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
