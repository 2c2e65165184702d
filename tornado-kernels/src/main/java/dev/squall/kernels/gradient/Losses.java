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

    /**
     * Cross-entropy of each row against a distribution: −Σ p log softmax(logits) with p = softmax(wanted), 0 where the target is
     * negative.
     *
     * @param losses [rows], written
     * @param ranks of row r at element {@code first + r}, written: the number of logits above that of the wanted's largest; −1
     *     without a target
     * @param logits [rows, n]; afterwards their gradient, (softmax(logits) − p) * weight
     * @param wanted [rows, n], which the vector form overwrites
     * @param targets of row r at element {@code first + r}; only its sign counts
     * @param weight of a row in the loss that is differentiated
     */
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
        Workers.shared().parallelFor(rows, 1, (from, to) -> {
            for (int row = from; row < to; row++) {
                int at = row * n;
                losses.set(row, 0);
                ranks.set(first + row, -1);
                if (targets.get(first + row) < 0) {
                    for (int i = 0; i < n; i++) {
                        logits.set(at + i, 0f);
                    }
                    continue;
                }
                int best = 0;
                float largest = Float.NEGATIVE_INFINITY;
                for (int i = 0; i < n; i++) {
                    best = wanted.get(at + i) > wanted.get(at + best) ? i : best;
                    largest = Math.max(largest, logits.get(at + i));
                }
                float mostWanted = wanted.get(at + best);
                int rank = 0;
                double sum = 0;
                double wantedSum = 0;
                double dot = 0;
                for (int i = 0; i < n; i++) {
                    float logit = logits.get(at + i);
                    rank += logit > logits.get(at + best) ? 1 : 0;
                    double p = MathFunctions.exp(wanted.get(at + i) - mostWanted);
                    wantedSum += p;
                    dot += p * (logit - largest);
                    sum += MathFunctions.exp(logit - largest);
                }
                ranks.set(first + row, rank);
                losses.set(row, Math.log(sum) - dot / wantedSum);
                for (int i = 0; i < n; i++) {
                    double p = MathFunctions.exp(wanted.get(at + i) - mostWanted) / wantedSum;
                    double q = MathFunctions.exp(logits.get(at + i) - largest) / sum;
                    logits.set(at + i, (float) ((q - p) * weight));
                }
            }
        });
    }

    /** The mean over a row's elements of d²/2 where |d| < 1 and |d| − 1/2 elsewhere, d = x − wanted; 0 without a target. */
    public static void smoothL1(
            DoubleArray losses, FloatArray x, FloatArray wanted, IntArray targets, int rows, int n) {
        Workers.shared().parallelFor(rows, 8, (from, to) -> {
            for (int row = from; row < to; row++) {
                double sum = 0;
                for (int i = row * n; i < (row + 1) * n && targets.get(row) >= 0; i++) {
                    double d = Math.abs(x.get(i) - wanted.get(i));
                    sum += d < 1 ? d * d / 2 : d - 0.5;
                }
                losses.set(row, sum / n);
            }
        });
    }

    /** dx += weight / n * clamp(x − wanted, −1, 1) in the rows that have a target. */
    public static void smoothL1Backward(
            FloatArray dx, FloatArray x, FloatArray wanted, IntArray targets, int rows, int n, float weight) {
        Workers.shared().parallelFor(rows, 8, (from, to) -> {
            for (int row = from; row < to; row++) {
                for (int i = row * n; i < (row + 1) * n && targets.get(row) >= 0; i++) {
                    dx.set(i, dx.get(i) + weight / n * Math.clamp(x.get(i) - wanted.get(i), -1f, 1f));
                }
            }
        });
    }
}
