package uk.ac.manchester.tornado.api.types.collections;

import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/** An {@link IntArray} as one long vector. */
public final class VectorInt extends VectorCollection {
    private final IntArray storage; // [length]

    /** The elements of an array, which is not copied. */
    public VectorInt(IntArray array) {
        super(array, 1);
        this.storage = array;
    }

    /** Makes a vector of zeros. */
    public VectorInt(int numElements) {
        this(new IntArray(numElements));
    }

    /** The sum of a · b, from the first element to the last. */
    public static int dot(VectorInt a, VectorInt b) {
        int sum = 0;
        for (int i = 0; i < a.getLength(); i++) {
            sum += a.get(i) * b.get(i);
        }
        return sum;
    }

    public int get(int index) {
        return storage.get(index);
    }

    public void set(int index, int value) {
        storage.set(index, value);
    }

    /** Copies all elements. */
    public void set(VectorInt values) {
        copyFrom(values.storage);
    }

    public void fill(int value) {
        storage.init(value);
    }

    /** A copy of some elements. */
    public VectorInt subVector(int start, int length) {
        return new VectorInt(storage.slice(start, length));
    }

    public VectorInt duplicate() {
        return subVector(0, getLength());
    }

    public IntArray getArray() {
        return storage;
    }

    @Override
    VectorInt over(TornadoNativeArray array) {
        return new VectorInt((IntArray) array);
    }
}
