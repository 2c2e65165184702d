package uk.ac.manchester.tornado.api.types.collections;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;
import uk.ac.manchester.tornado.api.types.vectors.Float4;

/** A {@link FloatArray} as vectors of four, which a device loads and stores as a whole. */
public final class VectorFloat4 extends VectorCollection {
    private static final int WIDTH = 4;

    private final FloatArray storage; // [length, WIDTH]

    /** The elements of an array, which is not copied. */
    public VectorFloat4(FloatArray array) {
        super(array, WIDTH);
        this.storage = array;
    }

    /** Makes vectors of zeros. */
    public VectorFloat4(int numElements) {
        this(new FloatArray(elements(numElements, WIDTH)));
    }

    public Float4 get(int index) {
        int first = index * WIDTH;
        return new Float4(storage.get(first), storage.get(first + 1), storage.get(first + 2), storage.get(first + 3));
    }

    public void set(int index, Float4 value) {
        int first = index * WIDTH;
        storage.set(first, value.getX());
        storage.set(first + 1, value.getY());
        storage.set(first + 2, value.getZ());
        storage.set(first + 3, value.getW());
    }

    /** Copies all elements. */
    public void set(VectorFloat4 values) {
        copyFrom(values.storage);
    }

    /** Copies all elements. */
    public void set(FloatArray values) {
        copyFrom(values);
    }

    public void fill(float value) {
        storage.init(value);
    }

    public VectorFloat4 duplicate() {
        VectorFloat4 copy = new VectorFloat4(getLength());
        copy.set(this);
        return copy;
    }

    /** The sum of the vectors, from the first to the last. */
    public Float4 sum() {
        Float4 sum = new Float4();
        for (int i = 0; i < getLength(); i++) {
            sum = Float4.add(sum, get(i));
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
    VectorFloat4 over(TornadoNativeArray array) {
        return new VectorFloat4((FloatArray) array);
    }
}
