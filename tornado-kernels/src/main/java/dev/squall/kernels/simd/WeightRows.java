package dev.squall.kernels.simd;

import dev.squall.kernels.WeightType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.Vector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Decodes stretches of stored weight rows to floats: scale · q, rounded once. Every user of a weight gets these numbers,
 * whatever the width of the machine's vectors.
 */
final class WeightRows {
    /** At most 16 floats: a sum has no more lanes. */
    static final VectorSpecies<Float> FLOATS =
            FloatVector.SPECIES_PREFERRED.length() > 16 ? FloatVector.SPECIES_512 : FloatVector.SPECIES_PREFERRED;

    /** Floats of a vector: 4, 8 or 16. */
    static final int S = FLOATS.length();

    private static final VectorSpecies<Integer> INTS = VectorSpecies.of(int.class, FLOATS.vectorShape());
    private static final VectorSpecies<Byte> BYTES = S == 16 ? ByteVector.SPECIES_128 : ByteVector.SPECIES_64;
    private static final VectorSpecies<Short> SHORTS =
            S == 16 ? ShortVector.SPECIES_256 : S == 8 ? ShortVector.SPECIES_128 : ShortVector.SPECIES_64;
    private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ORDER);
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ORDER);
    private static final int BLOCK = 32;

    private WeightRows() {}

    /**
     * Decodes the numbers [from, from + count) of a row.
     *
     * @param w [rows, cols] in the layout of the type
     * @param from a multiple of 32
     * @param out receives the numbers from {@code at} on
     */
    static void decode(WeightType type, MemorySegment w, long row, int cols, int from, int count, float[] out, int at) {
        long first = row * cols + from;
        switch (type) {
            case F32 -> decodeF32(w, first * 4, count, out, at);
            case F16 -> decodeF16(w, first * 2, count, out, at);
            case BF16 -> decodeBf16(w, first * 2, count, out, at);
            case Q8_0 -> decodeQ8(w, first / BLOCK * 34, count, out, at);
            case Q4_0 -> decodeQ4(w, first / BLOCK * 18, count, out, at);
        }
    }

    private static void decodeF32(MemorySegment w, long offset, int count, float[] out, int at) {
        MemorySegment.copy(w, FLOAT, offset, out, at, count);
    }

    private static void decodeF16(MemorySegment w, long offset, int count, float[] out, int at) {
        int i = 0;
        for (; i <= count - S; i += S) {
            IntVector bits = shorts(w, offset + 2L * i);
            // Sign to the top, exponent and mantissa to a float's place; the product puts the exponent's bias right.
            IntVector moved = bits.lanewise(VectorOperators.LSHL, 13).and(0x8FFFE000);
            moved.reinterpretAsFloats().mul(0x1p112f).intoArray(out, at + i);
        }
        for (; i < count; i++) {
            int bits = w.get(SHORT, offset + 2L * i);
            out[at + i] = Float.intBitsToFloat(bits << 13 & 0x8FFFE000) * 0x1p112f;
        }
    }

    private static void decodeBf16(MemorySegment w, long offset, int count, float[] out, int at) {
        int i = 0;
        for (; i <= count - S; i += S) {
            shorts(w, offset + 2L * i)
                    .lanewise(VectorOperators.LSHL, 16)
                    .reinterpretAsFloats()
                    .intoArray(out, at + i);
        }
        for (; i < count; i++) {
            out[at + i] = Float.intBitsToFloat(w.get(SHORT, offset + 2L * i) << 16);
        }
    }

    private static IntVector shorts(MemorySegment w, long offset) {
        return (IntVector)
                ShortVector.fromMemorySegment(SHORTS, w, offset, ORDER).castShape(INTS, 0);
    }

    private static void decodeQ8(MemorySegment w, long offset, int count, float[] out, int at) {
        for (int i = 0; i < count; i += BLOCK, offset += 34) {
            float scale = Float.float16ToFloat(w.get(SHORT, offset));
            for (int j = 0; j < BLOCK; j += S) {
                signedBytes(w, offset + 2, j).mul(scale).intoArray(out, at + i + j);
            }
        }
    }

    /** The half-precision scale at an offset, in every lane. */
    static FloatVector scale(MemorySegment w, long offset) {
        return FloatVector.broadcast(FLOATS, Float.float16ToFloat(w.get(SHORT, offset)));
    }

    /** S signed bytes from number {@code lane} of the block that starts at an offset. */
    static FloatVector signedBytes(MemorySegment w, long offset, int lane) {
        if (S == 4) { // no vector holds 4 bytes: take the half of 8
            Vector<Byte> eight = ByteVector.fromMemorySegment(BYTES, w, offset + (lane & ~7), ORDER);
            return (FloatVector) eight.castShape(FLOATS, lane >> 2 & 1);
        }
        return (FloatVector)
                ByteVector.fromMemorySegment(BYTES, w, offset + lane, ORDER).castShape(FLOATS, 0);
    }

    private static void decodeQ4(MemorySegment w, long offset, int count, float[] out, int at) {
        for (int i = 0; i < count; i += BLOCK, offset += 18) {
            float scale = Float.float16ToFloat(w.get(SHORT, offset));
            for (int j = 0; j < BLOCK / 2; j += S) {
                IntVector pairs = bytes(w, offset + 2, j);
                nibbles(pairs).mul(scale).intoArray(out, at + i + j);
                nibbles(pairs.lanewise(VectorOperators.LSHR, 4)).mul(scale).intoArray(out, at + i + j + BLOCK / 2);
            }
        }
    }

    private static IntVector bytes(MemorySegment w, long offset, int lane) {
        if (S == 4) {
            Vector<Byte> eight = ByteVector.fromMemorySegment(BYTES, w, offset + (lane & ~7), ORDER);
            return (IntVector) eight.castShape(INTS, lane >> 2 & 1);
        }
        return (IntVector)
                ByteVector.fromMemorySegment(BYTES, w, offset + lane, ORDER).castShape(INTS, 0);
    }

    private static FloatVector nibbles(IntVector low) {
        return (FloatVector) low.and(15).sub(8).castShape(FLOATS, 0);
    }
}
