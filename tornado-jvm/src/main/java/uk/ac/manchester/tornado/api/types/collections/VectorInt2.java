package uk.ac.manchester.tornado.api.types.collections;

import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;
import uk.ac.manchester.tornado.api.types.vectors.Int2;

/** An {@link IntArray} as vectors of two, which a device loads and stores as a whole. */
public final class VectorInt2 extends VectorCollection {
    private static final int WIDTH = 2;

    private final IntArray storage; // [length, WIDTH]

    /** The elements of an array, which is not copied. */
    public VectorInt2(IntArray array) {
        super(array, WIDTH);
        this.storage = array;
    }

    /** Makes vectors of zeros. */
    public VectorInt2(int numElements) {
        this(new IntArray(elements(numElements, WIDTH)));
    }

    public Int2 get(int index) {
        int first = index * WIDTH;
        return new Int2(storage.get(first), storage.get(first + 1));
    }

    public void set(int index, Int2 value) {
        int first = index * WIDTH;
        storage.set(first, value.getX());
        storage.set(first + 1, value.getY());
    }

    /** Copies all elements. */
    public void set(VectorInt2 values) {
        copyFrom(values.storage);
    }

    /** Copies all elements. */
    public void set(IntArray values) {
        copyFrom(values);
    }

    public void fill(int value) {
        storage.init(value);
    }

    public VectorInt2 duplicate() {
        VectorInt2 copy = new VectorInt2(getLength());
        copy.set(this);
        return copy;
    }

    /** The sum of the vectors, from the first to the last. */
    public Int2 sum() {
        Int2 sum = new Int2();
        for (int i = 0; i < getLength(); i++) {
            sum = Int2.add(sum, get(i));
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
    VectorInt2 over(TornadoNativeArray array) {
        return new VectorInt2((IntArray) array);
    }
}
