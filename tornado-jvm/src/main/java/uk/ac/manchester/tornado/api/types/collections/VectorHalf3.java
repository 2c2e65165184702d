package uk.ac.manchester.tornado.api.types.collections;

import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;
import uk.ac.manchester.tornado.api.types.vectors.Half3;

/** A {@link HalfFloatArray} as vectors of three, which a device loads and stores as a whole. */
public final class VectorHalf3 extends VectorCollection {
    private static final int WIDTH = 3;

    private final HalfFloatArray storage; // [length, WIDTH]

    /** The elements of an array, which is not copied. */
    private VectorHalf3(HalfFloatArray array) {
        super(array, WIDTH);
        this.storage = array;
    }

    /** Makes vectors of zeros. */
    public VectorHalf3(int numElements) {
        this(new HalfFloatArray(elements(numElements, WIDTH)));
    }

    public Half3 get(int index) {
        int first = index * WIDTH;
        return new Half3(storage.get(first), storage.get(first + 1), storage.get(first + 2));
    }

    public void set(int index, Half3 value) {
        int first = index * WIDTH;
        storage.set(first, value.getX());
        storage.set(first + 1, value.getY());
        storage.set(first + 2, value.getZ());
    }

    /** Copies all elements. */
    public void set(VectorHalf3 values) {
        copyFrom(values.storage);
    }

    /** Copies all elements. */
    public void set(HalfFloatArray values) {
        copyFrom(values);
    }

    public void fill(HalfFloat value) {
        storage.init(value);
    }

    public VectorHalf3 duplicate() {
        VectorHalf3 copy = new VectorHalf3(getLength());
        copy.set(this);
        return copy;
    }

    /** The sum of the vectors, from the first to the last. */
    public Half3 sum() {
        Half3 sum = new Half3();
        for (int i = 0; i < getLength(); i++) {
            sum = Half3.add(sum, get(i));
        }
        return sum;
    }

    public int vectorWidth() {
        return WIDTH;
    }

    public HalfFloatArray getArray() {
        return storage;
    }

    @Override
    VectorHalf3 over(TornadoNativeArray array) {
        return new VectorHalf3((HalfFloatArray) array);
    }
}
