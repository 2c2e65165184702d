package dev.squall.model.tokenizer;

import static dev.squall.model.tokenizer.Vocabularies.byteLevel;
import static dev.squall.model.tokenizer.Vocabularies.open;
import static dev.squall.model.tokenizer.Vocabularies.pieces;
import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.model.format.GgufWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Byte-level BPE out of GGUF metadata: bytes, ranked merges, special tokens. */
class ByteLevelBpeTest {
    /** Ġ stands for a space. */
    private static final List<String> MERGES =
            List.of("l l", "h e", "he ll", "l o", "hell o", "\u0120 w", "o r", "\u0120w or", "l d", "\u0120wor ld");

    private static final Tokenizer TOKENIZER = open(byteLevel("gpt-2", MERGES, "<|endoftext|>", "<|im_end|>"));
    private static final int END = 256 + 10;

    @Example
    void mergesByRank() {
        assertThat(pieces(TOKENIZER, "hello world")).isEqualTo("hello|\u0120world");
        assertThat(TOKENIZER.encode("hello world", false)).containsExactly(256 + 4, 256 + 9);
        assertThat(pieces(TOKENIZER, "held")).isEqualTo("he|ld");
        // The same pairs in another order: "l o" goes first and leaves nothing for "he ll".
        Tokenizer other = open(byteLevel("gpt-2", List.of("l o", "l l", "h e", "he ll", "he l")));
        assertThat(pieces(other, "hello")).isEqualTo("hel|lo");
    }

    @Example
    void equalRanksMergeFromTheLeft() {
        assertThat(pieces(TOKENIZER, "lll")).isEqualTo("ll|l");
        assertThat(pieces(TOKENIZER, "lllll")).isEqualTo("ll|ll|l");
    }

    @Example
    void mergesDoNotCrossWords() {
        Tokenizer crossing = open(byteLevel("gpt-2", List.of("a \u0120", "a \u0120b", "\u0120 b")));
        assertThat(pieces(crossing, "a b")).isEqualTo("a|\u0120b");
    }

    @Example
    void bytesOfACharacterAreTokens() {
        assertThat(TOKENIZER.encode("\u00e9\ud83d\ude00", false)).containsExactly(0xC3, 0xA9, 0xF0, 0x9F, 0x98, 0x80);
        assertThat(TOKENIZER.encode("\0\u007f", false)).containsExactly(0, 0x7F);
        assertThat(TOKENIZER.bytes(0xA9)).containsExactly(0xA9);
    }

    @Example
    void aWholeWordNeedsNoMergesWhereThePreTokenizerSaysSo() {
        // "ab" + "c" is the only way by merges, and "b c" spoils it; Llama 3 takes the word as it is.
        List<String> merges = List.of("b c", "a b", "ab c");
        assertThat(pieces(open(byteLevel("gpt-2", merges)), "abc")).isEqualTo("a|bc");
        assertThat(pieces(open(byteLevel("llama-bpe", merges)), "abc")).isEqualTo("abc");
    }

    @Example
    void specialTokensAreReadOnlyWhereAsked() {
        String text = "hello<|endoftext|>hello";
        assertThat(TOKENIZER.encode(text, true)).containsExactly(256 + 4, END, 256 + 4);
        assertThat(TOKENIZER.encode(text, false)).doesNotContain(END);
        assertThat(TOKENIZER.decode(TOKENIZER.encode(text, false))).isEqualTo(text);
        assertThat(TOKENIZER.decode(TOKENIZER.encode(text, true))).isEqualTo("hellohello");
        assertThat(TOKENIZER.isSpecial(END)).isTrue();
        assertThat(TOKENIZER.endOfSequence()).contains(END, END + 1); // by their names
    }

    @Example
    void theLongestSpecialTokenCounts() {
        Tokenizer tokenizer = open(byteLevel("gpt-2", List.of(), "<|a", "<|a|>", "<|a|>b"));
        assertThat(tokenizer.encode("<|a|>b<|a|>c<|a", true)).containsExactly(258, 257, 'c', 256);
    }

    @Example
    void theBeginningIsPutInFrontWhereTheFileSaysSo() {
        GgufWriter writer = byteLevel("gpt-2", List.of(), "<|begin|>").put("tokenizer.ggml.bos_token_id", 256);
        assertThat(open(writer).encodePrompt("a", false)).containsExactly('a');
        writer.put("tokenizer.ggml.add_bos_token", true);
        assertThat(open(writer).encodePrompt("a", false)).containsExactly(256, 'a');
        assertThat(open(writer).encodePrompt("", false)).containsExactly(256);
        assertThat(open(writer).encodePrompt("<|begin|>a", true))
                .as("never twice")
                .containsExactly(256, 'a');
        assertThat(open(writer).encode("a", false)).containsExactly('a');
        GgufWriter llama3 = byteLevel("llama-bpe", List.of(), "<|begin_of_text|>");
        llama3.put("tokenizer.ggml.bos_token_id", 256);
        assertThat(open(llama3).encodePrompt("a", false))
                .as("Llama 3 files leave the flag out")
                .containsExactly(256, 'a');
    }

    @Example
    void qwenComposesCharacters() {
        assertThat(open(byteLevel("qwen2", List.of())).encode("e\u0301", false)).containsExactly(0xC3, 0xA9);
        assertThat(TOKENIZER.encode("e\u0301", false)).containsExactly('e', 0xCC, 0x81);
    }

    @Example
    void aSpaceInFrontWhereTheFileSaysSo() {
        Tokenizer prefixed = open(byteLevel("gpt-2", MERGES).put("tokenizer.ggml.add_space_prefix", true));
        assertThat(pieces(prefixed, "world")).isEqualTo("\u0120world");
        assertThat(pieces(prefixed, " world")).isEqualTo("\u0120world");
        assertThat(pieces(prefixed, "")).isEmpty();
        assertThat(prefixed.decode(prefixed.encode("world", false))).isEqualTo("world");
    }

    @Property(tries = 300)
    void decodingGivesTheTextBack(@ForAll("texts") String text) {
        assertThat(TOKENIZER.decode(TOKENIZER.encode(text, false))).isEqualTo(text);
    }

    @Provide
    Arbitrary<String> texts() {
        return Vocabularies.texts();
    }

    @Example
    void halfASurrogatePairIsNoCharacter() {
        assertThat(TOKENIZER.decode(TOKENIZER.encode("a\ud83d", false))).isEqualTo("a?");
    }

    /** Against the definition: look for the pair of lowest rank, leftmost first, merge, begin anew. */
    @Property(tries = 300)
    void mergesAsDefined(@ForAll("merges") List<String> merges, @ForAll("letters") String word) {
        Tokenizer tokenizer = open(byteLevel("gpt-2", merges));
        List<String> symbols = new ArrayList<>(List.of(word.split("(?!^)")));
        while (true) {
            int best = -1;
            int bestRank = Integer.MAX_VALUE;
            for (int i = 0; i + 1 < symbols.size(); i++) {
                int rank = merges.indexOf(symbols.get(i) + " " + symbols.get(i + 1));
                if (rank >= 0 && rank < bestRank) {
                    best = i;
                    bestRank = rank;
                }
            }
            if (best < 0) {
                break;
            }
            symbols.set(best, symbols.get(best) + symbols.remove(best + 1));
        }
        assertThat(pieces(tokenizer, word)).isEqualTo(String.join("|", symbols));
    }

    @Provide
    Arbitrary<String> letters() {
        return Arbitraries.strings().withChars('a', 'b', 'c').ofMinLength(1).ofMaxLength(30);
    }

    /** Up to 12 merges, each of two tokens that are there by then. */
    @Provide
    Arbitrary<List<String>> merges() {
        return Arbitraries.integers().between(0, 1 << 20).list().ofMaxSize(12).map(numbers -> {
            List<String> tokens = new ArrayList<>(List.of("a", "b", "c"));
            List<String> merges = new ArrayList<>();
            for (int number : numbers) {
                String left = tokens.get(number % tokens.size());
                String right = tokens.get(number / 1024 % tokens.size());
                if (!tokens.contains(left + right)) {
                    tokens.add(left + right);
                    merges.add(left + " " + right);
                }
            }
            return merges;
        });
    }

    @Example
    void theAlphabetIsThatOfGpt2() {
        for (int b = 0; b < 256; b++) {
            assertThat(TOKENIZER.bytes(b)).containsExactly(b);
        }
        assertThat(TOKENIZER.piece(' ')).isEqualTo("\u0120");
        assertThat(TOKENIZER.piece('\n')).isEqualTo("\u010a");
        assertThat(new String(TOKENIZER.bytes(256 + 9), StandardCharsets.UTF_8)).isEqualTo(" world");
    }
}
