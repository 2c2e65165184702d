package dev.squall.model.tokenizer;

import static dev.squall.model.tokenizer.Vocabularies.open;
import static dev.squall.model.tokenizer.Vocabularies.piece;
import static dev.squall.model.tokenizer.Vocabularies.pieces;
import static dev.squall.model.tokenizer.Vocabularies.sentencePiece;
import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.model.tokenizer.Vocabularies.Piece;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** SentencePiece BPE out of GGUF metadata: scores, byte fallback, the space in front. */
class SentencePieceBpeTest {
    private static final int FIRST = 3 + 256; // id of the first piece after the bytes
    private static final Piece[] PIECES = {
        piece("\u2581", -9), // a space
        piece("h", -9),
        piece("e", -9),
        piece("l", -9),
        piece("o", -9),
        piece("w", -9),
        piece("r", -9),
        piece("d", -9),
        piece("ll", -3),
        piece("he", -2),
        piece("hell", -4),
        piece("\u2581hell", -5),
        piece("\u2581\u2581", -6)
    };
    private static final Tokenizer TOKENIZER = open(sentencePiece(true, PIECES));

    private static Tokenizer plain(Piece... pieces) {
        return open(sentencePiece(true, pieces).put("tokenizer.ggml.add_space_prefix", false));
    }

    @Example
    void theHighestScoreMergesFirst() {
        assertThat(pieces(TOKENIZER, "hello")).isEqualTo("\u2581hell|o");
        Piece[] letters = {piece("a", -9), piece("b", -9), piece("c", -9)};
        assertThat(pieces(plain(letters[0], letters[1], letters[2], piece("ab", -5), piece("bc", -3)), "abc"))
                .isEqualTo("a|bc");
        assertThat(pieces(plain(letters[0], letters[1], letters[2], piece("ab", -3), piece("bc", -5)), "abc"))
                .isEqualTo("ab|c");
    }

    @Example
    void equalScoresMergeFromTheLeft() {
        Tokenizer tied = plain(
                piece("a", -9), piece("b", -9), piece("c", -9), piece("bc", -3), piece("ab", -3), piece("aa", -3));
        assertThat(pieces(tied, "abc")).isEqualTo("ab|c");
        assertThat(pieces(tied, "aaaaa")).isEqualTo("aa|aa|a");
    }

    @Example
    void aPieceWithoutAWayToItIsNeverMade() {
        assertThat(pieces(plain(piece("a", -9), piece("b", -9), piece("abb", 0)), "abb"))
                .isEqualTo("a|b|b");
    }

    @Example
    void whatIsNoPieceBecomesItsBytes() {
        assertThat(TOKENIZER.encode("\u00e9", false)).containsExactly(FIRST, 3 + 0xC3, 3 + 0xA9);
        assertThat(pieces(TOKENIZER, "\ud83d\ude00")).isEqualTo("\u2581|<0xF0>|<0x9F>|<0x98>|<0x80>");
        assertThat(TOKENIZER.bytes(3 + 0xA9)).containsExactly(0xA9);
    }

    @Example
    void withoutByteTokensItIsUnknown() {
        Tokenizer tokenizer = open(sentencePiece(false, piece("\u2581", -1), piece("a", -1)));
        assertThat(tokenizer.encode("a\u00e9\ud83d\ude00", false)).containsExactly(3, 4, 0, 0);
    }

    @Example
    void aSpaceIsPutInFrontAndTakenAway() {
        assertThat(pieces(TOKENIZER, "o")).isEqualTo("\u2581|o");
        assertThat(pieces(TOKENIZER, " o")).isEqualTo("\u2581\u2581|o");
        assertThat(TOKENIZER.encode("", false)).isEmpty();
        assertThat(TOKENIZER.decode(TOKENIZER.encode("  o", false))).isEqualTo("  o");
        assertThat(pieces(plain(PIECES), "o")).isEqualTo("o");
        assertThat(plain(PIECES).decode(FIRST, FIRST + 4)).isEqualTo(" o");
    }

    @Example
    void specialTokensAreReadOnlyWhereAsked() {
        assertThat(TOKENIZER.encode("o</s>o", true))
                .as("and a space stands after each")
                .containsExactly(FIRST, FIRST + 4, 2, FIRST, FIRST + 4);
        assertThat(TOKENIZER.decode(TOKENIZER.encode("o</s>o", false))).isEqualTo("o</s>o");
    }

    @Example
    void noTextBecomesAControlTokenAByteOrTheUnknownOne() {
        // All the pieces on the way to "</s>", "<0x0A>" and "<unk>" are there.
        Tokenizer tokenizer = plain(
                piece("<", -9),
                piece("/", -9),
                piece("s", -9),
                piece(">", -9),
                piece("</", -1),
                piece("</s", -1),
                piece("0", -9),
                piece("x", -9),
                piece("A", -9),
                piece("<0", -1),
                piece("<0x", -1),
                piece("<0x0", -1),
                piece("<0x0A", -1),
                piece("u", -9),
                piece("n", -9),
                piece("k", -9),
                piece("<u", -1),
                piece("<un", -1),
                piece("<unk", -1));
        assertThat(pieces(tokenizer, "</s>")).isEqualTo("</s|>");
        assertThat(tokenizer.encode("</s>", false)).doesNotContain(2);
        assertThat(pieces(tokenizer, "<0x0A>")).isEqualTo("<0x0A|>");
        assertThat(tokenizer.decode(tokenizer.encode("<0x0A>", false))).isEqualTo("<0x0A>");
        assertThat(pieces(tokenizer, "<unk>")).isEqualTo("<unk|>");
    }

    @Example
    void userDefinedTokensAreAlwaysRead() {
        Tokenizer tokenizer = open(sentencePiece(
                true, piece("a", -1), new Piece("<tool>", 0, Vocabularies.USER_DEFINED), piece("\u2581", -2)));
        assertThat(pieces(tokenizer, "a<tool>a")).isEqualTo("\u2581|a|<tool>|\u2581|a");
        assertThat(tokenizer.decode(FIRST + 1)).isEqualTo("<tool>");
    }

    @Example
    void theBeginningIsPutInFrontUnlessTheFileSaysNo() {
        assertThat(TOKENIZER.encodePrompt("o", false)).containsExactly(1, FIRST, FIRST + 4);
        assertThat(TOKENIZER.encodePrompt("<s>o", true)).as("never twice").containsExactly(1, FIRST, FIRST + 4);
        assertThat(TOKENIZER.encodePrompt("<s>", false))
                .as("text, not the token")
                .startsWith(1, FIRST, 3 + '<');
        Tokenizer without = open(sentencePiece(true, PIECES).put("tokenizer.ggml.add_bos_token", false));
        assertThat(without.encodePrompt("o", false)).containsExactly(FIRST, FIRST + 4);
        assertThat(without.bos()).hasValue(1);
        assertThat(without.addBos()).isFalse();
    }

    @Example
    void allTokensThatEndATextAreFound() {
        assertThat(TOKENIZER.endOfSequence()).containsExactly(2);
        Tokenizer chat = open(sentencePiece(
                        true, new Piece("<|im_end|>", 0, Vocabularies.CONTROL), piece("<|eot_id|>", 0), piece("a", 0))
                .put("tokenizer.ggml.eot_token_id", FIRST + 2));
        assertThat(chat.endOfSequence())
                .as("by key and by name, and no text that looks like one")
                .containsExactlyInAnyOrder(2, FIRST, FIRST + 2);
    }

    @Property(tries = 300)
    void decodingGivesTheTextBack(@ForAll("texts") String text) {
        assertThat(TOKENIZER.decode(TOKENIZER.encode(text, false))).isEqualTo(text);
        assertThat(TOKENIZER.decode(TOKENIZER.encodePrompt(text, false))).isEqualTo(text);
    }

    @Provide
    Arbitrary<String> texts() {
        return Vocabularies.texts();
    }
}
