package dev.squall.model.tokenizer;

import static dev.squall.model.tokenizer.Vocabularies.byteLevel;
import static dev.squall.model.tokenizer.Vocabularies.open;
import static dev.squall.model.tokenizer.Vocabularies.piece;
import static dev.squall.model.tokenizer.Vocabularies.sentencePiece;
import static dev.squall.model.tokenizer.Vocabularies.utf8;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squall.model.format.GgufWriter;
import dev.squall.model.format.ModelFileException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What no tokenizer is made of: the error names the field and what it says. */
class TokenizerRefusalsTest {
    private static void refused(GgufWriter writer, String... parts) {
        assertThatThrownBy(() -> open(writer))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("vocabulary.gguf")
                .hasMessageContainingAll(parts);
    }

    @Test
    void gguf() {
        refused(byteLevel("gpt-9000", List.of()), "tokenizer.ggml.pre", "gpt-9000", "qwen2");
        refused(byteLevel("gpt-2", List.of()).put("tokenizer.ggml.model", "bert"), "tokenizer.ggml.model", "bert");
        refused(
                byteLevel("gpt-2", List.of("a b")).put("tokenizer.ggml.merges", new String[] {"a b", "a c"}),
                "tokenizer.ggml.merges[1]",
                "a c");
        refused(byteLevel("gpt-2", List.of()).put("tokenizer.ggml.merges", new String[] {"ab"}), "merges[0]", "ab");
        refused(byteLevel("gpt-2", List.of()).put("tokenizer.ggml.bos_token_id", 256), "bos_token_id", "256");
        refused(
                byteLevel("gpt-2", List.of()).put("tokenizer.ggml.token_type", new int[] {1, 1}),
                "token_type",
                "2 types",
                "256");
        refused(
                new GgufWriter()
                        .put("general.architecture", "llama")
                        .put("tokenizer.ggml.model", "gpt2")
                        .put("tokenizer.ggml.tokens", new String[] {"a"}),
                "tokenizer.ggml.merges");
        refused(
                sentencePiece(false, piece("a", 0)).put("tokenizer.ggml.scores", new float[] {1}),
                "tokenizer.ggml.scores",
                "1 scores",
                "4");
        refused(sentencePiece(false, new Vocabularies.Piece("a", 0, 9)), "token_type[3]", "9", "1 to 6");
        refused(sentencePiece(false, new Vocabularies.Piece("a", 0, Vocabularies.BYTE)), "tokens[3]", "'a'", "<0x0A>");
        refused(new GgufWriter().put("general.architecture", "llama"), "tokenizer.ggml.model");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{`model`: {`vocab`: {`a`: 0, `b`: 0}, `merges`: []}} | model.vocab.b | id 0 again",
                "{`model`: {`vocab`: {`a`: -1}, `merges`: []}} | model.vocab.a | -1",
                "{`model`: {`vocab`: {`a`: 1.5}, `merges`: []}} | model.vocab.a | 1.5",
                "{`model`: {`vocab`: {`a`: 0, `a`: 1}, `merges`: []}} | JSON | Duplicate",
                "{`model`: {`vocab`: {`a`: 90000}, `merges`: []}} | model.vocab | 90000",
                "{`model`: {`vocab`: {`a`: 0, `b`: 1}, `merges`: [`a b`]}} | model.merges[0] | a b",
                "{`model`: {`vocab`: {`a`: 0, `aa`: 1}, `merges`: [`a a`, `a c`]}} | model.merges[1] | a c",
                "{`model`: {`type`: `WordPiece`, `vocab`: {`a`: 0}}} | model.type | WordPiece",
                "{`model`: {`type`: `Unigram`, `vocab`: [[`a`, 0]]}} | model.type | Unigram",
                "{`model`: {`vocab`: {`a`: 0}, `merges`: [], `end_of_word_suffix`: `</w>`}} | model.end_of_word_suffix | </w>",
                "{`pre_tokenizer`: {`type`: `Whitespace`}, `model`: {`vocab`: {}}} | pre_tokenizer.type | Whitespace",
                "{`pre_tokenizer`: {`type`: `Sequence`, `pretokenizers`: [{`type`: `ByteLevel`}, {`type`: `Bert`}]},"
                        + " `model`: {`vocab`: {}}} | pre_tokenizer.pretokenizers[1].type | Bert",
                "{`pre_tokenizer`: {`type`: `Metaspace`, `replacement`: `_`}, `model`: {`vocab`: {}}}"
                        + " | pre_tokenizer.replacement | _",
                "{`pre_tokenizer`: {`type`: `Split`, `behavior`: `Isolated`, `pattern`: {`Regex`: `(`}},"
                        + " `model`: {`vocab`: {}}} | pre_tokenizer.pattern.Regex | (",
                "{`pre_tokenizer`: {`type`: `Split`, `behavior`: `MergedWithNext`, `pattern`: {`String`: `a`}},"
                        + " `model`: {`vocab`: {}}} | pre_tokenizer.behavior | MergedWithNext",
                "{`pre_tokenizer`: {`type`: `Digits`}, `model`: {`vocab`: {`a`: 0}, `merges`: []}}"
                        + " | pre_tokenizer | ByteLevel",
                "{`normalizer`: {`type`: `Lowercase`}, `model`: {`vocab`: {}}} | normalizer.type | Lowercase",
                "{`added_tokens`: [{`id`: 0, `content`: `x`}], `model`: {`vocab`: {`a`: 0}, `merges`: []}}"
                        + " | added_tokens | id 0",
                "[] | JSON | an object",
                "{ | JSON | well-formed"
            })
    void tokenizerJson(String contents, String field, String says) {
        assertThatThrownBy(() -> open("tokenizer.json", utf8(contents.replace('`', '"')), null))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("tokenizer.json: " + field)
                .hasMessageContaining(says);
    }

    @Test
    void idsOutsideTheVocabulary() {
        Tokenizer tokenizer = open(byteLevel("gpt-2", List.of()));
        assertThatThrownBy(() -> tokenizer.decode('a', 256))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("found 256, expected 0 to 255");
        assertThatThrownBy(() -> tokenizer.piece(-1)).hasMessageContaining("found -1");
    }
}
