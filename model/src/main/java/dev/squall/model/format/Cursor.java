package dev.squall.model.format;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** Reads little-endian values one after the other; an end that comes too early is an error with the field's name. */
final class Cursor {
    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfDouble DOUBLE = ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Path file;
    private final MemorySegment bytes;
    private long position;

    Cursor(Path file, MemorySegment bytes, long position) {
        this.file = file;
        this.bytes = bytes;
        this.position = position;
    }

    long position() {
        return position;
    }

    long remaining() {
        return bytes.byteSize() - position;
    }

    byte int8(String field) {
        return bytes.get(ValueLayout.JAVA_BYTE, advance(field, 1));
    }

    short int16(String field) {
        return bytes.get(SHORT, advance(field, 2));
    }

    int int32(String field) {
        return bytes.get(INT, advance(field, 4));
    }

    long int64(String field) {
        return bytes.get(LONG, advance(field, 8));
    }

    float float32(String field) {
        return bytes.get(FLOAT, advance(field, 4));
    }

    double float64(String field) {
        return bytes.get(DOUBLE, advance(field, 8));
    }

    /** So many bytes, copied. */
    byte[] bytes(String field, long size) {
        return bytes.asSlice(advance(field, size), size).toArray(ValueLayout.JAVA_BYTE);
    }

    /** A length of 64 bits, then so many bytes of UTF-8. */
    String string(String field) {
        long length = length(field);
        return decode(field, bytes.asSlice(advance(field, length), length));
    }

    /** Goes past a string. */
    void skipString(String field) {
        long length = length(field);
        position += length;
    }

    void skip(String field, long size) {
        advance(field, size);
    }

    private long length(String field) {
        long length = int64(field);
        if (length < 0 || length > remaining()) {
            throw new ModelFileException(
                    file,
                    field,
                    "a string of " + Long.toUnsignedString(length) + " bytes",
                    "at most the " + remaining() + " bytes that are left");
        }
        return length;
    }

    private String decode(String field, MemorySegment text) {
        ByteBuffer buffer = ByteBuffer.wrap(text.toArray(ValueLayout.JAVA_BYTE));
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(buffer).toString();
        } catch (CharacterCodingException e) {
            throw new ModelFileException(file, field, "bytes that are no UTF-8", "a string in UTF-8", e);
        }
    }

    private long advance(String field, long size) {
        if (size < 0 || size > remaining()) {
            throw new ModelFileException(
                    file, field, "the end of the file at " + bytes.byteSize() + " bytes", size + " more bytes");
        }
        long at = position;
        position += size;
        return at;
    }
}
