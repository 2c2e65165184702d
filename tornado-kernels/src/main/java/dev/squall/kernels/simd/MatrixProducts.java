package dev.squall.kernels.simd;

import uk.ac.manchester.tornado.api.types.arrays.ByteArray;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.ShortArray;

/** A weight matrix times the live rows of a batch; see {@link dev.squall.kernels.reference.MatrixProducts}. */
public final class MatrixProducts {
    private MatrixProducts() {}

    /** Single-precision weights. */
    public static void f32(IntArray step, FloatArray x, FloatArray w, FloatArray out, int count, int rows, int cols) {
        dev.squall.kernels.reference.MatrixProducts.f32(step, x, w, out, count, rows, cols);
    }

    /** Half-precision weights. */
    public static void f16(IntArray step, FloatArray x, ShortArray w, FloatArray out, int count, int rows, int cols) {
        dev.squall.kernels.reference.MatrixProducts.f16(step, x, w, out, count, rows, cols);
    }

    /** bfloat16 weights. */
    public static void bf16(IntArray step, FloatArray x, ShortArray w, FloatArray out, int count, int rows, int cols) {
        dev.squall.kernels.reference.MatrixProducts.bf16(step, x, w, out, count, rows, cols);
    }

    /** Weights in blocks of a half-precision scale and 32 signed bytes; cols is a multiple of 32. */
    public static void q8_0(IntArray step, FloatArray x, ByteArray w, FloatArray out, int count, int rows, int cols) {
        dev.squall.kernels.reference.MatrixProducts.q8_0(step, x, w, out, count, rows, cols);
    }

    /** Weights in blocks of a half-precision scale and 32 four-bit numbers; cols is a multiple of 32. */
    public static void q4_0(IntArray step, FloatArray x, ByteArray w, FloatArray out, int count, int rows, int cols) {
        dev.squall.kernels.reference.MatrixProducts.q4_0(step, x, w, out, count, rows, cols);
    }
}
