package dev.squall.kernels.simd;

import static dev.squall.kernels.simd.Memory.ALL;
import static dev.squall.kernels.simd.Memory.FLOATS;
import static dev.squall.kernels.simd.Memory.ORDER;
import static dev.squall.kernels.simd.Memory.S;

import jdk.incubator.vector.FloatVector;

/**
 * The inner loops of matrix products: a tile of weights by rows whose sums stay in registers.
 *
 * <p>The sixteen lanes of a sum never mix before its end, so a tile goes over its numbers once for every S lanes: with
 * vectors of eight, twelve sums, three inputs and a weight are just the sixteen registers of AVX2. Whatever the tile, number
 * i is added to lane i mod 16 in ascending order: a row's bits do not depend on the tile that it falls into. All arguments
 * are addresses or counts of bytes.
 */
final class Tiles {
    /** Weight rows of a panel. */
    static final int WEIGHTS = 8;

    /** Columns of a panel, which fits in the second cache: long enough to be read as a stream. */
    static final int COLUMNS = 2048;

    /**
     * Bytes from one weight row of a panel to the next: not a power of two, so that the rows do not share cache sets; constant,
     * so that a tile has one address for all of them and the processor's registers suffice.
     */
    static final long STRIDE = COLUMNS * Float.BYTES + 64;

    /** Bytes of the lanes of one sum, and of a row's eight. */
    static final int SUM = 64;

    static final int ROW = WEIGHTS * SUM;

    private Tiles() {}

    /**
     * acc += w · x for 8 weights and any number of rows.
     *
     * @param w [8, n], rows {@link #STRIDE} apart
     * @param x [rows, n], rows xStride apart
     * @param n bytes of a row, a multiple of 64
     * @param acc [rows, 8, 16], the lanes of every sum
     */
    static void multiply(long w, long x, long xStride, long n, long acc, int rows) {
        int row = 0;
        for (; Memory.WHOLE && row + 2 <= rows; row += 2) {
            WideTiles.tile8x2(w, x + row * xStride, xStride, n, acc + row * ROW);
        }
        for (; row + 3 <= rows; row += 3) {
            tile4x3(w, x + row * xStride, xStride, n, acc + row * ROW);
            tile4x3(w + 4 * STRIDE, x + row * xStride, xStride, n, acc + row * ROW + 4 * SUM);
        }
        if (row + 2 == rows) {
            tile4x2(w, x + row * xStride, xStride, n, acc + row * ROW);
            tile4x2(w + 4 * STRIDE, x + row * xStride, xStride, n, acc + row * ROW + 4 * SUM);
        } else if (row + 1 == rows) {
            tile8x1(w, x + row * xStride, n, acc + row * ROW);
        }
    }

    /** 4 weights by 3 rows; the parameters are those of {@link #multiply}. */
    private static void tile4x3(long w, long x, long xStride, long n, long acc) {
        long step = Memory.sixteen;
        for (int lanes = 0; lanes < SUM; lanes += S * Float.BYTES) {
            long a = acc + lanes;
            FloatVector s00 = FloatVector.fromMemorySegment(FLOATS, ALL, a, ORDER);
            FloatVector s01 = FloatVector.fromMemorySegment(FLOATS, ALL, a + SUM, ORDER);
            FloatVector s02 = FloatVector.fromMemorySegment(FLOATS, ALL, a + 2 * SUM, ORDER);
            FloatVector s03 = FloatVector.fromMemorySegment(FLOATS, ALL, a + 3 * SUM, ORDER);
            FloatVector s10 = FloatVector.fromMemorySegment(FLOATS, ALL, a + ROW, ORDER);
            FloatVector s11 = FloatVector.fromMemorySegment(FLOATS, ALL, a + ROW + SUM, ORDER);
            FloatVector s12 = FloatVector.fromMemorySegment(FLOATS, ALL, a + ROW + 2 * SUM, ORDER);
            FloatVector s13 = FloatVector.fromMemorySegment(FLOATS, ALL, a + ROW + 3 * SUM, ORDER);
            FloatVector s20 = FloatVector.fromMemorySegment(FLOATS, ALL, a + 2 * ROW, ORDER);
            FloatVector s21 = FloatVector.fromMemorySegment(FLOATS, ALL, a + 2 * ROW + SUM, ORDER);
            FloatVector s22 = FloatVector.fromMemorySegment(FLOATS, ALL, a + 2 * ROW + 2 * SUM, ORDER);
            FloatVector s23 = FloatVector.fromMemorySegment(FLOATS, ALL, a + 2 * ROW + 3 * SUM, ORDER);
            long w0 = w + lanes;
            long w1 = w0 + STRIDE;
            long w2 = w1 + STRIDE;
            long w3 = w2 + STRIDE;
            long x0 = x + lanes;
            long x1 = x0 + xStride;
            long x2 = x1 + xStride;
            for (long k = 0; k < n; k += step) {
                FloatVector v0 = FloatVector.fromMemorySegment(FLOATS, ALL, x0 + k, ORDER);
                FloatVector v1 = FloatVector.fromMemorySegment(FLOATS, ALL, x1 + k, ORDER);
                FloatVector v2 = FloatVector.fromMemorySegment(FLOATS, ALL, x2 + k, ORDER);
                FloatVector u0 = FloatVector.fromMemorySegment(FLOATS, ALL, w0 + k, ORDER);
                s00 = u0.fma(v0, s00);
                s10 = u0.fma(v1, s10);
                s20 = u0.fma(v2, s20);
                FloatVector u1 = FloatVector.fromMemorySegment(FLOATS, ALL, w1 + k, ORDER);
                s01 = u1.fma(v0, s01);
                s11 = u1.fma(v1, s11);
                s21 = u1.fma(v2, s21);
                FloatVector u2 = FloatVector.fromMemorySegment(FLOATS, ALL, w2 + k, ORDER);
                s02 = u2.fma(v0, s02);
                s12 = u2.fma(v1, s12);
                s22 = u2.fma(v2, s22);
                FloatVector u3 = FloatVector.fromMemorySegment(FLOATS, ALL, w3 + k, ORDER);
                s03 = u3.fma(v0, s03);
                s13 = u3.fma(v1, s13);
                s23 = u3.fma(v2, s23);
            }
            s00.intoMemorySegment(ALL, a, ORDER);
            s01.intoMemorySegment(ALL, a + SUM, ORDER);
            s02.intoMemorySegment(ALL, a + 2 * SUM, ORDER);
            s03.intoMemorySegment(ALL, a + 3 * SUM, ORDER);
            s10.intoMemorySegment(ALL, a + ROW, ORDER);
            s11.intoMemorySegment(ALL, a + ROW + SUM, ORDER);
            s12.intoMemorySegment(ALL, a + ROW + 2 * SUM, ORDER);
            s13.intoMemorySegment(ALL, a + ROW + 3 * SUM, ORDER);
            s20.intoMemorySegment(ALL, a + 2 * ROW, ORDER);
            s21.intoMemorySegment(ALL, a + 2 * ROW + SUM, ORDER);
            s22.intoMemorySegment(ALL, a + 2 * ROW + 2 * SUM, ORDER);
            s23.intoMemorySegment(ALL, a + 2 * ROW + 3 * SUM, ORDER);
        }
    }

    /** 4 weights by 2 rows; the parameters are those of {@link #multiply}. */
    private static void tile4x2(long w, long x, long xStride, long n, long acc) {
        long step = Memory.sixteen;
        for (int lanes = 0; lanes < SUM; lanes += S * Float.BYTES) {
            long a = acc + lanes;
            FloatVector s00 = FloatVector.fromMemorySegment(FLOATS, ALL, a, ORDER);
            FloatVector s01 = FloatVector.fromMemorySegment(FLOATS, ALL, a + SUM, ORDER);
            FloatVector s02 = FloatVector.fromMemorySegment(FLOATS, ALL, a + 2 * SUM, ORDER);
            FloatVector s03 = FloatVector.fromMemorySegment(FLOATS, ALL, a + 3 * SUM, ORDER);
            FloatVector s10 = FloatVector.fromMemorySegment(FLOATS, ALL, a + ROW, ORDER);
            FloatVector s11 = FloatVector.fromMemorySegment(FLOATS, ALL, a + ROW + SUM, ORDER);
            FloatVector s12 = FloatVector.fromMemorySegment(FLOATS, ALL, a + ROW + 2 * SUM, ORDER);
            FloatVector s13 = FloatVector.fromMemorySegment(FLOATS, ALL, a + ROW + 3 * SUM, ORDER);
            long w0 = w + lanes;
            long w1 = w0 + STRIDE;
            long w2 = w1 + STRIDE;
            long w3 = w2 + STRIDE;
            long x0 = x + lanes;
            long x1 = x0 + xStride;
            for (long k = 0; k < n; k += step) {
                FloatVector v0 = FloatVector.fromMemorySegment(FLOATS, ALL, x0 + k, ORDER);
                FloatVector v1 = FloatVector.fromMemorySegment(FLOATS, ALL, x1 + k, ORDER);
                FloatVector u0 = FloatVector.fromMemorySegment(FLOATS, ALL, w0 + k, ORDER);
                s00 = u0.fma(v0, s00);
                s10 = u0.fma(v1, s10);
                FloatVector u1 = FloatVector.fromMemorySegment(FLOATS, ALL, w1 + k, ORDER);
                s01 = u1.fma(v0, s01);
                s11 = u1.fma(v1, s11);
                FloatVector u2 = FloatVector.fromMemorySegment(FLOATS, ALL, w2 + k, ORDER);
                s02 = u2.fma(v0, s02);
                s12 = u2.fma(v1, s12);
                FloatVector u3 = FloatVector.fromMemorySegment(FLOATS, ALL, w3 + k, ORDER);
                s03 = u3.fma(v0, s03);
                s13 = u3.fma(v1, s13);
            }
            s00.intoMemorySegment(ALL, a, ORDER);
            s01.intoMemorySegment(ALL, a + SUM, ORDER);
            s02.intoMemorySegment(ALL, a + 2 * SUM, ORDER);
            s03.intoMemorySegment(ALL, a + 3 * SUM, ORDER);
            s10.intoMemorySegment(ALL, a + ROW, ORDER);
            s11.intoMemorySegment(ALL, a + ROW + SUM, ORDER);
            s12.intoMemorySegment(ALL, a + ROW + 2 * SUM, ORDER);
            s13.intoMemorySegment(ALL, a + ROW + 3 * SUM, ORDER);
        }
    }

    /** 8 weights by 1 row; the parameters are those of {@link #multiply}. */
    private static void tile8x1(long w, long x, long n, long acc) {
        long step = Memory.sixteen;
        for (int lanes = 0; lanes < SUM; lanes += S * Float.BYTES) {
            long a = acc + lanes;
            FloatVector s00 = FloatVector.fromMemorySegment(FLOATS, ALL, a, ORDER);
            FloatVector s01 = FloatVector.fromMemorySegment(FLOATS, ALL, a + SUM, ORDER);
            FloatVector s02 = FloatVector.fromMemorySegment(FLOATS, ALL, a + 2 * SUM, ORDER);
            FloatVector s03 = FloatVector.fromMemorySegment(FLOATS, ALL, a + 3 * SUM, ORDER);
            FloatVector s04 = FloatVector.fromMemorySegment(FLOATS, ALL, a + 4 * SUM, ORDER);
            FloatVector s05 = FloatVector.fromMemorySegment(FLOATS, ALL, a + 5 * SUM, ORDER);
            FloatVector s06 = FloatVector.fromMemorySegment(FLOATS, ALL, a + 6 * SUM, ORDER);
            FloatVector s07 = FloatVector.fromMemorySegment(FLOATS, ALL, a + 7 * SUM, ORDER);
            long w0 = w + lanes;
            long w1 = w0 + STRIDE;
            long w2 = w1 + STRIDE;
            long w3 = w2 + STRIDE;
            long w4 = w3 + STRIDE;
            long w5 = w4 + STRIDE;
            long w6 = w5 + STRIDE;
            long w7 = w6 + STRIDE;
            long x0 = x + lanes;
            for (long k = 0; k < n; k += step) {
                FloatVector v0 = FloatVector.fromMemorySegment(FLOATS, ALL, x0 + k, ORDER);
                FloatVector u0 = FloatVector.fromMemorySegment(FLOATS, ALL, w0 + k, ORDER);
                s00 = u0.fma(v0, s00);
                FloatVector u1 = FloatVector.fromMemorySegment(FLOATS, ALL, w1 + k, ORDER);
                s01 = u1.fma(v0, s01);
                FloatVector u2 = FloatVector.fromMemorySegment(FLOATS, ALL, w2 + k, ORDER);
                s02 = u2.fma(v0, s02);
                FloatVector u3 = FloatVector.fromMemorySegment(FLOATS, ALL, w3 + k, ORDER);
                s03 = u3.fma(v0, s03);
                FloatVector u4 = FloatVector.fromMemorySegment(FLOATS, ALL, w4 + k, ORDER);
                s04 = u4.fma(v0, s04);
                FloatVector u5 = FloatVector.fromMemorySegment(FLOATS, ALL, w5 + k, ORDER);
                s05 = u5.fma(v0, s05);
                FloatVector u6 = FloatVector.fromMemorySegment(FLOATS, ALL, w6 + k, ORDER);
                s06 = u6.fma(v0, s06);
                FloatVector u7 = FloatVector.fromMemorySegment(FLOATS, ALL, w7 + k, ORDER);
                s07 = u7.fma(v0, s07);
            }
            s00.intoMemorySegment(ALL, a, ORDER);
            s01.intoMemorySegment(ALL, a + SUM, ORDER);
            s02.intoMemorySegment(ALL, a + 2 * SUM, ORDER);
            s03.intoMemorySegment(ALL, a + 3 * SUM, ORDER);
            s04.intoMemorySegment(ALL, a + 4 * SUM, ORDER);
            s05.intoMemorySegment(ALL, a + 5 * SUM, ORDER);
            s06.intoMemorySegment(ALL, a + 6 * SUM, ORDER);
            s07.intoMemorySegment(ALL, a + 7 * SUM, ORDER);
        }
    }
}
