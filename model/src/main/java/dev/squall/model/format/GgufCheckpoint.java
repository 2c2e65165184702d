package dev.squall.model.format;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A GGUF file, version 2 or 3, little-endian.
 *
 * <pre>
 *   "GGUF"  u32 version  u64 tensors  u64 keys
 *   keys x    string key, u32 type, value
 *   tensors x string name, u32 dimensions, u64 size of each (innermost first), u32 type, u64 offset in the data
 *   padding to general.alignment (32), then the data
 * </pre>
 *
 * Source: the specification in the ggml repository, docs/gguf.md.
 */
public final class GgufCheckpoint implements Checkpoint {
    static final int MAGIC = 'G' | 'G' << 8 | 'U' << 16 | 'F' << 24;
    private static final int MOST_DIMENSIONS = 4;
    /** A key is at least a length, a type and a byte; a tensor a length, dimensions, a type, an offset. */
    private static final int SMALLEST_KEY = 13;

    private static final int SMALLEST_TENSOR = 24;

    private final Arena arena = Arena.ofShared();
    private final MappedFile file;
    private final GgufMetadata metadata;
    private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();

    /**
     * Opens a file and reads its header; the data stays in the file.
     *
     * @throws ModelFileException if the header is not that of a GGUF file, or a tensor does not lie within the file
     */
    public GgufCheckpoint(Path path) {
        try {
            file = MappedFile.open(path, arena);
            metadata = new GgufMetadata(path, file.bytes());
            readHeader(new Cursor(path, file.bytes(), 0));
        } catch (RuntimeException | Error failure) {
            arena.close();
            throw failure;
        }
    }

    private void readHeader(Cursor cursor) {
        int magic = cursor.int32("magic");
        if (magic != MAGIC) {
            throw refused("magic", String.format("0x%08x", magic), String.format("0x%08x, 'GGUF'", MAGIC));
        }
        int version = cursor.int32("version");
        if (version != 2 && version != 3) {
            boolean swapped = Integer.reverseBytes(version) > 0 && Integer.reverseBytes(version) < 16;
            throw refused("version", swapped ? "a big-endian file" : Integer.toUnsignedString(version), "2 or 3");
        }
        long tensorCount = count(cursor, "tensor_count", SMALLEST_TENSOR);
        long keyCount = count(cursor, "metadata_kv_count", SMALLEST_KEY);
        for (long i = 0; i < keyCount; i++) {
            metadata.read(cursor, i);
        }
        int alignment = metadata.integer("general.alignment", 32);
        if (alignment < 1 || Integer.bitCount(alignment) != 1) {
            throw refused("general.alignment", Integer.toString(alignment), "a power of two");
        }
        record Header(String name, TensorType type, long[] shape, long offset) {}
        Map<String, Header> headers = new LinkedHashMap<>();
        for (long i = 0; i < tensorCount; i++) {
            String name = cursor.string("name of tensor " + i);
            long[] shape = shape(cursor, name);
            int typeId = cursor.int32("tensor " + name);
            TensorType type = TensorType.ofGguf(typeId)
                    .orElseThrow(() -> refused("tensor " + name, "type " + typeId, "a type of ggml that is known"));
            long offset = cursor.int64("tensor " + name);
            if (offset < 0 || offset % alignment != 0) {
                throw refused(
                        "tensor " + name, "offset " + Long.toUnsignedString(offset), "a multiple of " + alignment);
            }
            if (headers.put(name, new Header(name, type, shape, offset)) != null) {
                throw refused("tensor " + name, "the name twice", "it once");
            }
        }
        long data = (cursor.position() + alignment - 1) / alignment * alignment;
        for (Header h : headers.values()) {
            long at = h.offset > Long.MAX_VALUE - data ? -1 : data + h.offset;
            tensors.put(h.name, TensorInfo.checked(h.name, h.type, h.shape, file.path(), at, file.size()));
        }
    }

    private long count(Cursor cursor, String field, int smallest) {
        long count = cursor.int64(field);
        if (count < 0 || count > cursor.remaining() / smallest) {
            throw refused(
                    field, Long.toUnsignedString(count), "at most what fits in the file's " + file.size() + " bytes");
        }
        return count;
    }

    private long[] shape(Cursor cursor, String name) {
        int dimensions = cursor.int32("tensor " + name);
        if (dimensions < 0 || dimensions > MOST_DIMENSIONS) {
            throw refused("tensor " + name, dimensions + " dimensions", "0 to " + MOST_DIMENSIONS);
        }
        long[] shape = new long[dimensions];
        for (int d = dimensions - 1; d >= 0; d--) { // the file has the innermost first
            shape[d] = cursor.int64("tensor " + name);
        }
        return shape;
    }

    private ModelFileException refused(String field, String found, String expected) {
        return new ModelFileException(file.path(), field, found, expected);
    }

    public GgufMetadata metadata() {
        return metadata;
    }

    @Override
    public Path path() {
        return file.path();
    }

    @Override
    public Format format() {
        return Format.GGUF;
    }

    @Override
    public Map<String, TensorInfo> tensors() {
        return Collections.unmodifiableMap(tensors);
    }

    @Override
    public MemorySegment data(TensorInfo tensor) {
        return file.slice("tensor " + tensor.name(), tensor.offset(), tensor.byteSize());
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
