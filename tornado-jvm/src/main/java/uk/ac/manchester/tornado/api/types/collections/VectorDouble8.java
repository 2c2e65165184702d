package uk.ac.manchester.tornado.api.types.collections;

import uk.ac.manchester.tornado.api.types.arrays.DoubleArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;
import uk.ac.manchester.tornado.api.types.vectors.Double8;

/** A {@link DoubleArray} as vectors of eight, which a device loads and stores as a whole. */
public final class VectorDouble8 extends VectorCollection {
    private static final int WIDTH = 8;

    private final DoubleArray storage; // [length, WIDTH]

    /** The elements of an array, which is not copied. */
    public VectorDouble8(DoubleArray array) {
        super(array, WIDTH);
        this.storage = array;
    }

    /** Makes vectors of zeros. */
    public VectorDouble8(int numElements) {
        this(new DoubleArray(elements(numElements, WIDTH)));
    }

    public Double8 get(int index) {
        int first = index * WIDTH;
        return new Double8(
                storage.get(first),
                storage.get(first + 1),
                storage.get(first + 2),
                storage.get(first + 3),
                storage.get(first + 4),
                storage.get(first + 5),
                storage.get(first + 6),
                storage.get(first + 7));
    }

    public void set(int index, Double8 value) {
        int first = index * WIDTH;
        storage.set(first, value.getS0());
        storage.set(first + 1, value.getS1());
        storage.set(first + 2, value.getS2());
        storage.set(first + 3, value.getS3());
        storage.set(first + 4, value.getS4());
        storage.set(first + 5, value.getS5());
        storage.set(first + 6, value.getS6());
        storage.set(first + 7, value.getS7());
    }

    /** Copies all elements. */
    public void set(VectorDouble8 values) {
        copyFrom(values.storage);
    }

    /** Copies all elements. */
    public void set(DoubleArray values) {
        copyFrom(values);
    }

    public void fill(double value) {
        storage.init(value);
    }

    public VectorDouble8 duplicate() {
        VectorDouble8 copy = new VectorDouble8(getLength());
        copy.set(this);
        return copy;
    }

    /** The sum of the vectors, from the first to the last. */
    public Double8 sum() {
        Double8 sum = new Double8();
        for (int i = 0; i < getLength(); i++) {
            sum = Double8.add(sum, get(i));
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
    VectorDouble8 over(TornadoNativeArray array) {
        return new VectorDouble8((DoubleArray) array);
    }
}
