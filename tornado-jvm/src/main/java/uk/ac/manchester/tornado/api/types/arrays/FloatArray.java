package uk.ac.manchester.tornado.api.types.arrays;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Off-heap array of 32-bit floating-point numbers, little-endian, without a bound on its total size but the int index. */
public final class FloatArray extends TornadoNativeArray {
    private static final ValueLayout.OfFloat LAYOUT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final MemorySegment segment;
    private final int size;

    /** Makes an array of zeros. */
    public FloatArray(int numberOfElements) {
        this(allocate(numberOfElements, LAYOUT.byteSize()));
    }

    /** Makes the concatenation of some arrays. */
    public FloatArray(FloatArray... arrays) {
        this(concatenate(arrays));
    }

    FloatArray(MemorySegment view) {
        this.segment = view;
        this.size = elements(view, LAYOUT.byteSize());
    }

    public static FloatArray fromArray(float[] values) {
        FloatArray array = new FloatArray(values.length);
        MemorySegment.copy(values, 0, array.segment, LAYOUT, 0, values.length);
        return array;
    }

    public static FloatArray fromElements(float... values) {
        return fromArray(values);
    }

    /** Makes an array with a copy of a segment's content. */
    public static FloatArray fromSegment(MemorySegment segment) {
        FloatArray array = new FloatArray(elements(segment, LAYOUT.byteSize()));
        array.segment.copyFrom(segment);
        return array;
    }

    public static FloatArray concat(FloatArray... arrays) {
        return new FloatArray(arrays);
    }

    public static void initialize(FloatArray array, float value) {
        array.init(value);
    }

    public float get(int index) {
        return segment.getAtIndex(LAYOUT, index);
    }

    public void set(int index, float value) {
        segment.setAtIndex(LAYOUT, index, value);
    }

    public float[] toHeapArray() {
        return segment.toArray(LAYOUT);
    }

    public void init(float value) {
        for (int i = 0; i < size; i++) {
            set(i, value);
        }
    }

    public FloatArray slice(int offset, int length) {
        return fromSegment(segment.asSlice(offset * LAYOUT.byteSize(), length * LAYOUT.byteSize()));
    }

    @Override
    public void clear() {
        segment.fill((byte) 0);
    }

    @Override
    public int getSize() {
        return size;
    }

    @Override
    public int getElementSize() {
        return (int) LAYOUT.byteSize();
    }

    @Override
    public MemorySegment getSegment() {
        return segment;
    }

    @Override
    FloatArray likewise() {
        return new FloatArray(size);
    }

    @Override
    public String toString() {
        return "FloatArray[" + size + "]";
    }
}
