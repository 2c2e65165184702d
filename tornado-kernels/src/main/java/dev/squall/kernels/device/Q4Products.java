package dev.squall.kernels.device;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.ByteArray;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.vectors.Float8;

/**
 * Matrix products of weights in blocks of a half-precision scale and 32 four-bit numbers, a panel of weight rows a work-item.
 *
 * <p>{@link Products} says what the kernels compute and what their arguments are.
 */
public final class Q4Products {
    private Q4Products() {}

    /** out = w · x. */
    public static void product(
            KernelContext c,
            IntArray step,
            FloatArray x,
            ByteArray w,
            FloatArray numbers,
            FloatArray out,
            int count,
            int rows,
            int cols,
            int panel) {
        int first = c.globalIdx * panel;
        int end = Math.min(rows, first + panel);
        panel(x, w, numbers, out, step.get(count), first, end, rows, cols);
    }

    /** {@link Products#normed}. */
    public static void normed(
            KernelContext c,
            IntArray step,
            FloatArray x,
            FloatArray scaled,
            ByteArray w,
            FloatArray numbers,
            FloatArray bias,
            FloatArray out,
            int rows,
            int cols,
            int panel,
            float epsilon) {
        int first = c.globalIdx * panel;
        int end = Math.min(rows, first + panel);
        int live = step.get(0);
        panel(scaled, w, numbers, out, live, first, end, rows, cols);
        Products.normed(x, bias, out, live, first, end, rows, cols, epsilon);
    }

    /** {@link Products#siluGate}. */
    public static void siluGate(
            KernelContext c,
            IntArray step,
            FloatArray x,
            FloatArray scaled,
            ByteArray w,
            FloatArray numbers,
            FloatArray bias,
            FloatArray both,
            FloatArray gate,
            int hidden,
            int cols,
            int panel,
            float epsilon) {
        int first = c.globalIdx * panel;
        int end = Math.min(hidden, first + panel);
        int live = step.get(0);
        panel(scaled, w, numbers, both, live, 2 * first, 2 * end, 2 * hidden, cols);
        Products.siluGate(x, bias, both, gate, live, first, end, hidden, cols, epsilon);
    }

    /** {@link Products#residual}. */
    public static void residual(
            KernelContext c,
            IntArray step,
            FloatArray y,
            ByteArray w,
            FloatArray numbers,
            FloatArray bias,
            FloatArray block,
            FloatArray x,
            FloatArray nextNorm,
            FloatArray scaled,
            int rows,
            int cols,
            int panel,
            float factor) {
        int first = c.globalIdx * panel;
        int end = Math.min(rows, first + panel);
        int live = step.get(0);
        panel(y, w, numbers, block, live, first, end, rows, cols);
        Products.residual(bias, block, x, nextNorm, scaled, live, first, end, rows, factor);
    }

    /** The outputs [first, end) of all live rows, four rows at a time as long as there are four. */
    private static void panel(
            FloatArray x,
            ByteArray w,
            FloatArray numbers,
            FloatArray out,
            int live,
            int first,
            int end,
            int rows,
            int cols) {
        for (int r = 0; r + 3 < live; r += 4) {
            for (int o = first; o < end; o++) {
                four(x, w, numbers, out, r, o, rows, cols);
            }
        }
        int nothing = Loads.nothing(live);
        for (int r = live - live % 4; r < live; r++) {
            for (int o = first; o < end; o++) {
                one(x, w, numbers, out, r * cols + nothing, r * rows + o, o, cols);
            }
        }
    }

    /** The output {@code to} of the row of x that begins at {@code from} and weight row o. */
    private static void one(
            FloatArray x, ByteArray w, FloatArray numbers, FloatArray out, int from, int to, int o, int cols) {
        Float8 low0 = Loads.zero();
        Float8 high0 = Loads.zero();
        for (int b = 0; b < cols / 32; b++) {
            int block = (o * (cols / 32) + b) * 18;
            Float8 scale = Loads.scale(numbers, w, block);
            Float8 w0 = Float8.mult(Loads.nibbles(w, block + 2, 0), scale);
            Float8 w1 = Float8.mult(Loads.nibbles(w, block + 10, 0), scale);
            Float8 w2 = Float8.mult(Loads.nibbles(w, block + 2, 4), scale);
            Float8 w3 = Float8.mult(Loads.nibbles(w, block + 10, 4), scale);
            int x0 = from + b * 32;
            low0 = Loads.add(low0, w0, Loads.floats(x, x0));
            high0 = Loads.add(high0, w1, Loads.floats(x, x0 + 8));
            low0 = Loads.add(low0, w2, Loads.floats(x, x0 + 16));
            high0 = Loads.add(high0, w3, Loads.floats(x, x0 + 24));
        }
        out.set(to, Loads.sum(low0, high0));
    }

    /** The same formula as {@link #one} for four neighbouring rows: a weight is read and decoded once. */
    private static void four(
            FloatArray x, ByteArray w, FloatArray numbers, FloatArray out, int r, int o, int rows, int cols) {
        Float8 low0 = Loads.zero();
        Float8 high0 = Loads.zero();
        Float8 low1 = Loads.zero();
        Float8 high1 = Loads.zero();
        Float8 low2 = Loads.zero();
        Float8 high2 = Loads.zero();
        Float8 low3 = Loads.zero();
        Float8 high3 = Loads.zero();
        for (int b = 0; b < cols / 32; b++) {
            int block = (o * (cols / 32) + b) * 18;
            Float8 scale = Loads.scale(numbers, w, block);
            Float8 w0 = Float8.mult(Loads.nibbles(w, block + 2, 0), scale);
            Float8 w1 = Float8.mult(Loads.nibbles(w, block + 10, 0), scale);
            Float8 w2 = Float8.mult(Loads.nibbles(w, block + 2, 4), scale);
            Float8 w3 = Float8.mult(Loads.nibbles(w, block + 10, 4), scale);
            int x0 = r * cols + b * 32;
            low0 = Loads.add(low0, w0, Loads.floats(x, x0));
            high0 = Loads.add(high0, w1, Loads.floats(x, x0 + 8));
            low0 = Loads.add(low0, w2, Loads.floats(x, x0 + 16));
            high0 = Loads.add(high0, w3, Loads.floats(x, x0 + 24));
            int x1 = (r + 1) * cols + b * 32;
            low1 = Loads.add(low1, w0, Loads.floats(x, x1));
            high1 = Loads.add(high1, w1, Loads.floats(x, x1 + 8));
            low1 = Loads.add(low1, w2, Loads.floats(x, x1 + 16));
            high1 = Loads.add(high1, w3, Loads.floats(x, x1 + 24));
            int x2 = (r + 2) * cols + b * 32;
            low2 = Loads.add(low2, w0, Loads.floats(x, x2));
            high2 = Loads.add(high2, w1, Loads.floats(x, x2 + 8));
            low2 = Loads.add(low2, w2, Loads.floats(x, x2 + 16));
            high2 = Loads.add(high2, w3, Loads.floats(x, x2 + 24));
            int x3 = (r + 3) * cols + b * 32;
            low3 = Loads.add(low3, w0, Loads.floats(x, x3));
            high3 = Loads.add(high3, w1, Loads.floats(x, x3 + 8));
            low3 = Loads.add(low3, w2, Loads.floats(x, x3 + 16));
            high3 = Loads.add(high3, w3, Loads.floats(x, x3 + 24));
        }
        out.set(r * rows + o, Loads.sum(low0, high0));
        out.set((r + 1) * rows + o, Loads.sum(low1, high1));
        out.set((r + 2) * rows + o, Loads.sum(low2, high2));
        out.set((r + 3) * rows + o, Loads.sum(low3, high3));
    }
}
