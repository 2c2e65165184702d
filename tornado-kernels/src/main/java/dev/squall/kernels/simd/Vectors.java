package dev.squall.kernels.simd;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * What the vector kernels share: vectors of eight, the tree of a sum, and exp for a vector and for a number.
 *
 * <p>Only operations that IEEE 754 rounds in one way are used (add, multiply, fused multiply-add, conversions), so an
 * element's bits do not depend on where in a vector it lies, nor on what compiled the code.
 */
final class Vectors {
    static final VectorSpecies<Float> EIGHT = FloatVector.SPECIES_256;

    private static final VectorShuffle<Float> BY_FOUR = VectorShuffle.fromValues(EIGHT, 4, 5, 6, 7, 0, 1, 2, 3);
    private static final VectorShuffle<Float> BY_TWO = VectorShuffle.fromValues(EIGHT, 2, 3, 0, 1, 6, 7, 4, 5);

    private static final float LEAST = -110f; // below it exp is 0
    private static final float MOST = 90f; // above it exp is infinite
    private static final float LOG2_E = 1.44269504f;
    private static final float ROUND = 12582912f; // 1.5 * 2^23: adding it leaves an integer in the low bits
    private static final int ROUND_BITS = 0x4B400000;
    private static final float LN2_HIGH = 0.693359375f;
    private static final float LN2_LOW = -2.12194440e-4f;
    // Cephes expf
    private static final float C7 = 1.9875691500e-4f;
    private static final float C6 = 1.3981999507e-3f;
    private static final float C5 = 8.3334519073e-3f;
    private static final float C4 = 4.1665795894e-2f;
    private static final float C3 = 1.6666665459e-1f;
    private static final float C2 = 5.0000001201e-1f;

    private Vectors() {}

    static FloatVector load(MemorySegment segment, int element) {
        return FloatVector.fromMemorySegment(EIGHT, segment, 4L * element, ByteOrder.LITTLE_ENDIAN);
    }

    static void store(FloatVector vector, MemorySegment segment, int element) {
        vector.intoMemorySegment(segment, 4L * element, ByteOrder.LITTLE_ENDIAN);
    }

    /** The sum of the sixteen lanes in two vectors, in the order of {@link dev.squall.kernels.Lanes}. */
    static float sum(FloatVector low, FloatVector high) {
        FloatVector t = low.add(high);
        FloatVector u = t.add(t.rearrange(BY_FOUR));
        FloatVector v = u.add(u.rearrange(BY_TWO));
        return v.lane(0) + v.lane(1);
    }

    /** e to the x, within 1 unit in the last place of a normal result. */
    static FloatVector exp(FloatVector x) {
        FloatVector bounded = x.blend(LEAST, x.compare(VectorOperators.LT, LEAST));
        bounded = bounded.blend(MOST, bounded.compare(VectorOperators.GT, MOST));
        FloatVector rounded = bounded.fma(broadcast(LOG2_E), broadcast(ROUND));
        FloatVector n = rounded.sub(ROUND);
        FloatVector r = n.fma(broadcast(-LN2_LOW), n.fma(broadcast(-LN2_HIGH), bounded));
        FloatVector p = r.fma(broadcast(C7), broadcast(C6));
        p = p.fma(r, broadcast(C5));
        p = p.fma(r, broadcast(C4));
        p = p.fma(r, broadcast(C3));
        p = p.fma(r, broadcast(C2));
        p = p.fma(r.mul(r), r).add(1f);
        // Two factors, as 2^n alone may lie outside the normal numbers.
        IntVector exponent = rounded.reinterpretAsInts().sub(ROUND_BITS);
        IntVector first = exponent.lanewise(VectorOperators.ASHR, 1);
        return p.mul(powerOfTwo(first)).mul(powerOfTwo(exponent.sub(first)));
    }

    /** The same bits as {@link #exp(FloatVector)}, for one number. */
    static float exp(float x) {
        float bounded = x < LEAST ? LEAST : x;
        bounded = bounded > MOST ? MOST : bounded;
        float rounded = Math.fma(bounded, LOG2_E, ROUND);
        float n = rounded - ROUND;
        float r = Math.fma(n, -LN2_LOW, Math.fma(n, -LN2_HIGH, bounded));
        float p = Math.fma(r, C7, C6);
        p = Math.fma(p, r, C5);
        p = Math.fma(p, r, C4);
        p = Math.fma(p, r, C3);
        p = Math.fma(p, r, C2);
        p = Math.fma(p, r * r, r) + 1f;
        int exponent = Float.floatToRawIntBits(rounded) - ROUND_BITS;
        int first = exponent >> 1;
        return p * Float.intBitsToFloat((first + 127) << 23) * Float.intBitsToFloat((exponent - first + 127) << 23);
    }

    static FloatVector broadcast(float value) {
        return FloatVector.broadcast(EIGHT, value);
    }

    private static FloatVector powerOfTwo(IntVector n) {
        return n.add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats();
    }
}
