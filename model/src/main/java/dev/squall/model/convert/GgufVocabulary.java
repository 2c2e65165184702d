package dev.squall.model.convert;

import dev.squall.model.format.GgufWriter;
import dev.squall.model.format.JsonFiles;
import dev.squall.model.format.ModelFileException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/**
 * A byte-level tokenizer.json that cuts words as GPT-2 does, as metadata of a GGUF file: tokens, their kinds, and merges
 * under the keys {@code tokenizer.ggml.*}. A model without tokenizer.json gets none.
 */
final class GgufVocabulary {
    private static final String PREFIX = "tokenizer.ggml.";
    private static final int NORMAL = 1;
    private static final int CONTROL = 3;
    private static final int USER_DEFINED = 4;
    private static final int UNUSED = 5;

    private final Path directory;
    private final Path file;
    private final int vocabulary;

    GgufVocabulary(Path directory, int vocabulary) {
        this.directory = directory;
        this.file = directory.resolve("tokenizer.json");
        this.vocabulary = vocabulary;
    }

    void put(GgufWriter writer, JsonNode config) {
        if (!Files.exists(file)) {
            return;
        }
        JsonNode root = JsonFiles.object(file);
        JsonNode words = root.path("pre_tokenizer");
        if (!words.path("type").asString("").equals("ByteLevel")
                || !words.path("use_regex").asBoolean(true)
                || root.path("normalizer").isObject()) {
            throw refused("pre_tokenizer", words.toString(), "ByteLevel with GPT-2's pattern and no normalizer");
        }
        String[] tokens = new String[vocabulary];
        int[] kinds = new int[vocabulary];
        for (Map.Entry<String, JsonNode> entry :
                root.path("model").path("vocab").properties()) {
            set(tokens, kinds, entry.getValue().asInt(-1), entry.getKey(), NORMAL);
        }
        for (JsonNode token : root.path("added_tokens")) {
            boolean special = token.path("special").asBoolean(false);
            String content = token.path("content").asString("");
            set(tokens, kinds, token.path("id").asInt(-1), content, special ? CONTROL : USER_DEFINED);
        }
        for (int id = 0; id < vocabulary; id++) {
            if (tokens[id] == null) { // rows of the table that no token has
                tokens[id] = "[PAD" + id + "]";
                kinds[id] = UNUSED;
            }
        }
        writer.put(PREFIX + "model", "gpt2");
        writer.put(PREFIX + "pre", "gpt-2");
        writer.put(PREFIX + "tokens", tokens);
        writer.put(PREFIX + "token_type", kinds);
        writer.put(PREFIX + "merges", merges(root.path("model").path("merges")));
        writer.put(PREFIX + "add_space_prefix", words.path("add_prefix_space").asBoolean(false));
        ids(writer, tokens, config);
    }

    private void set(String[] tokens, int[] kinds, int id, String token, int kind) {
        if (id < 0 || id >= vocabulary) {
            throw refused("model.vocab", "id " + id + " of '" + token + "'", "less than the model's " + vocabulary);
        }
        tokens[id] = token;
        kinds[id] = kind;
    }

    private static String[] merges(JsonNode list) {
        String[] merges = new String[list.size()];
        for (int rank = 0; rank < merges.length; rank++) {
            JsonNode merge = list.get(rank);
            merges[rank] = merge.isArray()
                    ? merge.get(0).asString() + " " + merge.get(1).asString()
                    : merge.asString();
        }
        return merges;
    }

    /** Ids come from config.json; names from tokenizer_config.json stand in for those that it has not. */
    private void ids(GgufWriter writer, String[] tokens, JsonNode config) {
        Path names = directory.resolve("tokenizer_config.json");
        JsonNode named = Files.exists(names) ? JsonFiles.object(names) : config;
        Map.of("bos_token", "bos", "eos_token", "eos", "pad_token", "padding", "unk_token", "unknown")
                .entrySet()
                .stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(role -> {
                    JsonNode name = named.path(role.getKey());
                    String text = (name.isObject() ? name.path("content") : name).asString("");
                    JsonNode id = config.path(role.getKey() + "_id");
                    int value = id.isIntegralNumber()
                            ? id.intValue()
                            : Arrays.asList(tokens).indexOf(text);
                    if (value >= 0 && value < tokens.length) {
                        writer.put(PREFIX + role.getValue() + "_token_id", value);
                    }
                });
        if (named.path("add_bos_token").isBoolean()) {
            writer.put(PREFIX + "add_bos_token", named.path("add_bos_token").booleanValue());
        }
    }

    private ModelFileException refused(String field, String found, String expected) {
        return new ModelFileException(file, field, found, expected);
    }
}
