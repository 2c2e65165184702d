package dev.squall.model.tokenizer;

import dev.squall.model.tokenizer.BpeTrainer.Learned;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Writes a learned vocabulary as tokenizer.json and tokenizer_config.json, in the format of the tokenizers library:
 * byte-level pre-tokeniser and decoder, and a post-processor by the kind of special tokens. A text for a decoder begins
 * with {@code <s>}; one for an encoder, told by its {@code <mask>}, lies between {@code <s>} and {@code </s>}, as
 * RoBERTa's do.
 */
public final class TokenizerWriter {
    /** Special tokens of a model that writes. */
    public static final List<String> DECODER = List.of("<s>", "</s>");
    /** Special tokens of a model that reads, in RoBERTa's order. */
    public static final List<String> ENCODER = List.of("<s>", "<pad>", "</s>", "<unk>", "<mask>");

    private static final Map<String, String> ROLES = Map.of(
            "<s>",
            "bos_token",
            "</s>",
            "eos_token",
            "<pad>",
            "pad_token",
            "<unk>",
            "unk_token",
            "<mask>",
            "mask_token");

    private TokenizerWriter() {}

    /** Writes both files into a directory, which is made where it is missing. */
    public static void write(Learned learned, Path directory) throws IOException {
        Files.createDirectories(directory);
        JsonMapper mapper =
                JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
        Files.write(directory.resolve("tokenizer.json"), mapper.writeValueAsBytes(pipeline(learned)));
        Files.write(directory.resolve("tokenizer_config.json"), mapper.writeValueAsBytes(config(learned)));
    }

    private static Map<String, Object> pipeline(Learned learned) {
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("version", "1.0");
        root.put("truncation", null);
        root.put("padding", null);
        root.put("added_tokens", addedTokens(learned.special()));
        root.put("normalizer", null);
        root.put("pre_tokenizer", byteLevel());
        root.put("post_processor", postProcessor(learned.special()));
        root.put("decoder", byteLevel());
        root.put("model", model(learned));
        return root;
    }

    private static List<Map<String, Object>> addedTokens(List<String> special) {
        List<Map<String, Object>> added = new ArrayList<>();
        for (String token : special) {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("id", added.size());
            entry.put("content", token);
            entry.put("single_word", false);
            entry.put("lstrip", token.equals("<mask>")); // it takes the place of a word and of the space before it
            entry.put("rstrip", false);
            entry.put("normalized", false);
            entry.put("special", true);
            added.add(entry);
        }
        return added;
    }

    private static Map<String, Object> byteLevel() {
        Map<String, Object> step = new LinkedHashMap<>();
        step.put("type", "ByteLevel");
        step.put("add_prefix_space", false);
        step.put("trim_offsets", true);
        step.put("use_regex", true);
        return step;
    }

    private static Map<String, Object> postProcessor(List<String> special) {
        int begin = special.indexOf("<s>");
        int end = special.indexOf("</s>");
        Map<String, Object> step = new LinkedHashMap<>();
        if (special.contains("<mask>") && begin >= 0 && end >= 0) {
            step.put("type", "RobertaProcessing");
            step.put("sep", List.of("</s>", end));
            step.put("cls", List.of("<s>", begin));
            step.put("trim_offsets", true);
            step.put("add_prefix_space", false);
            return step;
        }
        if (begin < 0) {
            return null;
        }
        Map<String, Object> first = Map.of("SpecialToken", part("<s>", 0));
        step.put("type", "TemplateProcessing");
        step.put("single", List.of(first, Map.of("Sequence", part("A", 0))));
        step.put("pair", List.of(first, Map.of("Sequence", part("A", 0)), Map.of("Sequence", part("B", 1))));
        Map<String, Object> token = new LinkedHashMap<>();
        token.put("id", "<s>");
        token.put("ids", List.of(begin));
        token.put("tokens", List.of("<s>"));
        step.put("special_tokens", Map.of("<s>", token));
        return step;
    }

    private static Map<String, Object> part(String id, int type) {
        Map<String, Object> part = new LinkedHashMap<>();
        part.put("id", id);
        part.put("type_id", type);
        return part;
    }

    private static Map<String, Object> model(Learned learned) {
        Map<String, Integer> vocab = new LinkedHashMap<>();
        learned.pieces().forEach(piece -> vocab.put(piece, vocab.size()));
        Map<String, Object> model = new LinkedHashMap<>();
        model.put("type", "BPE");
        model.put("dropout", null);
        model.put("unk_token", learned.special().contains("<unk>") ? "<unk>" : null);
        model.put("continuing_subword_prefix", null);
        model.put("end_of_word_suffix", null);
        model.put("fuse_unk", false);
        model.put("byte_fallback", false);
        model.put("ignore_merges", false);
        model.put("vocab", vocab);
        model.put(
                "merges",
                learned.merges().stream().map(pair -> pair[0] + " " + pair[1]).toList());
        return model;
    }

    private static Map<String, Object> config(Learned learned) {
        Map<String, Object> config = new LinkedHashMap<>();
        config.put("tokenizer_class", "PreTrainedTokenizerFast");
        for (String token : learned.special()) {
            if (ROLES.containsKey(token)) {
                config.put(ROLES.get(token), token);
            }
        }
        if (learned.special().contains("<mask>") && learned.special().contains("<s>")) {
            config.put("cls_token", "<s>");
            config.put("sep_token", "</s>");
        }
        config.put("add_bos_token", learned.special().contains("<s>"));
        config.put("clean_up_tokenization_spaces", false);
        return config;
    }
}
