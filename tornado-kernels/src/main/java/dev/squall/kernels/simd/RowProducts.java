package dev.squall.kernels.simd;

import static dev.squall.kernels.simd.WeightRows.FLOATS;
import static dev.squall.kernels.simd.WeightRows.S;

import dev.squall.kernels.Lanes;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * One row of a batch times Q8_0 weights, two weight rows at a time straight from memory: the case that reads memory as fast
 * as it comes. The same additions in the same order as {@link Tiles}, so the same bits.
 *
 * <p>Two, not four: the compiler stops inlining vector operations after so many in a method, and a vector that meets a call
 * is allocated as an object.
 */
final class RowProducts {
    /** Weight rows that are read side by side. */
    static final int WEIGHTS = 2;

    private static final VectorSpecies<Byte> BYTES = S == 16 ? ByteVector.SPECIES_128 : ByteVector.SPECIES_64;
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int BLOCK = 32;
    private static final int BLOCK_BYTES = 34;

    private RowProducts() {}

    /** S numbers without their scale. As short as can be: a helper that is not compiled into the loop costs it everything. */
    private static FloatVector numbers(MemorySegment w, long at) {
        return (FloatVector) ByteVector.fromMemorySegment(BYTES, w, at, ByteOrder.LITTLE_ENDIAN)
                .castShape(FLOATS, 0);
    }

    /** Whether a vector holds half of the lanes or all of them, which is what this is written for. */
    static boolean available() {
        return S >= 8;
    }

    /**
     * Two products.
     *
     * @param w [rows, cols] in blocks of Q8_0
     * @param first the first of the two weight rows
     * @param x [cols]
     * @param lanes [2, 16], receives the lanes of the sums
     */
    static void q8(MemorySegment w, long first, int cols, float[] x, float[] lanes) {
        long stride = cols / BLOCK * (long) BLOCK_BYTES;
        long p0 = first * stride;
        long p1 = p0 + stride;
        FloatVector a0 = FloatVector.zero(FLOATS); // lanes 0 to S - 1
        FloatVector a1 = FloatVector.zero(FLOATS);
        FloatVector b0 = FloatVector.zero(FLOATS); // lanes 8 to 15 where a vector holds eight
        FloatVector b1 = FloatVector.zero(FLOATS);
        for (int k = 0; k < cols; k += BLOCK) {
            FloatVector s0 = FloatVector.broadcast(FLOATS, Float.float16ToFloat(w.get(SHORT, p0)));
            FloatVector s1 = FloatVector.broadcast(FLOATS, Float.float16ToFloat(w.get(SHORT, p1)));
            for (int half = 0; half < BLOCK; half += Lanes.COUNT) {
                FloatVector xa = FloatVector.fromArray(FLOATS, x, k + half);
                a0 = numbers(w, p0 + half + 2).mul(s0).fma(xa, a0);
                a1 = numbers(w, p1 + half + 2).mul(s1).fma(xa, a1);
                if (S == 8) {
                    FloatVector xb = FloatVector.fromArray(FLOATS, x, k + half + 8);
                    b0 = numbers(w, p0 + half + 10).mul(s0).fma(xb, b0);
                    b1 = numbers(w, p1 + half + 10).mul(s1).fma(xb, b1);
                }
            }
            p0 += BLOCK_BYTES;
            p1 += BLOCK_BYTES;
        }
        a0.intoArray(lanes, 0);
        a1.intoArray(lanes, 16);
        if (S == 8) {
            b0.intoArray(lanes, 8);
            b1.intoArray(lanes, 24);
        }
    }
}
