package dev.squall.kernels.simd;

import java.lang.foreign.MemorySegment;

/**
 * Memory of a thread that its kernels cut into pieces, one kernel after the other: what a piece holds is lost when the same
 * thread cuts anew.
 */
final class Scratch {
    private static final ThreadLocal<Scratch> OWN = ThreadLocal.withInitial(Scratch::new);

    private MemorySegment memory = Memory.scratch(64);

    private Scratch() {}

    /**
     * Pieces of this thread's memory, of so many floats each, which begin at cache lines. Their contents are arbitrary.
     *
     * @return their addresses
     */
    static long[] cut(long... floats) {
        long bytes = 0;
        for (long count : floats) {
            bytes += padded(count);
        }
        Scratch own = OWN.get();
        if (own.memory.byteSize() < bytes) {
            own.memory = Memory.scratch(bytes);
        }
        long[] pieces = new long[floats.length];
        long at = own.memory.address();
        for (int i = 0; i < pieces.length; i++) {
            pieces[i] = at;
            at += padded(floats[i]);
        }
        return pieces;
    }

    private static long padded(long floats) {
        return (floats * Float.BYTES + 63) & -64;
    }
}
