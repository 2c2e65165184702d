package dev.squall.model.format;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/**
 * A Hugging Face directory: config.json, and tensors in model.safetensors, or in several files that
 * model.safetensors.index.json lists; where there is neither, in pytorch_model.bin or those of its index.
 */
public final class HuggingFaceCheckpoint implements Checkpoint {
    /** Where tensors may be, in the order of preference. */
    private static final List<String> WEIGHTS = List.of("model.safetensors", "pytorch_model.bin");

    private final Path directory;
    private final JsonNode config;
    private final Arena arena = Arena.ofShared();
    private final Map<Path, TensorFile> files = new LinkedHashMap<>();
    private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();

    /** @throws ModelFileException if a file is missing or malformed, or a tensor does not lie within its file */
    public HuggingFaceCheckpoint(Path directory) {
        this.directory = directory;
        this.config = JsonFiles.object(directory.resolve("config.json"));
        try {
            readWeights();
        } catch (RuntimeException | Error failure) {
            arena.close();
            throw failure;
        }
    }

    private void readWeights() {
        for (String name : WEIGHTS) {
            Path index = directory.resolve(name + ".index.json");
            if (Files.exists(index)) {
                readIndexed(index);
                return;
            }
            if (Files.exists(directory.resolve(name))) {
                readTensors(directory.resolve(name));
                return;
            }
        }
        throw new ModelFileException(directory, "weights", "none", String.join(" or ", WEIGHTS));
    }

    private void readIndexed(Path index) {
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
        TensorFile file =
                path.toString().endsWith(".bin") ? PyTorchFile.weights(path, arena) : new SafetensorsFile(path, arena);
        files.put(path, file);
        file.tensors().forEach((name, tensor) -> {
            if (tensors.put(name, tensor) != null) {
                throw new ModelFileException(path, "tensor " + name, "the name twice", "it once");
            }
        });
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
        return files.get(tensor.file()).data(tensor);
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
