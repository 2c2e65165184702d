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
        if (logits.getSize() < (long) rows * n) {
            throw new IndexOutOfBoundsException(
                    "logits: found an array of " + logits.getSize() + ", expected at least " + (long) rows * n);
        }
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
