package dev.squall.kernels.simd;

import uk.ac.manchester.tornado.api.types.arrays.ByteArray;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.ShortArray;

/** The vectors of the live rows' tokens; see {@link dev.squall.kernels.reference.Embeddings}. */
public final class Embeddings {
    private Embeddings() {}

    /** A table of single-precision numbers. */
    public static void f32(IntArray step, IntArray token, FloatArray table, FloatArray out, int dim, float scale) {
        dev.squall.kernels.reference.Embeddings.f32(step, token, table, out, dim, scale);
    }

    /** A table of half-precision numbers. */
    public static void f16(IntArray step, IntArray token, ShortArray table, FloatArray out, int dim, float scale) {
        dev.squall.kernels.reference.Embeddings.f16(step, token, table, out, dim, scale);
    }

    /** A table of bfloat16 numbers. */
    public static void bf16(IntArray step, IntArray token, ShortArray table, FloatArray out, int dim, float scale) {
        dev.squall.kernels.reference.Embeddings.bf16(step, token, table, out, dim, scale);
    }

    /** A table of blocks of a half-precision scale and 32 signed bytes; dim is a multiple of 32. */
    public static void q8_0(IntArray step, IntArray token, ByteArray table, FloatArray out, int dim, float scale) {
        dev.squall.kernels.reference.Embeddings.q8_0(step, token, table, out, dim, scale);
    }

    /** A table of blocks of a half-precision scale and 32 four-bit numbers; dim is a multiple of 32. */
    public static void q4_0(IntArray step, IntArray token, ByteArray table, FloatArray out, int dim, float scale) {
        dev.squall.kernels.reference.Embeddings.q4_0(step, token, table, out, dim, scale);
    }
}
