package dev.squall.kernels.device;

import dev.squall.kernels.Lanes;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.ShortArray;
import uk.ac.manchester.tornado.api.types.vectors.Float8;

/**
 * Numbers of a key/value cache in F32, or in F16, which is rounded and decoded by arithmetic: OpenCL devices need not have such
 * numbers. It makes attention take some 2.4 times as long on an OpenCL CPU (8,192 tokens, 32 heads of 128, 2 of keys; numbers
 * from a table, as products have them, take 2.2 times).
 *
 * <p>The two arrays are the two forms of keys, or of values; the one that there is not is null. {@code half} says which, because
 * TornadoVM compiles only the arm of a constant, and an array that a kernel is given is none.
 */
final class CacheNumbers {
    private CacheNumbers() {}

    static float get(boolean half, FloatArray f32, ShortArray f16, int k) {
        return half ? Lanes.halfOrInfinity(f16.get(k)) : f32.get(k);
    }

    /**
     * The condition in the way of a number in F16 is always true. TornadoVM looks for one just before the store: where it sees
     * none it takes the array for one that is written as a whole, and does not copy to the device what the rest of it holds.
     */
    static void set(boolean half, FloatArray f32, ShortArray f16, int k, float number) {
        if (half) {
            int bits = Lanes.halfBits(number);
            if (k >= 0) {
                f16.set(k, (short) bits);
            }
        } else {
            f32.set(k, number);
        }
    }

    /** Copies a number as it is stored. */
    static void copy(boolean half, FloatArray f32, ShortArray f16, int from, int to) {
        if (half) {
            f16.set(to, f16.get(from));
        } else {
            f32.set(to, f32.get(from));
        }
    }

    /** Eight neighbours. */
    static Float8 eight(boolean half, FloatArray f32, ShortArray f16, int k) {
        return half ? halves(f16, k) : Loads.floats(f32, k);
    }

    private static Float8 halves(ShortArray a, int k) {
        return new Float8(
                Lanes.halfOrInfinity(a.get(k)),
                Lanes.halfOrInfinity(a.get(k + 1)),
                Lanes.halfOrInfinity(a.get(k + 2)),
                Lanes.halfOrInfinity(a.get(k + 3)),
                Lanes.halfOrInfinity(a.get(k + 4)),
                Lanes.halfOrInfinity(a.get(k + 5)),
                Lanes.halfOrInfinity(a.get(k + 6)),
                Lanes.halfOrInfinity(a.get(k + 7)));
    }

    /** The eight numbers from i on of the n that begin at an offset; zeros after the last one. */
    static Float8 eightUpTo(boolean half, FloatArray f32, ShortArray f16, int at, int i, int n) {
        return half ? halvesUpTo(f16, at, i, n) : Loads.floatsUpTo(f32, at, i, n);
    }

    private static Float8 halvesUpTo(ShortArray a, int at, int i, int n) {
        return new Float8(
                halfUpTo(a, at, i, n),
                halfUpTo(a, at, i + 1, n),
                halfUpTo(a, at, i + 2, n),
                halfUpTo(a, at, i + 3, n),
                halfUpTo(a, at, i + 4, n),
                halfUpTo(a, at, i + 5, n),
                halfUpTo(a, at, i + 6, n),
                halfUpTo(a, at, i + 7, n));
    }

    private static float halfUpTo(ShortArray a, int at, int i, int n) {
        return Lanes.halfOrInfinity(a.get(at + Math.min(i, n - 1)) * Math.max(0, Math.min(1, n - i)));
    }
}
