package dev.squall.tornado.lint;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.ByteArray;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;

/** Kernels in the dialect that works; {@link KernelLintTest} expects nothing. */
final class CleanKernels {
    private CleanKernels() {}

    public static void add(FloatArray a, FloatArray b, FloatArray out) {
        for (@Parallel int i = 0; i < out.getSize(); i++) {
            out.set(i, a.get(i) + b.get(i));
        }
    }

    public static void groupSum(KernelContext context, IntArray n, FloatArray x, FloatArray out) {
        if (context.groupIdx >= n.get(0)) {
            return;
        }
        int l = context.localIdx;
        float[] sums = context.allocateFloatLocalArray(64);
        sums[l] = x.get(context.globalIdx);
        for (int s = 32; s > 0; s >>= 1) {
            context.localBarrier();
            if (l < s) {
                sums[l] = sums[l] + sums[l + s];
            }
        }
        context.localBarrier();
        if (l == 0) {
            out.set(context.groupIdx, sums[0]);
        }
    }

    public static void search(IntArray x, IntArray out, int n) {
        int r = -1;
        for (int j = 0; j < n && r < 0; j++) {
            if (x.get(j) == 7 || x.get(j) == 9) {
                r = j;
            }
        }
        out.set(0, r);
    }

    public static void parents(IntArray parent, LongArray mask) {
        for (@Parallel int i = 0; i < mask.getSize(); i++) {
            long bits = 0L;
            int p = parent.get(i);
            while (p > 0) {
                bits = bits | (1L << p);
                p = parent.get(p);
            }
            mask.set(i, bits);
        }
    }

    public static void decode(ByteArray b, FloatArray out) {
        for (@Parallel int i = 0; i < out.getSize(); i++) {
            float[] digits = new float[2];
            digits[0] = (float) (b.get(i) & 0xFF) - 128f;
            digits[1] = (float) ((b.get(i) >> 4) & 15);
            int sixteen = (b.get(2 * i) & 0xFF) | ((b.get(2 * i + 1) & 0xFF) << 8);
            out.set(i, digits[0] + digits[1] + larger(sixteen, 3));
        }
    }

    private static float larger(int a, int b) {
        if (a > b) {
            return (float) a;
        }
        return (float) b;
    }

    public static void quantise(FloatArray x, IntArray out, int limit) {
        for (@Parallel int i = 0; i < out.getSize(); i++) {
            out.set(i, (int) Math.max(-127f, Math.min(127f, x.get(i))));
            int j = 0;
            do {
                j++;
                if (j == 3) {
                    continue;
                }
                switch (j) {
                    case 1 -> out.set(i, j);
                    default -> out.set(i, out.get(i) + 1);
                }
            } while (j < limit);
        }
    }

    public static void conditions(LongArray x, IntArray out) {
        boolean both = out.get(0) > 0 && out.get(1) > 0;
        boolean either = out.get(0) > 0 || out.get(1) > 0;
        int positive = out.get(1) > 0 ? 1 : 0;
        int negative = out.get(2) < 0 ? 1 : 0;
        boolean joined = out.get(0) > 0 && (positive | negative) == 1;
        int bits = Long.bitCount(x.get(0));
        out.set(0, both ? bits : 2);
        out.set(1, either ? 3 : 4);
        out.set(2, joined ? bits < 5 ? bits : 5 : 6);
    }
}
