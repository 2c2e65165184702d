package dev.squall.kernels.simd;

import static dev.squall.kernels.simd.Memory.ALL;
import static dev.squall.kernels.simd.Memory.FLOAT;
import static dev.squall.kernels.simd.Memory.ORDER;
import static dev.squall.kernels.simd.Vectors.EIGHT;
import static dev.squall.kernels.simd.Vectors.W;
import static dev.squall.kernels.simd.Vectors.WIDE;

import jdk.incubator.vector.FloatVector;

/**
 * The current page's values, weighted and summed for every query: slots in ascending order, vectors along headDim; and their
 * combination with those of the pages before.
 *
 * <p>Four queries that see the same slots by two vectors of values are eight sums, which stay in registers.
 */
final class PageValues {
    private final Visibility visibility;
    private final CachePage values;
    private final long weights; // [rows, group, stride]
    private final long sums; // [rows, group, headDim], of all pages so far
    private final float[] shrink; // [rows, group], factor of the pages before
    private final float[] share; // [rows, group], factor of this page
    private final int group;
    private final int headDim;
    private final int stride;

    PageValues(
            Visibility visibility,
            CachePage values,
            long weights,
            long sums,
            float[] shrink,
            float[] share,
            int group,
            int headDim,
            int stride) {
        this.visibility = visibility;
        this.values = values;
        this.weights = weights;
        this.sums = sums;
        this.shrink = shrink;
        this.share = share;
        this.group = group;
        this.headDim = headDim;
        this.stride = stride;
    }

    /** sums = sums · shrink + page · share, for the queries active[0, count), which see the page. */
    void add(int[] active, int count) {
        for (int i = 0; i < count; ) {
            int row = active[i] / group;
            int last = i;
            while (last + 1 < Math.min(count, i + 4) && visibility.same(row, active[last + 1] / group)) {
                last++;
            }
            add(row, active[i], active[Math.min(i + 1, last)], active[Math.min(i + 2, last)], active[last]);
            i = last + 1;
        }
    }

    private void add(int row, int a, int b, int c, int d) {
        int from = visibility.from(row);
        long page = values.of(row) + 4L * headDim * from;
        int slots = visibility.to(row) - from;
        int i = 0;
        for (; i + 2 * W <= headDim; i += 2 * W) {
            addPair(
                    page + 4 * i,
                    weights(a, from),
                    weights(b, from),
                    weights(c, from),
                    weights(d, from),
                    slots,
                    i,
                    a,
                    b,
                    c,
                    d);
        }
        if (i < headDim) {
            addRest(page, from, slots, i, a);
            if (b != a) {
                addRest(page, from, slots, i, b);
            }
            if (c != b) {
                addRest(page, from, slots, i, c);
            }
            if (d != c) {
                addRest(page, from, slots, i, d);
            }
        }
    }

    private void addRest(long page, int from, int slots, int first, int query) {
        int i = first;
        for (; i + 8 <= headDim; i += 8) {
            addEight(page + 4 * i, weights(query, from), slots, query, i);
        }
        for (; i < headDim; i++) {
            addOne(page + 4 * i, weights(query, from), slots, query, i);
        }
    }

    private long weights(int query, int from) {
        return weights + 4L * (query * stride + from);
    }

    private long sum(int query, int i) {
        return sums + 4L * (query * headDim + i);
    }

    private void addPair(long v, long pa, long pb, long pc, long pd, int slots, int i, int a, int b, int c, int d) {
        FloatVector a0 = FloatVector.zero(WIDE);
        FloatVector a1 = FloatVector.zero(WIDE);
        FloatVector b0 = FloatVector.zero(WIDE);
        FloatVector b1 = FloatVector.zero(WIDE);
        FloatVector c0 = FloatVector.zero(WIDE);
        FloatVector c1 = FloatVector.zero(WIDE);
        FloatVector d0 = FloatVector.zero(WIDE);
        FloatVector d1 = FloatVector.zero(WIDE);
        long step = Memory.sixteen / 16;
        for (long t = 0; t < 4L * slots; t += step) {
            FloatVector v0 = FloatVector.fromMemorySegment(WIDE, ALL, v + t * headDim, ORDER);
            FloatVector v1 = FloatVector.fromMemorySegment(WIDE, ALL, v + t * headDim + 4 * W, ORDER);
            FloatVector p = FloatVector.broadcast(WIDE, ALL.get(FLOAT, pa + t));
            a0 = p.fma(v0, a0);
            a1 = p.fma(v1, a1);
            p = FloatVector.broadcast(WIDE, ALL.get(FLOAT, pb + t));
            b0 = p.fma(v0, b0);
            b1 = p.fma(v1, b1);
            p = FloatVector.broadcast(WIDE, ALL.get(FLOAT, pc + t));
            c0 = p.fma(v0, c0);
            c1 = p.fma(v1, c1);
            p = FloatVector.broadcast(WIDE, ALL.get(FLOAT, pd + t));
            d0 = p.fma(v0, d0);
            d1 = p.fma(v1, d1);
        }
        // All is read before anything is written: two queries may be the same.
        long atA = sum(a, i);
        FloatVector factor = FloatVector.broadcast(WIDE, shrink[a]);
        FloatVector a2 = FloatVector.fromMemorySegment(WIDE, ALL, atA, ORDER).mul(factor);
        FloatVector a3 =
                FloatVector.fromMemorySegment(WIDE, ALL, atA + 4 * W, ORDER).mul(factor);
        factor = FloatVector.broadcast(WIDE, share[a]);
        a0 = a0.fma(factor, a2);
        a1 = a1.fma(factor, a3);
        long atB = sum(b, i);
        factor = FloatVector.broadcast(WIDE, shrink[b]);
        FloatVector b2 = FloatVector.fromMemorySegment(WIDE, ALL, atB, ORDER).mul(factor);
        FloatVector b3 =
                FloatVector.fromMemorySegment(WIDE, ALL, atB + 4 * W, ORDER).mul(factor);
        factor = FloatVector.broadcast(WIDE, share[b]);
        b0 = b0.fma(factor, b2);
        b1 = b1.fma(factor, b3);
        long atC = sum(c, i);
        factor = FloatVector.broadcast(WIDE, shrink[c]);
        FloatVector c2 = FloatVector.fromMemorySegment(WIDE, ALL, atC, ORDER).mul(factor);
        FloatVector c3 =
                FloatVector.fromMemorySegment(WIDE, ALL, atC + 4 * W, ORDER).mul(factor);
        factor = FloatVector.broadcast(WIDE, share[c]);
        c0 = c0.fma(factor, c2);
        c1 = c1.fma(factor, c3);
        long atD = sum(d, i);
        factor = FloatVector.broadcast(WIDE, shrink[d]);
        FloatVector d2 = FloatVector.fromMemorySegment(WIDE, ALL, atD, ORDER).mul(factor);
        FloatVector d3 =
                FloatVector.fromMemorySegment(WIDE, ALL, atD + 4 * W, ORDER).mul(factor);
        factor = FloatVector.broadcast(WIDE, share[d]);
        d0 = d0.fma(factor, d2);
        d1 = d1.fma(factor, d3);
        a0.intoMemorySegment(ALL, atA, ORDER);
        a1.intoMemorySegment(ALL, atA + 4 * W, ORDER);
        b0.intoMemorySegment(ALL, atB, ORDER);
        b1.intoMemorySegment(ALL, atB + 4 * W, ORDER);
        c0.intoMemorySegment(ALL, atC, ORDER);
        c1.intoMemorySegment(ALL, atC + 4 * W, ORDER);
        d0.intoMemorySegment(ALL, atD, ORDER);
        d1.intoMemorySegment(ALL, atD + 4 * W, ORDER);
    }

    private void addEight(long v, long p, int slots, int query, int i) {
        FloatVector sum = FloatVector.zero(EIGHT);
        long step = Memory.sixteen / 16;
        for (long t = 0; t < 4L * slots; t += step) {
            sum = FloatVector.broadcast(EIGHT, ALL.get(FLOAT, p + t))
                    .fma(FloatVector.fromMemorySegment(EIGHT, ALL, v + t * headDim, ORDER), sum);
        }
        FloatVector before = FloatVector.fromMemorySegment(EIGHT, ALL, sum(query, i), ORDER)
                .mul(FloatVector.broadcast(EIGHT, shrink[query]));
        sum.fma(FloatVector.broadcast(EIGHT, share[query]), before).intoMemorySegment(ALL, sum(query, i), ORDER);
    }

    private void addOne(long v, long p, int slots, int query, int i) {
        float sum = 0f;
        for (long t = 0; t < 4L * slots; t += 4) {
            sum = Math.fma(ALL.get(FLOAT, p + t), ALL.get(FLOAT, v + t * headDim), sum);
        }
        float before = ALL.get(FLOAT, sum(query, i)) * shrink[query];
        ALL.set(FLOAT, sum(query, i), Math.fma(sum, share[query], before));
    }
}
