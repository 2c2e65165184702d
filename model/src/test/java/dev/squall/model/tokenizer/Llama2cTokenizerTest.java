package dev.squall.model.tokenizer;

import static dev.squall.model.tokenizer.Vocabularies.pieces;
import static dev.squall.model.tokenizer.Vocabularies.utf8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squall.model.format.ModelFileException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** llama2.c's tokenizer file, written byte by byte: scores and pieces, where a space is a space. */
class Llama2cTokenizerTest {
    private static final int FIRST = 3 + 256;
    private static final Tokenizer TOKENIZER = open(file(8, " ", "a", "b", "ab", " a"));

    /** Unknown, beginning, end and the bytes, then pieces; each later piece has the lower score. */
    private static ByteBuffer file(int longest, String... pieces) {
        ByteBuffer out =
                ByteBuffer.allocate(1 << 14).order(ByteOrder.LITTLE_ENDIAN).putInt(longest);
        for (String special : new String[] {"<unk>", "\n<s>\n", "\n</s>\n"}) {
            put(out, 0, utf8(special));
        }
        for (int b = 0; b < 256; b++) {
            put(out, 0, utf8(String.format("<0x%02X>", b)));
        }
        for (int i = 0; i < pieces.length; i++) {
            put(out, -i, utf8(pieces[i]));
        }
        return out;
    }

    private static void put(ByteBuffer out, float score, byte[] piece) {
        out.putFloat(score).putInt(piece.length).put(piece);
    }

    private static Tokenizer open(ByteBuffer file) {
        return Vocabularies.open("tok.bin", Arrays.copyOf(file.array(), file.position()), null);
    }

    @Example
    void mergesByScore() {
        assertThat(TOKENIZER.encode("ab", false)).as("ab before \u2581a").containsExactly(FIRST, FIRST + 3);
        assertThat(pieces(TOKENIZER, "a ab")).isEqualTo("\u2581a|\u2581|ab");
        assertThat(TOKENIZER.encode("\u00e9", false)).containsExactly(FIRST, 3 + 0xC3, 3 + 0xA9);
    }

    @Example
    void promptsBeginWithTheBeginning() {
        assertThat(TOKENIZER.encodePrompt("b", false)).containsExactly(1, FIRST, FIRST + 2);
        assertThat(TOKENIZER.encodePrompt("", false)).containsExactly(1);
        assertThat(TOKENIZER.decode(1, FIRST, FIRST + 2, 2)).isEqualTo("b");
        assertThat(TOKENIZER.endOfSequence()).containsExactlyInAnyOrder(1, 2);
    }

    @Property(tries = 200)
    void decodingGivesTheTextBack(@ForAll("texts") String text) {
        assertThat(TOKENIZER.decode(TOKENIZER.encodePrompt(text, false))).isEqualTo(text);
    }

    @Provide
    Arbitrary<String> texts() {
        return Vocabularies.texts();
    }

    @Example
    void badFilesAreNamed() {
        refused(file(8, "a").putFloat(1), "token 260", "end of the file");
        refused(file(8, "too long a piece"), "token 259", "16", "0 to 8");
        refused(file(8).putFloat(1).putInt(-1), "token 259", "-1");
        refused(file(8).putFloat(1).putInt(4).put((byte) 'a'), "token 259", "4");
        ByteBuffer latin = file(8);
        put(latin, 0, new byte[] {(byte) 0xE9, 'a'});
        refused(latin, "token 259", "UTF-8");
        ByteBuffer few = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN).putInt(8);
        put(few, 0, utf8("<unk>"));
        refused(few, "tokens", "found 1", "at least 259");
        ByteBuffer order = file(8);
        order.put(order.position() - 2, (byte) 'G'); // the last byte token becomes <0xFG>
        refused(order, "token 258", "<0xFG>");
    }

    private static void refused(ByteBuffer file, String... parts) {
        assertThatThrownBy(() -> open(file))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("tok.bin")
                .hasMessageContainingAll(parts);
    }
}
