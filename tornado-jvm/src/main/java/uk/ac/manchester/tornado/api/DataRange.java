package uk.ac.manchester.tornado.api;

import uk.ac.manchester.tornado.api.exceptions.TornadoRuntimeException;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/** A part of an array that comes back from the device instead of all of it; by itself the whole array. */
public class DataRange {
    private final TornadoNativeArray array;
    private long offset; // elements
    private long size; // elements, 0 for all

    public DataRange(TornadoNativeArray tornadoNativeArray) {
        this.array = tornadoNativeArray;
    }

    /** The first element. */
    public DataRange withOffset(long offset) {
        this.offset = offset;
        return this;
    }

    /** How many elements; 0 for the whole array. */
    public DataRange withSize(long size) {
        this.size = size;
        return this;
    }

    public TornadoNativeArray getArray() {
        return array;
    }

    long firstByte() {
        return offset * array.getElementSize();
    }

    /** The bytes of the range, which must lie in the array. */
    long bytes() {
        long elements = size == 0 ? array.getSize() : size;
        if (offset < 0 || elements < 0 || elements > array.getSize() - offset) {
            throw new TornadoRuntimeException("range of " + elements + " elements from element " + offset
                    + " on, of an array of " + array.getSize());
        }
        return elements * array.getElementSize();
    }
}
