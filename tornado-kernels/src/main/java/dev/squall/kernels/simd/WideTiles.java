package dev.squall.kernels.simd;

import static dev.squall.kernels.simd.Memory.ALL;
import static dev.squall.kernels.simd.Memory.FLOATS;
import static dev.squall.kernels.simd.Memory.ORDER;
import static dev.squall.kernels.simd.Tiles.ROW;
import static dev.squall.kernels.simd.Tiles.STRIDE;
import static dev.squall.kernels.simd.Tiles.SUM;

import jdk.incubator.vector.FloatVector;

/**
 * The tile of {@link Tiles} for vectors of sixteen: a vector is a whole sum, and sixteen sums keep two multipliers busy. The
 * additions and their order are the same. There would be registers for 24 sums, but the JVM's first compiler has no room for so
 * long a method, without which the second one never sees it.
 */
final class WideTiles {
    private WideTiles() {}

    /** 8 weights by 2 rows; the parameters are those of {@link Tiles#multiply}. */
    static void tile8x2(long w, long x, long xStride, long n, long acc) {
        long step = Memory.sixteen;
        FloatVector s00 = FloatVector.fromMemorySegment(FLOATS, ALL, acc, ORDER);
        FloatVector s01 = FloatVector.fromMemorySegment(FLOATS, ALL, acc + SUM, ORDER);
        FloatVector s02 = FloatVector.fromMemorySegment(FLOATS, ALL, acc + 2 * SUM, ORDER);
        FloatVector s03 = FloatVector.fromMemorySegment(FLOATS, ALL, acc + 3 * SUM, ORDER);
        FloatVector s04 = FloatVector.fromMemorySegment(FLOATS, ALL, acc + 4 * SUM, ORDER);
        FloatVector s05 = FloatVector.fromMemorySegment(FLOATS, ALL, acc + 5 * SUM, ORDER);
        FloatVector s06 = FloatVector.fromMemorySegment(FLOATS, ALL, acc + 6 * SUM, ORDER);
        FloatVector s07 = FloatVector.fromMemorySegment(FLOATS, ALL, acc + 7 * SUM, ORDER);
        FloatVector s10 = FloatVector.fromMemorySegment(FLOATS, ALL, acc + ROW, ORDER);
        FloatVector s11 = FloatVector.fromMemorySegment(FLOATS, ALL, acc + ROW + SUM, ORDER);
        FloatVector s12 = FloatVector.fromMemorySegment(FLOATS, ALL, acc + ROW + 2 * SUM, ORDER);
        FloatVector s13 = FloatVector.fromMemorySegment(FLOATS, ALL, acc + ROW + 3 * SUM, ORDER);
        FloatVector s14 = FloatVector.fromMemorySegment(FLOATS, ALL, acc + ROW + 4 * SUM, ORDER);
        FloatVector s15 = FloatVector.fromMemorySegment(FLOATS, ALL, acc + ROW + 5 * SUM, ORDER);
        FloatVector s16 = FloatVector.fromMemorySegment(FLOATS, ALL, acc + ROW + 6 * SUM, ORDER);
        FloatVector s17 = FloatVector.fromMemorySegment(FLOATS, ALL, acc + ROW + 7 * SUM, ORDER);
        long w0 = w;
        long w1 = w0 + STRIDE;
        long w2 = w1 + STRIDE;
        long w3 = w2 + STRIDE;
        long w4 = w3 + STRIDE;
        long w5 = w4 + STRIDE;
        long w6 = w5 + STRIDE;
        long w7 = w6 + STRIDE;
        long x0 = x;
        long x1 = x0 + xStride;
        for (long k = 0; k < n; k += step) {
            FloatVector u0 = FloatVector.fromMemorySegment(FLOATS, ALL, w0 + k, ORDER);
            FloatVector u1 = FloatVector.fromMemorySegment(FLOATS, ALL, w1 + k, ORDER);
            FloatVector u2 = FloatVector.fromMemorySegment(FLOATS, ALL, w2 + k, ORDER);
            FloatVector u3 = FloatVector.fromMemorySegment(FLOATS, ALL, w3 + k, ORDER);
            FloatVector u4 = FloatVector.fromMemorySegment(FLOATS, ALL, w4 + k, ORDER);
            FloatVector u5 = FloatVector.fromMemorySegment(FLOATS, ALL, w5 + k, ORDER);
            FloatVector u6 = FloatVector.fromMemorySegment(FLOATS, ALL, w6 + k, ORDER);
            FloatVector u7 = FloatVector.fromMemorySegment(FLOATS, ALL, w7 + k, ORDER);
            FloatVector v0 = FloatVector.fromMemorySegment(FLOATS, ALL, x0 + k, ORDER);
            s00 = u0.fma(v0, s00);
            s01 = u1.fma(v0, s01);
            s02 = u2.fma(v0, s02);
            s03 = u3.fma(v0, s03);
            s04 = u4.fma(v0, s04);
            s05 = u5.fma(v0, s05);
            s06 = u6.fma(v0, s06);
            s07 = u7.fma(v0, s07);
            FloatVector v1 = FloatVector.fromMemorySegment(FLOATS, ALL, x1 + k, ORDER);
            s10 = u0.fma(v1, s10);
            s11 = u1.fma(v1, s11);
            s12 = u2.fma(v1, s12);
            s13 = u3.fma(v1, s13);
            s14 = u4.fma(v1, s14);
            s15 = u5.fma(v1, s15);
            s16 = u6.fma(v1, s16);
            s17 = u7.fma(v1, s17);
        }
        s00.intoMemorySegment(ALL, acc, ORDER);
        s01.intoMemorySegment(ALL, acc + SUM, ORDER);
        s02.intoMemorySegment(ALL, acc + 2 * SUM, ORDER);
        s03.intoMemorySegment(ALL, acc + 3 * SUM, ORDER);
        s04.intoMemorySegment(ALL, acc + 4 * SUM, ORDER);
        s05.intoMemorySegment(ALL, acc + 5 * SUM, ORDER);
        s06.intoMemorySegment(ALL, acc + 6 * SUM, ORDER);
        s07.intoMemorySegment(ALL, acc + 7 * SUM, ORDER);
        s10.intoMemorySegment(ALL, acc + ROW, ORDER);
        s11.intoMemorySegment(ALL, acc + ROW + SUM, ORDER);
        s12.intoMemorySegment(ALL, acc + ROW + 2 * SUM, ORDER);
        s13.intoMemorySegment(ALL, acc + ROW + 3 * SUM, ORDER);
        s14.intoMemorySegment(ALL, acc + ROW + 4 * SUM, ORDER);
        s15.intoMemorySegment(ALL, acc + ROW + 5 * SUM, ORDER);
        s16.intoMemorySegment(ALL, acc + ROW + 6 * SUM, ORDER);
        s17.intoMemorySegment(ALL, acc + ROW + 7 * SUM, ORDER);
    }
}
