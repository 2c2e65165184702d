package uk.ac.manchester.tornado.api.types.collections;

import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;
import uk.ac.manchester.tornado.api.types.vectors.Int8;

/** An {@link IntArray} as vectors of eight, which a device loads and stores as a whole. */
public final class VectorInt8 extends VectorCollection {
    private static final int WIDTH = 8;

    private final IntArray storage; // [length, WIDTH]

    /** The elements of an array, which is not copied. */
    public VectorInt8(IntArray array) {
        super(array, WIDTH);
        this.storage = array;
    }

    /** Makes vectors of zeros. */
    public VectorInt8(int numElements) {
        this(new IntArray(elements(numElements, WIDTH)));
    }

    public Int8 get(int index) {
        int first = index * WIDTH;
        return new Int8(
                storage.get(first),
                storage.get(first + 1),
                storage.get(first + 2),
                storage.get(first + 3),
                storage.get(first + 4),
                storage.get(first + 5),
                storage.get(first + 6),
                storage.get(first + 7));
    }

    public void set(int index, Int8 value) {
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
    public void set(VectorInt8 values) {
        copyFrom(values.storage);
    }

    /** Copies all elements. */
    public void set(IntArray values) {
        copyFrom(values);
    }

    public void fill(int value) {
        storage.init(value);
    }

    public VectorInt8 duplicate() {
        VectorInt8 copy = new VectorInt8(getLength());
        copy.set(this);
        return copy;
    }

    /** The sum of the vectors, from the first to the last. */
    public Int8 sum() {
        Int8 sum = new Int8();
        for (int i = 0; i < getLength(); i++) {
            sum = Int8.add(sum, get(i));
        }
        return sum;
    }

    public int vectorWidth() {
        return WIDTH;
    }

    public IntArray getArray() {
        return storage;
    }

    @Override
    VectorInt8 over(TornadoNativeArray array) {
        return new VectorInt8((IntArray) array);
    }
}
