package uk.ac.manchester.tornado.api.types.collections;

import uk.ac.manchester.tornado.api.types.arrays.DoubleArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;
import uk.ac.manchester.tornado.api.types.vectors.Double3;

/** A {@link DoubleArray} as vectors of three, which a device loads and stores as a whole. */
public final class VectorDouble3 extends VectorCollection {
    private static final int WIDTH = 3;

    private final DoubleArray storage; // [length, WIDTH]

    /** The elements of an array, which is not copied. */
    public VectorDouble3(DoubleArray array) {
        super(array, WIDTH);
        this.storage = array;
    }

    /** Makes vectors of zeros. */
    public VectorDouble3(int numElements) {
        this(new DoubleArray(elements(numElements, WIDTH)));
    }

    public Double3 get(int index) {
        int first = index * WIDTH;
        return new Double3(storage.get(first), storage.get(first + 1), storage.get(first + 2));
    }

    public void set(int index, Double3 value) {
        int first = index * WIDTH;
        storage.set(first, value.getX());
        storage.set(first + 1, value.getY());
        storage.set(first + 2, value.getZ());
    }

    /** Copies all elements. */
    public void set(VectorDouble3 values) {
        copyFrom(values.storage);
    }

    /** Copies all elements. */
    public void set(DoubleArray values) {
        copyFrom(values);
    }

    public void fill(double value) {
        storage.init(value);
    }

    public VectorDouble3 duplicate() {
        VectorDouble3 copy = new VectorDouble3(getLength());
        copy.set(this);
        return copy;
    }

    /** The sum of the vectors, from the first to the last. */
    public Double3 sum() {
        Double3 sum = new Double3();
        for (int i = 0; i < getLength(); i++) {
            sum = Double3.add(sum, get(i));
        }
        return sum;
    }

    public int vectorWidth() {
        return WIDTH;
    }

    public DoubleArray getArray() {
        return storage;
    }

    @Override
    VectorDouble3 over(TornadoNativeArray array) {
        return new VectorDouble3((DoubleArray) array);
    }
}
