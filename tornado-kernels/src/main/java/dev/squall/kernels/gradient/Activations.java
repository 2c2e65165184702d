package dev.squall.kernels.gradient;

import dev.squall.kernels.MathFunctions;
import dev.squall.kernels.Workers;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** GELU (Hendrycks and Gimpel 2016, with erf) and the SiLU gate (Shazeer 2020), elements [0, size), with their gradients. */
public final class Activations {
    private Activations() {}

    /** y = x Φ(x). */
    public static void gelu(FloatArray y, FloatArray x, int size) {
        Workers.shared().parallelFor(size, 1024, (from, to) -> {
            for (int i = from; i < to; i++) {
                y.set(i, (float) (x.get(i) * normal(x.get(i))));
            }
        });
    }

    /** dx += dy ⊙ (Φ(x) + x φ(x)). */
    public static void geluBackward(FloatArray dx, FloatArray dy, FloatArray x, int size) {
        Workers.shared().parallelFor(size, 1024, (from, to) -> {
            for (int i = from; i < to; i++) {
                double u = x.get(i);
                double slope = normal(u) + u * Math.exp(-u * u / 2) / Math.sqrt(2 * Math.PI);
                dx.set(i, dx.get(i) + (float) (dy.get(i) * slope));
            }
        });
    }

    /** y = silu(gate) ⊙ up. */
    public static void siluGate(FloatArray y, FloatArray gate, FloatArray up, int size) {
        Workers.shared().parallelFor(size, 1024, (from, to) -> {
            for (int i = from; i < to; i++) {
                y.set(i, gate.get(i) * sigmoid(gate.get(i)) * up.get(i));
            }
        });
    }

    /** The gradients of {@link #siluGate}, added to dGate and dUp. */
    public static void siluGateBackward(
            FloatArray dGate, FloatArray dUp, FloatArray dy, FloatArray gate, FloatArray up, int size) {
        Workers.shared().parallelFor(size, 1024, (from, to) -> {
            for (int i = from; i < to; i++) {
                float g = gate.get(i);
                float s = sigmoid(g);
                dUp.set(i, dUp.get(i) + dy.get(i) * g * s);
                dGate.set(i, dGate.get(i) + dy.get(i) * up.get(i) * s * (1f + g * (1f - s)));
            }
        });
    }

    private static float sigmoid(float x) {
        return 1f / (1f + MathFunctions.exp(-x));
    }

    /** Φ, the distribution function of the standard normal: (1 + erf(x / √2)) / 2 by Abramowitz and Stegun 7.1.26. */
    private static double normal(double x) {
        double z = Math.abs(x) / Math.sqrt(2);
        double t = 1 / (1 + 0.3275911 * z);
        double p = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
        double tail = p * Math.exp(-z * z) / 2;
        return x < 0 ? tail : 1 - tail;
    }
}
