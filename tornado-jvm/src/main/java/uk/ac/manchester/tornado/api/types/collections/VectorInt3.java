package uk.ac.manchester.tornado.api.types.collections;

import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;
import uk.ac.manchester.tornado.api.types.vectors.Int3;

/** An {@link IntArray} as vectors of three, which a device loads and stores as a whole. */
public final class VectorInt3 extends VectorCollection {
    private static final int WIDTH = 3;

    private final IntArray storage; // [length, WIDTH]

    /** The elements of an array, which is not copied. */
    public VectorInt3(IntArray array) {
        super(array, WIDTH);
        this.storage = array;
    }

    /** Makes vectors of zeros. */
    public VectorInt3(int numElements) {
        this(new IntArray(elements(numElements, WIDTH)));
    }

    public Int3 get(int index) {
        int first = index * WIDTH;
        return new Int3(storage.get(first), storage.get(first + 1), storage.get(first + 2));
    }

    public void set(int index, Int3 value) {
        int first = index * WIDTH;
        storage.set(first, value.getX());
        storage.set(first + 1, value.getY());
        storage.set(first + 2, value.getZ());
    }

    /** Copies all elements. */
    public void set(VectorInt3 values) {
        copyFrom(values.storage);
    }

    /** Copies all elements. */
    public void set(IntArray values) {
        copyFrom(values);
    }

    public void fill(int value) {
        storage.init(value);
    }

    public VectorInt3 duplicate() {
        VectorInt3 copy = new VectorInt3(getLength());
        copy.set(this);
        return copy;
    }

    /** The sum of the vectors, from the first to the last. */
    public Int3 sum() {
        Int3 sum = new Int3();
        for (int i = 0; i < getLength(); i++) {
            sum = Int3.add(sum, get(i));
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
    VectorInt3 over(TornadoNativeArray array) {
        return new VectorInt3((IntArray) array);
    }
}
