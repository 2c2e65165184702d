package dev.squall.kernels.simd;

import static dev.squall.kernels.simd.Memory.ALL;
import static dev.squall.kernels.simd.Memory.ORDER;

import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** Adds up memory as fast as it can be read: few instructions a byte, so that many reads are under way at a time. */
public final class LongSums {
    private static final VectorSpecies<Long> LONGS = LongVector.SPECIES_256;

    private LongSums() {}

    /** The sum of the numbers of 64 bits in a segment, whose size is a multiple of 128 bytes; it wraps. */
    public static long sum(MemorySegment memory) {
        LongVector a = LongVector.zero(LONGS);
        LongVector b = LongVector.zero(LONGS);
        LongVector c = LongVector.zero(LONGS);
        LongVector d = LongVector.zero(LONGS);
        long step = 2 * Memory.sixteen;
        long end = memory.address() + memory.byteSize();
        for (long at = memory.address(); at < end; at += step) {
            a = a.add(LongVector.fromMemorySegment(LONGS, ALL, at, ORDER));
            b = b.add(LongVector.fromMemorySegment(LONGS, ALL, at + 32, ORDER));
            c = c.add(LongVector.fromMemorySegment(LONGS, ALL, at + 64, ORDER));
            d = d.add(LongVector.fromMemorySegment(LONGS, ALL, at + 96, ORDER));
        }
        Reference.reachabilityFence(memory);
        return a.add(b).add(c.add(d)).reduceLanes(VectorOperators.ADD);
    }
}
