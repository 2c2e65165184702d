package dev.squall.kernels.simd;

import static dev.squall.kernels.simd.Memory.ALL;
import static dev.squall.kernels.simd.Memory.FLOAT;
import static dev.squall.kernels.simd.Memory.FLOATS;
import static dev.squall.kernels.simd.Memory.ORDER;

import dev.squall.kernels.Lanes;
import jdk.incubator.vector.FloatVector;

/**
 * The tile of {@link PageValues} for machines whose vectors have sixteen floats ({@link Memory#WHOLE}), and registers for sixteen sums beside what
 * they are made of: four queries by four vectors of values.
 */
final class WideValues {
    /** Elements of values that a tile takes. */
    static final int WIDTH = 4 * Lanes.COUNT;

    private WideValues() {}

    /**
     * s = s · shrink + Σ weight · value · share, for four queries, some of which may be the same.
     *
     * @param v the first slot's value, from the tile's first element on
     * @param apart bytes from one value to the next
     * @param slots number of values
     * @param pa a query's weights, a float for each slot
     * @param sa its sums, from the tile's first element on
     * @param shrink factors of the pages before, of which a query has number a
     * @param share factors of this page, likewise
     */
    static void add(
            long v,
            long apart,
            int slots,
            long pa,
            long pb,
            long pc,
            long pd,
            long sa,
            long sb,
            long sc,
            long sd,
            float[] shrink,
            float[] share,
            int a,
            int b,
            int c,
            int d) {
        FloatVector a0 = FloatVector.zero(FLOATS);
        FloatVector a1 = FloatVector.zero(FLOATS);
        FloatVector a2 = FloatVector.zero(FLOATS);
        FloatVector a3 = FloatVector.zero(FLOATS);
        FloatVector b0 = FloatVector.zero(FLOATS);
        FloatVector b1 = FloatVector.zero(FLOATS);
        FloatVector b2 = FloatVector.zero(FLOATS);
        FloatVector b3 = FloatVector.zero(FLOATS);
        FloatVector c0 = FloatVector.zero(FLOATS);
        FloatVector c1 = FloatVector.zero(FLOATS);
        FloatVector c2 = FloatVector.zero(FLOATS);
        FloatVector c3 = FloatVector.zero(FLOATS);
        FloatVector d0 = FloatVector.zero(FLOATS);
        FloatVector d1 = FloatVector.zero(FLOATS);
        FloatVector d2 = FloatVector.zero(FLOATS);
        FloatVector d3 = FloatVector.zero(FLOATS);
        long step = Memory.sixteen / 16;
        for (long t = 0; t < 4L * slots; t += step, v += apart) {
            FloatVector v0 = FloatVector.fromMemorySegment(FLOATS, ALL, v, ORDER);
            FloatVector v1 = FloatVector.fromMemorySegment(FLOATS, ALL, v + 64, ORDER);
            FloatVector v2 = FloatVector.fromMemorySegment(FLOATS, ALL, v + 128, ORDER);
            FloatVector v3 = FloatVector.fromMemorySegment(FLOATS, ALL, v + 192, ORDER);
            FloatVector p = FloatVector.broadcast(FLOATS, ALL.get(FLOAT, pa + t));
            a0 = p.fma(v0, a0);
            a1 = p.fma(v1, a1);
            a2 = p.fma(v2, a2);
            a3 = p.fma(v3, a3);
            p = FloatVector.broadcast(FLOATS, ALL.get(FLOAT, pb + t));
            b0 = p.fma(v0, b0);
            b1 = p.fma(v1, b1);
            b2 = p.fma(v2, b2);
            b3 = p.fma(v3, b3);
            p = FloatVector.broadcast(FLOATS, ALL.get(FLOAT, pc + t));
            c0 = p.fma(v0, c0);
            c1 = p.fma(v1, c1);
            c2 = p.fma(v2, c2);
            c3 = p.fma(v3, c3);
            p = FloatVector.broadcast(FLOATS, ALL.get(FLOAT, pd + t));
            d0 = p.fma(v0, d0);
            d1 = p.fma(v1, d1);
            d2 = p.fma(v2, d2);
            d3 = p.fma(v3, d3);
        }
        // All is read before anything is written: two queries may be the same.
        FloatVector before = FloatVector.broadcast(FLOATS, shrink[a]);
        FloatVector now = FloatVector.broadcast(FLOATS, share[a]);
        a0 = a0.fma(now, FloatVector.fromMemorySegment(FLOATS, ALL, sa, ORDER).mul(before));
        a1 = a1.fma(
                now, FloatVector.fromMemorySegment(FLOATS, ALL, sa + 64, ORDER).mul(before));
        a2 = a2.fma(
                now, FloatVector.fromMemorySegment(FLOATS, ALL, sa + 128, ORDER).mul(before));
        a3 = a3.fma(
                now, FloatVector.fromMemorySegment(FLOATS, ALL, sa + 192, ORDER).mul(before));
        before = FloatVector.broadcast(FLOATS, shrink[b]);
        now = FloatVector.broadcast(FLOATS, share[b]);
        b0 = b0.fma(now, FloatVector.fromMemorySegment(FLOATS, ALL, sb, ORDER).mul(before));
        b1 = b1.fma(
                now, FloatVector.fromMemorySegment(FLOATS, ALL, sb + 64, ORDER).mul(before));
        b2 = b2.fma(
                now, FloatVector.fromMemorySegment(FLOATS, ALL, sb + 128, ORDER).mul(before));
        b3 = b3.fma(
                now, FloatVector.fromMemorySegment(FLOATS, ALL, sb + 192, ORDER).mul(before));
        before = FloatVector.broadcast(FLOATS, shrink[c]);
        now = FloatVector.broadcast(FLOATS, share[c]);
        c0 = c0.fma(now, FloatVector.fromMemorySegment(FLOATS, ALL, sc, ORDER).mul(before));
        c1 = c1.fma(
                now, FloatVector.fromMemorySegment(FLOATS, ALL, sc + 64, ORDER).mul(before));
        c2 = c2.fma(
                now, FloatVector.fromMemorySegment(FLOATS, ALL, sc + 128, ORDER).mul(before));
        c3 = c3.fma(
                now, FloatVector.fromMemorySegment(FLOATS, ALL, sc + 192, ORDER).mul(before));
        before = FloatVector.broadcast(FLOATS, shrink[d]);
        now = FloatVector.broadcast(FLOATS, share[d]);
        d0 = d0.fma(now, FloatVector.fromMemorySegment(FLOATS, ALL, sd, ORDER).mul(before));
        d1 = d1.fma(
                now, FloatVector.fromMemorySegment(FLOATS, ALL, sd + 64, ORDER).mul(before));
        d2 = d2.fma(
                now, FloatVector.fromMemorySegment(FLOATS, ALL, sd + 128, ORDER).mul(before));
        d3 = d3.fma(
                now, FloatVector.fromMemorySegment(FLOATS, ALL, sd + 192, ORDER).mul(before));
        a0.intoMemorySegment(ALL, sa, ORDER);
        a1.intoMemorySegment(ALL, sa + 64, ORDER);
        a2.intoMemorySegment(ALL, sa + 128, ORDER);
        a3.intoMemorySegment(ALL, sa + 192, ORDER);
        b0.intoMemorySegment(ALL, sb, ORDER);
        b1.intoMemorySegment(ALL, sb + 64, ORDER);
        b2.intoMemorySegment(ALL, sb + 128, ORDER);
        b3.intoMemorySegment(ALL, sb + 192, ORDER);
        c0.intoMemorySegment(ALL, sc, ORDER);
        c1.intoMemorySegment(ALL, sc + 64, ORDER);
        c2.intoMemorySegment(ALL, sc + 128, ORDER);
        c3.intoMemorySegment(ALL, sc + 192, ORDER);
        d0.intoMemorySegment(ALL, sd, ORDER);
        d1.intoMemorySegment(ALL, sd + 64, ORDER);
        d2.intoMemorySegment(ALL, sd + 128, ORDER);
        d3.intoMemorySegment(ALL, sd + 192, ORDER);
    }
}
