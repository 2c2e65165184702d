package dev.squall.model.format;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;

/** Reads JSON files that come with models; bounded in size and depth, a key twice is an error. */
public final class JsonFiles {
    /** Bytes of the largest tokenizer.json in use are some 30 million. */
    private static final long LARGEST = 256L << 20;

    private static final int DEEPEST = 64;
    private static final int LONGEST_STRING = 32 << 20;

    private static final ObjectMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(DEEPEST)
                            .maxStringLength(LONGEST_STRING)
                            .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private JsonFiles() {}

    /**
     * Reads a file with one JSON object.
     *
     * @throws ModelFileException if it is missing, too large, no JSON, or no object
     */
    public static JsonNode object(Path file) {
        try {
            if (!Files.isRegularFile(file)) {
                throw new ModelFileException(file, "file", "nothing", "a JSON file");
            }
            if (Files.size(file) > LARGEST) {
                throw new ModelFileException(file, "file", Files.size(file) + " bytes", "at most " + LARGEST);
            }
            return object(file, Files.readAllBytes(file));
        } catch (IOException e) {
            throw new ModelFileException(file, "file", e.toString(), "a readable file", e);
        }
    }

    /** Reads bytes of a file that are one JSON object. */
    static JsonNode object(Path file, byte[] bytes) {
        JsonNode node;
        try {
            node = MAPPER.readTree(bytes);
        } catch (JacksonException e) {
            throw new ModelFileException(file, "JSON", e.getOriginalMessage(), "well-formed JSON", e);
        }
        if (!node.isObject()) {
            throw new ModelFileException(file, "JSON", node.getNodeType().toString(), "an object");
        }
        return node;
    }
}
