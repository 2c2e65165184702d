package uk.ac.manchester.tornado.api.types.collections;

import uk.ac.manchester.tornado.api.types.arrays.DoubleArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;
import uk.ac.manchester.tornado.api.types.vectors.Double2;

/** A {@link DoubleArray} as vectors of two, which a device loads and stores as a whole. */
public final class VectorDouble2 extends VectorCollection {
    private static final int WIDTH = 2;

    private final DoubleArray storage; // [length, WIDTH]

    /** The elements of an array, which is not copied. */
    public VectorDouble2(DoubleArray array) {
        super(array, WIDTH);
        this.storage = array;
    }

    /** Makes vectors of zeros. */
    public VectorDouble2(int numElements) {
        this(new DoubleArray(elements(numElements, WIDTH)));
    }

    public Double2 get(int index) {
        int first = index * WIDTH;
        return new Double2(storage.get(first), storage.get(first + 1));
    }

    public void set(int index, Double2 value) {
        int first = index * WIDTH;
        storage.set(first, value.getX());
        storage.set(first + 1, value.getY());
    }

    /** Copies all elements. */
    public void set(VectorDouble2 values) {
        copyFrom(values.storage);
    }

    /** Copies all elements. */
    public void set(DoubleArray values) {
        copyFrom(values);
    }

    public void fill(double value) {
        storage.init(value);
    }

    public VectorDouble2 duplicate() {
        VectorDouble2 copy = new VectorDouble2(getLength());
        copy.set(this);
        return copy;
    }

    /** The sum of the vectors, from the first to the last. */
    public Double2 sum() {
        Double2 sum = new Double2();
        for (int i = 0; i < getLength(); i++) {
            sum = Double2.add(sum, get(i));
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
    VectorDouble2 over(TornadoNativeArray array) {
        return new VectorDouble2((DoubleArray) array);
    }
}
