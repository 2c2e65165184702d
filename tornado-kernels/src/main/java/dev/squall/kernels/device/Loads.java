package dev.squall.kernels.device;

import dev.squall.kernels.Lanes;
import uk.ac.manchester.tornado.api.types.arrays.ByteArray;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.ShortArray;
import uk.ac.manchester.tornado.api.types.vectors.Float8;

/**
 * Eight neighbours of an array as one vector.
 *
 * <p>Written as a constructor of eight elements they become one wide load and one conversion on an OpenCL CPU; no other way
 * of writing them does. They are free of branches, which TornadoVM does not accept in the arguments of a vector.
 */
final class Loads {
    private Loads() {}

    static Float8 zero() {
        return all(0f);
    }

    static Float8 all(float v) {
        return new Float8(v, v, v, v, v, v, v, v);
    }

    /**
     * 0, but no compiler can know it: added to the offset of a row it hides that this is a multiple of sixteen. LLVM would turn
     * additions to such an offset into ors, and then not see any more that elements are neighbours.
     *
     * @param count a number of rows
     */
    static int nothing(int count) {
        return Math.min(count, 0);
    }

    static Float8 floats(FloatArray a, int k) {
        return new Float8(
                a.get(k),
                a.get(k + 1),
                a.get(k + 2),
                a.get(k + 3),
                a.get(k + 4),
                a.get(k + 5),
                a.get(k + 6),
                a.get(k + 7));
    }

    /** Binary16. */
    static Float8 halves(ShortArray a, int k) {
        return new Float8(
                Lanes.half(a.get(k)),
                Lanes.half(a.get(k + 1)),
                Lanes.half(a.get(k + 2)),
                Lanes.half(a.get(k + 3)),
                Lanes.half(a.get(k + 4)),
                Lanes.half(a.get(k + 5)),
                Lanes.half(a.get(k + 6)),
                Lanes.half(a.get(k + 7)));
    }

    /** Numbers that 16 bits each stand for, from a table of all of them. */
    static Float8 lookedUp(FloatArray numbers, ShortArray a, int k) {
        return new Float8(
                numbers.get(a.get(k) & 0xFFFF),
                numbers.get(a.get(k + 1) & 0xFFFF),
                numbers.get(a.get(k + 2) & 0xFFFF),
                numbers.get(a.get(k + 3) & 0xFFFF),
                numbers.get(a.get(k + 4) & 0xFFFF),
                numbers.get(a.get(k + 5) & 0xFFFF),
                numbers.get(a.get(k + 6) & 0xFFFF),
                numbers.get(a.get(k + 7) & 0xFFFF));
    }

    /** Signed bytes as numbers. */
    static Float8 bytes(ByteArray a, int k) {
        return new Float8(
                a.get(k),
                a.get(k + 1),
                a.get(k + 2),
                a.get(k + 3),
                a.get(k + 4),
                a.get(k + 5),
                a.get(k + 6),
                a.get(k + 7));
    }

    /** Four bits of each byte, from a shift on, less 8. */
    static Float8 nibbles(ByteArray a, int k, int shift) {
        return new Float8(
                nibble(a.get(k), shift),
                nibble(a.get(k + 1), shift),
                nibble(a.get(k + 2), shift),
                nibble(a.get(k + 3), shift),
                nibble(a.get(k + 4), shift),
                nibble(a.get(k + 5), shift),
                nibble(a.get(k + 6), shift),
                nibble(a.get(k + 7), shift));
    }

    private static float nibble(int pair, int shift) {
        return (float) (((pair >> shift) & 15) - 8);
    }

    /** The scale at the beginning of a quantised block, in every element. */
    static Float8 scale(FloatArray numbers, ByteArray a, int block) {
        return all(numbers.get((a.get(block) & 0xFF) | ((a.get(block + 1) & 0xFF) << 8)));
    }

    /** The value of a bfloat16 number: exact but for infinities and NaN, as {@link Lanes#bfloat16}, without a branch. */
    static float brain(int bits) {
        int exponent = (bits >> 7) & 255;
        int normal = (exponent + 255) >> 8;
        int power = exponent + 1 - normal; // the value is mantissa * 2^(power - 134), and power = 8 * high + low
        float mantissa = (float) (((bits & 127) + (normal << 7)) << (power & 7)) * 0.015625f;
        float root = (float) (1 << (power >> 3)) * 1.5258789E-5f; // 2^(high - 16), its sign does not matter
        float square = root * root;
        float fourth = square * square;
        return mantissa * fourth * fourth * (1f - (float) ((bits >> 14) & 2));
    }

    /** The eight numbers from i on of the n that begin at an offset; zeros after the last one. */
    static Float8 floatsUpTo(FloatArray a, int at, int i, int n) {
        return new Float8(
                a.get(at + Math.min(i, n - 1)) * inside(i, n),
                a.get(at + Math.min(i + 1, n - 1)) * inside(i + 1, n),
                a.get(at + Math.min(i + 2, n - 1)) * inside(i + 2, n),
                a.get(at + Math.min(i + 3, n - 1)) * inside(i + 3, n),
                a.get(at + Math.min(i + 4, n - 1)) * inside(i + 4, n),
                a.get(at + Math.min(i + 5, n - 1)) * inside(i + 5, n),
                a.get(at + Math.min(i + 6, n - 1)) * inside(i + 6, n),
                a.get(at + Math.min(i + 7, n - 1)) * inside(i + 7, n));
    }

    /** 1 for an element of the first n, 0 for another. */
    private static float inside(int i, int n) {
        return (float) Math.max(0, Math.min(1, n - i));
    }

    /** sums + a * b, rounded twice. */
    static Float8 add(Float8 sums, Float8 a, Float8 b) {
        return Float8.add(Float8.mult(a, b), sums);
    }

    /** sums + a * x[k...k+7], rounded twice. */
    static Float8 add(Float8 sums, Float8 a, FloatArray x, int k) {
        return add(sums, a, floats(x, k));
    }

    /** The sum of sixteen lanes. */
    static float sum(Float8 low, Float8 high) {
        Float8 t = Float8.add(low, high);
        return Lanes.sumOfEight(t.getS0(), t.getS1(), t.getS2(), t.getS3(), t.getS4(), t.getS5(), t.getS6(), t.getS7());
    }
}
