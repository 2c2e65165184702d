package dev.squall.model.tokenizer;

import static dev.squall.model.tokenizer.Vocabularies.pieces;
import static dev.squall.model.tokenizer.Vocabularies.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squall.model.format.ModelFileException;
import java.util.Base64;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** tiktoken rank files: a token's rank is its id, and there are no merges but those that make tokens. */
class TiktokenFileTest {
    private static final Tokenizer TOKENIZER = open("llama3", "ab", "bc", "cd", " ab", "abc", "12");

    /** The 256 bytes by value, then tokens by rank. */
    private static String file(String... tokens) {
        StringBuilder lines = new StringBuilder();
        for (int rank = 0; rank < 256 + tokens.length; rank++) {
            byte[] bytes = rank < 256 ? new byte[] {(byte) rank} : utf8(tokens[rank - 256]);
            lines.append(Base64.getEncoder().encodeToString(bytes))
                    .append(' ')
                    .append(rank)
                    .append('\n');
        }
        return lines.toString();
    }

    private static Tokenizer open(String pre, String... tokens) {
        return Vocabularies.open("tokenizer.model", utf8(file(tokens)), pre);
    }

    @Example
    void theLowestRankMergesFirst() {
        assertThat(pieces(TOKENIZER, "abcd")).as("ab, then cd before abc").isEqualTo("ab|cd");
        assertThat(pieces(open("llama3", "bc", "ab", "cd", "abc"), "abcd")).isEqualTo("abc|d");
        assertThat(pieces(open("llama3", "cd", "ab", "bc", "abc"), "abcd")).isEqualTo("ab|cd");
    }

    @Example
    void equalRanksMergeFromTheLeft() {
        assertThat(pieces(open("llama3", "aa"), "aaaaa")).isEqualTo("aa|aa|a");
    }

    @Example
    void aWholeWordIsTaken() {
        assertThat(pieces(open("llama3", "bc", "abd"), "abd"))
                .as("no pair leads to it")
                .isEqualTo("abd");
    }

    @Example
    void wordsAreThoseOfThePreTokenizer() {
        assertThat(pieces(TOKENIZER, "ab ab 1212")).isEqualTo("ab|\u0120ab|\u0120|12|1|2");
        assertThat(pieces(open("qwen2", "12"), "1212")).isEqualTo("1|2|1|2");
        assertThat(pieces(open("gpt2", "12"), "1212")).isEqualTo("12|12");
    }

    @Example
    void noBeginningWithoutLlama3sSpecialTokens() {
        assertThat(TOKENIZER.bos()).isEmpty();
        assertThat(TOKENIZER.encodePrompt("ab", true)).containsExactly(256);
    }

    @Property(tries = 200)
    void decodingGivesTheTextBack(@ForAll("texts") String text) {
        assertThat(TOKENIZER.decode(TOKENIZER.encode(text, false))).isEqualTo(text);
    }

    @Provide
    Arbitrary<String> texts() {
        return Vocabularies.texts();
    }

    @Example
    void badLinesAreNamed() {
        String good = file("ab");
        refused(good + "YWI= 300\n", "line 258", "257");
        refused(good + "YWI=\n", "line 258");
        refused(good + "\n", "line 258");
        refused(good + "!!! 257\n", "line 258", "Base64");
        refused(good.replace("AA== 0\n", "AA== 1\n"), "line 1", "a space, and 0");
        assertThatThrownBy(() -> open("gpt-5", "ab"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("gpt-5")
                .hasMessageContaining("llama3");
    }

    private static void refused(String lines, String... parts) {
        assertThatThrownBy(() -> Vocabularies.open("tokenizer.model", utf8(lines), null))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("tokenizer.model")
                .hasMessageContainingAll(parts);
    }
}
