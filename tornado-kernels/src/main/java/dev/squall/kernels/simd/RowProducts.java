package dev.squall.kernels.simd;

import static dev.squall.kernels.simd.WeightRows.FLOATS;
import static dev.squall.kernels.simd.WeightRows.S;

import dev.squall.kernels.Lanes;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * One row of a batch times Q8_0 weights, four weight rows at a time straight from memory: the case that reads memory as fast
 * as it comes. The same additions in the same order as {@link Tiles}, so the same bits.
 */
final class RowProducts {
    /** Weight rows that are read side by side. */
    static final int WEIGHTS = 4;

    private static final int BLOCK = 32;
    private static final int BLOCK_BYTES = 34;

    private RowProducts() {}

    /** Whether a vector holds half of the lanes or all of them, which is what this is written for. */
    static boolean available() {
        return S >= 8;
    }

    /**
     * Four products.
     *
     * @param w [rows, cols] in blocks of Q8_0
     * @param first the first of the four weight rows
     * @param x [cols]
     * @param lanes [4, 16], receives the lanes of the sums
     */
    static void q8(MemorySegment w, long first, int cols, float[] x, float[] lanes) {
        long stride = cols / BLOCK * (long) BLOCK_BYTES;
        long p0 = first * stride;
        long p1 = p0 + stride;
        long p2 = p1 + stride;
        long p3 = p2 + stride;
        FloatVector a0 = FloatVector.zero(FLOATS); // lanes 0 to S - 1
        FloatVector a1 = a0;
        FloatVector a2 = a0;
        FloatVector a3 = a0;
        FloatVector b0 = a0; // lanes 8 to 15 where a vector holds eight
        FloatVector b1 = a0;
        FloatVector b2 = a0;
        FloatVector b3 = a0;
        for (int k = 0; k < cols; k += BLOCK) {
            FloatVector s0 = WeightRows.scale(w, p0);
            FloatVector s1 = WeightRows.scale(w, p1);
            FloatVector s2 = WeightRows.scale(w, p2);
            FloatVector s3 = WeightRows.scale(w, p3);
            for (int half = 0; half < BLOCK; half += Lanes.COUNT) {
                FloatVector xa = FloatVector.fromArray(FLOATS, x, k + half);
                a0 = WeightRows.signedBytes(w, p0 + 2, half).mul(s0).fma(xa, a0);
                a1 = WeightRows.signedBytes(w, p1 + 2, half).mul(s1).fma(xa, a1);
                a2 = WeightRows.signedBytes(w, p2 + 2, half).mul(s2).fma(xa, a2);
                a3 = WeightRows.signedBytes(w, p3 + 2, half).mul(s3).fma(xa, a3);
                if (S == 8) {
                    FloatVector xb = FloatVector.fromArray(FLOATS, x, k + half + 8);
                    b0 = WeightRows.signedBytes(w, p0 + 2, half + 8).mul(s0).fma(xb, b0);
                    b1 = WeightRows.signedBytes(w, p1 + 2, half + 8).mul(s1).fma(xb, b1);
                    b2 = WeightRows.signedBytes(w, p2 + 2, half + 8).mul(s2).fma(xb, b2);
                    b3 = WeightRows.signedBytes(w, p3 + 2, half + 8).mul(s3).fma(xb, b3);
                }
            }
            p0 += BLOCK_BYTES;
            p1 += BLOCK_BYTES;
            p2 += BLOCK_BYTES;
            p3 += BLOCK_BYTES;
        }
        a0.intoArray(lanes, 0);
        a1.intoArray(lanes, 16);
        a2.intoArray(lanes, 32);
        a3.intoArray(lanes, 48);
        if (S == 8) {
            b0.intoArray(lanes, 8);
            b1.intoArray(lanes, 24);
            b2.intoArray(lanes, 40);
            b3.intoArray(lanes, 56);
        }
    }
}
