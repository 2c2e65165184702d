package dev.squall.kernels.device;

import dev.squall.kernels.Lanes;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.ByteArray;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.ShortArray;

/**
 * The two ends of the stream: the vectors of the live rows' tokens, and what the head and the caller read.
 *
 * <p>The embedding kernels, one a storage format of the table, compute {@code x[r, i] = table[token[r], i] * scale} and
 * {@code scaled[r, i] = x[r, i] * norm[i]} for the product that follows: an element a work-item for all rows, dim in all.
 * {@code step[0]} rows are live, {@code token: [R]}, {@code table: [vocabulary, dim]}, {@code norm: [dim]}, {@code x} and
 * {@code scaled: [R, dim]}.
 */
public final class Embeddings {
    private Embeddings() {}

    /** A table of single-precision numbers. */
    public static void f32(
            KernelContext c,
            IntArray step,
            IntArray token,
            FloatArray table,
            FloatArray norm,
            FloatArray x,
            FloatArray scaled,
            int dim,
            float scale) {
        int i = c.globalIdx;
        if (i < dim) {
            for (int r = 0; r < step.get(0); r++) {
                store(table.get(token.get(r) * dim + i) * scale, r * dim + i, norm.get(i), x, scaled);
            }
        }
    }

    /** A table of half-precision numbers. */
    public static void f16(
            KernelContext c,
            IntArray step,
            IntArray token,
            ShortArray table,
            FloatArray norm,
            FloatArray x,
            FloatArray scaled,
            int dim,
            float scale) {
        int i = c.globalIdx;
        if (i < dim) {
            for (int r = 0; r < step.get(0); r++) {
                float value = Lanes.half(table.get(token.get(r) * dim + i));
                store(value * scale, r * dim + i, norm.get(i), x, scaled);
            }
        }
    }

    /** A table of bfloat16 numbers. */
    public static void bf16(
            KernelContext c,
            IntArray step,
            IntArray token,
            ShortArray table,
            FloatArray norm,
            FloatArray x,
            FloatArray scaled,
            int dim,
            float scale) {
        int i = c.globalIdx;
        if (i < dim) {
            for (int r = 0; r < step.get(0); r++) {
                float value = Loads.brain(table.get(token.get(r) * dim + i));
                store(value * scale, r * dim + i, norm.get(i), x, scaled);
            }
        }
    }

    /** A table of blocks of a half-precision scale and 32 signed bytes; dim is a multiple of 32. */
    public static void q8_0(
            KernelContext c,
            IntArray step,
            IntArray token,
            ByteArray table,
            FloatArray norm,
            FloatArray x,
            FloatArray scaled,
            int dim,
            float scale) {
        int i = c.globalIdx;
        if (i < dim) {
            for (int r = 0; r < step.get(0); r++) {
                int block = (token.get(r) * (dim / 32) + i / 32) * 34;
                float unit = Lanes.half((table.get(block) & 0xFF) | ((table.get(block + 1) & 0xFF) << 8));
                float value = unit * (float) table.get(block + 2 + i % 32);
                store(value * scale, r * dim + i, norm.get(i), x, scaled);
            }
        }
    }

    /** A table of blocks of a half-precision scale and 32 four-bit numbers; dim is a multiple of 32. */
    public static void q4_0(
            KernelContext c,
            IntArray step,
            IntArray token,
            ByteArray table,
            FloatArray norm,
            FloatArray x,
            FloatArray scaled,
            int dim,
            float scale) {
        int i = c.globalIdx;
        if (i < dim) {
            for (int r = 0; r < step.get(0); r++) {
                int block = (token.get(r) * (dim / 32) + i / 32) * 18;
                float unit = Lanes.half((table.get(block) & 0xFF) | ((table.get(block + 1) & 0xFF) << 8));
                int pair = table.get(block + 2 + i % 16);
                float value = unit * (float) (((pair >> ((i >> 2) & 4)) & 15) - 8); // the high half for i % 32 > 15
                store(value * scale, r * dim + i, norm.get(i), x, scaled);
            }
        }
    }

    private static void store(float value, int at, float norm, FloatArray x, FloatArray scaled) {
        x.set(at, value);
        scaled.set(at, value * norm);
    }

    /**
     * The final norm, for every live row and once more for the rows that ask for logits: a row a work-item, R + L in all.
     *
     * @param step counts of this step; step[0] rows are live, of which step[count] ask for logits
     * @param logitRow [L], the rows that ask
     * @param x [R, dim], the stream
     * @param norm [dim]
     * @param hidden [R, dim], the normed rows
     * @param asked [L, dim], those that ask, times logitScale
     */
    public static void hidden(
            KernelContext c,
            IntArray step,
            IntArray logitRow,
            FloatArray x,
            FloatArray norm,
            FloatArray hidden,
            FloatArray asked,
            int count,
            int dim,
            float epsilon,
            float logitScale) {
        int live = step.get(0);
        int item = c.globalIdx;
        if (item < live) {
            float factor = Products.normFactorOfAny(x, item * dim, dim, epsilon);
            for (int i = 0; i < dim; i++) {
                hidden.set(item * dim + i, x.get(item * dim + i) * factor * norm.get(i));
            }
        }
        if (item >= live && item < live + step.get(count)) {
            int row = logitRow.get(item - live);
            float factor = Products.normFactorOfAny(x, row * dim, dim, epsilon);
            for (int i = 0; i < dim; i++) {
                asked.set((item - live) * dim + i, x.get(row * dim + i) * factor * norm.get(i) * logitScale);
            }
        }
    }
}
