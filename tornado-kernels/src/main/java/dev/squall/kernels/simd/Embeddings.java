package dev.squall.kernels.simd;

import dev.squall.kernels.WeightType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import uk.ac.manchester.tornado.api.types.arrays.ByteArray;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.ShortArray;

/** Rows of the embedding table for the live rows of a batch; see {@link dev.squall.kernels.reference.Embeddings}. */
public final class Embeddings {
    private Embeddings() {}

    /** Single-precision table. */
    public static void f32(IntArray step, IntArray token, FloatArray table, FloatArray out, int dim, float scale) {
        gather(WeightType.F32, step, token, table.getSegment(), out, dim, scale);
    }

    /** Half-precision table. */
    public static void f16(IntArray step, IntArray token, ShortArray table, FloatArray out, int dim, float scale) {
        gather(WeightType.F16, step, token, table.getSegment(), out, dim, scale);
    }

    /** bfloat16 table. */
    public static void bf16(IntArray step, IntArray token, ShortArray table, FloatArray out, int dim, float scale) {
        gather(WeightType.BF16, step, token, table.getSegment(), out, dim, scale);
    }

    /** Table in blocks of a half-precision scale and 32 signed bytes. */
    public static void q8_0(IntArray step, IntArray token, ByteArray table, FloatArray out, int dim, float scale) {
        gather(WeightType.Q8_0, step, token, table.getSegment(), out, dim, scale);
    }

    /** Table in blocks of a half-precision scale and 32 four-bit numbers. */
    public static void q4_0(IntArray step, IntArray token, ByteArray table, FloatArray out, int dim, float scale) {
        gather(WeightType.Q4_0, step, token, table.getSegment(), out, dim, scale);
    }

    private static void gather(
            WeightType type, IntArray step, IntArray token, MemorySegment table, FloatArray out, int dim, float scale) {
        float[] row = new float[dim];
        for (int r = 0; r < step.get(0); r++) {
            WeightRows.decode(type, table, token.get(r), dim, 0, dim, row, 0);
            if (scale != 1f) {
                for (int i = 0; i < dim; i++) {
                    row[i] *= scale;
                }
            }
            MemorySegment.copy(row, 0, out.getSegment(), ValueLayout.JAVA_FLOAT, (long) r * dim * Float.BYTES, dim);
        }
    }
}
