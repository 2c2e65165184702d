package dev.squall.kernels.simd;

import static dev.squall.kernels.simd.Memory.ALL;

import dev.squall.kernels.Workers;
import dev.squall.kernels.gradient.Losses;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import uk.ac.manchester.tornado.api.types.arrays.DoubleArray;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** {@link Losses} a row at a time on the heap, with vectors. */
public final class TrainingLosses {
    private TrainingLosses() {}

    /** As {@link Losses#crossEntropy}. */
    public static void crossEntropy(
            DoubleArray losses, FloatArray logits, IntArray targets, int first, int rows, int n, float weight) {
        check(logits, rows, n);
        Workers.shared().parallelFor(rows, 1, (from, to) -> {
            float[] x = new float[n];
            for (int row = from; row < to; row++) {
                int target = targets.get(first + row);
                long at = logits.getSegment().address() + 4L * row * n;
                if (target < 0) {
                    losses.set(row, 0);
                    MemorySegment.copy(new float[n], 0, ALL, Memory.FLOAT, at, n);
                    continue;
                }
                MemorySegment.copy(ALL, Memory.FLOAT, at, x, 0, n);
                float wanted = x[target];
                float largest = largest(x);
                Vectors.exp(x, 0, n, largest);
                double sum = Vectors.sum(x, 0, n);
                losses.set(row, Math.log(sum) - (wanted - largest));
                scale(x, (float) (weight / sum));
                x[target] -= weight;
                MemorySegment.copy(x, 0, ALL, Memory.FLOAT, at, n);
            }
        });
        Reference.reachabilityFence(logits);
    }

    /** As {@link Losses#softCrossEntropy}. */
    public static void softCrossEntropy(
            DoubleArray losses,
            IntArray ranks,
            FloatArray logits,
            FloatArray wanted,
            IntArray targets,
            int first,
            int rows,
            int n,
            float weight) {
        check(logits, rows, n);
        check(wanted, rows, n);
        Workers.shared().parallelFor(rows, 1, (from, to) -> {
            float[] x = new float[n];
            float[] p = new float[n];
            float[] product = new float[n];
            for (int row = from; row < to; row++) {
                long at = logits.getSegment().address() + 4L * row * n;
                losses.set(row, 0);
                ranks.set(first + row, -1);
                if (targets.get(first + row) < 0) {
                    MemorySegment.copy(new float[n], 0, ALL, Memory.FLOAT, at, n);
                    continue;
                }
                MemorySegment.copy(ALL, Memory.FLOAT, at, x, 0, n);
                MemorySegment.copy(ALL, Memory.FLOAT, wanted.getSegment().address() + 4L * row * n, p, 0, n);
                float mostWanted = largest(p);
                float largest = largest(x);
                ranks.set(first + row, above(x, x[firstOf(p, mostWanted)]));
                Vectors.exp(p, 0, n, mostWanted);
                scale(p, 1f / Vectors.sum(p, 0, n));
                for (int i = 0; i < n; i++) {
                    product[i] = p[i] * (x[i] - largest);
                }
                Vectors.exp(x, 0, n, largest);
                double sum = Vectors.sum(x, 0, n);
                losses.set(row, Math.log(sum) - Vectors.sum(product, 0, n));
                float factor = (float) (1 / sum);
                for (int i = 0; i < n; i++) {
                    x[i] = (x[i] * factor - p[i]) * weight;
                }
                MemorySegment.copy(x, 0, ALL, Memory.FLOAT, at, n);
            }
        });
        Reference.reachabilityFence(logits);
        Reference.reachabilityFence(wanted);
    }

    private static void check(FloatArray array, int rows, int n) {
        if (array.getSize() < (long) rows * n) {
            throw new IndexOutOfBoundsException(
                    "logits: found an array of " + array.getSize() + ", expected at least " + (long) rows * n);
        }
    }

    private static int firstOf(float[] x, float value) {
        int i = 0;
        while (x[i] != value) {
            i++;
        }
        return i;
    }

    private static int above(float[] x, float value) {
        int count = 0;
        for (float each : x) {
            count += each > value ? 1 : 0;
        }
        return count;
    }

    private static float largest(float[] x) {
        float largest = Float.NEGATIVE_INFINITY;
        for (float each : x) {
            largest = Math.max(largest, each);
        }
        return largest;
    }

    private static void scale(float[] x, float factor) {
        for (int i = 0; i < x.length; i++) {
            x[i] *= factor;
        }
    }
}
