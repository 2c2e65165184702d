package dev.squall.kernels.simd;

import dev.squall.kernels.Lanes;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Vectors at addresses: what the loops of matrix products, which have to keep up with memory, are written with.
 *
 * <p>Their callers check once that all that a loop will touch lies within its arrays, and keep the arrays alive. The loops
 * then count in bytes, as {@code for (long k = 0; k < n; k += step)}, with a step that the compiler does not know: a loop
 * that it can count is unrolled until its sums no longer fit into the registers, which makes a tile 2.3 times slower. They
 * call the vectors' own methods and no helpers: past some number of operations the compiler inlines no methods but the
 * JDK's, and a vector that meets a call is allocated as an object, which costs ten times as much.
 */
final class Memory {
    /** Every address of the process: loads and stores here know neither bounds nor lifetimes. */
    static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    /** The sixteen lanes at once, or half or a quarter of them where the machine has no wider vectors. */
    static final VectorSpecies<Float> FLOATS = atMost(FloatVector.SPECIES_512);

    /** Floats of a vector: 16, 8 or 4; below that this package is not used. */
    static final int S = FLOATS.length();

    /** Whether a vector has all the sixteen lanes of a sum: some tiles are for such machines alone. */
    static final boolean WHOLE = S == Lanes.COUNT;

    /** Half of the lanes, or a quarter: for numbers that come out of memory eight at a time. */
    static final VectorSpecies<Float> HALF = atMost(FloatVector.SPECIES_256);

    static final VectorSpecies<Integer> HALF_INTS = VectorSpecies.of(int.class, HALF.vectorShape());

    /** Floats of such a vector: 8 or 4. */
    static final int H = HALF.length();

    static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;

    static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ORDER);

    /** Bytes of sixteen floats. Not final, so that it is unknown to the compiler; read it before a loop. */
    static long sixteen = 64;

    static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ORDER);

    private Memory() {}

    private static VectorSpecies<Float> atMost(VectorSpecies<Float> widest) {
        VectorSpecies<Float> preferred = FloatVector.SPECIES_PREFERRED;
        return preferred.length() > widest.length() ? widest : preferred;
    }

    /** Memory of one's own that starts at a cache line, freed with its owner. */
    static MemorySegment scratch(long bytes) {
        return Arena.ofAuto().allocate(bytes, 64);
    }

    /** The sum of the sixteen lanes at an address, in the order of {@link Lanes}; they may be overwritten. */
    static float sum(long lanes) {
        if (H == 8) {
            return Vectors.sum(
                    FloatVector.fromMemorySegment(HALF, ALL, lanes, ORDER),
                    FloatVector.fromMemorySegment(HALF, ALL, lanes + 32, ORDER));
        }
        for (int h = 0; h < 32; h += H * Float.BYTES) {
            FloatVector.fromMemorySegment(HALF, ALL, lanes + h, ORDER)
                    .add(FloatVector.fromMemorySegment(HALF, ALL, lanes + 32 + h, ORDER))
                    .intoMemorySegment(ALL, lanes + h, ORDER);
        }
        return Lanes.sumOfEight(
                ALL.get(FLOAT, lanes),
                ALL.get(FLOAT, lanes + 4),
                ALL.get(FLOAT, lanes + 8),
                ALL.get(FLOAT, lanes + 12),
                ALL.get(FLOAT, lanes + 16),
                ALL.get(FLOAT, lanes + 20),
                ALL.get(FLOAT, lanes + 24),
                ALL.get(FLOAT, lanes + 28));
    }
}
