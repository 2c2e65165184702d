package dev.squall.kernels.reference;

import dev.squall.kernels.Lanes;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.ByteArray;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.ShortArray;

/**
 * The vectors of the live rows' tokens: {@code out[r, i] = table[token[r], i] * scale}. One method a storage format of the
 * table.
 *
 * <p>In all of them {@code step[0]} is the number of live rows, {@code token: [R]}, {@code table: [vocabulary, dim]},
 * {@code out: [R, dim]}.
 */
public final class Embeddings {
    private Embeddings() {}

    /** A table of single-precision numbers. */
    public static void f32(IntArray step, IntArray token, FloatArray table, FloatArray out, int dim, float scale) {
        for (@Parallel int i = 0; i < dim; i++) {
            for (int r = 0; r < step.get(0); r++) {
                out.set(r * dim + i, table.get(token.get(r) * dim + i) * scale);
            }
        }
    }

    /** A table of half-precision numbers. */
    public static void f16(IntArray step, IntArray token, ShortArray table, FloatArray out, int dim, float scale) {
        for (@Parallel int i = 0; i < dim; i++) {
            for (int r = 0; r < step.get(0); r++) {
                out.set(r * dim + i, Lanes.half(table.get(token.get(r) * dim + i)) * scale);
            }
        }
    }

    /** A table of bfloat16 numbers. */
    public static void bf16(IntArray step, IntArray token, ShortArray table, FloatArray out, int dim, float scale) {
        for (@Parallel int i = 0; i < dim; i++) {
            for (int r = 0; r < step.get(0); r++) {
                out.set(r * dim + i, Lanes.bfloat16(table.get(token.get(r) * dim + i)) * scale);
            }
        }
    }

    /** A table of blocks of a half-precision scale and 32 signed bytes; dim is a multiple of 32. */
    public static void q8_0(IntArray step, IntArray token, ByteArray table, FloatArray out, int dim, float scale) {
        for (@Parallel int i = 0; i < dim; i++) {
            for (int r = 0; r < step.get(0); r++) {
                int block = (token.get(r) * (dim / 32) + i / 32) * 34;
                float unit = Lanes.half((table.get(block) & 0xFF) | ((table.get(block + 1) & 0xFF) << 8));
                float weight = unit * (float) table.get(block + 2 + i % 32);
                out.set(r * dim + i, weight * scale);
            }
        }
    }

    /** A table of blocks of a half-precision scale and 32 four-bit numbers; dim is a multiple of 32. */
    public static void q4_0(IntArray step, IntArray token, ByteArray table, FloatArray out, int dim, float scale) {
        for (@Parallel int i = 0; i < dim; i++) {
            for (int r = 0; r < step.get(0); r++) {
                int block = (token.get(r) * (dim / 32) + i / 32) * 18;
                float unit = Lanes.half((table.get(block) & 0xFF) | ((table.get(block + 1) & 0xFF) << 8));
                int pair = table.get(block + 2 + i % 16);
                float weight = unit * (float) (((pair >> ((i >> 2) & 4)) & 15) - 8); // the high half for i % 32 > 15
                out.set(r * dim + i, weight * scale);
            }
        }
    }
}
