package dev.squall.kernels.simd;

import static dev.squall.kernels.simd.Memory.ALL;
import static dev.squall.kernels.simd.Memory.ORDER;

import dev.squall.kernels.KvType;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.ShortArray;

/**
 * Keys or values of a cache, as they are stored. All arithmetic is done on copies in F32, or in place where they are that: it
 * is written once for all types.
 *
 * @param segment [pages, kvHeads, pageSize, headDim]
 */
record CacheNumbers(MemorySegment segment, KvType type) {
    private static final float BIAS = 0x1p112f; // the exponents of binary32 begin so much lower than those of binary16

    static CacheNumbers of(FloatArray numbers) {
        return new CacheNumbers(numbers.getSegment(), KvType.F32);
    }

    static CacheNumbers of(ShortArray numbers) {
        return new CacheNumbers(numbers.getSegment(), KvType.F16);
    }

    /** Whether they can be computed with where they lie. */
    boolean inPlace() {
        return type == KvType.F32;
    }

    long address(int element) {
        return segment.address() + (long) type.bytes() * element;
    }

    /** The number of an element. */
    float get(int element) {
        return switch (type) {
            case F32 -> segment.get(Memory.FLOAT, 4L * element);
            case F16 -> Float.float16ToFloat(segment.get(Memory.SHORT, 2L * element));
        };
    }

    /** Stores the numbers [first, first + count) of an array from an element on. */
    void put(MemorySegment numbers, long first, int count, int element) {
        switch (type) {
            case F32 -> MemorySegment.copy(numbers, 4 * first, segment, 4L * element, 4L * count);
            case F16 -> {
                for (int i = 0; i < count; i++) {
                    float number = numbers.get(Memory.FLOAT, 4 * (first + i));
                    segment.set(Memory.SHORT, 2L * (element + i), Float.floatToFloat16(number));
                }
            }
        }
    }

    /** Copies count numbers from an element on to an address, as F32. */
    void copy(int element, int count, long to) {
        switch (type) {
            case F32 -> MemorySegment.copy(segment, 4L * element, ALL, to, 4L * count);
            case F16 -> {
                int vectors = count & -Vectors.W;
                halves(address(element), to, to + 4L * vectors);
                for (int i = vectors; i < count; i++) {
                    ALL.set(Memory.FLOAT, to + 4L * i, get(element + i));
                }
            }
        }
    }

    /**
     * Numbers of 16 bits to numbers of 32. Sign, exponent and mantissa go to their places; a factor puts the exponent's bias
     * right, and a second one that is taken back makes those infinite whose exponent says so. All of it is exact.
     */
    private static void halves(long from, long to, long end) {
        long step = Memory.sixteen / 16 * Vectors.W;
        for (; to < end; to += step, from += step / 2) {
            IntVector bits = (IntVector) ShortVector.fromMemorySegment(Vectors.SHORTS, ALL, from, ORDER)
                    .castShape(Vectors.INTS, 0);
            FloatVector small = bits.lanewise(VectorOperators.LSHL, 13)
                    .and(WeightRows.HALF_BITS)
                    .reinterpretAsFloats();
            small.mul(BIAS).mul(BIAS).mul(1 / BIAS).intoMemorySegment(ALL, to, ORDER);
        }
    }
}
