package dev.squall.model.format;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Where the members of a zip file lie that are stored, not compressed, so that they can be mapped into memory. Source: the
 * ZIP file format specification, sections 4.3.6 to 4.3.16 and 4.5.3 (64-bit sizes).
 */
final class StoredZip {
    private static final int LOCAL = 0x04034b50;
    private static final int CENTRAL = 0x02014b50;
    private static final int END = 0x06054b50;
    private static final int END_64 = 0x06064b50;
    private static final int LOCATOR_64 = 0x07064b50;
    private static final int END_SIZE = 22;
    private static final int LOCATOR_SIZE = 20;
    private static final int LONGEST_COMMENT = 0xffff;
    private static final long IN_64_BITS = 0xffffffffL; // the largest of 32 bits: the size stands in the extra field

    /** A member's bytes. */
    record Member(long offset, long size) {}

    private final MappedFile file;

    private StoredZip(MappedFile file) {
        this.file = file;
    }

    /** Whether a file begins as a zip file does. */
    static boolean is(MappedFile file) {
        return file.size() >= END_SIZE && file.bytes().get(Cursor.INT, 0) == LOCAL;
    }

    /**
     * The members by name.
     *
     * @throws ModelFileException if one is compressed, or the file is no whole zip file
     */
    static Map<String, Member> members(MappedFile file) {
        return new StoredZip(file).read();
    }

    private Map<String, Member> read() {
        long end = end();
        Cursor cursor = at(end + 10);
        long count = cursor.int16("zip") & 0xffff;
        long size = cursor.int32("zip") & IN_64_BITS;
        long start = cursor.int32("zip") & IN_64_BITS;
        if (end >= LOCATOR_SIZE && file.bytes().get(Cursor.INT, end - LOCATOR_SIZE) == LOCATOR_64) {
            Cursor whole = at(at(end - LOCATOR_SIZE + 8).int64("zip"));
            require(whole.int32("zip") == END_64, "another record", "the end of the directory in 64 bits");
            whole.skip("zip", 28);
            count = whole.int64("zip");
            size = whole.int64("zip");
            start = whole.int64("zip");
        }
        require(start >= 0 && size >= 0 && start <= end - size, "a directory at " + start, "one before its end");
        Map<String, Member> members = new LinkedHashMap<>();
        long at = start;
        for (long i = 0; i < count; i++) { // an entry takes bytes, so that no count leads beyond the file
            at = entry(at, members);
        }
        return members;
    }

    /** The record at the end, behind which only a comment stands. */
    private long end() {
        long last = file.size() - END_SIZE;
        for (long at = last; at >= 0 && at >= last - LONGEST_COMMENT; at--) {
            if (file.bytes().get(Cursor.INT, at) == END) {
                return at;
            }
        }
        throw wrong("no end of the directory", "a whole zip file");
    }

    /** Reads an entry of the directory; returns where the next one begins. */
    private long entry(long at, Map<String, Member> members) {
        Cursor cursor = at(at);
        require(cursor.int32("zip") == CENTRAL, "another record", "an entry of the directory");
        cursor.skip("zip", 6);
        int method = cursor.int16("zip");
        cursor.skip("zip", 8);
        long packed = cursor.int32("zip") & IN_64_BITS;
        long size = cursor.int32("zip") & IN_64_BITS;
        int nameSize = cursor.int16("zip") & 0xffff;
        int extraSize = cursor.int16("zip") & 0xffff;
        int commentSize = cursor.int16("zip") & 0xffff;
        cursor.skip("zip", 8);
        long header = cursor.int32("zip") & IN_64_BITS;
        String name = new String(cursor.bytes("zip", nameSize), StandardCharsets.UTF_8);
        long behind = cursor.position() + extraSize;
        while (cursor.position() + 4 <= behind) {
            int id = cursor.int16("zip") & 0xffff;
            int fieldSize = cursor.int16("zip") & 0xffff;
            long next = cursor.position() + fieldSize;
            if (id == 1) { // those of the three that do not fit into 32 bits, in this order
                size = size == IN_64_BITS ? cursor.int64("zip") : size;
                packed = packed == IN_64_BITS ? cursor.int64("zip") : packed;
                header = header == IN_64_BITS ? cursor.int64("zip") : header;
            }
            cursor = at(next);
        }
        require(
                method == 0 && packed == size,
                name + ", compressed by method " + method,
                "members that are stored, as PyTorch writes them");
        members.put(name, member(name, header, size));
        return behind + commentSize;
    }

    /** The name and the extra field in front of the data have lengths of their own. */
    private Member member(String name, long header, long size) {
        Cursor local = at(header);
        require(local.int32("zip") == LOCAL, "another record in front of " + name, "its header");
        local.skip("zip", 22);
        int nameSize = local.int16("zip") & 0xffff;
        int extraSize = local.int16("zip") & 0xffff;
        local.skip("zip", nameSize + extraSize);
        require(
                size >= 0 && size <= local.remaining(),
                name + " of " + Long.toUnsignedString(size) + " bytes",
                "at most the " + local.remaining() + " bytes behind its header");
        return new Member(local.position(), size);
    }

    private Cursor at(long position) {
        require(
                position >= 0 && position <= file.size(),
                "a place " + Long.toUnsignedString(position),
                "one within the file's " + file.size() + " bytes");
        return new Cursor(file.path(), file.bytes(), position);
    }

    private void require(boolean holds, String found, String expected) {
        if (!holds) {
            throw wrong(found, expected);
        }
    }

    private ModelFileException wrong(String found, String expected) {
        return new ModelFileException(file.path(), "zip", found, expected);
    }
}
