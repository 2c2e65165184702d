package dev.squall.kernels.gradient;

import dev.squall.kernels.Workers;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * RMSNorm and LayerNorm with their gradients. With x̂ = (x − mean) r and ĝ = dy ⊙ weight, dx = r (ĝ − mean(ĝ) − x̂ mean(ĝ ⊙ x̂));
 * RMSNorm has no means of x and of ĝ.
 */
public final class Norms {
    private Norms() {}

    /**
     * y = x̂ ⊙ weight + bias.
     *
     * @param y [rows, n]
     * @param x [rows, n]
     * @param weight [n]
     * @param bias [n]: LayerNorm; null: RMSNorm
     * @param statistics [rows, 2], written: mean and r
     */
    public static void forward(
            FloatArray y,
            FloatArray x,
            FloatArray weight,
            FloatArray bias,
            FloatArray statistics,
            int rows,
            int n,
            float epsilon) {
        Workers.shared().parallelFor(rows, 8, (from, to) -> {
            for (int row = from; row < to; row++) {
                int at = row * n;
                double mean = 0;
                if (bias != null) {
                    for (int i = 0; i < n; i++) {
                        mean += x.get(at + i);
                    }
                    mean /= n;
                }
                double squares = 0;
                for (int i = 0; i < n; i++) {
                    double centred = x.get(at + i) - mean;
                    squares += centred * centred;
                }
                double r = 1 / Math.sqrt(squares / n + epsilon);
                statistics.set(2 * row, (float) mean);
                statistics.set(2 * row + 1, (float) r);
                for (int i = 0; i < n; i++) {
                    float normal = (float) ((x.get(at + i) - mean) * r);
                    y.set(at + i, normal * weight.get(i) + (bias == null ? 0f : bias.get(i)));
                }
            }
        });
    }

    /**
     * The gradients of {@link #forward}, added to dx [rows, n], dWeight [n] and dBias [n].
     *
     * @param dy [rows, n]
     */
    public static void backward(
            FloatArray dx,
            FloatArray dWeight,
            FloatArray dBias,
            FloatArray dy,
            FloatArray x,
            FloatArray weight,
            FloatArray statistics,
            int rows,
            int n) {
        Workers.shared().parallelFor(rows, 8, (from, to) -> {
            for (int row = from; row < to; row++) {
                int at = row * n;
                double mean = statistics.get(2 * row);
                double r = statistics.get(2 * row + 1);
                double sum = 0;
                double dot = 0;
                for (int i = 0; i < n; i++) {
                    double g = (double) dy.get(at + i) * weight.get(i);
                    sum += g;
                    dot += g * (x.get(at + i) - mean) * r;
                }
                double meanOfG = dBias == null ? 0 : sum / n;
                double meanOfDot = dot / n;
                for (int i = 0; i < n; i++) {
                    double g = (double) dy.get(at + i) * weight.get(i);
                    double normal = (x.get(at + i) - mean) * r;
                    dx.set(at + i, dx.get(at + i) + (float) (r * (g - meanOfG - normal * meanOfDot)));
                }
            }
        });
        Workers.shared().parallelFor(n, 16, (from, to) -> {
            float[] w = new float[to - from];
            float[] b = new float[to - from];
            for (int row = 0; row < rows; row++) {
                float mean = statistics.get(2 * row);
                float r = statistics.get(2 * row + 1);
                for (int i = from; i < to; i++) {
                    float g = dy.get(row * n + i);
                    w[i - from] += g * (x.get(row * n + i) - mean) * r;
                    b[i - from] += g;
                }
            }
            for (int i = from; i < to; i++) {
                dWeight.set(i, dWeight.get(i) + w[i - from]);
                if (dBias != null) {
                    dBias.set(i, dBias.get(i) + b[i - from]);
                }
            }
        });
    }
}
