package uk.ac.manchester.tornado.api.types.collections;

import uk.ac.manchester.tornado.api.types.arrays.DoubleArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;
import uk.ac.manchester.tornado.api.types.vectors.Double4;

/** A {@link DoubleArray} as vectors of four, which a device loads and stores as a whole. */
public final class VectorDouble4 extends VectorCollection {
    private static final int WIDTH = 4;

    private final DoubleArray storage; // [length, WIDTH]

    /** The elements of an array, which is not copied. */
    public VectorDouble4(DoubleArray array) {
        super(array, WIDTH);
        this.storage = array;
    }

    /** Makes vectors of zeros. */
    public VectorDouble4(int numElements) {
        this(new DoubleArray(elements(numElements, WIDTH)));
    }

    public Double4 get(int index) {
        int first = index * WIDTH;
        return new Double4(storage.get(first), storage.get(first + 1), storage.get(first + 2), storage.get(first + 3));
    }

    public void set(int index, Double4 value) {
        int first = index * WIDTH;
        storage.set(first, value.getX());
        storage.set(first + 1, value.getY());
        storage.set(first + 2, value.getZ());
        storage.set(first + 3, value.getW());
    }

    /** Copies all elements. */
    public void set(VectorDouble4 values) {
        copyFrom(values.storage);
    }

    /** Copies all elements. */
    public void set(DoubleArray values) {
        copyFrom(values);
    }

    public void fill(float value) {
        storage.init(value);
    }

    public VectorDouble4 duplicate() {
        VectorDouble4 copy = new VectorDouble4(getLength());
        copy.set(this);
        return copy;
    }

    /** The sum of the vectors, from the first to the last. */
    public Double4 sum() {
        Double4 sum = new Double4();
        for (int i = 0; i < getLength(); i++) {
            sum = Double4.add(sum, get(i));
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
    VectorDouble4 over(TornadoNativeArray array) {
        return new VectorDouble4((DoubleArray) array);
    }
}
