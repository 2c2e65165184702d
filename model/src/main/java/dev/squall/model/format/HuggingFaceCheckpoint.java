package dev.squall.model.format;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/**
 * A Hugging Face directory: config.json, and tensors in model.safetensors or in several files that
 * model.safetensors.index.json lists.
 *
 * <p>A safetensors file is a length of 64 bits, so many bytes of JSON with type, shape and place of every tensor, and the
 * data. Source: the safetensors format description.
 */
public final class HuggingFaceCheckpoint implements Checkpoint {
    private static final String SINGLE = "model.safetensors";
    private static final String INDEX = "model.safetensors.index.json";
    /** The format's own bound on its header. */
    private static final long LARGEST_HEADER = 100_000_000;

    private final Path directory;
    private final JsonNode config;
    private final Arena arena = Arena.ofShared();
    private final Map<Path, MappedFile> files = new LinkedHashMap<>();
    private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();

    /** @throws ModelFileException if a file is missing or malformed, or a tensor does not lie within its file */
    public HuggingFaceCheckpoint(Path directory) {
        this.directory = directory;
        this.config = JsonFiles.object(directory.resolve("config.json"));
        try {
            if (Files.exists(directory.resolve(INDEX))) {
                readIndexed();
            } else {
                readTensors(directory.resolve(SINGLE));
            }
        } catch (RuntimeException | Error failure) {
            arena.close();
            throw failure;
        }
    }

    private void readIndexed() {
        Path index = directory.resolve(INDEX);
        JsonNode map = JsonFiles.object(index).path("weight_map");
        if (!map.isObject()) {
            throw new ModelFileException(index, "weight_map", map.getNodeType().toString(), "an object");
        }
        TreeSet<String> names = new TreeSet<>();
        for (Map.Entry<String, JsonNode> entry : map.properties()) {
            String name = entry.getValue().asString("");
            boolean inside = !name.isEmpty() && !name.contains("/") && !name.contains("\\") && !name.startsWith(".");
            if (!inside) {
                throw new ModelFileException(
                        index, "weight_map." + entry.getKey(), entry.getValue().toString(), "a file beside the index");
            }
            names.add(name);
        }
        names.forEach(name -> readTensors(directory.resolve(name)));
        for (Map.Entry<String, JsonNode> entry : map.properties()) {
            TensorInfo tensor = tensors.get(entry.getKey());
            Path expected = directory.resolve(entry.getValue().asString());
            if (tensor == null || !tensor.file().equals(expected)) {
                throw new ModelFileException(
                        index,
                        "weight_map." + entry.getKey(),
                        tensor == null ? "no such tensor" : "the tensor in " + tensor.file(),
                        "the tensor in " + expected);
            }
        }
    }

    private void readTensors(Path path) {
        MappedFile file = MappedFile.open(path, arena);
        files.put(path, file);
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

    /** What config.json says. */
    public JsonNode config() {
        return config;
    }

    /** What generation_config.json says, if there is one. */
    public Optional<JsonNode> generationConfig() {
        Path file = directory.resolve("generation_config.json");
        return Files.exists(file) ? Optional.of(JsonFiles.object(file)) : Optional.empty();
    }

    @Override
    public Path path() {
        return directory;
    }

    @Override
    public Format format() {
        return Format.HUGGING_FACE;
    }

    @Override
    public Map<String, TensorInfo> tensors() {
        return Collections.unmodifiableMap(tensors);
    }

    @Override
    public MemorySegment data(TensorInfo tensor) {
        return files.get(tensor.file()).slice("tensor " + tensor.name(), tensor.offset(), tensor.byteSize());
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
