package dev.squall.tornado;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.management.ManagementFactory;
import java.lang.management.OperatingSystemMXBean;
import java.util.Locale;
import java.util.Set;

/**
 * Memory of large arrays, zero at first, and given back when nothing refers to it.
 *
 * <p>On Linux it is asked for in pages of 2 MiB, of which a processor finds one sooner than 512 of 4 KiB, and which the
 * system gives when they are first written: a long key/value cache takes what its texts fill. That is a hint; where the system
 * has no such pages the memory is the same.
 *
 * <p>An automatic arena would count it as direct memory, of which a JVM allows itself a quarter of the machine's. Here the
 * bound is the machine's memory. It needs native access ({@code --enable-native-access}); without it an automatic arena gives the
 * memory.
 */
public final class LargeMemory {
    /** From so many bytes on memory is large. */
    public static final long LEAST = 4L << 20;

    private static final long PAGE = 2L << 20;
    private static final long ALIGNMENT = 64; // elsewhere: a cache line
    private static final OperatingSystemMXBean SYSTEM = ManagementFactory.getOperatingSystemMXBean();
    private static final boolean PERMITTED = LargeMemory.class.getModule().isNativeAccessEnabled();
    private static final long MACHINE = machine();

    private static final long GARBAGE = MACHINE / 4; // bytes that may wait for the garbage collector

    private static long used; // bytes
    private static long collectAt = GARBAGE; // bytes in use at which it is asked what is still needed

    private LargeMemory() {}

    /** Whether this process has native access, so that the machine's memory is the bound, and not that of direct memory. */
    public static boolean isPermitted() {
        return PERMITTED;
    }

    /** Bytes of memory that the machine, or the container, has. */
    public static long ofMachine() {
        return MACHINE;
    }

    /**
     * Bytes that are zero.
     *
     * @throws OutOfMemoryError if the machine has not as many beside those in use
     */
    public static MemorySegment allocate(long bytes) {
        if (!PERMITTED) {
            return Arena.ofAuto().allocate(bytes, ALIGNMENT);
        }
        reserve(bytes);
        try {
            return Linux.PRESENT ? Linux.map(bytes) : own(bytes);
        } catch (Throwable failure) {
            release(bytes);
            throw failure;
        }
    }

    /** Memory of an arena that is closed once nothing refers to it. */
    private static MemorySegment own(long bytes) {
        Arena arena = Arena.ofShared();
        try {
            return arena.allocate(bytes, ALIGNMENT).reinterpret(Arena.ofAuto(), gone -> {
                arena.close();
                release(bytes);
            });
        } catch (Throwable failure) {
            arena.close();
            throw failure;
        }
    }

    /** The garbage collector does not know how large arrays are, and is told when they have become many. */
    private static synchronized void reserve(long bytes) {
        if (used + bytes > collectAt) {
            System.gc();
            for (int tries = 0; used + bytes > MACHINE; tries++) {
                if (tries == 10) {
                    throw new OutOfMemoryError(String.format(
                            Locale.ROOT,
                            "arrays: found %.2f GB in use, and %.2f GB more asked for, expected at most %.2f GB, the machine's memory",
                            used / 1e9,
                            bytes / 1e9,
                            MACHINE / 1e9));
                }
                awaitRelease();
            }
            collectAt = used + bytes + GARBAGE;
        }
        used += bytes;
    }

    private static void awaitRelease() {
        try {
            LargeMemory.class.wait(100);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static synchronized void release(long bytes) {
        used -= bytes;
        collectAt = Math.min(collectAt, used + GARBAGE);
        LargeMemory.class.notifyAll();
    }

    private static long machine() {
        return SYSTEM instanceof com.sun.management.OperatingSystemMXBean system
                ? system.getTotalMemorySize()
                : Long.MAX_VALUE;
    }

    /** The system calls, with the constants that they have on the usual processors. */
    private static final class Linux {
        static final boolean PRESENT =
                SYSTEM.getName().equals("Linux") && Set.of("amd64", "aarch64").contains(SYSTEM.getArch());

        private static final int READ_AND_WRITE = 1 | 2; // PROT_READ, PROT_WRITE
        private static final int NO_FILE = 0x02 | 0x20; // MAP_PRIVATE, MAP_ANONYMOUS
        private static final int HUGE_PAGES = 14; // MADV_HUGEPAGE

        private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
        private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
        private static final MethodHandle MAP =
                call("mmap", FunctionDescriptor.of(LONG, LONG, LONG, INT, INT, INT, LONG));
        private static final MethodHandle UNMAP = call("munmap", FunctionDescriptor.of(INT, LONG, LONG));
        private static final MethodHandle ADVISE = call("madvise", FunctionDescriptor.of(INT, LONG, LONG, INT));

        private static MethodHandle call(String name, FunctionDescriptor types) {
            Linker linker = Linker.nativeLinker();
            return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), types);
        }

        static MemorySegment map(long bytes) {
            long size = bytes + PAGE;
            try {
                long from = (long) MAP.invokeExact(0L, size, READ_AND_WRITE, NO_FILE, -1, 0L);
                if (from == -1) {
                    throw new OutOfMemoryError("mmap of " + bytes + " bytes: refused by the system");
                }
                long start = (from + PAGE - 1) & -PAGE;
                // The last page stays small where it would not be full.
                int ignored = (int) ADVISE.invokeExact(start, bytes & -PAGE, HUGE_PAGES);
                return MemorySegment.ofAddress(start).reinterpret(bytes, Arena.ofAuto(), gone -> {
                    unmap(from, size);
                    release(bytes);
                });
            } catch (RuntimeException | Error failure) {
                throw failure;
            } catch (Throwable impossible) {
                throw new IllegalStateException(impossible);
            }
        }

        private static void unmap(long from, long size) {
            try {
                int ignored = (int) UNMAP.invokeExact(from, size);
            } catch (Throwable impossible) {
                throw new IllegalStateException(impossible);
            }
        }
    }
}
