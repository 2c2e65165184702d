package uk.ac.manchester.tornado.api.types.arrays;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Off-heap array of 64-bit floating-point numbers, little-endian, without a bound on its total size but the int index. */
public final class DoubleArray extends TornadoNativeArray {
    private static final ValueLayout.OfDouble LAYOUT =
            ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final MemorySegment segment;
    private final int size;

    /** Makes an array of zeros. */
    public DoubleArray(int numberOfElements) {
        this(allocate(numberOfElements, LAYOUT.byteSize()));
    }

    /** Makes the concatenation of some arrays. */
    public DoubleArray(DoubleArray... arrays) {
        this(concatenate(arrays));
    }

    DoubleArray(MemorySegment view) {
        this.segment = view;
        this.size = elements(view, LAYOUT.byteSize());
    }

    public static DoubleArray fromArray(double[] values) {
        DoubleArray array = new DoubleArray(values.length);
        MemorySegment.copy(values, 0, array.segment, LAYOUT, 0, values.length);
        return array;
    }

    public static DoubleArray fromElements(double... values) {
        return fromArray(values);
    }

    /** Makes an array with a copy of a segment's content. */
    public static DoubleArray fromSegment(MemorySegment segment) {
        DoubleArray array = new DoubleArray(elements(segment, LAYOUT.byteSize()));
        array.segment.copyFrom(segment);
        return array;
    }

    public static DoubleArray concat(DoubleArray... arrays) {
        return new DoubleArray(arrays);
    }

    public static void initialize(DoubleArray array, double value) {
        array.init(value);
    }

    public double get(int index) {
        return segment.getAtIndex(LAYOUT, index);
    }

    public void set(int index, double value) {
        segment.setAtIndex(LAYOUT, index, value);
    }

    public double[] toHeapArray() {
        return segment.toArray(LAYOUT);
    }

    public void init(double value) {
        for (int i = 0; i < size; i++) {
            set(i, value);
        }
    }

    public DoubleArray slice(int offset, int length) {
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
    DoubleArray likewise() {
        return new DoubleArray(size);
    }

    @Override
    public String toString() {
        return "DoubleArray[" + size + "]";
    }
}
