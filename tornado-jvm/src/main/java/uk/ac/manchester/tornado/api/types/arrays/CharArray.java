package uk.ac.manchester.tornado.api.types.arrays;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/** Off-heap array of UTF-16 code units, little-endian, without a bound on its total size but the int index. */
public final class CharArray extends TornadoNativeArray {
    private static final ValueLayout.OfChar LAYOUT = ValueLayout.JAVA_CHAR_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final MemorySegment segment;
    private final int size;

    /** Makes an array of zeros. */
    public CharArray(int numberOfElements) {
        this(allocate(numberOfElements, LAYOUT.byteSize()));
    }

    /** Makes the concatenation of some arrays. */
    public CharArray(CharArray... arrays) {
        this(concatenate(arrays));
    }

    CharArray(MemorySegment view) {
        this.segment = view;
        this.size = elements(view, LAYOUT.byteSize());
    }

    public static CharArray fromArray(char[] values) {
        CharArray array = new CharArray(values.length);
        MemorySegment.copy(values, 0, array.segment, LAYOUT, 0, values.length);
        return array;
    }

    public static CharArray fromElements(char... values) {
        return fromArray(values);
    }

    /** Makes an array with a copy of a segment's content. */
    public static CharArray fromSegment(MemorySegment segment) {
        CharArray array = new CharArray(elements(segment, LAYOUT.byteSize()));
        array.segment.copyFrom(segment);
        return array;
    }

    public static CharArray concat(CharArray... arrays) {
        return new CharArray(arrays);
    }

    public static void initialize(CharArray array, char value) {
        array.init(value);
    }

    public char get(int index) {
        return segment.getAtIndex(LAYOUT, index);
    }

    public void set(int index, char value) {
        segment.setAtIndex(LAYOUT, index, value);
    }

    public char[] toHeapArray() {
        return segment.toArray(LAYOUT);
    }

    public void init(char value) {
        for (int i = 0; i < size; i++) {
            set(i, value);
        }
    }

    public CharArray slice(int offset, int length) {
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
    CharArray likewise() {
        return new CharArray(size);
    }

    @Override
    public String toString() {
        return "CharArray[" + size + "]";
    }
}
