package dev.squall.kernels.simd;

import static dev.squall.kernels.simd.Memory.ALL;
import static dev.squall.kernels.simd.Memory.FLOATS;
import static dev.squall.kernels.simd.Memory.ORDER;
import static dev.squall.kernels.simd.Memory.SHORT;
import static dev.squall.kernels.simd.WeightRows.EIGHT;
import static dev.squall.kernels.simd.WeightRows.TOP_NIBBLE;
import static dev.squall.kernels.simd.WideRows.BYTES;
import static dev.squall.kernels.simd.WideRows.FIRST;
import static dev.squall.kernels.simd.WideRows.INTS;
import static dev.squall.kernels.simd.WideRows.LAST;
import static dev.squall.kernels.simd.WideRows.PAIRS;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.XOR;

import dev.squall.kernels.WeightType;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * The products of {@link RowProducts} for vectors of sixteen: four weight rows of quantised numbers times one row of a batch,
 * or, decoded once, times four. A vector is a whole sum; the additions and their order are those of {@link Tiles}, so the bits
 * are. Four weight rows far apart, because four streams are prefetched better than two.
 */
final class WideProducts {
    /** Weight rows, and rows of a batch, that are multiplied together. */
    static final int TILE = 4;

    private WideProducts() {}

    /** Whether this machine and type are multiplied here. */
    static boolean supports(WeightType type) {
        return Memory.WHOLE && (type == WeightType.Q8_0 || type == WeightType.Q4_0);
    }

    /**
     * Four products with one row; all arguments but the type are addresses or counts of bytes.
     *
     * @param w0 a weight row; so are w1, w2 and w3
     * @param x [n / 4], in the order of the type's numbers
     * @param n bytes of x, a multiple of 128
     * @param lanes [4, 16], receives the lanes of the sums
     */
    static void multiply(WeightType type, long w0, long w1, long w2, long w3, long x, long n, long lanes) {
        if (type == WeightType.Q8_0) {
            q8x1(w0, w1, w2, w3, x, n, lanes);
        } else {
            q4(w0, w1, w2, w3, x, n, lanes);
        }
    }

    private static void q8x1(long w0, long w1, long w2, long w3, long x, long n, long lanes) {
        long step = 2 * Memory.sixteen;
        FloatVector s0 = FloatVector.zero(FLOATS);
        FloatVector s1 = FloatVector.zero(FLOATS);
        FloatVector s2 = FloatVector.zero(FLOATS);
        FloatVector s3 = FloatVector.zero(FLOATS);
        for (long k = 0, b = 0; k < n; k += step, b += 34) {
            FloatVector y = FloatVector.fromMemorySegment(FLOATS, ALL, x + k, ORDER);
            FloatVector z = FloatVector.fromMemorySegment(FLOATS, ALL, x + k + 64, ORDER);
            FloatVector d0 = FloatVector.broadcast(FLOATS, Float.float16ToFloat(ALL.get(SHORT, w0 + b)));
            ByteVector q0 = ByteVector.fromMemorySegment(BYTES, ALL, w0 + b + 2, ORDER);
            FloatVector u0 = ((FloatVector) q0.rearrange(FIRST).castShape(FLOATS, 0)).mul(d0);
            FloatVector v0 = ((FloatVector) q0.rearrange(LAST).castShape(FLOATS, 0)).mul(d0);
            s0 = v0.fma(z, u0.fma(y, s0));
            FloatVector d1 = FloatVector.broadcast(FLOATS, Float.float16ToFloat(ALL.get(SHORT, w1 + b)));
            ByteVector q1 = ByteVector.fromMemorySegment(BYTES, ALL, w1 + b + 2, ORDER);
            FloatVector u1 = ((FloatVector) q1.rearrange(FIRST).castShape(FLOATS, 0)).mul(d1);
            FloatVector v1 = ((FloatVector) q1.rearrange(LAST).castShape(FLOATS, 0)).mul(d1);
            s1 = v1.fma(z, u1.fma(y, s1));
            FloatVector d2 = FloatVector.broadcast(FLOATS, Float.float16ToFloat(ALL.get(SHORT, w2 + b)));
            ByteVector q2 = ByteVector.fromMemorySegment(BYTES, ALL, w2 + b + 2, ORDER);
            FloatVector u2 = ((FloatVector) q2.rearrange(FIRST).castShape(FLOATS, 0)).mul(d2);
            FloatVector v2 = ((FloatVector) q2.rearrange(LAST).castShape(FLOATS, 0)).mul(d2);
            s2 = v2.fma(z, u2.fma(y, s2));
            FloatVector d3 = FloatVector.broadcast(FLOATS, Float.float16ToFloat(ALL.get(SHORT, w3 + b)));
            ByteVector q3 = ByteVector.fromMemorySegment(BYTES, ALL, w3 + b + 2, ORDER);
            FloatVector u3 = ((FloatVector) q3.rearrange(FIRST).castShape(FLOATS, 0)).mul(d3);
            FloatVector v3 = ((FloatVector) q3.rearrange(LAST).castShape(FLOATS, 0)).mul(d3);
            s3 = v3.fma(z, u3.fma(y, s3));
        }
        s0.intoMemorySegment(ALL, lanes, ORDER);
        s1.intoMemorySegment(ALL, lanes + 64, ORDER);
        s2.intoMemorySegment(ALL, lanes + 128, ORDER);
        s3.intoMemorySegment(ALL, lanes + 192, ORDER);
    }

    private static void q4(long w0, long w1, long w2, long w3, long x, long n, long lanes) {
        long step = 2 * Memory.sixteen;
        FloatVector s0 = FloatVector.zero(FLOATS);
        FloatVector s1 = FloatVector.zero(FLOATS);
        FloatVector s2 = FloatVector.zero(FLOATS);
        FloatVector s3 = FloatVector.zero(FLOATS);
        for (long k = 0, b = 0; k < n; k += step, b += 18) {
            FloatVector y = FloatVector.fromMemorySegment(FLOATS, ALL, x + k, ORDER);
            FloatVector z = FloatVector.fromMemorySegment(FLOATS, ALL, x + k + 64, ORDER);
            FloatVector d0 = FloatVector.broadcast(FLOATS, Float.float16ToFloat(ALL.get(SHORT, w0 + b)) * 0x1p-28f);
            IntVector q0 = (IntVector)
                    ByteVector.fromMemorySegment(PAIRS, ALL, w0 + b + 2, ORDER).castShape(INTS, 0);
            FloatVector u0 =
                    ((FloatVector) q0.lanewise(LSHL, 28).lanewise(XOR, EIGHT).castShape(FLOATS, 0)).mul(d0);
            FloatVector v0 = ((FloatVector) q0.lanewise(LSHL, 24)
                            .and(TOP_NIBBLE)
                            .lanewise(XOR, EIGHT)
                            .castShape(FLOATS, 0))
                    .mul(d0);
            s0 = v0.fma(z, u0.fma(y, s0));
            FloatVector d1 = FloatVector.broadcast(FLOATS, Float.float16ToFloat(ALL.get(SHORT, w1 + b)) * 0x1p-28f);
            IntVector q1 = (IntVector)
                    ByteVector.fromMemorySegment(PAIRS, ALL, w1 + b + 2, ORDER).castShape(INTS, 0);
            FloatVector u1 =
                    ((FloatVector) q1.lanewise(LSHL, 28).lanewise(XOR, EIGHT).castShape(FLOATS, 0)).mul(d1);
            FloatVector v1 = ((FloatVector) q1.lanewise(LSHL, 24)
                            .and(TOP_NIBBLE)
                            .lanewise(XOR, EIGHT)
                            .castShape(FLOATS, 0))
                    .mul(d1);
            s1 = v1.fma(z, u1.fma(y, s1));
            FloatVector d2 = FloatVector.broadcast(FLOATS, Float.float16ToFloat(ALL.get(SHORT, w2 + b)) * 0x1p-28f);
            IntVector q2 = (IntVector)
                    ByteVector.fromMemorySegment(PAIRS, ALL, w2 + b + 2, ORDER).castShape(INTS, 0);
            FloatVector u2 =
                    ((FloatVector) q2.lanewise(LSHL, 28).lanewise(XOR, EIGHT).castShape(FLOATS, 0)).mul(d2);
            FloatVector v2 = ((FloatVector) q2.lanewise(LSHL, 24)
                            .and(TOP_NIBBLE)
                            .lanewise(XOR, EIGHT)
                            .castShape(FLOATS, 0))
                    .mul(d2);
            s2 = v2.fma(z, u2.fma(y, s2));
            FloatVector d3 = FloatVector.broadcast(FLOATS, Float.float16ToFloat(ALL.get(SHORT, w3 + b)) * 0x1p-28f);
            IntVector q3 = (IntVector)
                    ByteVector.fromMemorySegment(PAIRS, ALL, w3 + b + 2, ORDER).castShape(INTS, 0);
            FloatVector u3 =
                    ((FloatVector) q3.lanewise(LSHL, 28).lanewise(XOR, EIGHT).castShape(FLOATS, 0)).mul(d3);
            FloatVector v3 = ((FloatVector) q3.lanewise(LSHL, 24)
                            .and(TOP_NIBBLE)
                            .lanewise(XOR, EIGHT)
                            .castShape(FLOATS, 0))
                    .mul(d3);
            s3 = v3.fma(z, u3.fma(y, s3));
        }
        s0.intoMemorySegment(ALL, lanes, ORDER);
        s1.intoMemorySegment(ALL, lanes + 64, ORDER);
        s2.intoMemorySegment(ALL, lanes + 128, ORDER);
        s3.intoMemorySegment(ALL, lanes + 192, ORDER);
    }

    /**
     * Four weight rows in blocks of 34 bytes times four rows.
     *
     * @param x0 a row of the batch, [n / 4], in the order of the type's numbers; so are x1, x2 and x3
     * @param n bytes of a row, a multiple of 128
     * @param lanes [4 rows, 4 weights, 16], receives the lanes of the sums
     */
    static void q8x4(long w0, long w1, long w2, long w3, long x0, long x1, long x2, long x3, long n, long lanes) {
        long step = 2 * Memory.sixteen;
        FloatVector s00 = FloatVector.zero(FLOATS);
        FloatVector s01 = FloatVector.zero(FLOATS);
        FloatVector s02 = FloatVector.zero(FLOATS);
        FloatVector s03 = FloatVector.zero(FLOATS);
        FloatVector s10 = FloatVector.zero(FLOATS);
        FloatVector s11 = FloatVector.zero(FLOATS);
        FloatVector s12 = FloatVector.zero(FLOATS);
        FloatVector s13 = FloatVector.zero(FLOATS);
        FloatVector s20 = FloatVector.zero(FLOATS);
        FloatVector s21 = FloatVector.zero(FLOATS);
        FloatVector s22 = FloatVector.zero(FLOATS);
        FloatVector s23 = FloatVector.zero(FLOATS);
        FloatVector s30 = FloatVector.zero(FLOATS);
        FloatVector s31 = FloatVector.zero(FLOATS);
        FloatVector s32 = FloatVector.zero(FLOATS);
        FloatVector s33 = FloatVector.zero(FLOATS);
        for (long k = 0, b = 0; k < n; k += step, b += 34) {
            FloatVector y0 = FloatVector.fromMemorySegment(FLOATS, ALL, x0 + k, ORDER);
            FloatVector z0 = FloatVector.fromMemorySegment(FLOATS, ALL, x0 + k + 64, ORDER);
            FloatVector y1 = FloatVector.fromMemorySegment(FLOATS, ALL, x1 + k, ORDER);
            FloatVector z1 = FloatVector.fromMemorySegment(FLOATS, ALL, x1 + k + 64, ORDER);
            FloatVector y2 = FloatVector.fromMemorySegment(FLOATS, ALL, x2 + k, ORDER);
            FloatVector z2 = FloatVector.fromMemorySegment(FLOATS, ALL, x2 + k + 64, ORDER);
            FloatVector y3 = FloatVector.fromMemorySegment(FLOATS, ALL, x3 + k, ORDER);
            FloatVector z3 = FloatVector.fromMemorySegment(FLOATS, ALL, x3 + k + 64, ORDER);
            FloatVector d0 = FloatVector.broadcast(FLOATS, Float.float16ToFloat(ALL.get(SHORT, w0 + b)));
            ByteVector q0 = ByteVector.fromMemorySegment(BYTES, ALL, w0 + b + 2, ORDER);
            FloatVector u0 = ((FloatVector) q0.rearrange(FIRST).castShape(FLOATS, 0)).mul(d0);
            FloatVector v0 = ((FloatVector) q0.rearrange(LAST).castShape(FLOATS, 0)).mul(d0);
            s00 = v0.fma(z0, u0.fma(y0, s00));
            s10 = v0.fma(z1, u0.fma(y1, s10));
            s20 = v0.fma(z2, u0.fma(y2, s20));
            s30 = v0.fma(z3, u0.fma(y3, s30));
            FloatVector d1 = FloatVector.broadcast(FLOATS, Float.float16ToFloat(ALL.get(SHORT, w1 + b)));
            ByteVector q1 = ByteVector.fromMemorySegment(BYTES, ALL, w1 + b + 2, ORDER);
            FloatVector u1 = ((FloatVector) q1.rearrange(FIRST).castShape(FLOATS, 0)).mul(d1);
            FloatVector v1 = ((FloatVector) q1.rearrange(LAST).castShape(FLOATS, 0)).mul(d1);
            s01 = v1.fma(z0, u1.fma(y0, s01));
            s11 = v1.fma(z1, u1.fma(y1, s11));
            s21 = v1.fma(z2, u1.fma(y2, s21));
            s31 = v1.fma(z3, u1.fma(y3, s31));
            FloatVector d2 = FloatVector.broadcast(FLOATS, Float.float16ToFloat(ALL.get(SHORT, w2 + b)));
            ByteVector q2 = ByteVector.fromMemorySegment(BYTES, ALL, w2 + b + 2, ORDER);
            FloatVector u2 = ((FloatVector) q2.rearrange(FIRST).castShape(FLOATS, 0)).mul(d2);
            FloatVector v2 = ((FloatVector) q2.rearrange(LAST).castShape(FLOATS, 0)).mul(d2);
            s02 = v2.fma(z0, u2.fma(y0, s02));
            s12 = v2.fma(z1, u2.fma(y1, s12));
            s22 = v2.fma(z2, u2.fma(y2, s22));
            s32 = v2.fma(z3, u2.fma(y3, s32));
            FloatVector d3 = FloatVector.broadcast(FLOATS, Float.float16ToFloat(ALL.get(SHORT, w3 + b)));
            ByteVector q3 = ByteVector.fromMemorySegment(BYTES, ALL, w3 + b + 2, ORDER);
            FloatVector u3 = ((FloatVector) q3.rearrange(FIRST).castShape(FLOATS, 0)).mul(d3);
            FloatVector v3 = ((FloatVector) q3.rearrange(LAST).castShape(FLOATS, 0)).mul(d3);
            s03 = v3.fma(z0, u3.fma(y0, s03));
            s13 = v3.fma(z1, u3.fma(y1, s13));
            s23 = v3.fma(z2, u3.fma(y2, s23));
            s33 = v3.fma(z3, u3.fma(y3, s33));
        }
        s00.intoMemorySegment(ALL, lanes, ORDER);
        s01.intoMemorySegment(ALL, lanes + 64, ORDER);
        s02.intoMemorySegment(ALL, lanes + 128, ORDER);
        s03.intoMemorySegment(ALL, lanes + 192, ORDER);
        s10.intoMemorySegment(ALL, lanes + 256, ORDER);
        s11.intoMemorySegment(ALL, lanes + 320, ORDER);
        s12.intoMemorySegment(ALL, lanes + 384, ORDER);
        s13.intoMemorySegment(ALL, lanes + 448, ORDER);
        s20.intoMemorySegment(ALL, lanes + 512, ORDER);
        s21.intoMemorySegment(ALL, lanes + 576, ORDER);
        s22.intoMemorySegment(ALL, lanes + 640, ORDER);
        s23.intoMemorySegment(ALL, lanes + 704, ORDER);
        s30.intoMemorySegment(ALL, lanes + 768, ORDER);
        s31.intoMemorySegment(ALL, lanes + 832, ORDER);
        s32.intoMemorySegment(ALL, lanes + 896, ORDER);
        s33.intoMemorySegment(ALL, lanes + 960, ORDER);
    }
}
