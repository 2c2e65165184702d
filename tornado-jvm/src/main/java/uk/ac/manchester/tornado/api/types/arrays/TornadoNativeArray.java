package uk.ac.manchester.tornado.api.types.arrays;

import dev.squall.tornado.LargeMemory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * What the off-heap arrays have in common: a segment of elements, indexed by an int.
 *
 * <p>On the JVM an array has no header, so that it can be a view of a file that is mapped read-only; a TornadoVM SDK keeps
 * one before the elements.
 */
public abstract sealed class TornadoNativeArray
        permits ByteArray,
                CharArray,
                DoubleArray,
                FloatArray,
                HalfFloatArray,
                Int8Array,
                IntArray,
                LongArray,
                ShortArray {
    /** A cache line and a vector of 512 bits, in bytes. */
    private static final long ALIGNMENT = 64;

    /** Sets every byte to zero. */
    public abstract void clear();

    /** The number of elements. */
    public abstract int getSize();

    /** The size of an element in bytes. */
    public abstract int getElementSize();

    /** The elements. */
    public abstract MemorySegment getSegment();

    /** The elements: on the JVM there is no header before them. */
    public MemorySegment getSegmentWithHeader() {
        return getSegment();
    }

    public long getNumBytesOfSegment() {
        return getSegment().byteSize();
    }

    public long getNumBytesOfSegmentWithHeader() {
        return getSegmentWithHeader().byteSize();
    }

    /** A new array of the same type and size. */
    abstract TornadoNativeArray likewise();

    static MemorySegment allocate(int elements, long elementSize) {
        if (elements < 0) {
            throw new IllegalArgumentException("an array of " + elements + " elements");
        }
        return allocate(elements * elementSize);
    }

    private static MemorySegment allocate(long bytes) {
        return bytes < LargeMemory.LEAST ? Arena.ofAuto().allocate(bytes, ALIGNMENT) : LargeMemory.allocate(bytes);
    }

    static int elements(MemorySegment segment, long elementSize) {
        long bytes = segment.byteSize();
        if (bytes % elementSize != 0 || bytes / elementSize > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("a segment of " + bytes + " bytes is no array of at most "
                    + Integer.MAX_VALUE + " elements of " + elementSize + " bytes");
        }
        return (int) (bytes / elementSize);
    }

    static MemorySegment concatenate(TornadoNativeArray... arrays) {
        long bytes = 0;
        for (TornadoNativeArray array : arrays) {
            bytes += array.getNumBytesOfSegment();
        }
        MemorySegment all = allocate(bytes);
        long offset = 0;
        for (TornadoNativeArray array : arrays) {
            MemorySegment part = array.getSegment();
            MemorySegment.copy(part, 0, all, offset, part.byteSize());
            offset += part.byteSize();
        }
        return all;
    }
}
