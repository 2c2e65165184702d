package dev.squall.model.tokenizer;

import dev.squall.model.format.Checkpoint;
import dev.squall.model.format.Checkpoints;
import dev.squall.model.format.GgufCheckpoint;
import dev.squall.model.format.HuggingFaceCheckpoint;
import dev.squall.model.format.JsonFiles;
import dev.squall.model.format.ModelFileException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** Finds and reads the tokenizer of a model, and its chat template. */
public final class Tokenizers {
    private Tokenizers() {}

    /**
     * The tokenizer of a model.
     *
     * @param explicit the tokenizer's file, or null to look where the model's format has it
     * @throws ModelFileException if there is none or it is malformed
     */
    public static Tokenizer of(Checkpoint checkpoint, Path explicit) {
        if (explicit != null) {
            return ofFile(explicit, null);
        }
        return switch (checkpoint) {
            case GgufCheckpoint gguf -> GgufTokenizer.read(gguf.metadata());
            case HuggingFaceCheckpoint directory -> ofDirectory(directory.path());
            default -> ofFile(beside(checkpoint.path()), null);
        };
    }

    /**
     * The tokenizer of a model's file or directory, or of a file with a vocabulary only: GGUF, tokenizer.json, RoBERTa's
     * files, a tiktoken rank file, a tokenizer of llama2.c.
     *
     * @param explicit the tokenizer's file, or null to look where the path has it
     * @param pre the pre-tokeniser of a rank file, null for Llama 3's
     * @throws ModelFileException if there is none or it is malformed
     * @throws IllegalArgumentException if there is no such pre-tokeniser, or the file is no rank file and says itself how it
     *     cuts words
     */
    public static Tokenizer open(Path path, Path explicit, String pre) {
        if (explicit != null) {
            return ofFile(explicit, pre);
        }
        if (Files.isDirectory(path)) {
            return ofFile(path, pre);
        }
        String name = path.getFileName().toString();
        boolean tokenizer = name.endsWith(".json") || name.endsWith(".model") || name.endsWith(".tiktoken");
        if (tokenizer || name.startsWith("tok") && name.endsWith(".bin")) {
            return ofFile(path, pre);
        }
        noRankFile(path, pre);
        try (Checkpoint checkpoint = Checkpoints.open(path)) {
            return of(checkpoint, null);
        }
    }

    private static Tokenizer ofFile(Path file, String pre) {
        if (Files.isDirectory(file)) {
            noRankFile(file, pre);
            return ofDirectory(file);
        }
        byte[] beginning;
        try (InputStream in = Files.newInputStream(file)) {
            beginning = in.readNBytes(4);
        } catch (IOException e) {
            throw new ModelFileException(file, "tokenizer", e.toString(), "a readable file", e);
        }
        String name = file.getFileName().toString();
        boolean gguf = new String(beginning, StandardCharsets.ISO_8859_1).equals("GGUF");
        if (!gguf && !name.endsWith(".json") && !name.endsWith(".bin")) {
            return TiktokenFile.read(file, pre);
        }
        noRankFile(file, pre);
        if (gguf) {
            try (GgufCheckpoint checkpoint = new GgufCheckpoint(file)) {
                return GgufTokenizer.read(checkpoint.metadata());
            }
        }
        return name.endsWith(".json")
                ? TokenizerJson.read(file, null, null, null, Set.of())
                : Llama2cTokenizer.read(file);
    }

    private static void noRankFile(Path file, String pre) {
        if (pre != null) {
            throw new IllegalArgumentException("pre-tokeniser: found " + pre + " for " + file
                    + ", expected none: only a tiktoken rank file needs one");
        }
    }

    private static Tokenizer ofDirectory(Path directory) {
        if (!Files.isRegularFile(directory.resolve("tokenizer.json")) && RobertaFiles.areIn(directory)) {
            return RobertaFiles.read(directory);
        }
        JsonNode config = optional(directory.resolve("tokenizer_config.json"));
        JsonNode addBos = config.path("add_bos_token");
        return TokenizerJson.read(
                directory.resolve("tokenizer.json"),
                addBos.isBoolean() ? addBos.booleanValue() : null,
                content(config.path("bos_token")),
                content(config.path("eos_token")),
                endOfSequence(directory));
    }

    /** All ids that generation_config.json and config.json give. */
    private static Set<Integer> endOfSequence(Path directory) {
        Set<Integer> ids = new LinkedHashSet<>();
        for (String name : List.of("generation_config.json", "config.json")) {
            JsonNode node = optional(directory.resolve(name)).path("eos_token_id");
            for (JsonNode id : node.isArray() ? node : List.of(node)) {
                if (id.isIntegralNumber() && id.canConvertToInt()) {
                    ids.add(id.intValue());
                }
            }
        }
        return ids;
    }

    /** The only tok*.bin beside a llama2.c model. */
    private static Path beside(Path model) {
        Path directory = model.toAbsolutePath().getParent();
        try (Stream<Path> files = Files.list(directory)) {
            List<Path> candidates = files.filter(file -> {
                        String name = file.getFileName().toString();
                        return name.startsWith("tok") && name.endsWith(".bin");
                    })
                    .sorted()
                    .toList();
            if (candidates.size() != 1) {
                throw new ModelFileException(
                        model,
                        "tokenizer",
                        candidates.size() + " files tok*.bin beside the model",
                        "one, or the tokenizer's file by name (--tokenizer FILE)");
            }
            return candidates.getFirst();
        } catch (IOException e) {
            throw new ModelFileException(model, "tokenizer", e.toString(), "a readable directory", e);
        }
    }

    /** The chat template that comes with a model, and the special tokens that it may name. */
    public record Template(String source, Map<String, String> specialTokens) {}

    /** The chat template of a model, if it has one. */
    public static Optional<Template> chatTemplate(Checkpoint checkpoint, Tokenizer tokenizer) {
        return switch (checkpoint) {
            case GgufCheckpoint gguf ->
                Optional.ofNullable(gguf.metadata().string("tokenizer.chat_template", null))
                        .map(source -> new Template(source, ggufTokens(gguf, tokenizer)));
            case HuggingFaceCheckpoint directory -> directoryTemplate(directory.path());
            default -> Optional.empty();
        };
    }

    private static Map<String, String> ggufTokens(GgufCheckpoint gguf, Tokenizer tokenizer) {
        Map<String, String> tokens = new LinkedHashMap<>();
        Map.of("bos_token", "bos", "eos_token", "eos", "pad_token", "padding", "unk_token", "unknown")
                .forEach((name, key) -> {
                    int id = gguf.metadata().integer("tokenizer.ggml." + key + "_token_id", -1);
                    if (id >= 0 && id < tokenizer.vocabSize()) {
                        tokens.put(name, tokenizer.piece(id));
                    }
                });
        OptionalInt bos = tokenizer.bos();
        bos.ifPresent(id -> tokens.putIfAbsent("bos_token", tokenizer.piece(id)));
        return tokens;
    }

    private static Optional<Template> directoryTemplate(Path directory) {
        JsonNode config = optional(directory.resolve("tokenizer_config.json"));
        Map<String, String> tokens = new LinkedHashMap<>();
        for (String name : List.of("bos_token", "eos_token", "pad_token", "unk_token")) {
            String text = content(config.path(name));
            if (text != null) {
                tokens.put(name, text);
            }
        }
        Path own = directory.resolve("chat_template.jinja");
        if (Files.isRegularFile(own)) {
            try {
                return Optional.of(new Template(Files.readString(own), tokens));
            } catch (IOException e) {
                throw new ModelFileException(own, "file", e.toString(), "a text in UTF-8", e);
            }
        }
        JsonNode template = config.path("chat_template");
        if (template.isString()) {
            return Optional.of(new Template(template.stringValue(), tokens));
        }
        for (JsonNode named : template) {
            if (named.path("name").asString("").equals("default")) {
                return Optional.of(new Template(named.path("template").asString(""), tokens));
            }
        }
        return Optional.empty();
    }

    /** A token that is written as a string or as an object with its content; null for none. */
    private static String content(JsonNode node) {
        JsonNode text = node.isObject() ? node.path("content") : node;
        return text.isString() ? text.stringValue() : null;
    }

    private static JsonNode optional(Path file) {
        return Files.isRegularFile(file)
                ? JsonFiles.object(file)
                : tools.jackson.databind.node.JsonNodeFactory.instance.objectNode();
    }
}
