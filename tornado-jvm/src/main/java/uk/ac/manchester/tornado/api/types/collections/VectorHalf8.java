package uk.ac.manchester.tornado.api.types.collections;

import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;
import uk.ac.manchester.tornado.api.types.vectors.Half8;

/** A {@link HalfFloatArray} as vectors of eight, which a device loads and stores as a whole. */
public final class VectorHalf8 extends VectorCollection {
    private static final int WIDTH = 8;

    private final HalfFloatArray storage; // [length, WIDTH]

    /** The elements of an array, which is not copied. */
    private VectorHalf8(HalfFloatArray array) {
        super(array, WIDTH);
        this.storage = array;
    }

    /** Makes vectors of zeros. */
    public VectorHalf8(int numElements) {
        this(new HalfFloatArray(elements(numElements, WIDTH)));
    }

    public Half8 get(int index) {
        int first = index * WIDTH;
        return new Half8(
                storage.get(first),
                storage.get(first + 1),
                storage.get(first + 2),
                storage.get(first + 3),
                storage.get(first + 4),
                storage.get(first + 5),
                storage.get(first + 6),
                storage.get(first + 7));
    }

    public void set(int index, Half8 value) {
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
    public void set(VectorHalf8 values) {
        copyFrom(values.storage);
    }

    /** Copies all elements. */
    public void set(HalfFloatArray values) {
        copyFrom(values);
    }

    public void fill(HalfFloat value) {
        storage.init(value);
    }

    public VectorHalf8 duplicate() {
        VectorHalf8 copy = new VectorHalf8(getLength());
        copy.set(this);
        return copy;
    }

    /** The sum of the vectors, from the first to the last. */
    public Half8 sum() {
        Half8 sum = new Half8();
        for (int i = 0; i < getLength(); i++) {
            sum = Half8.add(sum, get(i));
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
    VectorHalf8 over(TornadoNativeArray array) {
        return new VectorHalf8((HalfFloatArray) array);
    }
}
