package uk.ac.manchester.tornado.api.types.collections;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;
import uk.ac.manchester.tornado.api.types.vectors.Float2;

/** A {@link FloatArray} as vectors of two, which a device loads and stores as a whole. */
public final class VectorFloat2 extends VectorCollection {
    private static final int WIDTH = 2;

    private final FloatArray storage; // [length, WIDTH]

    /** The elements of an array, which is not copied. */
    private VectorFloat2(FloatArray array) {
        super(array, WIDTH);
        this.storage = array;
    }

    /** Makes vectors of zeros. */
    public VectorFloat2(int numElements) {
        this(new FloatArray(elements(numElements, WIDTH)));
    }

    public Float2 get(int index) {
        int first = index * WIDTH;
        return new Float2(storage.get(first), storage.get(first + 1));
    }

    public void set(int index, Float2 value) {
        int first = index * WIDTH;
        storage.set(first, value.getX());
        storage.set(first + 1, value.getY());
    }

    /** Copies all elements. */
    public void set(VectorFloat2 values) {
        copyFrom(values.storage);
    }

    /** Copies all elements. */
    public void set(FloatArray values) {
        copyFrom(values);
    }

    public void fill(float value) {
        storage.init(value);
    }

    public VectorFloat2 duplicate() {
        VectorFloat2 copy = new VectorFloat2(getLength());
        copy.set(this);
        return copy;
    }

    /** The sum of the vectors, from the first to the last. */
    public Float2 sum() {
        Float2 sum = new Float2();
        for (int i = 0; i < getLength(); i++) {
            sum = Float2.add(sum, get(i));
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
    VectorFloat2 over(TornadoNativeArray array) {
        return new VectorFloat2((FloatArray) array);
    }
}
