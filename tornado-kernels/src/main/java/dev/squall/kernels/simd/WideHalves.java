package dev.squall.kernels.simd;

import static dev.squall.kernels.simd.Memory.ALL;
import static dev.squall.kernels.simd.Memory.FLOATS;
import static dev.squall.kernels.simd.Memory.ORDER;
import static dev.squall.kernels.simd.WeightRows.HALF_BIAS;
import static dev.squall.kernels.simd.WeightRows.HALF_BITS;
import static dev.squall.kernels.simd.WideRows.INTS;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.LSHL;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * The tile of {@link WideProducts} for half-precision weights: decoded once in registers for four rows of a batch, to the
 * numbers and in the order of {@link WeightRows}.
 */
final class WideHalves {
    private static final VectorSpecies<Short> SHORTS = ShortVector.SPECIES_256;

    /** Of sixteen halves the even ones, then the odd ones. */
    private static final VectorShuffle<Short> EVEN_ODD = VectorShuffle.fromOp(SHORTS, i -> i % 8 * 2 + i / 8);

    private WideHalves() {}

    /** Four weight rows times four rows; the parameters are those of {@link WideProducts#q8x4}. */
    static void f16x4(long w0, long w1, long w2, long w3, long x0, long x1, long x2, long x3, long n, long lanes) {
        long step = Memory.sixteen;
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
        for (long k = 0, b = 0; k < n; k += step, b += 32) {
            FloatVector v0 = FloatVector.fromMemorySegment(FLOATS, ALL, x0 + k, ORDER);
            FloatVector v1 = FloatVector.fromMemorySegment(FLOATS, ALL, x1 + k, ORDER);
            FloatVector v2 = FloatVector.fromMemorySegment(FLOATS, ALL, x2 + k, ORDER);
            FloatVector v3 = FloatVector.fromMemorySegment(FLOATS, ALL, x3 + k, ORDER);
            IntVector i0 = (IntVector) ShortVector.fromMemorySegment(SHORTS, ALL, w0 + b, ORDER)
                    .rearrange(EVEN_ODD)
                    .castShape(INTS, 0);
            FloatVector u0 = i0.lanewise(LSHL, 16)
                    .lanewise(ASHR, 3)
                    .and(HALF_BITS)
                    .reinterpretAsFloats()
                    .mul(HALF_BIAS);
            s00 = u0.fma(v0, s00);
            s10 = u0.fma(v1, s10);
            s20 = u0.fma(v2, s20);
            s30 = u0.fma(v3, s30);
            IntVector i1 = (IntVector) ShortVector.fromMemorySegment(SHORTS, ALL, w1 + b, ORDER)
                    .rearrange(EVEN_ODD)
                    .castShape(INTS, 0);
            FloatVector u1 = i1.lanewise(LSHL, 16)
                    .lanewise(ASHR, 3)
                    .and(HALF_BITS)
                    .reinterpretAsFloats()
                    .mul(HALF_BIAS);
            s01 = u1.fma(v0, s01);
            s11 = u1.fma(v1, s11);
            s21 = u1.fma(v2, s21);
            s31 = u1.fma(v3, s31);
            IntVector i2 = (IntVector) ShortVector.fromMemorySegment(SHORTS, ALL, w2 + b, ORDER)
                    .rearrange(EVEN_ODD)
                    .castShape(INTS, 0);
            FloatVector u2 = i2.lanewise(LSHL, 16)
                    .lanewise(ASHR, 3)
                    .and(HALF_BITS)
                    .reinterpretAsFloats()
                    .mul(HALF_BIAS);
            s02 = u2.fma(v0, s02);
            s12 = u2.fma(v1, s12);
            s22 = u2.fma(v2, s22);
            s32 = u2.fma(v3, s32);
            IntVector i3 = (IntVector) ShortVector.fromMemorySegment(SHORTS, ALL, w3 + b, ORDER)
                    .rearrange(EVEN_ODD)
                    .castShape(INTS, 0);
            FloatVector u3 = i3.lanewise(LSHL, 16)
                    .lanewise(ASHR, 3)
                    .and(HALF_BITS)
                    .reinterpretAsFloats()
                    .mul(HALF_BIAS);
            s03 = u3.fma(v0, s03);
            s13 = u3.fma(v1, s13);
            s23 = u3.fma(v2, s23);
            s33 = u3.fma(v3, s33);
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
