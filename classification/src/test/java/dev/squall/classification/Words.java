package dev.squall.classification;

import dev.squall.model.tokenizer.Tokenizer;
import dev.squall.model.tokenizer.Tokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import tools.jackson.databind.json.JsonMapper;

/** Tokenizers of tests: one that knows some words and else characters, and RoBERTa's where it is there. */
final class Words {
    static final int FIRST = 5 + 256; // token of the first word

    private Words() {}

    /** Tokens 0 to 3 as RoBERTa's, 4 the mask, then bytes, then the words as they are; a leading space is "_". */
    static Tokenizer of(Path folder, String... words) throws IOException {
        Map<String, Integer> vocabulary = new LinkedHashMap<>();
        List<String> special = List.of("<s>", "<pad>", "</s>", "<unk>", "<mask>");
        special.forEach(each -> vocabulary.put(each, vocabulary.size()));
        char next = 256;
        for (int b = 0; b < 256; b++) {
            boolean visible = b > 32 && b < 127 || b > 160 && b != 173;
            vocabulary.put(String.valueOf(visible ? (char) b : next++), vocabulary.size());
        }
        for (String word : words) {
            vocabulary.put(word.replace('_', '\u0120'), vocabulary.size());
        }
        List<Map<String, Object>> added = special.stream()
                .map(each -> Map.<String, Object>of(
                        "id", vocabulary.get(each), "content", each, "special", true, "lstrip", each.equals("<mask>")))
                .toList();
        Map<String, Object> model =
                Map.of("type", "BPE", "vocab", vocabulary, "merges", List.of(), "ignore_merges", true);
        Path file = folder.resolve("tokenizer.json");
        Files.writeString(
                file,
                JsonMapper.builder()
                        .build()
                        .writeValueAsString(Map.of(
                                "added_tokens", added, "pre_tokenizer", Map.of("type", "ByteLevel"), "model", model)));
        return Tokenizers.open(file, null, null);
    }

    /** RoBERTa's own; the test is skipped where its files are not there. */
    static Tokenizer roberta() {
        Path files = Path.of(System.getProperty("squall.testData", "../shared"), "tokenizers", "roberta");
        Assumptions.assumeTrue(Files.isDirectory(files), files + " is not there");
        return Tokenizers.open(files, null, null);
    }
}
