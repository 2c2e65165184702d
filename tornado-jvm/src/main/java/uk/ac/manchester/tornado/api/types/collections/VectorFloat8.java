package uk.ac.manchester.tornado.api.types.collections;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;
import uk.ac.manchester.tornado.api.types.vectors.Float8;

/** A {@link FloatArray} as vectors of eight, which a device loads and stores as a whole. */
public final class VectorFloat8 extends VectorCollection {
    private static final int WIDTH = 8;

    private final FloatArray storage; // [length, WIDTH]

    /** The elements of an array, which is not copied. */
    public VectorFloat8(FloatArray array) {
        super(array, WIDTH);
        this.storage = array;
    }

    /** Makes vectors of zeros. */
    public VectorFloat8(int numElements) {
        this(new FloatArray(elements(numElements, WIDTH)));
    }

    public Float8 get(int index) {
        int first = index * WIDTH;
        return new Float8(
                storage.get(first),
                storage.get(first + 1),
                storage.get(first + 2),
                storage.get(first + 3),
                storage.get(first + 4),
                storage.get(first + 5),
                storage.get(first + 6),
                storage.get(first + 7));
    }

    public void set(int index, Float8 value) {
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
    public void set(VectorFloat8 values) {
        copyFrom(values.storage);
    }

    /** Copies all elements. */
    public void set(FloatArray values) {
        copyFrom(values);
    }

    public void fill(float value) {
        storage.init(value);
    }

    public VectorFloat8 duplicate() {
        VectorFloat8 copy = new VectorFloat8(getLength());
        copy.set(this);
        return copy;
    }

    /** The sum of the vectors, from the first to the last. */
    public Float8 sum() {
        Float8 sum = new Float8();
        for (int i = 0; i < getLength(); i++) {
            sum = Float8.add(sum, get(i));
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
    VectorFloat8 over(TornadoNativeArray array) {
        return new VectorFloat8((FloatArray) array);
    }
}
