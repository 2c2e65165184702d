package uk.ac.manchester.tornado.api.types.collections;

import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;
import uk.ac.manchester.tornado.api.types.vectors.Half2;

/** A {@link HalfFloatArray} as vectors of two, which a device loads and stores as a whole. */
public final class VectorHalf2 extends VectorCollection {
    private static final int WIDTH = 2;

    private final HalfFloatArray storage; // [length, WIDTH]

    /** The elements of an array, which is not copied. */
    private VectorHalf2(HalfFloatArray array) {
        super(array, WIDTH);
        this.storage = array;
    }

    /** Makes vectors of zeros. */
    public VectorHalf2(int numElements) {
        this(new HalfFloatArray(elements(numElements, WIDTH)));
    }

    public Half2 get(int index) {
        int first = index * WIDTH;
        return new Half2(storage.get(first), storage.get(first + 1));
    }

    public void set(int index, Half2 value) {
        int first = index * WIDTH;
        storage.set(first, value.getX());
        storage.set(first + 1, value.getY());
    }

    /** Copies all elements. */
    public void set(VectorHalf2 values) {
        copyFrom(values.storage);
    }

    /** Copies all elements. */
    public void set(HalfFloatArray values) {
        copyFrom(values);
    }

    public void fill(HalfFloat value) {
        storage.init(value);
    }

    public VectorHalf2 duplicate() {
        VectorHalf2 copy = new VectorHalf2(getLength());
        copy.set(this);
        return copy;
    }

    /** The sum of the vectors, from the first to the last. */
    public Half2 sum() {
        Half2 sum = new Half2();
        for (int i = 0; i < getLength(); i++) {
            sum = Half2.add(sum, get(i));
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
    VectorHalf2 over(TornadoNativeArray array) {
        return new VectorHalf2((HalfFloatArray) array);
    }
}
