package dev.squall.model.tokenizer;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Turns tokens into text as they come: a character whose bytes are split over tokens appears when it is whole, bytes that
 * can be no character appear as U+FFFD. Not thread-safe.
 */
public final class StreamDecoder {
    private final Vocabulary vocabulary;
    private final CharsetDecoder decoder = StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPLACE)
            .onUnmappableCharacter(CodingErrorAction.REPLACE);
    private byte[] incomplete = new byte[0];

    StreamDecoder(Vocabulary vocabulary) {
        this.vocabulary = vocabulary;
    }

    /** The text that a token completes; empty where a character is still incomplete. */
    public String accept(int id) {
        byte[] bytes = vocabulary.bytes(id);
        return bytes.length == 0 ? "" : decode(bytes, false);
    }

    /** What is left of an incomplete character at the end: nothing, or U+FFFD. */
    public String flush() {
        return decode(new byte[0], true);
    }

    private String decode(byte[] bytes, boolean end) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(incomplete);
        all.writeBytes(bytes);
        ByteBuffer in = ByteBuffer.wrap(all.toByteArray());
        CharBuffer out = CharBuffer.allocate(in.remaining() + 1);
        decoder.reset();
        decoder.decode(in, out, end);
        if (end) {
            decoder.flush(out);
        }
        incomplete = Arrays.copyOfRange(in.array(), in.position(), in.limit());
        return out.flip().toString();
    }
}
