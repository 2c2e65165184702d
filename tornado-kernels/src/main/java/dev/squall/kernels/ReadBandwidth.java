package dev.squall.kernels;

import dev.squall.kernels.simd.LongSums;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * How fast this machine reads memory on all cores: the bound for a model that reads all its weights for every token.
 *
 * <p>Sums memory that does not fit in a cache, eight sums side by side, and takes the best of some passes.
 */
public final class ReadBandwidth {
    private static final long SIZE = 1L << 30;
    private static final int PASSES = 5;
    /** Numbers of 64 bits that a part of the work sums. */
    private static final int PART = 1 << 17;

    private static final boolean VECTORS = KernelSet.best().name().equals("simd");

    private ReadBandwidth() {}

    /** Bytes a second: the best of five passes over 1 GB. */
    public static double measure() {
        return measure(SIZE, PASSES);
    }

    /**
     * Bytes a second.
     *
     * @param size bytes that are allocated and read, a multiple of 1 MiB
     */
    public static double measure(long size, int passes) {
        try (Arena arena = Arena.ofShared()) {
            MemorySegment memory = arena.allocate(size, 64);
            memory.fill((byte) 1);
            int parts = Math.toIntExact(size / (PART * (long) Long.BYTES));
            long[] sums = new long[parts];
            double best = 0;
            for (int pass = 0; pass <= passes; pass++) { // the first one compiles
                long start = System.nanoTime();
                Workers.shared().parallelFor(parts, 1, (from, to) -> {
                    for (int part = from; part < to; part++) {
                        MemorySegment piece = memory.asSlice((long) part * PART * Long.BYTES, (long) PART * Long.BYTES);
                        sums[part] = VECTORS ? LongSums.sum(piece) : sum(piece);
                    }
                });
                best = Math.max(best, size / ((System.nanoTime() - start) / 1e9));
            }
            for (long sum : sums) {
                if (sum != PART * 0x0101010101010101L) {
                    throw new IllegalStateException("a sum over memory came out wrong");
                }
            }
            return best;
        }
    }

    private static long sum(MemorySegment memory) {
        long a = 0;
        long b = 0;
        long c = 0;
        long d = 0;
        for (int i = 0; i < PART; i += 4) {
            a += memory.getAtIndex(ValueLayout.JAVA_LONG, i);
            b += memory.getAtIndex(ValueLayout.JAVA_LONG, i + 1);
            c += memory.getAtIndex(ValueLayout.JAVA_LONG, i + 2);
            d += memory.getAtIndex(ValueLayout.JAVA_LONG, i + 3);
        }
        return a + b + c + d;
    }
}
