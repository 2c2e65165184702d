package dev.squall.model.tokenizer;

import static dev.squall.model.tokenizer.Vocabularies.byteLevel;
import static dev.squall.model.tokenizer.Vocabularies.open;
import static dev.squall.model.tokenizer.Vocabularies.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Text that comes token by token, where a token is one byte. */
class StreamDecoderTest {
    private static final int CONTROL = 256;
    private static final Tokenizer BYTES = open(byteLevel("gpt-2", List.of(), "<|endoftext|>"));

    /** What each token adds, and what the end adds. */
    private static List<String> stream(int... ids) {
        StreamDecoder decoder = BYTES.streamDecoder();
        List<String> parts = new ArrayList<>();
        for (int id : ids) {
            parts.add(decoder.accept(id));
        }
        parts.add(decoder.flush());
        return parts;
    }

    @Example
    void aCharacterAppearsWhenItIsWhole() {
        assertThat(stream('a', 0xC3, 0xA9, 'b')).containsExactly("a", "", "\u00e9", "b", "");
        assertThat(stream(0xE4, 0xB8, 0x96)).containsExactly("", "", "\u4e16", "");
        assertThat(stream(0xF0, 0x9F, 0x98, 0x80)).containsExactly("", "", "", "\ud83d\ude00", "");
        assertThat(stream(0xC3, CONTROL, 0xA9)).containsExactly("", "", "\u00e9", "");
    }

    @Example
    void whatIsNoCharacterIsReplaced() {
        assertThat(stream('a', 0xFF, 'b')).containsExactly("a", "\ufffd", "b", "");
        assertThat(stream(0xC3)).containsExactly("", "\ufffd");
        assertThat(stream(0xF0, 0x9F, 0x98)).containsExactly("", "", "", "\ufffd");
        assertThat(stream(0xC3, 'a')).containsExactly("", "\ufffda", "");
        assertThat(stream(0xA9)).containsExactly("\ufffd", "");
    }

    @Example
    void everySpaceIsKept() {
        Tokenizer tokenizer =
                open(Vocabularies.sentencePiece(true, Vocabularies.piece("\u2581", -1), Vocabularies.piece("a", -1)));
        StreamDecoder decoder = tokenizer.streamDecoder();
        assertThat(decoder.accept(259) + decoder.accept(260)).isEqualTo(" a");
        assertThat(tokenizer.decode(259, 260)).isEqualTo("a");
    }

    @Property(tries = 300)
    void anyBytesGiveWhatTheyGiveTogether(@ForAll byte[] bytes) {
        int[] ids = new int[bytes.length];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = bytes[i] & 0xFF;
        }
        String whole = new String(bytes, StandardCharsets.UTF_8);
        assertThat(String.join("", stream(ids))).isEqualTo(whole);
        assertThat(BYTES.decode(ids)).isEqualTo(whole);
    }

    @Property(tries = 200)
    void whatHasAppearedIsNeverTakenBack(@ForAll("texts") String text) {
        StreamDecoder decoder = BYTES.streamDecoder();
        StringBuilder seen = new StringBuilder();
        for (byte b : utf8(text)) {
            seen.append(decoder.accept(b & 0xFF));
            assertThat(text).startsWith(seen);
        }
        assertThat(seen).hasToString(text);
        assertThat(decoder.flush()).isEmpty();
    }

    @Provide
    Arbitrary<String> texts() {
        return Vocabularies.texts();
    }
}
