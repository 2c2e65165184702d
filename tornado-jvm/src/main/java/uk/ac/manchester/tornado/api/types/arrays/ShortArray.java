package uk.ac.manchester.tornado.api.types.arrays;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Off-heap array of 16-bit integers, little-endian, without a bound on its total size but the int index. */
public final class ShortArray extends TornadoNativeArray {
    private static final ValueLayout.OfShort LAYOUT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final MemorySegment segment;
    private final int size;

    /** Makes an array of zeros. */
    public ShortArray(int numberOfElements) {
        this(allocate(numberOfElements, LAYOUT.byteSize()));
    }

    /** Makes the concatenation of some arrays. */
    public ShortArray(ShortArray... arrays) {
        this(concatenate(arrays));
    }

    ShortArray(MemorySegment view) {
        this.segment = view;
        this.size = elements(view, LAYOUT.byteSize());
    }

    public static ShortArray fromArray(short[] values) {
        ShortArray array = new ShortArray(values.length);
        MemorySegment.copy(values, 0, array.segment, LAYOUT, 0, values.length);
        return array;
    }

    public static ShortArray fromElements(short... values) {
        return fromArray(values);
    }

    /** Makes an array with a copy of a segment's content. */
    public static ShortArray fromSegment(MemorySegment segment) {
        ShortArray array = new ShortArray(elements(segment, LAYOUT.byteSize()));
        array.segment.copyFrom(segment);
        return array;
    }

    public static ShortArray concat(ShortArray... arrays) {
        return new ShortArray(arrays);
    }

    public static void initialize(ShortArray array, short value) {
        array.init(value);
    }

    public short get(int index) {
        return segment.getAtIndex(LAYOUT, index);
    }

    public void set(int index, short value) {
        segment.setAtIndex(LAYOUT, index, value);
    }

    public short[] toHeapArray() {
        return segment.toArray(LAYOUT);
    }

    public void init(short value) {
        for (int i = 0; i < size; i++) {
            set(i, value);
        }
    }

    public ShortArray slice(int offset, int length) {
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
    ShortArray likewise() {
        return new ShortArray(size);
    }

    @Override
    public String toString() {
        return "ShortArray[" + size + "]";
    }
}
