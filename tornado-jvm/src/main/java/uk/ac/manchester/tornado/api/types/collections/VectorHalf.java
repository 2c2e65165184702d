package uk.ac.manchester.tornado.api.types.collections;

import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/** A {@link HalfFloatArray} as one long vector. */
public final class VectorHalf extends VectorCollection {
    private final HalfFloatArray storage; // [length]

    /** The elements of an array, which is not copied. */
    public VectorHalf(HalfFloatArray array) {
        super(array, 1);
        this.storage = array;
    }

    /** Makes a vector of zeros. */
    public VectorHalf(int numElements) {
        this(new HalfFloatArray(numElements));
    }

    /** The sum of a · b, from the first element to the last, rounded after every step. */
    public static HalfFloat dot(VectorHalf a, VectorHalf b) {
        HalfFloat sum = new HalfFloat(0f);
        for (int i = 0; i < a.getLength(); i++) {
            sum = HalfFloat.add(sum, HalfFloat.mult(a.get(i), b.get(i)));
        }
        return sum;
    }

    public HalfFloat get(int index) {
        return storage.get(index);
    }

    public void set(int index, HalfFloat value) {
        storage.set(index, value);
    }

    /** Copies all elements. */
    public void set(VectorHalf values) {
        copyFrom(values.storage);
    }

    public void fill(HalfFloat value) {
        storage.init(value);
    }

    /** A copy of some elements. */
    public VectorHalf subVector(int start, int length) {
        return new VectorHalf(storage.slice(start, length));
    }

    public VectorHalf duplicate() {
        return subVector(0, getLength());
    }

    public HalfFloatArray getArray() {
        return storage;
    }

    @Override
    VectorHalf over(TornadoNativeArray array) {
        return new VectorHalf((HalfFloatArray) array);
    }
}
