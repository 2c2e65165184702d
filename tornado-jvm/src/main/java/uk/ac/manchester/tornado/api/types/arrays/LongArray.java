package uk.ac.manchester.tornado.api.types.arrays;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Off-heap array of 64-bit integers, little-endian, without a bound on its total size but the int index. */
public final class LongArray extends TornadoNativeArray {
    private static final ValueLayout.OfLong LAYOUT = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final MemorySegment segment;
    private final int size;

    /** Makes an array of zeros. */
    public LongArray(int numberOfElements) {
        this(allocate(numberOfElements, LAYOUT.byteSize()));
    }

    /** Makes the concatenation of some arrays. */
    public LongArray(LongArray... arrays) {
        this(concatenate(arrays));
    }

    LongArray(MemorySegment view) {
        this.segment = view;
        this.size = elements(view, LAYOUT.byteSize());
    }

    public static LongArray fromArray(long[] values) {
        LongArray array = new LongArray(values.length);
        MemorySegment.copy(values, 0, array.segment, LAYOUT, 0, values.length);
        return array;
    }

    public static LongArray fromElements(long... values) {
        return fromArray(values);
    }

    /** Makes an array with a copy of a segment's content. */
    public static LongArray fromSegment(MemorySegment segment) {
        LongArray array = new LongArray(elements(segment, LAYOUT.byteSize()));
        array.segment.copyFrom(segment);
        return array;
    }

    public static LongArray concat(LongArray... arrays) {
        return new LongArray(arrays);
    }

    public static void initialize(LongArray array, long value) {
        array.init(value);
    }

    public long get(int index) {
        return segment.getAtIndex(LAYOUT, index);
    }

    public void set(int index, long value) {
        segment.setAtIndex(LAYOUT, index, value);
    }

    public long[] toHeapArray() {
        return segment.toArray(LAYOUT);
    }

    public void init(long value) {
        for (int i = 0; i < size; i++) {
            set(i, value);
        }
    }

    public LongArray slice(int offset, int length) {
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
    LongArray likewise() {
        return new LongArray(size);
    }

    @Override
    public String toString() {
        return "LongArray[" + size + "]";
    }
}
