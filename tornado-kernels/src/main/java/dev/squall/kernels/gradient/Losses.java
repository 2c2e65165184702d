package dev.squall.kernels.gradient;

import dev.squall.kernels.MathFunctions;
import dev.squall.kernels.Workers;
import uk.ac.manchester.tornado.api.types.arrays.DoubleArray;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Losses; the gradient takes the place of what it is the gradient of. */
public final class Losses {
    private Losses() {}

    /**
     * Cross-entropy of each row: −log softmax(logits)[target], 0 where the target is negative.
     *
     * @param losses [rows], written
     * @param logits [rows, n]; afterwards their gradient, (softmax(logits) − onehot(target)) * weight
     * @param targets of row r at element {@code first + r}
     * @param weight of a row in the loss that is differentiated
     */
    public static void crossEntropy(
            DoubleArray losses, FloatArray logits, IntArray targets, int first, int rows, int n, float weight) {
        Workers.shared().parallelFor(rows, 1, (from, to) -> {
            float[] x = new float[n];
            for (int row = from; row < to; row++) {
                int target = targets.get(first + row);
                int at = row * n;
                if (target < 0) {
                    losses.set(row, 0);
                    for (int i = 0; i < n; i++) {
                        logits.set(at + i, 0f);
                    }
                    continue;
                }
                float largest = Float.NEGATIVE_INFINITY;
                for (int i = 0; i < n; i++) {
                    x[i] = logits.get(at + i);
                    largest = Math.max(largest, x[i]);
                }
                double sum = 0;
                float wanted = x[target];
                for (int i = 0; i < n; i++) {
                    x[i] = MathFunctions.exp(x[i] - largest);
                    sum += x[i];
                }
                losses.set(row, Math.log(sum) - (wanted - largest));
                float factor = (float) (weight / sum);
                for (int i = 0; i < n; i++) {
                    logits.set(at + i, x[i] * factor);
                }
                logits.set(at + target, logits.get(at + target) - weight);
            }
        });
    }
}
