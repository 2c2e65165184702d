package uk.ac.manchester.tornado.api.types.collections;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;
import uk.ac.manchester.tornado.api.types.vectors.Float3;

/** A {@link FloatArray} as vectors of three, which a device loads and stores as a whole. */
public final class VectorFloat3 extends VectorCollection {
    private static final int WIDTH = 3;

    private final FloatArray storage; // [length, WIDTH]

    /** The elements of an array, which is not copied. */
    public VectorFloat3(FloatArray array) {
        super(array, WIDTH);
        this.storage = array;
    }

    /** Makes vectors of zeros. */
    public VectorFloat3(int numElements) {
        this(new FloatArray(elements(numElements, WIDTH)));
    }

    public Float3 get(int index) {
        int first = index * WIDTH;
        return new Float3(storage.get(first), storage.get(first + 1), storage.get(first + 2));
    }

    public void set(int index, Float3 value) {
        int first = index * WIDTH;
        storage.set(first, value.getX());
        storage.set(first + 1, value.getY());
        storage.set(first + 2, value.getZ());
    }

    /** Copies all elements. */
    public void set(VectorFloat3 values) {
        copyFrom(values.storage);
    }

    /** Copies all elements. */
    public void set(FloatArray values) {
        copyFrom(values);
    }

    public void fill(float value) {
        storage.init(value);
    }

    public VectorFloat3 duplicate() {
        VectorFloat3 copy = new VectorFloat3(getLength());
        copy.set(this);
        return copy;
    }

    /** The sum of the vectors, from the first to the last. */
    public Float3 sum() {
        Float3 sum = new Float3();
        for (int i = 0; i < getLength(); i++) {
            sum = Float3.add(sum, get(i));
        }
        return sum;
    }

    public int vectorWidth() {
        return WIDTH;
    }

    public FloatArray getArray() {
        return storage;
    }

    @Override
    VectorFloat3 over(TornadoNativeArray array) {
        return new VectorFloat3((FloatArray) array);
    }
}
