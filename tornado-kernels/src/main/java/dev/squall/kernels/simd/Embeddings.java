package dev.squall.kernels.simd;

import dev.squall.kernels.WeightType;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.Objects;
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
        int padded = WeightRows.padded(dim);
        MemorySegment scratch = Memory.scratch((padded + WeightRows.GROUP) * (long) Float.BYTES);
        long row = scratch.address();
        long stride = type.byteSize(dim);
        for (int r = 0; r < step.get(0); r++) {
            long first = token.get(r) * stride;
            Objects.checkFromIndexSize(first, stride, table.byteSize());
            WeightRows.decode(type, table.address() + first, dim, row, row + (long) padded * Float.BYTES);
            for (int i = 0; i < dim; i++) {
                out.set(r * dim + i, WeightRows.original(type, row, i) * scale);
            }
        }
        Reference.reachabilityFence(scratch);
        Reference.reachabilityFence(table);
    }
}
