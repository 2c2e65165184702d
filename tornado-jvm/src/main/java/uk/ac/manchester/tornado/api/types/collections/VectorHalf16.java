package uk.ac.manchester.tornado.api.types.collections;

import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;
import uk.ac.manchester.tornado.api.types.vectors.Half16;

/** A {@link HalfFloatArray} as vectors of sixteen, which a device loads and stores as a whole. */
public final class VectorHalf16 extends VectorCollection {
    private static final int WIDTH = 16;

    private final HalfFloatArray storage; // [length, WIDTH]

    /** The elements of an array, which is not copied. */
    private VectorHalf16(HalfFloatArray array) {
        super(array, WIDTH);
        this.storage = array;
    }

    /** Makes vectors of zeros. */
    public VectorHalf16(int numElements) {
        this(new HalfFloatArray(elements(numElements, WIDTH)));
    }

    public Half16 get(int index) {
        int first = index * WIDTH;
        return new Half16(
                storage.get(first),
                storage.get(first + 1),
                storage.get(first + 2),
                storage.get(first + 3),
                storage.get(first + 4),
                storage.get(first + 5),
                storage.get(first + 6),
                storage.get(first + 7),
                storage.get(first + 8),
                storage.get(first + 9),
                storage.get(first + 10),
                storage.get(first + 11),
                storage.get(first + 12),
                storage.get(first + 13),
                storage.get(first + 14),
                storage.get(first + 15));
    }

    public void set(int index, Half16 value) {
        int first = index * WIDTH;
        storage.set(first, value.getS0());
        storage.set(first + 1, value.getS1());
        storage.set(first + 2, value.getS2());
        storage.set(first + 3, value.getS3());
        storage.set(first + 4, value.getS4());
        storage.set(first + 5, value.getS5());
        storage.set(first + 6, value.getS6());
        storage.set(first + 7, value.getS7());
        storage.set(first + 8, value.getS8());
        storage.set(first + 9, value.getS9());
        storage.set(first + 10, value.getS10());
        storage.set(first + 11, value.getS11());
        storage.set(first + 12, value.getS12());
        storage.set(first + 13, value.getS13());
        storage.set(first + 14, value.getS14());
        storage.set(first + 15, value.getS15());
    }

    /** Copies all elements. */
    public void set(VectorHalf16 values) {
        copyFrom(values.storage);
    }

    /** Copies all elements. */
    public void set(HalfFloatArray values) {
        copyFrom(values);
    }

    public void fill(HalfFloat value) {
        storage.init(value);
    }

    public VectorHalf16 duplicate() {
        VectorHalf16 copy = new VectorHalf16(getLength());
        copy.set(this);
        return copy;
    }

    /** The sum of the vectors, from the first to the last. */
    public Half16 sum() {
        Half16 sum = new Half16();
        for (int i = 0; i < getLength(); i++) {
            sum = Half16.add(sum, get(i));
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
    VectorHalf16 over(TornadoNativeArray array) {
        return new VectorHalf16((HalfFloatArray) array);
    }
}
