package uk.ac.manchester.tornado.api.types.collections;

import uk.ac.manchester.tornado.api.types.arrays.DoubleArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/** A {@link DoubleArray} as one long vector. */
public final class VectorDouble extends VectorCollection {
    private final DoubleArray storage; // [length]

    /** The elements of an array, which is not copied. */
    public VectorDouble(DoubleArray array) {
        super(array, 1);
        this.storage = array;
    }

    /** Makes a vector of zeros. */
    public VectorDouble(int numElements) {
        this(new DoubleArray(numElements));
    }

    /** The sum of a · b, from the first element to the last. */
    public static double dot(VectorDouble a, VectorDouble b) {
        double sum = 0.0;
        for (int i = 0; i < a.getLength(); i++) {
            sum += a.get(i) * b.get(i);
        }
        return sum;
    }

    public double get(int index) {
        return storage.get(index);
    }

    public void set(int index, double value) {
        storage.set(index, value);
    }

    /** Copies all elements. */
    public void set(VectorDouble values) {
        copyFrom(values.storage);
    }

    public void fill(double value) {
        storage.init(value);
    }

    /** A copy of some elements. */
    public VectorDouble subVector(int start, int length) {
        return new VectorDouble(storage.slice(start, length));
    }

    public VectorDouble duplicate() {
        return subVector(0, getLength());
    }

    public DoubleArray getArray() {
        return storage;
    }

    @Override
    VectorDouble over(TornadoNativeArray array) {
        return new VectorDouble((DoubleArray) array);
    }
}
