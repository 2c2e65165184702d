package dev.squall.kernels.simd;

import static dev.squall.kernels.simd.WeightRows.FLOATS;
import static dev.squall.kernels.simd.WeightRows.S;

import dev.squall.kernels.Lanes;
import jdk.incubator.vector.FloatVector;

/**
 * The inner loops of matrix products: a tile of weights by rows whose sums stay in registers.
 *
 * <p>The sixteen lanes of a sum never mix before its end, so a tile goes over its numbers once for every S lanes: with
 * vectors of eight that leaves room for twelve sums in sixteen registers. Whatever the tile, element i is added to lane i mod
 * 16 in ascending order: a row's bits do not depend on the tile that it falls into.
 */
final class Tiles {
    /** Weight rows of a panel. */
    static final int WEIGHTS = 8;

    private Tiles() {}

    /**
     * acc += w · x over n numbers, for 8 weights and any number of rows.
     *
     * @param w [8, wStride], numbers from 0 on
     * @param x [.., xStride], rows from x0 on
     * @param n numbers, a multiple of 16
     * @param acc [rows, 8, 16], the lanes of every sum
     */
    static void multiply(float[] w, int wStride, float[] x, int x0, int xStride, int n, float[] acc, int rows) {
        int row = 0;
        for (; row + 3 <= rows; row += 3) {
            int at = x0 + row * xStride;
            int sums = row * WEIGHTS * Lanes.COUNT;
            tile4x3(w, 0, wStride, x, at, xStride, n, acc, sums);
            tile4x3(w, 4 * wStride, wStride, x, at, xStride, n, acc, sums + 4 * Lanes.COUNT);
        }
        int at = x0 + row * xStride;
        int sums = row * WEIGHTS * Lanes.COUNT;
        if (row + 2 == rows) {
            tile4x2(w, 0, wStride, x, at, xStride, n, acc, sums);
            tile4x2(w, 4 * wStride, wStride, x, at, xStride, n, acc, sums + 4 * Lanes.COUNT);
        } else if (row + 1 == rows) {
            tile8x1(w, 0, wStride, x, at, xStride, n, acc, sums);
        }
    }

    /** 4 weights by 3 rows; the parameters are those of {@link #multiply}. */
    private static void tile4x3(
            float[] w, int w0, int wStride, float[] x, int x0, int xStride, int n, float[] acc, int a0) {
        for (int lane = 0; lane < Lanes.COUNT; lane += S) {
            FloatVector s00 = FloatVector.fromArray(FLOATS, acc, a0 + lane);
            FloatVector s01 = FloatVector.fromArray(FLOATS, acc, a0 + lane + 16);
            FloatVector s02 = FloatVector.fromArray(FLOATS, acc, a0 + lane + 32);
            FloatVector s03 = FloatVector.fromArray(FLOATS, acc, a0 + lane + 48);
            FloatVector s10 = FloatVector.fromArray(FLOATS, acc, a0 + lane + 128);
            FloatVector s11 = FloatVector.fromArray(FLOATS, acc, a0 + lane + 144);
            FloatVector s12 = FloatVector.fromArray(FLOATS, acc, a0 + lane + 160);
            FloatVector s13 = FloatVector.fromArray(FLOATS, acc, a0 + lane + 176);
            FloatVector s20 = FloatVector.fromArray(FLOATS, acc, a0 + lane + 256);
            FloatVector s21 = FloatVector.fromArray(FLOATS, acc, a0 + lane + 272);
            FloatVector s22 = FloatVector.fromArray(FLOATS, acc, a0 + lane + 288);
            FloatVector s23 = FloatVector.fromArray(FLOATS, acc, a0 + lane + 304);
            int w1 = w0 + lane;
            int w2 = w0 + lane + wStride;
            int w3 = w0 + lane + 2 * wStride;
            int w4 = w0 + lane + 3 * wStride;
            int x1 = x0 + lane;
            int x2 = x0 + lane + xStride;
            int x3 = x0 + lane + 2 * xStride;
            for (int k = 0; k < n; k += Lanes.COUNT) {
                FloatVector v0 = FloatVector.fromArray(FLOATS, x, x1 + k);
                FloatVector v1 = FloatVector.fromArray(FLOATS, x, x2 + k);
                FloatVector v2 = FloatVector.fromArray(FLOATS, x, x3 + k);
                FloatVector u0 = FloatVector.fromArray(FLOATS, w, w1 + k);
                s00 = u0.fma(v0, s00);
                s10 = u0.fma(v1, s10);
                s20 = u0.fma(v2, s20);
                FloatVector u1 = FloatVector.fromArray(FLOATS, w, w2 + k);
                s01 = u1.fma(v0, s01);
                s11 = u1.fma(v1, s11);
                s21 = u1.fma(v2, s21);
                FloatVector u2 = FloatVector.fromArray(FLOATS, w, w3 + k);
                s02 = u2.fma(v0, s02);
                s12 = u2.fma(v1, s12);
                s22 = u2.fma(v2, s22);
                FloatVector u3 = FloatVector.fromArray(FLOATS, w, w4 + k);
                s03 = u3.fma(v0, s03);
                s13 = u3.fma(v1, s13);
                s23 = u3.fma(v2, s23);
            }
            s00.intoArray(acc, a0 + lane);
            s01.intoArray(acc, a0 + lane + 16);
            s02.intoArray(acc, a0 + lane + 32);
            s03.intoArray(acc, a0 + lane + 48);
            s10.intoArray(acc, a0 + lane + 128);
            s11.intoArray(acc, a0 + lane + 144);
            s12.intoArray(acc, a0 + lane + 160);
            s13.intoArray(acc, a0 + lane + 176);
            s20.intoArray(acc, a0 + lane + 256);
            s21.intoArray(acc, a0 + lane + 272);
            s22.intoArray(acc, a0 + lane + 288);
            s23.intoArray(acc, a0 + lane + 304);
        }
    }

    /** 4 weights by 2 rows; the parameters are those of {@link #multiply}. */
    private static void tile4x2(
            float[] w, int w0, int wStride, float[] x, int x0, int xStride, int n, float[] acc, int a0) {
        for (int lane = 0; lane < Lanes.COUNT; lane += S) {
            FloatVector s00 = FloatVector.fromArray(FLOATS, acc, a0 + lane);
            FloatVector s01 = FloatVector.fromArray(FLOATS, acc, a0 + lane + 16);
            FloatVector s02 = FloatVector.fromArray(FLOATS, acc, a0 + lane + 32);
            FloatVector s03 = FloatVector.fromArray(FLOATS, acc, a0 + lane + 48);
            FloatVector s10 = FloatVector.fromArray(FLOATS, acc, a0 + lane + 128);
            FloatVector s11 = FloatVector.fromArray(FLOATS, acc, a0 + lane + 144);
            FloatVector s12 = FloatVector.fromArray(FLOATS, acc, a0 + lane + 160);
            FloatVector s13 = FloatVector.fromArray(FLOATS, acc, a0 + lane + 176);
            int w1 = w0 + lane;
            int w2 = w0 + lane + wStride;
            int w3 = w0 + lane + 2 * wStride;
            int w4 = w0 + lane + 3 * wStride;
            int x1 = x0 + lane;
            int x2 = x0 + lane + xStride;
            for (int k = 0; k < n; k += Lanes.COUNT) {
                FloatVector v0 = FloatVector.fromArray(FLOATS, x, x1 + k);
                FloatVector v1 = FloatVector.fromArray(FLOATS, x, x2 + k);
                FloatVector u0 = FloatVector.fromArray(FLOATS, w, w1 + k);
                s00 = u0.fma(v0, s00);
                s10 = u0.fma(v1, s10);
                FloatVector u1 = FloatVector.fromArray(FLOATS, w, w2 + k);
                s01 = u1.fma(v0, s01);
                s11 = u1.fma(v1, s11);
                FloatVector u2 = FloatVector.fromArray(FLOATS, w, w3 + k);
                s02 = u2.fma(v0, s02);
                s12 = u2.fma(v1, s12);
                FloatVector u3 = FloatVector.fromArray(FLOATS, w, w4 + k);
                s03 = u3.fma(v0, s03);
                s13 = u3.fma(v1, s13);
            }
            s00.intoArray(acc, a0 + lane);
            s01.intoArray(acc, a0 + lane + 16);
            s02.intoArray(acc, a0 + lane + 32);
            s03.intoArray(acc, a0 + lane + 48);
            s10.intoArray(acc, a0 + lane + 128);
            s11.intoArray(acc, a0 + lane + 144);
            s12.intoArray(acc, a0 + lane + 160);
            s13.intoArray(acc, a0 + lane + 176);
        }
    }

    /** 8 weights by 1 row; the parameters are those of {@link #multiply}. */
    private static void tile8x1(
            float[] w, int w0, int wStride, float[] x, int x0, int xStride, int n, float[] acc, int a0) {
        for (int lane = 0; lane < Lanes.COUNT; lane += S) {
            FloatVector s00 = FloatVector.fromArray(FLOATS, acc, a0 + lane);
            FloatVector s01 = FloatVector.fromArray(FLOATS, acc, a0 + lane + 16);
            FloatVector s02 = FloatVector.fromArray(FLOATS, acc, a0 + lane + 32);
            FloatVector s03 = FloatVector.fromArray(FLOATS, acc, a0 + lane + 48);
            FloatVector s04 = FloatVector.fromArray(FLOATS, acc, a0 + lane + 64);
            FloatVector s05 = FloatVector.fromArray(FLOATS, acc, a0 + lane + 80);
            FloatVector s06 = FloatVector.fromArray(FLOATS, acc, a0 + lane + 96);
            FloatVector s07 = FloatVector.fromArray(FLOATS, acc, a0 + lane + 112);
            int w1 = w0 + lane;
            int w2 = w0 + lane + wStride;
            int w3 = w0 + lane + 2 * wStride;
            int w4 = w0 + lane + 3 * wStride;
            int w5 = w0 + lane + 4 * wStride;
            int w6 = w0 + lane + 5 * wStride;
            int w7 = w0 + lane + 6 * wStride;
            int w8 = w0 + lane + 7 * wStride;
            int x1 = x0 + lane;
            for (int k = 0; k < n; k += Lanes.COUNT) {
                FloatVector v0 = FloatVector.fromArray(FLOATS, x, x1 + k);
                FloatVector u0 = FloatVector.fromArray(FLOATS, w, w1 + k);
                s00 = u0.fma(v0, s00);
                FloatVector u1 = FloatVector.fromArray(FLOATS, w, w2 + k);
                s01 = u1.fma(v0, s01);
                FloatVector u2 = FloatVector.fromArray(FLOATS, w, w3 + k);
                s02 = u2.fma(v0, s02);
                FloatVector u3 = FloatVector.fromArray(FLOATS, w, w4 + k);
                s03 = u3.fma(v0, s03);
                FloatVector u4 = FloatVector.fromArray(FLOATS, w, w5 + k);
                s04 = u4.fma(v0, s04);
                FloatVector u5 = FloatVector.fromArray(FLOATS, w, w6 + k);
                s05 = u5.fma(v0, s05);
                FloatVector u6 = FloatVector.fromArray(FLOATS, w, w7 + k);
                s06 = u6.fma(v0, s06);
                FloatVector u7 = FloatVector.fromArray(FLOATS, w, w8 + k);
                s07 = u7.fma(v0, s07);
            }
            s00.intoArray(acc, a0 + lane);
            s01.intoArray(acc, a0 + lane + 16);
            s02.intoArray(acc, a0 + lane + 32);
            s03.intoArray(acc, a0 + lane + 48);
            s04.intoArray(acc, a0 + lane + 64);
            s05.intoArray(acc, a0 + lane + 80);
            s06.intoArray(acc, a0 + lane + 96);
            s07.intoArray(acc, a0 + lane + 112);
        }
    }
}
