package dev.squall.kernels.reference;

import dev.squall.kernels.Lanes;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.ByteArray;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.ShortArray;

/**
 * A weight matrix times the live rows of a batch: {@code out[r, o] = sum over i of w[o, i] * x[r, i]}, summed as
 * {@link Lanes} says. One method a storage format of the weights.
 *
 * <p>In all of them {@code step[count]} is the number of live rows, {@code x: [R, cols]}, {@code w: [rows, cols]},
 * {@code out: [R, rows]}; R is at least the number of live rows.
 */
public final class MatrixProducts {
    private MatrixProducts() {}

    /** Single-precision weights. */
    public static void f32(IntArray step, FloatArray x, FloatArray w, FloatArray out, int count, int rows, int cols) {
        for (@Parallel int o = 0; o < rows; o++) {
            float[] lanes = new float[16];
            for (int r = 0; r < step.get(count); r++) {
                for (int j = 0; j < 16; j++) {
                    lanes[j] = 0f;
                }
                for (int i = 0; i < cols; i++) {
                    int lane = i & 15;
                    lanes[lane] = w.get(o * cols + i) * x.get(r * cols + i) + lanes[lane];
                }
                out.set(r * rows + o, Lanes.sum(lanes, 0));
            }
        }
    }

    /** Half-precision weights. */
    public static void f16(IntArray step, FloatArray x, ShortArray w, FloatArray out, int count, int rows, int cols) {
        for (@Parallel int o = 0; o < rows; o++) {
            float[] lanes = new float[16];
            for (int r = 0; r < step.get(count); r++) {
                for (int j = 0; j < 16; j++) {
                    lanes[j] = 0f;
                }
                for (int i = 0; i < cols; i++) {
                    int lane = i & 15;
                    lanes[lane] = Lanes.half(w.get(o * cols + i)) * x.get(r * cols + i) + lanes[lane];
                }
                out.set(r * rows + o, Lanes.sum(lanes, 0));
            }
        }
    }

    /** bfloat16 weights. */
    public static void bf16(IntArray step, FloatArray x, ShortArray w, FloatArray out, int count, int rows, int cols) {
        for (@Parallel int o = 0; o < rows; o++) {
            float[] lanes = new float[16];
            for (int r = 0; r < step.get(count); r++) {
                for (int j = 0; j < 16; j++) {
                    lanes[j] = 0f;
                }
                for (int i = 0; i < cols; i++) {
                    int lane = i & 15;
                    lanes[lane] = Lanes.bfloat16(w.get(o * cols + i)) * x.get(r * cols + i) + lanes[lane];
                }
                out.set(r * rows + o, Lanes.sum(lanes, 0));
            }
        }
    }

    /** Weights in blocks of a half-precision scale and 32 signed bytes; cols is a multiple of 32. */
    public static void q8_0(IntArray step, FloatArray x, ByteArray w, FloatArray out, int count, int rows, int cols) {
        for (@Parallel int o = 0; o < rows; o++) {
            int blocks = cols / 32;
            float[] lanes = new float[16];
            for (int r = 0; r < step.get(count); r++) {
                for (int j = 0; j < 16; j++) {
                    lanes[j] = 0f;
                }
                for (int b = 0; b < blocks; b++) {
                    int block = (o * blocks + b) * 34;
                    float scale = Lanes.half((w.get(block) & 0xFF) | ((w.get(block + 1) & 0xFF) << 8));
                    int start = r * cols + b * 32;
                    for (int j = 0; j < 32; j++) {
                        int lane = j & 15;
                        float weight = scale * (float) w.get(block + 2 + j);
                        lanes[lane] = weight * x.get(start + j) + lanes[lane];
                    }
                }
                out.set(r * rows + o, Lanes.sum(lanes, 0));
            }
        }
    }

    /** Weights in blocks of a half-precision scale and 32 four-bit numbers; cols is a multiple of 32. */
    public static void q4_0(IntArray step, FloatArray x, ByteArray w, FloatArray out, int count, int rows, int cols) {
        for (@Parallel int o = 0; o < rows; o++) {
            int blocks = cols / 32;
            float[] lanes = new float[16];
            for (int r = 0; r < step.get(count); r++) {
                for (int j = 0; j < 16; j++) {
                    lanes[j] = 0f;
                }
                for (int b = 0; b < blocks; b++) {
                    int block = (o * blocks + b) * 18;
                    float scale = Lanes.half((w.get(block) & 0xFF) | ((w.get(block + 1) & 0xFF) << 8));
                    int start = r * cols + b * 32;
                    for (int j = 0; j < 16; j++) {
                        int pair = w.get(block + 2 + j);
                        float low = scale * (float) ((pair & 15) - 8);
                        float high = scale * (float) (((pair >> 4) & 15) - 8);
                        lanes[j] = low * x.get(start + j) + lanes[j];
                        lanes[j] = high * x.get(start + 16 + j) + lanes[j];
                    }
                }
                out.set(r * rows + o, Lanes.sum(lanes, 0));
            }
        }
    }
}
