package uk.ac.manchester.tornado.api.types.arrays;

import java.lang.foreign.MemorySegment;

/** Arrays over memory that exists already. Not part of TornadoVM: only {@code dev.squall.tornado} calls it. */
public final class ArrayViews {
    private ArrayViews() {}

    public static ByteArray bytes(MemorySegment segment) {
        return new ByteArray(segment);
    }

    public static ShortArray shorts(MemorySegment segment) {
        return new ShortArray(segment);
    }

    public static IntArray ints(MemorySegment segment) {
        return new IntArray(segment);
    }

    public static FloatArray floats(MemorySegment segment) {
        return new FloatArray(segment);
    }

    /** A new array of the same type and size as another. */
    @SuppressWarnings("unchecked")
    public static <A extends TornadoNativeArray> A likewise(A array) {
        return (A) array.likewise();
    }
}
