package uk.ac.manchester.tornado.api.types.collections;

import java.lang.foreign.MemorySegment;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * What the collections of vectors have in common: an array whose elements belong together by width.
 *
 * <p>To a task a collection is an array of its own, with transfers of its own, even where it shares the host's memory with
 * its array. Left out are TornadoVM's minimum and maximum over a collection, which begin with zero instead of the first
 * vector.
 */
abstract class VectorCollection {
    private final TornadoNativeArray array; // [length, width]
    private final int length;

    VectorCollection(TornadoNativeArray array, int width) {
        if (array.getSize() % width != 0) {
            throw new IllegalArgumentException("vectors of " + width + ": found an array of " + array.getSize()
                    + " elements, expected a multiple");
        }
        this.array = array;
        this.length = array.getSize() / width;
    }

    /** The elements of so many vectors. */
    static int elements(int vectors, int width) {
        return Math.multiplyExact(vectors, width);
    }

    /** The same kind of collection over another array. */
    abstract VectorCollection over(TornadoNativeArray array);

    /** The elements, not copied. */
    final TornadoNativeArray array() {
        return array;
    }

    final void copyFrom(TornadoNativeArray values) {
        if (values.getSize() != size()) {
            throw new IllegalArgumentException(
                    this + ": found " + values.getSize() + " elements to copy, expected " + size());
        }
        getSegment().copyFrom(values.getSegment());
    }

    /** The number of elements of all vectors. */
    public int size() {
        return array.getSize();
    }

    /** The number of vectors. */
    public int getLength() {
        return length;
    }

    /** Sets every byte to zero. */
    public void clear() {
        array.clear();
    }

    public long getNumBytes() {
        return array.getNumBytesOfSegment();
    }

    public long getNumBytesWithHeader() {
        return array.getNumBytesOfSegmentWithHeader();
    }

    public MemorySegment getSegment() {
        return array.getSegment();
    }

    public MemorySegment getSegmentWithHeader() {
        return array.getSegmentWithHeader();
    }

    @Override
    public String toString() {
        return getClass().getSimpleName() + "[" + length + "]";
    }
}
