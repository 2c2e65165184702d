package dev.squall.kernels.simd;

import static dev.squall.kernels.simd.Memory.ALL;
import static dev.squall.kernels.simd.Memory.ORDER;

import dev.squall.kernels.Lanes;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * What the vector kernels share: vectors of eight, and of as many as the machine has, the tree of a sum, and exp for a vector and for a number.
 *
 * <p>Only operations that IEEE 754 rounds in one way are used (add, multiply, fused multiply-add, conversions), so an
 * element's bits do not depend on where in a vector it lies, nor on what compiled the code.
 */
final class Vectors {
    static final VectorSpecies<Float> EIGHT = FloatVector.SPECIES_256;

    /** The machine's widest vectors, but at most the sixteen lanes: for numbers that are independent, or all the lanes of a sum. */
    static final VectorSpecies<Float> WIDE = Memory.FLOATS;

    /** Floats of a wide vector. */
    static final int W = Memory.S;

    static final VectorSpecies<Integer> INTS = VectorSpecies.of(int.class, WIDE.vectorShape());

    /** As many numbers of 16 bits. */
    static final VectorSpecies<Short> SHORTS =
            VectorSpecies.of(short.class, VectorShape.forBitSize(WIDE.vectorBitSize() / 2));

    private static final VectorShuffle<Float> BY_FOUR = VectorShuffle.fromValues(EIGHT, 4, 5, 6, 7, 0, 1, 2, 3);
    private static final VectorShuffle<Float> BY_TWO = VectorShuffle.fromValues(EIGHT, 2, 3, 0, 1, 6, 7, 4, 5);

    private static final float LEAST = -86.2f; // below it exp is 0, as it would leave the normal numbers
    private static final float MOST = 89f; // above it exp is infinite
    private static final float LOG2_E = 1.44269504f;
    private static final float ROUND = 12582912f; // 1.5 * 2^23: adding it leaves an integer in the low bits
    private static final int HALF_BITS = 126 << 23; // of 1/2
    private static final float LN2_HIGH = 0.693359375f;
    private static final float LN2_LOW = -2.12194440e-4f;
    // Cephes expf
    private static final float C7 = 1.9875691500e-4f;
    private static final float C6 = 1.3981999507e-3f;
    private static final float C5 = 8.3334519073e-3f;
    private static final float C4 = 4.1665795894e-2f;
    private static final float C3 = 1.6666665459e-1f;
    private static final float C2 = 5.0000001201e-1f;

    // The same as vectors. Two habits of the JIT compiler shape the code here: past some forty vector operations it
    // stops to
    // inline our own methods, and a loop's sum that starts from a constant vector, instead of a new one, stays an
    // object.
    private static final FloatVector V_ZERO = FloatVector.zero(WIDE);
    private static final FloatVector V_MOST = FloatVector.broadcast(WIDE, MOST);
    private static final FloatVector V_LOG2_E = FloatVector.broadcast(WIDE, LOG2_E);
    private static final FloatVector V_ROUND = FloatVector.broadcast(WIDE, ROUND);
    private static final FloatVector V_LN2_HIGH = FloatVector.broadcast(WIDE, -LN2_HIGH);
    private static final FloatVector V_LN2_LOW = FloatVector.broadcast(WIDE, -LN2_LOW);
    private static final FloatVector V_C7 = FloatVector.broadcast(WIDE, C7);
    private static final FloatVector V_C6 = FloatVector.broadcast(WIDE, C6);
    private static final FloatVector V_C5 = FloatVector.broadcast(WIDE, C5);
    private static final FloatVector V_C4 = FloatVector.broadcast(WIDE, C4);
    private static final FloatVector V_C3 = FloatVector.broadcast(WIDE, C3);
    private static final FloatVector V_C2 = FloatVector.broadcast(WIDE, C2);
    private static final FloatVector V_ONE = FloatVector.broadcast(WIDE, 1f);
    private static final FloatVector V_LEAST = FloatVector.broadcast(WIDE, LEAST);
    private static final IntVector V_HALF_BITS = IntVector.broadcast(INTS, HALF_BITS);

    private Vectors() {}

    static FloatVector load(MemorySegment segment, int element) {
        return FloatVector.fromMemorySegment(EIGHT, segment, 4L * element, ByteOrder.LITTLE_ENDIAN);
    }

    static void store(FloatVector vector, MemorySegment segment, int element) {
        vector.intoMemorySegment(segment, 4L * element, ByteOrder.LITTLE_ENDIAN);
    }

    /** The sum of the sixteen lanes in two vectors, in the order of {@link Lanes}. */
    static float sum(FloatVector low, FloatVector high) {
        FloatVector t = low.add(high);
        FloatVector u = t.add(t.rearrange(BY_FOUR));
        FloatVector v = u.add(u.rearrange(BY_TWO));
        return v.lane(0) + v.lane(1);
    }

    /** e to the x, within 1 unit in the last place; 0 below −86.2. */
    static float exp(float x) {
        float bounded = Math.min(x, MOST);
        float rounded = Math.fma(bounded, LOG2_E, ROUND);
        float n = rounded - ROUND;
        float r = Math.fma(n, -LN2_LOW, Math.fma(n, -LN2_HIGH, bounded));
        float p = Math.fma(r, C7, C6);
        p = Math.fma(p, r, C5);
        p = Math.fma(p, r, C4);
        p = Math.fma(p, r, C3);
        p = Math.fma(p, r, C2);
        p = Math.fma(p, r * r, r) + 1f;
        // Half the power, as 2^128 is not a number of its own; the rounding constant has no bits that reach the
        // exponent.
        p *= Float.intBitsToFloat((Float.floatToRawIntBits(rounded) << 23) + HALF_BITS);
        return x < LEAST ? 0f : p + p;
    }

    /** x[i] = exp(x[i] − largest) for i in [from, to), with the bits that {@link #exp(float)} has for one number. */
    static void exp(float[] x, int from, int to, float largest) {
        int i = from;
        for (; i + W <= to; i += W) {
            exp(FloatVector.fromArray(WIDE, x, i).sub(largest)).intoArray(x, i);
        }
        for (; i < to; i++) {
            x[i] = exp(x[i] - largest);
        }
    }

    /** The same for numbers at an address, a multiple of 16. */
    static void exp(long x, int count, float largest) {
        long end = x + 4L * count;
        long step = Memory.sixteen / 16 * W;
        for (; x < end; x += step) {
            exp(FloatVector.fromMemorySegment(WIDE, ALL, x, ORDER).sub(largest)).intoMemorySegment(ALL, x, ORDER);
        }
    }

    private static FloatVector exp(FloatVector y) {
        FloatVector bounded = y.blend(V_MOST, y.compare(VectorOperators.GT, V_MOST)); // cheaper than min
        FloatVector rounded = bounded.fma(V_LOG2_E, V_ROUND);
        FloatVector n = rounded.sub(V_ROUND);
        FloatVector r = n.fma(V_LN2_LOW, n.fma(V_LN2_HIGH, bounded));
        FloatVector p = r.fma(V_C7, V_C6);
        p = p.fma(r, V_C5);
        p = p.fma(r, V_C4);
        p = p.fma(r, V_C3);
        p = p.fma(r, V_C2);
        p = p.fma(r.mul(r), r).add(V_ONE);
        IntVector half =
                rounded.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23).add(V_HALF_BITS);
        p = p.mul(half.reinterpretAsFloats());
        return p.add(p).blend(V_ZERO, y.compare(VectorOperators.LT, V_LEAST));
    }

    /** The largest of some numbers at an address, a multiple of 16. */
    static float largest(long x, int count) {
        FloatVector most = FloatVector.fromMemorySegment(WIDE, ALL, x, ORDER);
        long end = x + 4L * count;
        long step = Memory.sixteen / 16 * W;
        for (x += step; x < end; x += step) {
            FloatVector other = FloatVector.fromMemorySegment(WIDE, ALL, x, ORDER);
            most = most.blend(other, other.compare(VectorOperators.GT, most)); // max has more to do, for zeros and NaN
        }
        return most.reduceLanes(VectorOperators.MAX);
    }

    /** The sum of some numbers at an address, a multiple of 16, the first one in lane 0. */
    static float sum(long x, int count) {
        FloatVector low = FloatVector.zero(EIGHT);
        FloatVector high = FloatVector.zero(EIGHT);
        long end = x + 4L * count;
        long step = Memory.sixteen;
        for (; x < end; x += step) {
            low = low.add(FloatVector.fromMemorySegment(EIGHT, ALL, x, ORDER));
            high = high.add(FloatVector.fromMemorySegment(EIGHT, ALL, x + 32, ORDER));
        }
        return sum(low, high);
    }

    /** The sum of x[from, to), element from in lane 0. */
    static float sum(float[] x, int from, int to) {
        FloatVector low = FloatVector.zero(EIGHT);
        FloatVector high = FloatVector.zero(EIGHT);
        int i = from;
        for (; i + 16 <= to; i += 16) {
            low = low.add(FloatVector.fromArray(EIGHT, x, i));
            high = high.add(FloatVector.fromArray(EIGHT, x, i + 8));
        }
        if (i == to) {
            return sum(low, high);
        }
        float[] lanes = new float[Lanes.COUNT];
        low.intoArray(lanes, 0);
        high.intoArray(lanes, 8);
        for (int lane = 0; i < to; i++, lane++) {
            lanes[lane] += x[i];
        }
        return Lanes.sum(lanes, 0);
    }
}
