package uk.ac.manchester.tornado.api.types.collections;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/** A {@link FloatArray} as one long vector. */
public final class VectorFloat extends VectorCollection {
    private final FloatArray storage; // [length]

    /** The elements of an array, which is not copied. */
    public VectorFloat(FloatArray array) {
        super(array, 1);
        this.storage = array;
    }

    /** Makes a vector of zeros. */
    public VectorFloat(int numElements) {
        this(new FloatArray(numElements));
    }

    /** The sum of a · b, from the first element to the last. */
    public static float dot(VectorFloat a, VectorFloat b) {
        float sum = 0f;
        for (int i = 0; i < a.getLength(); i++) {
            sum += a.get(i) * b.get(i);
        }
        return sum;
    }

    public float get(int index) {
        return storage.get(index);
    }

    public void set(int index, float value) {
        storage.set(index, value);
    }

    /** Copies all elements. */
    public void set(VectorFloat values) {
        copyFrom(values.storage);
    }

    public void fill(float value) {
        storage.init(value);
    }

    /** A copy of some elements. */
    public VectorFloat subVector(int start, int length) {
        return new VectorFloat(storage.slice(start, length));
    }

    public VectorFloat duplicate() {
        return subVector(0, getLength());
    }

    public FloatArray getArray() {
        return storage;
    }

    @Override
    VectorFloat over(TornadoNativeArray array) {
        return new VectorFloat((FloatArray) array);
    }
}
