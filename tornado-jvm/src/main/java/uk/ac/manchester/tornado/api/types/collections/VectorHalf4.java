package uk.ac.manchester.tornado.api.types.collections;

import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;
import uk.ac.manchester.tornado.api.types.vectors.Half4;

/** A {@link HalfFloatArray} as vectors of four, which a device loads and stores as a whole. */
public final class VectorHalf4 extends VectorCollection {
    private static final int WIDTH = 4;

    private final HalfFloatArray storage; // [length, WIDTH]

    /** The elements of an array, which is not copied. */
    private VectorHalf4(HalfFloatArray array) {
        super(array, WIDTH);
        this.storage = array;
    }

    /** Makes vectors of zeros. */
    public VectorHalf4(int numElements) {
        this(new HalfFloatArray(elements(numElements, WIDTH)));
    }

    public Half4 get(int index) {
        int first = index * WIDTH;
        return new Half4(storage.get(first), storage.get(first + 1), storage.get(first + 2), storage.get(first + 3));
    }

    public void set(int index, Half4 value) {
        int first = index * WIDTH;
        storage.set(first, value.getX());
        storage.set(first + 1, value.getY());
        storage.set(first + 2, value.getZ());
        storage.set(first + 3, value.getW());
    }

    /** Copies all elements. */
    public void set(VectorHalf4 values) {
        copyFrom(values.storage);
    }

    /** Copies all elements. */
    public void set(HalfFloatArray values) {
        copyFrom(values);
    }

    public void fill(HalfFloat value) {
        storage.init(value);
    }

    public VectorHalf4 duplicate() {
        VectorHalf4 copy = new VectorHalf4(getLength());
        copy.set(this);
        return copy;
    }

    /** The sum of the vectors, from the first to the last. */
    public Half4 sum() {
        Half4 sum = new Half4();
        for (int i = 0; i < getLength(); i++) {
            sum = Half4.add(sum, get(i));
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
    VectorHalf4 over(TornadoNativeArray array) {
        return new VectorHalf4((HalfFloatArray) array);
    }
}
