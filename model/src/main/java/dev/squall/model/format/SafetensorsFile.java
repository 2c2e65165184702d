package dev.squall.model.format;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * A safetensors file: a length of 64 bits, so many bytes of JSON with type, shape and place of every tensor, and the data.
 * Source: the safetensors format description.
 */
final class SafetensorsFile implements TensorFile {
    /** The format's own bound on its header. */
    private static final long LARGEST_HEADER = 100_000_000;

    private final MappedFile file;
    private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();

    /** @throws ModelFileException if the file is malformed, or a tensor does not lie within it */
    SafetensorsFile(Path path, Arena arena) {
        file = MappedFile.open(path, arena);
        long length = new Cursor(path, file.bytes(), 0).int64("header length");
        if (length < 2 || length > LARGEST_HEADER || length > file.size() - Long.BYTES) {
            throw new ModelFileException(
                    path,
                    "header length",
                    Long.toUnsignedString(length),
                    "2 to " + Math.min(LARGEST_HEADER, file.size() - Long.BYTES));
        }
        byte[] json = file.bytes().asSlice(Long.BYTES, length).toArray(ValueLayout.JAVA_BYTE);
        long data = Long.BYTES + length;
        for (Map.Entry<String, JsonNode> entry : JsonFiles.object(path, json).properties()) {
            if (!entry.getKey().equals("__metadata__")) {
                TensorInfo tensor = tensor(file, entry.getKey(), entry.getValue(), data);
                if (tensors.put(tensor.name(), tensor) != null) {
                    throw new ModelFileException(path, "tensor " + tensor.name(), "the name twice", "it once");
                }
            }
        }
    }

    private static TensorInfo tensor(MappedFile file, String name, JsonNode node, long data) {
        String field = "tensor " + name;
        TensorType type = type(file.path(), field, node.path("dtype").asString(""));
        long[] shape = longs(file.path(), field, node.path("shape"));
        long[] offsets = longs(file.path(), field, node.path("data_offsets"));
        if (offsets.length != 2 || offsets[0] > offsets[1] || offsets[1] > file.size() - data) {
            throw new ModelFileException(
                    file.path(), field, "data_offsets " + node.path("data_offsets"), "a range within the file");
        }
        TensorInfo tensor = TensorInfo.checked(name, type, shape, file.path(), data + offsets[0], file.size());
        if (tensor.byteSize() != offsets[1] - offsets[0]) {
            throw new ModelFileException(
                    file.path(),
                    field,
                    "data_offsets of " + (offsets[1] - offsets[0]) + " bytes",
                    tensor.byteSize() + " bytes for its shape");
        }
        return tensor;
    }

    private static TensorType type(Path file, String field, String name) {
        return switch (name) {
            case "F64" -> TensorType.F64;
            case "F32" -> TensorType.F32;
            case "F16" -> TensorType.F16;
            case "BF16" -> TensorType.BF16;
            case "I64" -> TensorType.I64;
            case "I32" -> TensorType.I32;
            case "I16" -> TensorType.I16;
            case "I8", "U8", "BOOL" -> TensorType.I8;
            default -> throw new ModelFileException(file, field, "dtype '" + name + "'", "F32, F16 or BF16");
        };
    }

    private static long[] longs(Path file, String field, JsonNode node) {
        if (!node.isArray() || node.size() > 16) {
            throw new ModelFileException(file, field, node.toString(), "an array of at most 16 integers");
        }
        long[] values = new long[node.size()];
        for (int i = 0; i < values.length; i++) {
            JsonNode item = node.get(i);
            if (!item.isIntegralNumber() || !item.canConvertToLong() || item.longValue() < 0) {
                throw new ModelFileException(file, field, item.toString(), "an integer from 0");
            }
            values[i] = item.longValue();
        }
        return values;
    }

    @Override
    public Map<String, TensorInfo> tensors() {
        return Collections.unmodifiableMap(tensors);
    }

    @Override
    public MemorySegment data(TensorInfo tensor) {
        return file.slice("tensor " + tensor.name(), tensor.offset(), tensor.byteSize());
    }
}
