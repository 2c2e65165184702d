package dev.squall.kernels.device;

import dev.squall.kernels.Lanes;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.ByteArray;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Matrix products of weights in blocks of a half-precision scale and 32 four-bit numbers, sixteen work-items a weight row: for GPUs.
 *
 * <p>A work-item adds one of the sixteen lanes of {@link dev.squall.kernels.Lanes}, and the sums of a row are added in local
 * memory, by the same tree. {@link Products} says what the kernels compute and what their arguments are.
 */
public final class Q4GroupProducts {
    private Q4GroupProducts() {}

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
        float[] sums = c.allocateFloatLocalArray(panel * 16);
        int l = c.localIdx;
        int lane = l % 16;
        int o = c.globalIdx / 16;
        int of = Math.min(o, rows - 1); // an item without a row goes through the barriers too
        for (int r = 0; r < step.get(count); r++) {
            c.localBarrier(); // the sums of the row before have been read
            sums[l] = lane(x, w, r, of, lane, cols);
            for (int stride = 8; stride > 0; stride = stride / 2) {
                c.localBarrier();
                if (lane < stride) {
                    sums[l] = sums[l] + sums[l + stride];
                }
            }
            if (lane == 0 && o < rows) {
                out.set(r * rows + o, sums[l]);
            }
        }
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
        float[] sums = c.allocateFloatLocalArray(panel * 16);
        float[] squares = c.allocateFloatLocalArray(panel * 16);
        int l = c.localIdx;
        int lane = l % 16;
        int o = c.globalIdx / 16;
        int of = Math.min(o, rows - 1); // an item without a row goes through the barriers too
        for (int r = 0; r < step.get(0); r++) {
            c.localBarrier();
            sums[l] = lane(scaled, w, r, of, lane, cols);
            squares[l] = Products.laneOfSquares(x, r * cols, lane, cols);
            for (int stride = 8; stride > 0; stride = stride / 2) {
                c.localBarrier();
                if (lane < stride) {
                    sums[l] = sums[l] + sums[l + stride];
                    squares[l] = squares[l] + squares[l + stride];
                }
            }
            if (lane == 0 && o < rows) {
                float factor = Products.normFactor(squares[l], cols, epsilon);
                out.set(r * rows + o, sums[l] * factor + bias.get(o));
            }
        }
    }

    /** {@link Products#siluGate}; {@code both} is left alone. */
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
        float[] gates = c.allocateFloatLocalArray(panel * 16);
        float[] ups = c.allocateFloatLocalArray(panel * 16);
        float[] squares = c.allocateFloatLocalArray(panel * 16);
        int l = c.localIdx;
        int lane = l % 16;
        int o = c.globalIdx / 16;
        int of = Math.min(o, hidden - 1); // an item without a row goes through the barriers too
        for (int r = 0; r < step.get(0); r++) {
            c.localBarrier();
            gates[l] = lane(scaled, w, r, 2 * of, lane, cols);
            ups[l] = lane(scaled, w, r, 2 * of + 1, lane, cols);
            squares[l] = Products.laneOfSquares(x, r * cols, lane, cols);
            for (int stride = 8; stride > 0; stride = stride / 2) {
                c.localBarrier();
                if (lane < stride) {
                    gates[l] = gates[l] + gates[l + stride];
                    ups[l] = ups[l] + ups[l + stride];
                    squares[l] = squares[l] + squares[l + stride];
                }
            }
            if (lane == 0 && o < hidden) {
                float factor = Products.normFactor(squares[l], cols, epsilon);
                float g = gates[l] * factor + bias.get(2 * o);
                float u = ups[l] * factor + bias.get(2 * o + 1);
                gate.set(r * hidden + o, Products.siluGate(g, u));
            }
        }
    }

    /** {@link Products#residual}; {@code block} is left alone. */
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
        float[] sums = c.allocateFloatLocalArray(panel * 16);
        int l = c.localIdx;
        int lane = l % 16;
        int o = c.globalIdx / 16;
        int of = Math.min(o, rows - 1); // an item without a row goes through the barriers too
        for (int r = 0; r < step.get(0); r++) {
            c.localBarrier();
            sums[l] = lane(y, w, r, of, lane, cols);
            for (int stride = 8; stride > 0; stride = stride / 2) {
                c.localBarrier();
                if (lane < stride) {
                    sums[l] = sums[l] + sums[l + stride];
                }
            }
            if (lane == 0 && o < rows) {
                float value = x.get(r * rows + o) + factor * (sums[l] + bias.get(o));
                x.set(r * rows + o, value);
                scaled.set(r * rows + o, value * nextNorm.get(o));
            }
        }
    }

    private static float lane(FloatArray x, ByteArray w, int r, int o, int lane, int cols) {
        float sum = 0f;
        for (int b = 0; b < cols / 32; b++) {
            int block = (o * (cols / 32) + b) * 18;
            int at = r * cols + b * 32 + lane;
            float scale = Lanes.half((w.get(block) & 0xFF) | ((w.get(block + 1) & 0xFF) << 8));
            int pair = w.get(block + 2 + lane);
            sum = scale * (float) ((pair & 15) - 8) * x.get(at) + sum;
            sum = scale * (float) (((pair >> 4) & 15) - 8) * x.get(at + 16) + sum;
        }
        return sum;
    }
}
