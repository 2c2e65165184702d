package dev.squall.kernels.simd;

import static dev.squall.kernels.simd.Memory.ALL;
import static dev.squall.kernels.simd.Memory.H;
import static dev.squall.kernels.simd.Memory.HALF;
import static dev.squall.kernels.simd.Memory.HALF_INTS;
import static dev.squall.kernels.simd.Memory.ORDER;
import static dev.squall.kernels.simd.Memory.SHORT;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.XOR;

import dev.squall.kernels.WeightType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.Vector;

/**
 * Decodes stretches of stored weight rows to floats: scale · q, rounded once. Every user of a weight gets these numbers,
 * whatever the width of the machine's vectors.
 *
 * <p>They come in the order in which it is cheap to take them out of vectors of ints, which is part of the definition of a
 * product in this set, as it says which lane a number is added to. Of 16 halves the even ones come first, then the odd
 * ones; of 32 bytes those first in their ints, then the second ones, and so on; the other types keep their order. {@link
 * #arrange} brings the inputs of a product into the same order.
 *
 * <p>A number is taken out at the top of its int, 2^24 or 2^28 times as large as it is, and the scale made smaller by as
 * much: both are exact.
 */
final class WeightRows {
    /** Numbers that are decoded together; rows are filled up to a multiple of it with zeros. */
    static final int GROUP = 32;

    static final int HALF_BITS = 0x8FFFE000;
    static final float HALF_BIAS = 0x1p112f;
    static final int UPPER_HALF = 0xFFFF0000;
    static final int TOP_BYTE = 0xFF000000;
    static final int TOP_NIBBLE = 0xF0000000;
    static final int EIGHT = 0x80000000;

    private WeightRows() {}

    /** The next multiple of a group. */
    static int padded(int cols) {
        return (cols + GROUP - 1) / GROUP * GROUP;
    }

    /**
     * Decodes {@code count} numbers and the zeros that complete the last group.
     *
     * @param w where they are stored, at the start of a block
     * @param out receives them
     * @param spare 128 bytes to work with
     */
    static void decode(WeightType type, long w, int count, long out, long spare) {
        int whole = count / GROUP * GROUP;
        groups(type, w, whole, out);
        if (whole < count) {
            ALL.asSlice(spare, 128).fill((byte) 0);
            MemorySegment.copy(ALL, w + type.byteSize(whole), ALL, spare, type.byteSize(count - whole));
            groups(type, spare, GROUP, out + 4L * whole);
        }
    }

    private static void groups(WeightType type, long w, int count, long out) {
        long end = out + 4L * count;
        if (WideProducts.supports(type)) {
            WideRows.decode(type, w, out, end);
            return;
        }
        switch (type) {
            case F32 -> MemorySegment.copy(ALL, w, ALL, out, 4L * count);
            case F16 -> f16(w, out, end);
            case BF16 -> bf16(w, out, end);
            case Q8_0 -> q8(w, out, end);
            case Q4_0 -> q4(w, out, end);
        }
    }

    /** Numbers that share an int, of which the first ones come first; 1 where the order is that of the file. */
    private static int every(WeightType type) {
        return switch (type) {
            case Q8_0 -> 4;
            case F16, BF16 -> 2;
            case F32, Q4_0 -> 1;
        };
    }

    /**
     * A row of inputs in the order of a type's numbers, filled up with zeros.
     *
     * @param x [cols]
     * @param out [padded cols]
     */
    static void arrange(WeightType type, MemorySegment x, long first, int cols, MemorySegment out, long at) {
        int every = every(type);
        int run = 8 * every;
        int padded = padded(cols);
        if (every == 1) {
            MemorySegment.copy(x, 4 * first, out, at, 4L * cols);
            out.asSlice(at + 4L * cols, 4L * (padded - cols)).fill((byte) 0);
            return;
        }
        if (type == WeightType.Q8_0 && Memory.WHOLE) {
            WideRows.arrange(x.address() + 4 * first, cols, out.address() + at);
            return;
        }
        for (int from = 0; from < padded; from += run) {
            for (int j = 0; j < every; j++) {
                for (int i = 0; i < 8; i++) {
                    int k = from + i * every + j;
                    float number = k < cols ? x.getAtIndex(ValueLayout.JAVA_FLOAT, first + k) : 0f;
                    out.set(ValueLayout.JAVA_FLOAT, at + 4L * (from + 8 * j + i), number);
                }
            }
        }
    }

    /** Number i of a decoded row, in the order of its file. */
    static float original(WeightType type, long row, int i) {
        int every = every(type);
        int in = i % (8 * every);
        int position = i - in + in % every * 8 + in / every;
        return ALL.get(ValueLayout.JAVA_FLOAT, row + 4L * position);
    }

    private static void f16(long w, long out, long end) {
        long step = Memory.sixteen;
        for (; out < end; out += step, w += 32) {
            for (int h = 0; h < 32; h += 4 * H) {
                IntVector pairs = IntVector.fromMemorySegment(HALF_INTS, ALL, w + h, ORDER);
                evenHalves(pairs).intoMemorySegment(ALL, out + h, ORDER);
                oddHalves(pairs).intoMemorySegment(ALL, out + 32 + h, ORDER);
            }
        }
    }

    /** Sign to the top, exponent and mantissa to a float's place; the product puts the exponent's bias right. */
    static FloatVector evenHalves(IntVector pairs) {
        return pairs.lanewise(LSHL, 16)
                .lanewise(ASHR, 3)
                .and(HALF_BITS)
                .reinterpretAsFloats()
                .mul(HALF_BIAS);
    }

    static FloatVector oddHalves(IntVector pairs) {
        return pairs.lanewise(ASHR, 3).and(HALF_BITS).reinterpretAsFloats().mul(HALF_BIAS);
    }

    private static void bf16(long w, long out, long end) {
        long step = Memory.sixteen;
        for (; out < end; out += step, w += 32) {
            for (int h = 0; h < 32; h += 4 * H) {
                IntVector pairs = IntVector.fromMemorySegment(HALF_INTS, ALL, w + h, ORDER);
                pairs.lanewise(LSHL, 16).reinterpretAsFloats().intoMemorySegment(ALL, out + h, ORDER);
                pairs.and(UPPER_HALF).reinterpretAsFloats().intoMemorySegment(ALL, out + 32 + h, ORDER);
            }
        }
    }

    private static void q8(long w, long out, long end) {
        long step = 2 * Memory.sixteen;
        for (; out < end; out += step, w += 34) {
            FloatVector scale = scale(w).mul(0x1p-24f);
            for (int h = 0; h < 32; h += 4 * H) {
                IntVector fours = IntVector.fromMemorySegment(HALF_INTS, ALL, w + 2 + h, ORDER);
                ((FloatVector) fours.lanewise(LSHL, 24).castShape(HALF, 0))
                        .mul(scale)
                        .intoMemorySegment(ALL, out + h, ORDER);
                ((FloatVector) fours.lanewise(LSHL, 16).and(TOP_BYTE).castShape(HALF, 0))
                        .mul(scale)
                        .intoMemorySegment(ALL, out + 32 + h, ORDER);
                ((FloatVector) fours.lanewise(LSHL, 8).and(TOP_BYTE).castShape(HALF, 0))
                        .mul(scale)
                        .intoMemorySegment(ALL, out + 64 + h, ORDER);
                ((FloatVector) fours.and(TOP_BYTE).castShape(HALF, 0))
                        .mul(scale)
                        .intoMemorySegment(ALL, out + 96 + h, ORDER);
            }
        }
    }

    private static void q4(long w, long out, long end) {
        long step = 2 * Memory.sixteen;
        for (; out < end; out += step, w += 18) {
            FloatVector scale = scale(w).mul(0x1p-28f);
            for (int h = 0; h < 16; h += H) {
                IntVector pairs = bytes(w + 2, h);
                low(pairs).mul(scale).intoMemorySegment(ALL, out + 4 * h, ORDER);
                high(pairs).mul(scale).intoMemorySegment(ALL, out + 4 * h + 64, ORDER);
            }
        }
    }

    /** The half-precision scale at an address, in every lane. */
    static FloatVector scale(long address) {
        short bits = ALL.get(SHORT, address);
        return FloatVector.broadcast(HALF, Float.float16ToFloat(bits));
    }

    /** H bytes as ints, from byte h of sixteen on. No vector holds four bytes: then it is half of eight. */
    static IntVector bytes(long address, int h) {
        Vector<Byte> eight = ByteVector.fromMemorySegment(ByteVector.SPECIES_64, ALL, address + (h & 8), ORDER);
        return (IntVector) ((h & 7) == 0 ? eight.castShape(HALF_INTS, 0) : eight.castShape(HALF_INTS, 1));
    }

    /** The lower four bits less 8, times 2^28. */
    static FloatVector low(IntVector pairs) {
        return ((FloatVector) pairs.lanewise(LSHL, 28).lanewise(XOR, EIGHT).castShape(HALF, 0));
    }

    /** The upper four bits less 8, times 2^28. */
    static FloatVector high(IntVector pairs) {
        return ((FloatVector)
                pairs.lanewise(LSHL, 24).and(TOP_NIBBLE).lanewise(XOR, EIGHT).castShape(HALF, 0));
    }
}
