package uk.ac.manchester.tornado.api.types.arrays;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Off-heap array of 32-bit integers, little-endian, without a bound on its total size but the int index. */
public final class IntArray extends TornadoNativeArray {
    private static final ValueLayout.OfInt LAYOUT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final MemorySegment segment;
    private final int size;

    /** Makes an array of zeros. */
    public IntArray(int numberOfElements) {
        this(allocate(numberOfElements, LAYOUT.byteSize()));
    }

    /** Makes the concatenation of some arrays. */
    public IntArray(IntArray... arrays) {
        this(concatenate(arrays));
    }

    IntArray(MemorySegment view) {
        this.segment = view;
        this.size = elements(view, LAYOUT.byteSize());
    }

    public static IntArray fromArray(int[] values) {
        IntArray array = new IntArray(values.length);
        MemorySegment.copy(values, 0, array.segment, LAYOUT, 0, values.length);
        return array;
    }

    public static IntArray fromElements(int... values) {
        return fromArray(values);
    }

    /** Makes an array with a copy of a segment's content. */
    public static IntArray fromSegment(MemorySegment segment) {
        IntArray array = new IntArray(elements(segment, LAYOUT.byteSize()));
        array.segment.copyFrom(segment);
        return array;
    }

    public static IntArray concat(IntArray... arrays) {
        return new IntArray(arrays);
    }

    public static void initialize(IntArray array, int value) {
        array.init(value);
    }

    public int get(int index) {
        return segment.getAtIndex(LAYOUT, index);
    }

    public void set(int index, int value) {
        segment.setAtIndex(LAYOUT, index, value);
    }

    public int[] toHeapArray() {
        return segment.toArray(LAYOUT);
    }

    public void init(int value) {
        for (int i = 0; i < size; i++) {
            set(i, value);
        }
    }

    public IntArray slice(int offset, int length) {
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
    IntArray likewise() {
        return new IntArray(size);
    }

    @Override
    public String toString() {
        return "IntArray[" + size + "]";
    }
}
