package uk.ac.manchester.tornado.api.types.arrays;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Off-heap array of signed 8-bit integers, little-endian, without a bound on its total size but the int index. */
public final class Int8Array extends TornadoNativeArray {
    private static final ValueLayout.OfByte LAYOUT = ValueLayout.JAVA_BYTE;

    private final MemorySegment segment;
    private final int size;

    /** Makes an array of zeros. */
    public Int8Array(int numberOfElements) {
        this(allocate(numberOfElements, LAYOUT.byteSize()));
    }

    /** Makes the concatenation of some arrays. */
    public Int8Array(Int8Array... arrays) {
        this(concatenate(arrays));
    }

    Int8Array(MemorySegment view) {
        this.segment = view;
        this.size = elements(view, LAYOUT.byteSize());
    }

    public static Int8Array fromArray(byte[] values) {
        Int8Array array = new Int8Array(values.length);
        MemorySegment.copy(values, 0, array.segment, LAYOUT, 0, values.length);
        return array;
    }

    public static Int8Array fromElements(byte... values) {
        return fromArray(values);
    }

    /** Makes an array with a copy of a segment's content. */
    public static Int8Array fromSegment(MemorySegment segment) {
        Int8Array array = new Int8Array(elements(segment, LAYOUT.byteSize()));
        array.segment.copyFrom(segment);
        return array;
    }

    public static Int8Array concat(Int8Array... arrays) {
        return new Int8Array(arrays);
    }

    public static void initialize(Int8Array array, byte value) {
        array.init(value);
    }

    public byte get(int index) {
        return segment.getAtIndex(LAYOUT, index);
    }

    public void set(int index, byte value) {
        segment.setAtIndex(LAYOUT, index, value);
    }

    public byte[] toHeapArray() {
        return segment.toArray(LAYOUT);
    }

    public void init(byte value) {
        for (int i = 0; i < size; i++) {
            set(i, value);
        }
    }

    public Int8Array slice(int offset, int length) {
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
    Int8Array likewise() {
        return new Int8Array(size);
    }

    @Override
    public String toString() {
        return "Int8Array[" + size + "]";
    }
}
