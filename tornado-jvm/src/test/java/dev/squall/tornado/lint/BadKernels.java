package dev.squall.tornado.lint;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.ByteArray;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;
import uk.ac.manchester.tornado.api.types.vectors.Float8;

/** A kernel for each construct that must be refused; {@link KernelLintTest} expects a finding on every line marked so. */
final class BadKernels {
    private static final float[] TABLE = {1, 2, 3};
    private static int counter;

    private BadKernels() {}

    public static void unsignedShift(IntArray x) {
        for (@Parallel int i = 0; i < x.getSize(); i++) {
            x.set(i, x.get(i) >>> 3); // refused
        }
    }

    public static void unsignedShiftOfLong(LongArray x) {
        x.set(0, x.get(0) >>> 3); // refused
    }

    public static void rotation(IntArray x) {
        x.set(0, Integer.rotateLeft(x.get(0), 5)); // refused
    }

    public static void maskedByte(ByteArray b, FloatArray out) {
        for (@Parallel int i = 0; i < out.getSize(); i++) {
            out.set(i, (float) ((b.get(i) & 0xFF) - 128)); // refused
        }
    }

    public static void maskedByteInVariable(ByteArray b, IntArray out) {
        int value = b.get(0) & 0xFF;
        out.set(0, value / 3); // refused
        out.set(1, value >> 4); // refused
        out.set(2, value % 7); // refused
    }

    public static void maskedByteToLong(ByteArray b, LongArray out) {
        out.set(0, (long) (b.get(0) & 0xFF)); // refused
    }

    public static void breakWithValue(IntArray x, IntArray out) {
        int r = -1;
        for (int j = 0; j < x.getSize(); j++) {
            if (x.get(j) == 7) {
                r = j;
                break; // refused
            }
        }
        out.set(0, r);
    }

    public static void twoBreaks(IntArray x, IntArray out) {
        int j = 0;
        while (true) {
            j = j + 1;
            if (x.get(j) == 7) {
                out.set(0, 1);
                break; // refused
            }
            if (x.get(j) == 8) {
                out.set(0, 2);
                break;
            }
        }
        out.set(1, j);
    }

    public static void loopInHelper(IntArray x, IntArray out) {
        out.set(0, find(x));
    }

    private static int find(IntArray x) {
        for (int j = 0; j < x.getSize(); j++) {
            if (x.get(j) == 7) {
                return j; // refused
            }
        }
        return -1;
    }

    public static void returnFromTwoLoops(KernelContext context, IntArray x) {
        for (int i = 0; i < 4; i++) {
            for (int j = 0; j < 4; j++) {
                x.set(j, i);
                if (x.get(i) == 7) {
                    return; // refused
                }
            }
        }
    }

    public static void labelledBreak(IntArray x, IntArray out) {
        int sum = 0;
        outer:
        for (int i = 0; i < 4; i++) {
            for (int j = 0; j < 4; j++) {
                sum += x.get(j);
                if (sum > 100) {
                    break outer; // refused
                }
            }
        }
        out.set(0, sum);
    }

    public static void orInHeader(IntArray x, IntArray out) {
        int j = 0;
        while (j < 4 || x.get(j) > 0) { // refused
            j++;
        }
        out.set(0, j);
    }

    public static void loopInEachArm(IntArray x, FloatArray out, int n) {
        float sum;
        if (x.get(0) > 0) { // refused
            sum = 0f;
            for (int i = 0; i < n; i++) {
                sum += i;
            }
        } else {
            sum = 1f;
            for (int i = 0; i < n; i++) {
                sum -= i;
            }
        }
        out.set(0, sum);
    }

    public static void privateShorts(IntArray out) {
        short[] s = new short[4]; // refused
        s[0] = 1;
        out.set(0, s[0]);
    }

    public static void privateBytes(IntArray out) {
        byte[] b = new byte[4]; // refused
        b[0] = 1;
        out.set(0, b[0]);
    }

    public static void localArrayToHelper(KernelContext context, FloatArray out) {
        float[] local = context.allocateFloatLocalArray(64);
        local[context.localIdx] = 1f;
        context.localBarrier();
        out.set(context.globalIdx, first(local)); // refused
    }

    private static float first(float[] x) {
        return x[0];
    }

    public static void readBeforeWritten(FloatArray out) {
        float[] sums = new float[4];
        for (int i = 0; i < 4; i++) {
            out.set(i, sums[i]); // refused
        }
    }

    public static void overflow(IntArray x, LongArray out) {
        out.set(0, x.get(0) * 1_000_003); // refused
    }

    public static void castOfFloat(FloatArray x, IntArray out) {
        out.set(0, (int) x.get(0)); // refused
    }

    public static void half(IntArray x, FloatArray out) {
        out.set(0, Float.float16ToFloat((short) x.get(0))); // refused
    }

    public static void localAtomics(KernelContext context, IntArray out) {
        int[] local = context.allocateIntLocalArray(4);
        context.atomicAdd(local, 1, 1); // refused
        out.set(0, local[1]);
    }

    public static void floatAtomics(KernelContext context, FloatArray out) {
        context.atomicAdd(out, 0, 1f); // refused
    }

    public static void bits(IntArray x, FloatArray out) {
        out.set(0, Float.intBitsToFloat(x.get(0)) + 1f); // refused
        x.set(0, Float.floatToRawIntBits(out.get(0)) + 1); // refused
        x.set(1, Float.floatToIntBits(out.get(0))); // refused
        x.set(2, Float.floatToFloat16(out.get(0))); // refused
    }

    public static void zeros(LongArray x, IntArray out) {
        out.set(0, Long.numberOfTrailingZeros(x.get(0))); // refused
        out.set(1, Long.numberOfLeadingZeros(x.get(0))); // refused
        x.set(0, Math.multiplyHigh(x.get(0), x.get(1))); // refused
    }

    public static void rounding(FloatArray x) {
        x.set(0, (float) Math.floor(x.get(0))); // refused
        x.set(1, (float) Math.ceil(x.get(0))); // refused
        x.set(2, (float) Math.rint(x.get(0))); // refused
        x.set(3, Math.round(x.get(0))); // refused
        x.set(4, Math.fma(x.get(0), x.get(1), x.get(2))); // refused
    }

    public static void absolute(IntArray x) {
        x.set(0, Math.abs(x.get(0))); // refused
    }

    public static void halfFloats(HalfFloatArray x, FloatArray out) {
        out.set(0, x.get(0).getFloat32()); // refused
    }

    public static void notANumber(FloatArray out) {
        out.set(0, Float.NaN); // refused
    }

    public static void staticArray(FloatArray out) {
        out.set(0, TABLE[1]); // refused
    }

    public static void staticField(IntArray out) {
        counter = 3; // refused
        out.set(0, counter);
    }

    public static void exceptions(IntArray x) {
        if (x.get(0) < 0) {
            throw new IllegalStateException(); // refused
        }
    }

    public static void recursive(IntArray x) {
        x.set(0, factorial(x.get(0)));
    }

    private static int factorial(int n) {
        return n <= 1 ? 1 : n * factorial(n - 1); // refused
    }

    public static void variableLane(FloatArray x, int lane) {
        Float8 v = new Float8(x.get(0), x.get(1), x.get(2), x.get(3), x.get(4), x.get(5), x.get(6), x.get(7));
        x.set(0, v.get(lane)); // refused
        x.set(1, v.get(3));
    }

    public static void branchyLanes(FloatArray x) {
        float a = x.get(0);
        Float8 v = new Float8(positive(a), a, a, a, a, a, a, a); // refused
        x.set(0, v.getS0());
    }

    private static float positive(float x) {
        return x > 0f ? x : 0f;
    }

    public static void orBehindAnd(IntArray x, IntArray out, int n) {
        int best = -1;
        int largest = 0;
        for (int j = 0; j < n; j++) {
            int value = x.get(j);
            boolean larger = value >= 0 && (best < 0 || value > largest); // refused
            best = larger ? j : best;
            largest = larger ? value : largest;
        }
        out.set(0, best);
        out.set(1, best > 0 && (largest > 2 || n > 3) ? 1 : 0); // refused
    }

    public static void limitedBitCount(LongArray x, IntArray out) {
        out.set(0, Math.min(Long.bitCount(x.get(0)), 5)); // refused
        int bits = Long.bitCount(x.get(1));
        out.set(1, Math.max(3, bits)); // refused
    }

    public static void select(IntArray x, IntArray out) {
        out.set(0, x.get(0)); // refused
    }
}
