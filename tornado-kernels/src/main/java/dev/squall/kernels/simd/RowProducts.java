package dev.squall.kernels.simd;

import static dev.squall.kernels.simd.Memory.ALL;
import static dev.squall.kernels.simd.Memory.H;
import static dev.squall.kernels.simd.Memory.HALF;
import static dev.squall.kernels.simd.Memory.HALF_INTS;
import static dev.squall.kernels.simd.Memory.ORDER;
import static dev.squall.kernels.simd.Memory.SHORT;
import static dev.squall.kernels.simd.WeightRows.EIGHT;
import static dev.squall.kernels.simd.WeightRows.HALF_BIAS;
import static dev.squall.kernels.simd.WeightRows.HALF_BITS;
import static dev.squall.kernels.simd.WeightRows.TOP_BYTE;
import static dev.squall.kernels.simd.WeightRows.TOP_NIBBLE;
import static dev.squall.kernels.simd.WeightRows.UPPER_HALF;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.XOR;

import dev.squall.kernels.WeightType;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * One row of a batch times two weight rows, straight from memory: the case that is as fast as memory is read. The same
 * additions in the same order as {@link Tiles}, so the same bits.
 *
 * <p>Two weight rows, because one has too few sums to keep the multipliers busy, and with more than two the compiler stops
 * inlining vector operations and allocates the vectors as objects. They are best far apart, each the next one of a long
 * stretch: two streams are prefetched well, short pieces in turn are not.
 */
final class RowProducts {
    private RowProducts() {}

    /** Whether rows of so many numbers can be multiplied here. */
    static boolean supports(WeightType type, int cols) {
        return cols % WeightRows.GROUP == 0 && (type != WeightType.Q4_0 || H == 8);
    }

    /**
     * Two products; all arguments but the type are addresses or counts of bytes.
     *
     * @param w0 a weight row
     * @param w1 another one
     * @param x [n / 4], in the order of the type's numbers
     * @param n bytes of x, a multiple of 128
     * @param lanes [2, 16], receives the lanes of the sums
     */
    static void multiply(WeightType type, long w0, long w1, long x, long n, long lanes) {
        for (int h = 0; h < 32; h += H * Float.BYTES) {
            switch (type) {
                case F32 -> f32(w0, w1, x, n, h, lanes);
                case F16 -> f16(w0, w1, x, n, h, lanes);
                case BF16 -> bf16(w0, w1, x, n, h, lanes);
                case Q8_0 -> q8(w0, w1, x, n, h, lanes);
                case Q4_0 -> q4(w0, w1, x, n, lanes);
            }
        }
    }

    /** Lanes h / 4 to h / 4 + H - 1, and those eight further on; so are all below. */
    private static void f32(long w0, long w1, long x, long n, int h, long lanes) {
        long step = Memory.sixteen;
        FloatVector a0 = FloatVector.zero(HALF);
        FloatVector a1 = FloatVector.zero(HALF);
        FloatVector b0 = FloatVector.zero(HALF);
        FloatVector b1 = FloatVector.zero(HALF);
        for (long k = 0, b = h; k < n; k += step, b += 64) {
            FloatVector x0 = FloatVector.fromMemorySegment(HALF, ALL, x + k + h, ORDER);
            FloatVector x1 = FloatVector.fromMemorySegment(HALF, ALL, x + k + h + 32, ORDER);
            a0 = FloatVector.fromMemorySegment(HALF, ALL, w0 + b, ORDER).fma(x0, a0);
            b0 = FloatVector.fromMemorySegment(HALF, ALL, w0 + b + 32, ORDER).fma(x1, b0);
            a1 = FloatVector.fromMemorySegment(HALF, ALL, w1 + b, ORDER).fma(x0, a1);
            b1 = FloatVector.fromMemorySegment(HALF, ALL, w1 + b + 32, ORDER).fma(x1, b1);
        }
        a0.intoMemorySegment(ALL, lanes + h, ORDER);
        b0.intoMemorySegment(ALL, lanes + 32 + h, ORDER);
        a1.intoMemorySegment(ALL, lanes + 64 + h, ORDER);
        b1.intoMemorySegment(ALL, lanes + 96 + h, ORDER);
    }

    /** Pairs of halves in ints. */
    private static void f16(long w0, long w1, long x, long n, int h, long lanes) {
        long step = Memory.sixteen;
        FloatVector a0 = FloatVector.zero(HALF);
        FloatVector a1 = FloatVector.zero(HALF);
        FloatVector b0 = FloatVector.zero(HALF);
        FloatVector b1 = FloatVector.zero(HALF);
        for (long k = 0, b = h; k < n; k += step, b += 32) {
            IntVector i0 = IntVector.fromMemorySegment(HALF_INTS, ALL, w0 + b, ORDER);
            IntVector i1 = IntVector.fromMemorySegment(HALF_INTS, ALL, w1 + b, ORDER);
            FloatVector x0 = FloatVector.fromMemorySegment(HALF, ALL, x + k + h, ORDER);
            FloatVector x1 = FloatVector.fromMemorySegment(HALF, ALL, x + k + h + 32, ORDER);
            a0 = i0.lanewise(LSHL, 16)
                    .lanewise(ASHR, 3)
                    .and(HALF_BITS)
                    .reinterpretAsFloats()
                    .mul(HALF_BIAS)
                    .fma(x0, a0);
            b0 = i0.lanewise(ASHR, 3)
                    .and(HALF_BITS)
                    .reinterpretAsFloats()
                    .mul(HALF_BIAS)
                    .fma(x1, b0);
            a1 = i1.lanewise(LSHL, 16)
                    .lanewise(ASHR, 3)
                    .and(HALF_BITS)
                    .reinterpretAsFloats()
                    .mul(HALF_BIAS)
                    .fma(x0, a1);
            b1 = i1.lanewise(ASHR, 3)
                    .and(HALF_BITS)
                    .reinterpretAsFloats()
                    .mul(HALF_BIAS)
                    .fma(x1, b1);
        }
        a0.intoMemorySegment(ALL, lanes + h, ORDER);
        b0.intoMemorySegment(ALL, lanes + 32 + h, ORDER);
        a1.intoMemorySegment(ALL, lanes + 64 + h, ORDER);
        b1.intoMemorySegment(ALL, lanes + 96 + h, ORDER);
    }

    /** Pairs of upper halves of floats in ints. */
    private static void bf16(long w0, long w1, long x, long n, int h, long lanes) {
        long step = Memory.sixteen;
        FloatVector a0 = FloatVector.zero(HALF);
        FloatVector a1 = FloatVector.zero(HALF);
        FloatVector b0 = FloatVector.zero(HALF);
        FloatVector b1 = FloatVector.zero(HALF);
        for (long k = 0, b = h; k < n; k += step, b += 32) {
            IntVector i0 = IntVector.fromMemorySegment(HALF_INTS, ALL, w0 + b, ORDER);
            IntVector i1 = IntVector.fromMemorySegment(HALF_INTS, ALL, w1 + b, ORDER);
            FloatVector x0 = FloatVector.fromMemorySegment(HALF, ALL, x + k + h, ORDER);
            FloatVector x1 = FloatVector.fromMemorySegment(HALF, ALL, x + k + h + 32, ORDER);
            a0 = i0.lanewise(LSHL, 16).reinterpretAsFloats().fma(x0, a0);
            b0 = i0.and(UPPER_HALF).reinterpretAsFloats().fma(x1, b0);
            a1 = i1.lanewise(LSHL, 16).reinterpretAsFloats().fma(x0, a1);
            b1 = i1.and(UPPER_HALF).reinterpretAsFloats().fma(x1, b1);
        }
        a0.intoMemorySegment(ALL, lanes + h, ORDER);
        b0.intoMemorySegment(ALL, lanes + 32 + h, ORDER);
        a1.intoMemorySegment(ALL, lanes + 64 + h, ORDER);
        b1.intoMemorySegment(ALL, lanes + 96 + h, ORDER);
    }

    /** Blocks of 34 bytes: a scale, then four numbers an int. */
    private static void q8(long w0, long w1, long x, long n, int h, long lanes) {
        long step = 2 * Memory.sixteen;
        FloatVector a0 = FloatVector.zero(HALF);
        FloatVector a1 = FloatVector.zero(HALF);
        FloatVector b0 = FloatVector.zero(HALF);
        FloatVector b1 = FloatVector.zero(HALF);
        for (long k = 0, b = h; k < n; k += step, b += 34) {
            FloatVector s0 = FloatVector.broadcast(HALF, Float.float16ToFloat(ALL.get(SHORT, w0 + b - h)))
                    .mul(0x1p-24f);
            FloatVector s1 = FloatVector.broadcast(HALF, Float.float16ToFloat(ALL.get(SHORT, w1 + b - h)))
                    .mul(0x1p-24f);
            IntVector i0 = IntVector.fromMemorySegment(HALF_INTS, ALL, w0 + b + 2, ORDER);
            IntVector i1 = IntVector.fromMemorySegment(HALF_INTS, ALL, w1 + b + 2, ORDER);
            FloatVector x0 = FloatVector.fromMemorySegment(HALF, ALL, x + k + h, ORDER);
            FloatVector x1 = FloatVector.fromMemorySegment(HALF, ALL, x + k + h + 32, ORDER);
            FloatVector x2 = FloatVector.fromMemorySegment(HALF, ALL, x + k + h + 64, ORDER);
            FloatVector x3 = FloatVector.fromMemorySegment(HALF, ALL, x + k + h + 96, ORDER);
            a0 = ((FloatVector) i0.lanewise(LSHL, 24).castShape(HALF, 0))
                    .mul(s0)
                    .fma(x0, a0);
            b0 = ((FloatVector) i0.lanewise(LSHL, 16).and(TOP_BYTE).castShape(HALF, 0))
                    .mul(s0)
                    .fma(x1, b0);
            a0 = ((FloatVector) i0.lanewise(LSHL, 8).and(TOP_BYTE).castShape(HALF, 0))
                    .mul(s0)
                    .fma(x2, a0);
            b0 = ((FloatVector) i0.and(TOP_BYTE).castShape(HALF, 0)).mul(s0).fma(x3, b0);
            a1 = ((FloatVector) i1.lanewise(LSHL, 24).castShape(HALF, 0))
                    .mul(s1)
                    .fma(x0, a1);
            b1 = ((FloatVector) i1.lanewise(LSHL, 16).and(TOP_BYTE).castShape(HALF, 0))
                    .mul(s1)
                    .fma(x1, b1);
            a1 = ((FloatVector) i1.lanewise(LSHL, 8).and(TOP_BYTE).castShape(HALF, 0))
                    .mul(s1)
                    .fma(x2, a1);
            b1 = ((FloatVector) i1.and(TOP_BYTE).castShape(HALF, 0)).mul(s1).fma(x3, b1);
        }
        a0.intoMemorySegment(ALL, lanes + h, ORDER);
        b0.intoMemorySegment(ALL, lanes + 32 + h, ORDER);
        a1.intoMemorySegment(ALL, lanes + 64 + h, ORDER);
        b1.intoMemorySegment(ALL, lanes + 96 + h, ORDER);
    }

    /** Blocks of 18 bytes: a scale, then 16 bytes of two numbers; all lanes at once, for vectors of eight. */
    private static void q4(long w0, long w1, long x, long n, long lanes) {
        long step = 2 * Memory.sixteen;
        FloatVector a0 = FloatVector.zero(HALF);
        FloatVector a1 = FloatVector.zero(HALF);
        FloatVector b0 = FloatVector.zero(HALF);
        FloatVector b1 = FloatVector.zero(HALF);
        for (long k = 0, b = 0; k < n; k += step, b += 18) {
            FloatVector s0 = FloatVector.broadcast(HALF, Float.float16ToFloat(ALL.get(SHORT, w0 + b)))
                    .mul(0x1p-28f);
            FloatVector s1 = FloatVector.broadcast(HALF, Float.float16ToFloat(ALL.get(SHORT, w1 + b)))
                    .mul(0x1p-28f);
            IntVector i0 = (IntVector) ByteVector.fromMemorySegment(ByteVector.SPECIES_64, ALL, w0 + b + 2, ORDER)
                    .castShape(HALF_INTS, 0);
            IntVector j0 = (IntVector) ByteVector.fromMemorySegment(ByteVector.SPECIES_64, ALL, w0 + b + 10, ORDER)
                    .castShape(HALF_INTS, 0);
            IntVector i1 = (IntVector) ByteVector.fromMemorySegment(ByteVector.SPECIES_64, ALL, w1 + b + 2, ORDER)
                    .castShape(HALF_INTS, 0);
            IntVector j1 = (IntVector) ByteVector.fromMemorySegment(ByteVector.SPECIES_64, ALL, w1 + b + 10, ORDER)
                    .castShape(HALF_INTS, 0);
            FloatVector x0 = FloatVector.fromMemorySegment(HALF, ALL, x + k, ORDER);
            FloatVector x1 = FloatVector.fromMemorySegment(HALF, ALL, x + k + 32, ORDER);
            FloatVector x2 = FloatVector.fromMemorySegment(HALF, ALL, x + k + 64, ORDER);
            FloatVector x3 = FloatVector.fromMemorySegment(HALF, ALL, x + k + 96, ORDER);
            a0 = ((FloatVector) i0.lanewise(LSHL, 28).lanewise(XOR, EIGHT).castShape(HALF, 0))
                    .mul(s0)
                    .fma(x0, a0);
            b0 = ((FloatVector) j0.lanewise(LSHL, 28).lanewise(XOR, EIGHT).castShape(HALF, 0))
                    .mul(s0)
                    .fma(x1, b0);
            a0 = ((FloatVector) i0.lanewise(LSHL, 24)
                            .and(TOP_NIBBLE)
                            .lanewise(XOR, EIGHT)
                            .castShape(HALF, 0))
                    .mul(s0)
                    .fma(x2, a0);
            b0 = ((FloatVector) j0.lanewise(LSHL, 24)
                            .and(TOP_NIBBLE)
                            .lanewise(XOR, EIGHT)
                            .castShape(HALF, 0))
                    .mul(s0)
                    .fma(x3, b0);
            a1 = ((FloatVector) i1.lanewise(LSHL, 28).lanewise(XOR, EIGHT).castShape(HALF, 0))
                    .mul(s1)
                    .fma(x0, a1);
            b1 = ((FloatVector) j1.lanewise(LSHL, 28).lanewise(XOR, EIGHT).castShape(HALF, 0))
                    .mul(s1)
                    .fma(x1, b1);
            a1 = ((FloatVector) i1.lanewise(LSHL, 24)
                            .and(TOP_NIBBLE)
                            .lanewise(XOR, EIGHT)
                            .castShape(HALF, 0))
                    .mul(s1)
                    .fma(x2, a1);
            b1 = ((FloatVector) j1.lanewise(LSHL, 24)
                            .and(TOP_NIBBLE)
                            .lanewise(XOR, EIGHT)
                            .castShape(HALF, 0))
                    .mul(s1)
                    .fma(x3, b1);
        }
        a0.intoMemorySegment(ALL, lanes, ORDER);
        b0.intoMemorySegment(ALL, lanes + 32, ORDER);
        a1.intoMemorySegment(ALL, lanes + 64, ORDER);
        b1.intoMemorySegment(ALL, lanes + 96, ORDER);
    }
}
