package dev.squall.model.tokenizer;

import static dev.squall.model.tokenizer.Vocabularies.pieces;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** tokenizer.json: SentencePiece's pipelines, byte-level ones, and what lies beside the file in a model's directory. */
class TokenizerJsonTest {
    private static final List<String> MERGES =
            List.of("\u2581 a", "a b", "\u2581a b", "\u2581 \u2581", "\u2581\u2581 \u2581");

    @TempDir
    Path directory;

    /** A SentencePiece pipeline: unknown 0, beginning 1, end 2, the bytes of é 3 and 4, then pieces. */
    private static Map<String, Object> sentencePiece(String normalizer, String preTokenizer) {
        Map<String, Integer> vocab = new LinkedHashMap<>();
        for (String piece : List.of(
                "<unk>",
                "<s>",
                "</s>",
                "<0xC3>",
                "<0xA9>",
                "\u2581",
                "a",
                "b",
                "\u2581a",
                "ab",
                "\u2581ab",
                "\u2581\u2581",
                "\u2581\u2581\u2581")) {
            vocab.put(piece, vocab.size());
        }
        return pipeline(normalizer, preTokenizer, vocab, MERGES);
    }

    private static Map<String, Object> byteLevel(String normalizer, String preTokenizer, List<String> merges) {
        Map<String, Integer> vocab = new LinkedHashMap<>();
        Vocabularies.byteLevelTokens(merges).forEach(piece -> vocab.put(piece, vocab.size()));
        return pipeline(normalizer, preTokenizer, vocab, merges);
    }

    private static Map<String, Object> pipeline(
            String normalizer, String preTokenizer, Map<String, Integer> vocab, List<String> merges) {
        Map<String, Object> model = new LinkedHashMap<>();
        model.put("type", "BPE");
        model.put("unk_token", "<unk>");
        model.put("vocab", vocab);
        model.put("merges", merges);
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("added_tokens", List.of());
        root.put("normalizer", parse(normalizer));
        root.put("pre_tokenizer", parse(preTokenizer));
        root.put("model", model);
        return root;
    }

    private static Object parse(String json) {
        return new JsonMapper().readValue(json, Object.class);
    }

    private static Map<String, Object> added(int id, String content, boolean special) {
        return Map.of("id", id, "content", content, "special", special);
    }

    private Tokenizer open(Map<String, Object> root) throws IOException {
        write("tokenizer.json", root);
        return Tokenizers.open(directory, null, null);
    }

    private void write(String name, Object value) throws IOException {
        Files.writeString(directory.resolve(name), new JsonMapper().writeValueAsString(value));
    }

    private static final String PREPEND = """
            {"type": "Sequence", "normalizers": [
              {"type": "Prepend", "prepend": "\u2581"},
              {"type": "Replace", "pattern": {"String": " "}, "content": "\u2581"}]}
            """;

    private static String metaspace(String scheme, boolean split) {
        return "{\"type\": \"Metaspace\", \"replacement\": \"\u2581\", \"prepend_scheme\": \"" + scheme
                + "\", \"split\": " + split + "}";
    }

    @Test
    void mergesByRankWithByteFallback() throws IOException {
        Tokenizer tokenizer = open(sentencePiece(PREPEND, "null"));
        assertThat(pieces(tokenizer, "ab")).isEqualTo("\u2581ab");
        assertThat(pieces(tokenizer, "aab")).as("\u2581 a comes before a b").isEqualTo("\u2581a|ab");
        assertThat(pieces(tokenizer, "a\u00e9")).isEqualTo("\u2581a|<0xC3>|<0xA9>");
        assertThat(pieces(tokenizer, "a\u4e16")).as("bytes that are no tokens").isEqualTo("\u2581a|<unk>");
        assertThat(tokenizer.decode(tokenizer.encode(" ab \u00e9", false))).isEqualTo(" ab \u00e9");
    }

    @Test
    void prependPutsASpaceBeforeEveryText() throws IOException {
        Map<String, Object> root = sentencePiece(PREPEND, "null");
        root.put("added_tokens", List.of(added(2, "</s>", true)));
        Tokenizer tokenizer = open(root);
        assertThat(pieces(tokenizer, " b")).isEqualTo("\u2581\u2581|b");
        assertThat(tokenizer.encode("b</s>b", true)).containsExactly(5, 7, 2, 5, 7);
    }

    @Test
    void metaspacePutsASpaceWhereThereIsNone() throws IOException {
        Map<String, Object> root = sentencePiece("null", metaspace("always", false));
        root.put("added_tokens", List.of(added(2, "</s>", true)));
        Tokenizer tokenizer = open(root);
        assertThat(pieces(tokenizer, "b")).isEqualTo("\u2581|b");
        assertThat(pieces(tokenizer, " b")).isEqualTo("\u2581|b");
        assertThat(tokenizer.encode("b</s>b</s> b", true)).containsExactly(5, 7, 2, 5, 7, 2, 5, 7);
    }

    @Test
    void metaspaceFirstPutsItOnlyWhereTheInputBegins() throws IOException {
        Map<String, Object> root = sentencePiece("null", metaspace("first", false));
        root.put("added_tokens", List.of(added(2, "</s>", true)));
        Tokenizer tokenizer = open(root);
        assertThat(tokenizer.encode("b</s>b</s> b", true)).containsExactly(5, 7, 2, 7, 2, 5, 7);
        assertThat(tokenizer.encode("</s>b", true)).containsExactly(2, 7);
        root.put("pre_tokenizer", parse(metaspace("never", false)));
        assertThat(open(root).encode("b</s> b", true)).containsExactly(7, 2, 5, 7);
        assertThat(open(root).decode(5, 7)).isEqualTo(" b");
    }

    @Test
    void metaspaceCutsAtSpacesUnlessItSaysNo() throws IOException {
        assertThat(pieces(open(sentencePiece("null", metaspace("always", false))), "b   b"))
                .isEqualTo("\u2581|b|\u2581\u2581\u2581|b");
        assertThat(pieces(open(sentencePiece("null", metaspace("always", true))), "b   b"))
                .isEqualTo("\u2581|b|\u2581|\u2581|\u2581|b");
    }

    @Test
    void mergesMayBePairs() throws IOException {
        Map<String, Object> root = sentencePiece(PREPEND, "null");
        Map<String, Object> model = new LinkedHashMap<>();
        ((Map<?, ?>) root.get("model")).forEach((key, value) -> model.put((String) key, value));
        model.put(
                "merges",
                MERGES.stream().map(merge -> List.of(merge.split(" "))).toList());
        root.put("model", model);
        assertThat(pieces(open(root), "aab")).isEqualTo("\u2581a|ab");
    }

    @Test
    void byteLevelWithItsOwnPattern() throws IOException {
        List<String> merges = List.of("\u0120 a", "1 2", "12 3");
        String gpt2 = "{\"type\": \"ByteLevel\", \"add_prefix_space\": false, \"use_regex\": true}";
        Tokenizer tokenizer = open(byteLevel("null", gpt2, merges));
        assertThat(pieces(tokenizer, "a a1234")).isEqualTo("a|\u0120a|123|4");
        String digits = """
                {"type": "Sequence", "pretokenizers": [
                  {"type": "Split", "pattern": {"Regex": "\\\\p{N}{1,2}|\\\\s?\\\\p{L}+"}, "behavior": "Isolated", "invert": false},
                  {"type": "ByteLevel", "add_prefix_space": false, "use_regex": false}]}
                """;
        assertThat(pieces(open(byteLevel("null", digits, merges)), "a a1234")).isEqualTo("a|\u0120a|12|3|4");
    }

    @Test
    void byteLevelPutsASpaceInFrontUnlessThereIsOne() throws IOException {
        String prefixed = "{\"type\": \"ByteLevel\", \"add_prefix_space\": true, \"use_regex\": true}";
        Tokenizer tokenizer = open(byteLevel("null", prefixed, List.of()));
        assertThat(tokenizer.encode("a", false)).containsExactly(' ', 'a');
        assertThat(tokenizer.encode(" a", false)).containsExactly(' ', 'a');
        assertThat(tokenizer.encode("\na", false)).as("a line end is no space").containsExactly(' ', '\n', 'a');
    }

    @Test
    void nfcComposes() throws IOException {
        String gpt2 = "{\"type\": \"ByteLevel\", \"add_prefix_space\": false, \"use_regex\": true}";
        assertThat(open(byteLevel("{\"type\": \"NFC\"}", gpt2, List.of())).encode("e\u0301", false))
                .containsExactly(0xC3, 0xA9);
        assertThat(open(byteLevel("null", gpt2, List.of())).encode("e\u0301", false))
                .containsExactly('e', 0xCC, 0x81);
    }

    @Test
    void addedTokensAreSpecialOrAlwaysRead() throws IOException {
        Map<String, Object> root = byteLevel("null", "{\"type\": \"ByteLevel\"}", List.of());
        root.put("added_tokens", List.of(added(256, "<|end|>", true), added(257, "<tool>", false)));
        Tokenizer tokenizer = open(root);
        assertThat(tokenizer.encode("<tool><|end|>", true)).containsExactly(257, 256);
        assertThat(tokenizer.encode("<tool><|end|>", false))
                .startsWith(257, '<')
                .doesNotContain(256);
        assertThat(tokenizer.decode(257, 256, 'a')).isEqualTo("<tool>a");
    }

    @Test
    void theBeginningComesFromTheTemplateOrTheConfiguration() throws IOException {
        Map<String, Object> root = sentencePiece(PREPEND, "null");
        root.put("added_tokens", List.of(added(1, "<s>", true), added(2, "</s>", true)));
        assertThat(open(root).encodePrompt("b", false)).containsExactly(5, 7);
        write("tokenizer_config.json", Map.of("add_bos_token", true, "bos_token", Map.of("content", "<s>")));
        assertThat(open(root).encodePrompt("b", false)).containsExactly(1, 5, 7);
        assertThat(open(root).encodePrompt("<s>b", true)).as("never twice").containsExactly(1, 5, 7);
        Files.delete(directory.resolve("tokenizer_config.json"));
        root.put("post_processor", parse("""
                        {"type": "Sequence", "processors": [
                          {"type": "ByteLevel"},
                          {"type": "TemplateProcessing", "single": [
                            {"SpecialToken": {"id": "<s>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}]}]}
                        """));
        assertThat(open(root).encodePrompt("b", false)).containsExactly(1, 5, 7);
        write("tokenizer_config.json", Map.of("add_bos_token", false, "bos_token", "<s>"));
        assertThat(open(root).encodePrompt("b", false))
                .as("the configuration says no")
                .containsExactly(5, 7);
    }

    @Test
    void allTokensThatEndATextAreFound() throws IOException {
        write("config.json", Map.of("eos_token_id", 2));
        write("generation_config.json", Map.of("eos_token_id", List.of(2, 7)));
        assertThat(open(sentencePiece(PREPEND, "null")).endOfSequence()).containsExactlyInAnyOrder(2, 7);
    }
}
