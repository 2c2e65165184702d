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
    private final float[] shrink; // [rows * group], factor of the pages before for each active query
    private final float[] share; // [rows * group], factor of this page, likewise
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
            add(row, active, i, Math.min(i + 1, last), Math.min(i + 2, last), last);
            i = last + 1;
        }
    }

    /** The same for four of them, some of which may be the same, and which see what the row sees. */
    private void add(int row, int[] active, int a, int b, int c, int d) {
        int from = visibility.from(row);
        long page = values.of(row) + 4L * headDim * from;
        int slots = visibility.to(row) - from;
        long pa = weights(active[a], from);
        long pb = weights(active[b], from);
        long pc = weights(active[c], from);
        long pd = weights(active[d], from);
        long sa = sums(active[a]);
        long sb = sums(active[b]);
        long sc = sums(active[c]);
        long sd = sums(active[d]);
        int i = 0;
        for (; Memory.WHOLE && i + WideValues.WIDTH <= headDim; i += WideValues.WIDTH) {
            long at = 4L * i;
            WideValues.add(
                    page + at,
                    4L * headDim,
                    slots,
                    pa,
                    pb,
                    pc,
                    pd,
                    sa + at,
                    sb + at,
                    sc + at,
                    sd + at,
                    shrink,
                    share,
                    a,
                    b,
                    c,
                    d);
        }
        for (; i + 2 * W <= headDim; i += 2 * W) {
            long at = 4L * i;
            addPair(page + at, slots, pa, pb, pc, pd, sa + at, sb + at, sc + at, sd + at, a, b, c, d);
        }
        if (i < headDim) {
            addRest(page, slots, pa, sa, i, a);
            if (b != a) {
                addRest(page, slots, pb, sb, i, b);
            }
            if (c != b) {
                addRest(page, slots, pc, sc, i, c);
            }
            if (d != c) {
                addRest(page, slots, pd, sd, i, d);
            }
        }
    }

    private void addRest(long page, int slots, long p, long s, int first, int query) {
        int i = first;
        for (; i + 8 <= headDim; i += 8) {
            addEight(page + 4L * i, slots, p, s + 4L * i, query);
        }
        for (; i < headDim; i++) {
            addOne(page + 4L * i, slots, p, s + 4L * i, query);
        }
    }

    private long weights(int query, int from) {
        return weights + 4L * (query * stride + from);
    }

    private long sums(int query) {
        return sums + 4L * query * headDim;
    }

    private void addPair(
            long v,
            int slots,
            long pa,
            long pb,
            long pc,
            long pd,
            long sa,
            long sb,
            long sc,
            long sd,
            int a,
            int b,
            int c,
            int d) {
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
        FloatVector factor = FloatVector.broadcast(WIDE, shrink[a]);
        FloatVector a2 = FloatVector.fromMemorySegment(WIDE, ALL, sa, ORDER).mul(factor);
        FloatVector a3 =
                FloatVector.fromMemorySegment(WIDE, ALL, sa + 4 * W, ORDER).mul(factor);
        factor = FloatVector.broadcast(WIDE, share[a]);
        a0 = a0.fma(factor, a2);
        a1 = a1.fma(factor, a3);
        factor = FloatVector.broadcast(WIDE, shrink[b]);
        FloatVector b2 = FloatVector.fromMemorySegment(WIDE, ALL, sb, ORDER).mul(factor);
        FloatVector b3 =
                FloatVector.fromMemorySegment(WIDE, ALL, sb + 4 * W, ORDER).mul(factor);
        factor = FloatVector.broadcast(WIDE, share[b]);
        b0 = b0.fma(factor, b2);
        b1 = b1.fma(factor, b3);
        factor = FloatVector.broadcast(WIDE, shrink[c]);
        FloatVector c2 = FloatVector.fromMemorySegment(WIDE, ALL, sc, ORDER).mul(factor);
        FloatVector c3 =
                FloatVector.fromMemorySegment(WIDE, ALL, sc + 4 * W, ORDER).mul(factor);
        factor = FloatVector.broadcast(WIDE, share[c]);
        c0 = c0.fma(factor, c2);
        c1 = c1.fma(factor, c3);
        factor = FloatVector.broadcast(WIDE, shrink[d]);
        FloatVector d2 = FloatVector.fromMemorySegment(WIDE, ALL, sd, ORDER).mul(factor);
        FloatVector d3 =
                FloatVector.fromMemorySegment(WIDE, ALL, sd + 4 * W, ORDER).mul(factor);
        factor = FloatVector.broadcast(WIDE, share[d]);
        d0 = d0.fma(factor, d2);
        d1 = d1.fma(factor, d3);
        a0.intoMemorySegment(ALL, sa, ORDER);
        a1.intoMemorySegment(ALL, sa + 4 * W, ORDER);
        b0.intoMemorySegment(ALL, sb, ORDER);
        b1.intoMemorySegment(ALL, sb + 4 * W, ORDER);
        c0.intoMemorySegment(ALL, sc, ORDER);
        c1.intoMemorySegment(ALL, sc + 4 * W, ORDER);
        d0.intoMemorySegment(ALL, sd, ORDER);
        d1.intoMemorySegment(ALL, sd + 4 * W, ORDER);
    }

    private void addEight(long v, int slots, long p, long s, int query) {
        FloatVector sum = FloatVector.zero(EIGHT);
        long step = Memory.sixteen / 16;
        for (long t = 0; t < 4L * slots; t += step) {
            sum = FloatVector.broadcast(EIGHT, ALL.get(FLOAT, p + t))
                    .fma(FloatVector.fromMemorySegment(EIGHT, ALL, v + t * headDim, ORDER), sum);
        }
        FloatVector before =
                FloatVector.fromMemorySegment(EIGHT, ALL, s, ORDER).mul(FloatVector.broadcast(EIGHT, shrink[query]));
        sum.fma(FloatVector.broadcast(EIGHT, share[query]), before).intoMemorySegment(ALL, s, ORDER);
    }

    private void addOne(long v, int slots, long p, long s, int query) {
        float sum = 0f;
        for (long t = 0; t < 4L * slots; t += 4) {
            sum = Math.fma(ALL.get(FLOAT, p + t), ALL.get(FLOAT, v + t * headDim), sum);
        }
        float before = ALL.get(FLOAT, s) * shrink[query];
        ALL.set(FLOAT, s, Math.fma(sum, share[query], before));
    }
}
