package dev.squall.kernels.simd;

import static dev.squall.kernels.simd.Memory.ALL;
import static dev.squall.kernels.simd.Memory.FLOATS;
import static dev.squall.kernels.simd.Memory.ORDER;
import static dev.squall.kernels.simd.Memory.SHORT;
import static dev.squall.kernels.simd.WeightRows.EIGHT;
import static dev.squall.kernels.simd.WeightRows.TOP_NIBBLE;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.XOR;

import dev.squall.kernels.WeightType;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/** Decodes quantised weight rows sixteen numbers at a time, to the numbers and in the order of {@link WeightRows}. */
final class WideRows {
    static final VectorSpecies<Byte> BYTES = ByteVector.SPECIES_256; // of a block of Q8_0
    static final VectorSpecies<Byte> PAIRS = ByteVector.SPECIES_128; // of a block of Q4_0
    static final VectorSpecies<Integer> INTS = IntVector.SPECIES_512;

    /** Of 32 bytes the first ones of their ints, then the second ones, to the lower half of a vector. */
    static final VectorShuffle<Byte> FIRST = bytesOfInts(0);

    /** The third ones, then the fourth ones. */
    static final VectorShuffle<Byte> LAST = bytesOfInts(2);

    /** The same of sixteen floats, each four of which stand for an int: twice, for a lower and an upper half. */
    private static final VectorShuffle<Float> FIRST_OF_FOUR = VectorShuffle.fromOp(FLOATS, i -> i % 4 * 4 + i / 8);

    private static final VectorShuffle<Float> LAST_OF_FOUR = VectorShuffle.fromOp(FLOATS, i -> i % 4 * 4 + i / 8 + 2);

    /** Lanes whose floats come from the upper half. */
    private static final VectorMask<Float> UPPER = VectorMask.fromLong(FLOATS, 0xF0F0);

    private WideRows() {}

    private static VectorShuffle<Byte> bytesOfInts(int first) {
        int[] from = new int[BYTES.length()];
        for (int i = 0; i < 16; i++) {
            from[i] = i % 8 * 4 + i / 8 + first;
        }
        return VectorShuffle.fromArray(BYTES, from, 0);
    }

    /**
     * Decodes whole groups of a type that {@link WideProducts#supports}.
     *
     * @param w where they are stored
     * @param out receives them, up to {@code end}
     */
    static void decode(WeightType type, long w, long out, long end) {
        if (type == WeightType.Q8_0) {
            q8(w, out, end);
        } else {
            q4(w, out, end);
        }
    }

    private static void q8(long w, long out, long end) {
        long step = 2 * Memory.sixteen;
        for (; out < end; out += step, w += 34) {
            FloatVector scale = FloatVector.broadcast(FLOATS, Float.float16ToFloat(ALL.get(SHORT, w)));
            ByteVector q = ByteVector.fromMemorySegment(BYTES, ALL, w + 2, ORDER);
            ((FloatVector) q.rearrange(FIRST).castShape(FLOATS, 0)).mul(scale).intoMemorySegment(ALL, out, ORDER);
            ((FloatVector) q.rearrange(LAST).castShape(FLOATS, 0)).mul(scale).intoMemorySegment(ALL, out + 64, ORDER);
        }
    }

    private static void q4(long w, long out, long end) {
        long step = 2 * Memory.sixteen;
        for (; out < end; out += step, w += 18) {
            FloatVector scale = FloatVector.broadcast(FLOATS, Float.float16ToFloat(ALL.get(SHORT, w)) * 0x1p-28f);
            IntVector q = (IntVector)
                    ByteVector.fromMemorySegment(PAIRS, ALL, w + 2, ORDER).castShape(INTS, 0);
            ((FloatVector) q.lanewise(LSHL, 28).lanewise(XOR, EIGHT).castShape(FLOATS, 0))
                    .mul(scale)
                    .intoMemorySegment(ALL, out, ORDER);
            ((FloatVector) q.lanewise(LSHL, 24)
                            .and(TOP_NIBBLE)
                            .lanewise(XOR, EIGHT)
                            .castShape(FLOATS, 0))
                    .mul(scale)
                    .intoMemorySegment(ALL, out + 64, ORDER);
        }
    }

    /**
     * A row of inputs in the order of Q8_0's numbers.
     *
     * @param x address of [cols], a multiple of 32
     * @param out [cols], receives them
     */
    static void arrange(long x, int cols, long out) {
        long step = 2 * Memory.sixteen;
        for (long k = 0, end = 4L * cols; k < end; k += step) {
            FloatVector low = FloatVector.fromMemorySegment(FLOATS, ALL, x + k, ORDER);
            FloatVector high = FloatVector.fromMemorySegment(FLOATS, ALL, x + k + 64, ORDER);
            low.rearrange(FIRST_OF_FOUR)
                    .blend(high.rearrange(FIRST_OF_FOUR), UPPER)
                    .intoMemorySegment(ALL, out + k, ORDER);
            low.rearrange(LAST_OF_FOUR)
                    .blend(high.rearrange(LAST_OF_FOUR), UPPER)
                    .intoMemorySegment(ALL, out + k + 64, ORDER);
        }
    }
}
