package uk.ac.manchester.tornado.api.types.arrays;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import uk.ac.manchester.tornado.api.types.HalfFloat;

/** Off-heap array of bytes, little-endian, without a bound on its total size but the int index. */
public final class ByteArray extends TornadoNativeArray {
    private static final ValueLayout.OfByte LAYOUT = ValueLayout.JAVA_BYTE;

    private static final ValueLayout.OfShort HALF = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final MemorySegment segment;
    private final int size;

    /** Makes an array of zeros. */
    public ByteArray(int numberOfElements) {
        this(allocate(numberOfElements, LAYOUT.byteSize()));
    }

    /** Makes the concatenation of some arrays. */
    public ByteArray(ByteArray... arrays) {
        this(concatenate(arrays));
    }

    ByteArray(MemorySegment view) {
        this.segment = view;
        this.size = elements(view, LAYOUT.byteSize());
    }

    public static ByteArray fromArray(byte[] values) {
        ByteArray array = new ByteArray(values.length);
        MemorySegment.copy(values, 0, array.segment, LAYOUT, 0, values.length);
        return array;
    }

    public static ByteArray fromElements(byte... values) {
        return fromArray(values);
    }

    /** Makes an array with a copy of a segment's content. */
    public static ByteArray fromSegment(MemorySegment segment) {
        ByteArray array = new ByteArray(elements(segment, LAYOUT.byteSize()));
        array.segment.copyFrom(segment);
        return array;
    }

    public static ByteArray concat(ByteArray... arrays) {
        return new ByteArray(arrays);
    }

    public static void initialize(ByteArray array, byte value) {
        array.init(value);
    }

    public byte get(int index) {
        return segment.getAtIndex(LAYOUT, index);
    }

    public void set(int index, byte value) {
        segment.setAtIndex(LAYOUT, index, value);
    }

    /** The two bytes at a byte offset as a 16-bit float. */
    public HalfFloat getHalfFloat(int byteOffset) {
        return new HalfFloat(segment.get(HALF, byteOffset));
    }

    public byte[] toHeapArray() {
        return segment.toArray(LAYOUT);
    }

    public void init(byte value) {
        for (int i = 0; i < size; i++) {
            set(i, value);
        }
    }

    public ByteArray slice(int offset, int length) {
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
    ByteArray likewise() {
        return new ByteArray(size);
    }

    @Override
    public String toString() {
        return "ByteArray[" + size + "]";
    }
}
