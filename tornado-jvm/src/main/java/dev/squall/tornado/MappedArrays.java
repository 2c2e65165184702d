package dev.squall.tornado;

import java.lang.foreign.MemorySegment;
import uk.ac.manchester.tornado.api.types.arrays.ArrayViews;
import uk.ac.manchester.tornado.api.types.arrays.ByteArray;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.ShortArray;

/**
 * Arrays that are views of memory which exists already, such as a file mapped read-only: no header, no copy, any
 * alignment. Storing into a view of read-only memory is an exception. Only the JVM has them; on a device weights are
 * copied.
 */
public final class MappedArrays {
    private MappedArrays() {}

    public static ByteArray bytes(MemorySegment segment) {
        return ArrayViews.bytes(segment);
    }

    /** A view as little-endian 16-bit numbers; the segment's size must be a multiple of 2 bytes. */
    public static ShortArray shorts(MemorySegment segment) {
        return ArrayViews.shorts(segment);
    }

    /** A view as little-endian 32-bit floats; the segment's size must be a multiple of 4 bytes. */
    public static FloatArray floats(MemorySegment segment) {
        return ArrayViews.floats(segment);
    }
}
