package dev.squall.kernels.reference;

import dev.squall.kernels.MathFunctions;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Kernels that treat every element by itself. In all of them step[0], or step[count], rows are live. */
public final class Elementwise {
    private Elementwise() {}

    /**
     * x += bias.
     *
     * @param x [rows, n], in place
     * @param bias [n]
     */
    public static void addBias(IntArray step, FloatArray x, FloatArray bias, int count, int n) {
        for (@Parallel int i = 0; i < x.getSize(); i++) {
            if (i / n < step.get(count)) {
                x.set(i, x.get(i) + bias.get(i % n));
            }
        }
    }

    /**
     * x += scale · y, the residual connection.
     *
     * @param x [rows, n], in place
     * @param y [rows, n]
     */
    public static void residual(IntArray step, FloatArray x, FloatArray y, int n, float scale) {
        for (@Parallel int i = 0; i < x.getSize(); i++) {
            if (i / n < step.get(0)) {
                x.set(i, x.get(i) + scale * y.get(i));
            }
        }
    }

    /**
     * gate = silu(gate) · up: Shazeer, GLU Variants Improve Transformer, 2020.
     *
     * @param gate [rows, n], in place
     * @param up [rows, n]
     */
    public static void siluGate(IntArray step, FloatArray gate, FloatArray up, int n) {
        for (@Parallel int i = 0; i < gate.getSize(); i++) {
            if (i / n < step.get(0)) {
                float g = gate.get(i);
                gate.set(i, g / (1f + MathFunctions.exp(-g)) * up.get(i));
            }
        }
    }

    /**
     * x = x · Φ(x), Φ the distribution of N(0, 1) by the error function: Hendrycks and Gimpel, Gaussian Error Linear Units,
     * 2016.
     *
     * @param x [rows, n], in place
     */
    public static void gelu(IntArray step, FloatArray x, int count, int n) {
        for (@Parallel int i = 0; i < x.getSize(); i++) {
            if (i / n < step.get(count)) {
                float u = x.get(i);
                x.set(i, u * (0.5f + 0.5f * MathFunctions.erf(u * 0.70710678f)));
            }
        }
    }

    /**
     * out[r] = x[index[r]]: the rows that want logits, side by side.
     *
     * @param index [rows]
     * @param x [any, n]
     * @param out [rows, n]
     */
    public static void gather(IntArray step, IntArray index, FloatArray x, FloatArray out, int count, int n) {
        for (@Parallel int i = 0; i < out.getSize(); i++) {
            if (i / n < step.get(count)) {
                out.set(i, x.get(index.get(i / n) * n + i % n));
            }
        }
    }

    /**
     * x *= factor.
     *
     * @param x [rows, n], in place
     */
    public static void scale(IntArray step, FloatArray x, int count, int n, float factor) {
        for (@Parallel int i = 0; i < x.getSize(); i++) {
            if (i / n < step.get(count)) {
                x.set(i, x.get(i) * factor);
            }
        }
    }

    /**
     * Where the first element of each live row lies that is infinite or not a number.
     *
     * @param x [rows, n]
     * @param found [any, stride]; entry task of row r is 1 + that place, 0 where there is none and for rows that are not live
     * @param rows that x has room for, at most stride
     */
    public static void firstNotFinite(
            IntArray step, FloatArray x, IntArray found, int count, int n, int rows, int stride, int task) {
        for (@Parallel int row = 0; row < rows; row++) {
            int first = 0;
            int end = row < step.get(count) ? n : 0;
            for (int i = 0; i < end && first == 0; i++) {
                float value = x.get(row * n + i);
                int infinite = Math.abs(value) > Float.MAX_VALUE ? 1 : 0;
                int noNumber = value != value ? 1 : 0; // devices may take a NaN for larger than anything, or not
                first = (infinite | noNumber) == 1 ? i + 1 : 0;
            }
            found.set(task * stride + row, first);
        }
    }
}
