package uk.ac.manchester.tornado.api.types.collections;

import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;
import uk.ac.manchester.tornado.api.types.vectors.Int4;

/** An {@link IntArray} as vectors of four, which a device loads and stores as a whole. */
public final class VectorInt4 extends VectorCollection {
    private static final int WIDTH = 4;

    private final IntArray storage; // [length, WIDTH]

    /** The elements of an array, which is not copied. */
    public VectorInt4(IntArray array) {
        super(array, WIDTH);
        this.storage = array;
    }

    /** Makes vectors of zeros. */
    public VectorInt4(int numElements) {
        this(new IntArray(elements(numElements, WIDTH)));
    }

    public Int4 get(int index) {
        int first = index * WIDTH;
        return new Int4(storage.get(first), storage.get(first + 1), storage.get(first + 2), storage.get(first + 3));
    }

    public void set(int index, Int4 value) {
        int first = index * WIDTH;
        storage.set(first, value.getX());
        storage.set(first + 1, value.getY());
        storage.set(first + 2, value.getZ());
        storage.set(first + 3, value.getW());
    }

    /** Copies all elements. */
    public void set(VectorInt4 values) {
        copyFrom(values.storage);
    }

    /** Copies all elements. */
    public void set(IntArray values) {
        copyFrom(values);
    }

    public void fill(int value) {
        storage.init(value);
    }

    public VectorInt4 duplicate() {
        VectorInt4 copy = new VectorInt4(getLength());
        copy.set(this);
        return copy;
    }

    /** The sum of the vectors, from the first to the last. */
    public Int4 sum() {
        Int4 sum = new Int4();
        for (int i = 0; i < getLength(); i++) {
            sum = Int4.add(sum, get(i));
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
    VectorInt4 over(TornadoNativeArray array) {
        return new VectorInt4((IntArray) array);
    }
}
