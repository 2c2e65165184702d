package dev.squall.kernels.simd;

import static dev.squall.kernels.simd.Memory.ALL;
import static dev.squall.kernels.simd.Memory.FLOAT;
import static dev.squall.kernels.simd.Memory.ORDER;
import static dev.squall.kernels.simd.Vectors.EIGHT;
import static dev.squall.kernels.simd.Vectors.W;
import static dev.squall.kernels.simd.Vectors.WIDE;

import jdk.incubator.vector.FloatVector;

/**
 * The current page's values, weighted and summed for every query: slots in ascending order, vectors along headDim.
 *
 * <p>Four queries that see the same slots by two vectors of values are eight sums, which stay in registers.
 */
final class PageValues {
    private final Visibility visibility;
    private final CachePage values;
    private final long weights; // [rows, group, stride]
    private final long sums; // [rows, group, headDim]
    private final int group;
    private final int headDim;
    private final int stride;

    PageValues(Visibility visibility, CachePage values, long weights, long sums, int group, int headDim, int stride) {
        this.visibility = visibility;
        this.values = values;
        this.weights = weights;
        this.sums = sums;
        this.group = group;
        this.headDim = headDim;
        this.stride = stride;
    }

    /** For the queries active[0, count), which see the page. */
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
        for (int query : new int[] {a, b, c, d}) {
            int k = i;
            for (; k + 8 <= headDim; k += 8) {
                addEight(page + 4 * k, weights(query, from), slots, sum(query, k));
            }
            for (; k < headDim; k++) {
                addOne(page + 4 * k, weights(query, from), slots, sum(query, k));
            }
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
        a0.intoMemorySegment(ALL, sum(a, i), ORDER);
        a1.intoMemorySegment(ALL, sum(a, i + W), ORDER);
        b0.intoMemorySegment(ALL, sum(b, i), ORDER);
        b1.intoMemorySegment(ALL, sum(b, i + W), ORDER);
        c0.intoMemorySegment(ALL, sum(c, i), ORDER);
        c1.intoMemorySegment(ALL, sum(c, i + W), ORDER);
        d0.intoMemorySegment(ALL, sum(d, i), ORDER);
        d1.intoMemorySegment(ALL, sum(d, i + W), ORDER);
    }

    private void addEight(long v, long p, int slots, long to) {
        FloatVector sum = FloatVector.zero(EIGHT);
        long step = Memory.sixteen / 16;
        for (long t = 0; t < 4L * slots; t += step) {
            sum = FloatVector.broadcast(EIGHT, ALL.get(FLOAT, p + t))
                    .fma(FloatVector.fromMemorySegment(EIGHT, ALL, v + t * headDim, ORDER), sum);
        }
        sum.intoMemorySegment(ALL, to, ORDER);
    }

    private void addOne(long v, long p, int slots, long to) {
        float sum = 0f;
        for (long t = 0; t < 4L * slots; t += 4) {
            sum = Math.fma(ALL.get(FLOAT, p + t), ALL.get(FLOAT, v + t * headDim), sum);
        }
        ALL.set(FLOAT, to, sum);
    }
}
