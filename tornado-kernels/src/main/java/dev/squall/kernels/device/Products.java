package dev.squall.kernels.device;

import dev.squall.kernels.MathFunctions;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.vectors.Float8;

/**
 * What the matrix products of every storage format do after their sums, and what their arguments mean.
 *
 * <p>{@link ProductTasks} has them all. In all kernels {@code step: [counts]} with {@code step[0]}, or {@code step[count]},
 * live rows; {@code w: [rows, cols]} as the model file has it, matrices of one launch below one another; {@code bias: [rows]},
 * zeros where the model has none; {@code panel} the number of neighbouring weight rows that a work-item, or a work-group,
 * computes for all live rows. The kernel {@code product} is the one without anything after its sums: {@code out = w · x},
 * {@code x: [R, cols]}, {@code out: [R, rows]}.
 */
final class Products {
    private Products() {}

    /**
     * out = w · rmsNorm(x) + bias, from the sums of w · scaled.
     *
     * @param x [R, cols], the stream
     * @param out [R, rows], has the sums
     */
    static void normed(
            FloatArray x,
            FloatArray bias,
            FloatArray out,
            int live,
            int first,
            int end,
            int rows,
            int cols,
            float epsilon) {
        for (int r = 0; r < live; r++) {
            float factor = normFactor(x, r * cols, cols, epsilon);
            for (int o = first; o < end; o++) {
                out.set(r * rows + o, out.get(r * rows + o) * factor + bias.get(o));
            }
        }
    }

    /**
     * gate = silu(g) · u, where g and u are the even and the odd rows of w · rmsNorm(x) + bias.
     *
     * @param x [R, cols], the stream
     * @param bias [2 hidden]
     * @param both [R, 2 hidden], has the sums of w · scaled
     * @param gate [R, hidden]
     */
    static void siluGate(
            FloatArray x,
            FloatArray bias,
            FloatArray both,
            FloatArray gate,
            int live,
            int first,
            int end,
            int hidden,
            int cols,
            float epsilon) {
        for (int r = 0; r < live; r++) {
            float factor = normFactor(x, r * cols, cols, epsilon);
            for (int o = first; o < end; o++) {
                int at = 2 * (r * hidden + o);
                float g = both.get(at) * factor + bias.get(2 * o);
                float u = both.get(at + 1) * factor + bias.get(2 * o + 1);
                gate.set(r * hidden + o, siluGate(g, u));
            }
        }
    }

    /**
     * x += factor · (w · y + bias), and scaled = x · nextNorm for the product that follows.
     *
     * @param block [R, rows], has the sums of w · y
     * @param x [R, rows], the stream, in place
     * @param nextNorm [rows], the weight of the norm that comes next
     * @param scaled [R, rows]
     */
    static void residual(
            FloatArray bias,
            FloatArray block,
            FloatArray x,
            FloatArray nextNorm,
            FloatArray scaled,
            int live,
            int first,
            int end,
            int rows,
            float factor) {
        for (int r = 0; r < live; r++) {
            for (int o = first; o < end; o++) {
                int at = r * rows + o;
                float value = x.get(at) + factor * (block.get(at) + bias.get(o));
                x.set(at, value);
                scaled.set(at, value * nextNorm.get(o));
            }
        }
    }

    /** 1 / sqrt(mean(x²) + epsilon) of the numbers that begin at an offset, a multiple of sixteen. */
    static float normFactor(FloatArray x, int at, int dim, float epsilon) {
        Float8 low = Loads.zero();
        Float8 high = Loads.zero();
        for (int i = 0; i < dim; i += 16) {
            Float8 a = Loads.floats(x, at + i);
            Float8 b = Loads.floats(x, at + i + 8);
            low = Loads.add(low, a, a);
            high = Loads.add(high, b, b);
        }
        return normFactor(Loads.sum(low, high), dim, epsilon);
    }

    /** As {@link #normFactor}, of any number of them; more than TornadoVM 5.2.0 can compile beside a product. */
    static float normFactorOfAny(FloatArray x, int at, int dim, float epsilon) {
        Float8 low = Loads.zero();
        Float8 high = Loads.zero();
        for (int i = 0; i < dim; i += 16) {
            Float8 a = Loads.floatsUpTo(x, at, i, dim);
            Float8 b = Loads.floatsUpTo(x, at, i + 8, dim);
            low = Loads.add(low, a, a);
            high = Loads.add(high, b, b);
        }
        return normFactor(Loads.sum(low, high), dim, epsilon);
    }

    static float normFactor(float sumOfSquares, int dim, float epsilon) {
        return 1f / TornadoMath.sqrt(sumOfSquares / (float) dim + epsilon);
    }

    /** The sum of the squares of one lane. */
    static float laneOfSquares(FloatArray x, int at, int lane, int dim) {
        float sum = 0f;
        for (int i = lane; i < dim; i += 16) {
            sum = x.get(at + i) * x.get(at + i) + sum;
        }
        return sum;
    }

    static float siluGate(float g, float u) {
        return g / (1f + MathFunctions.exp(-g)) * u;
    }
}
