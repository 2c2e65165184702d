package dev.squall.model.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * The tokens of a tokenizer: what they look like, and what kind they are.
 *
 * @param pieces [vocab], as the file writes them; null where the file has no token of an id
 * @param kinds [vocab]
 */
record Vocabulary(String[] pieces, Kind[] kinds, Spelling spelling, Map<String, Integer> ids) {
    /** The character that SentencePiece writes for a space. */
    static final char SPACE = '\u2581';

    enum Kind {
        NORMAL,
        /** A token that means something to the model and is no text. */
        CONTROL,
        /** Text that is always one token. */
        USER_DEFINED,
        /** One byte, written {@code <0xAB>}. */
        BYTE,
        UNKNOWN
    }

    /** How pieces stand for bytes. */
    enum Spelling {
        /** {@link ByteAlphabet}. */
        BYTE_LEVEL,
        /** UTF-8, with {@link #SPACE} for a space, and byte tokens. */
        SENTENCE_PIECE
    }

    Vocabulary(String[] pieces, Kind[] kinds, Spelling spelling) {
        this(pieces, kinds, spelling, index(pieces));
    }

    private static Map<String, Integer> index(String[] pieces) {
        Map<String, Integer> ids = HashMap.newHashMap(pieces.length);
        for (int id = 0; id < pieces.length; id++) {
            if (pieces[id] != null) {
                ids.putIfAbsent(pieces[id], id);
            }
        }
        return ids;
    }

    int size() {
        return pieces.length;
    }

    /** The id of a piece, or -1. */
    int id(String piece) {
        Integer id = ids.get(piece);
        return id == null ? -1 : id;
    }

    /** The id of a piece that a text may become, or -1: no text becomes a control token, a byte token or the unknown one. */
    int textId(String piece) {
        int id = id(piece);
        return id >= 0 && (kinds[id] == Kind.NORMAL || kinds[id] == Kind.USER_DEFINED) ? id : -1;
    }

    /** The bytes that a token stands for; none for a control token. */
    byte[] bytes(int id) {
        String piece = pieces[id];
        if (piece == null) {
            return new byte[0];
        }
        return switch (kinds[id]) {
            case CONTROL -> new byte[0];
            case BYTE -> new byte[] {(byte) Integer.parseInt(piece.substring(3, 5), 16)};
            case USER_DEFINED ->
                (spelling == Spelling.BYTE_LEVEL ? piece : piece.replace(SPACE, ' ')).getBytes(StandardCharsets.UTF_8);
            default ->
                spelling == Spelling.BYTE_LEVEL
                        ? ByteAlphabet.decode(piece)
                        : piece.replace(SPACE, ' ').getBytes(StandardCharsets.UTF_8);
        };
    }

    /** Whether a piece is written as a byte token is. */
    static boolean looksLikeByte(String piece) {
        return piece.length() == 6
                && piece.startsWith("<0x")
                && piece.charAt(5) == '>'
                && Character.digit(piece.charAt(3), 16) >= 0
                && Character.digit(piece.charAt(4), 16) >= 0;
    }

    /** The ids of the 256 byte tokens, -1 for a missing one. */
    int[] byteIds() {
        int[] byteIds = new int[256];
        for (int b = 0; b < 256; b++) {
            byteIds[b] = spelling == Spelling.BYTE_LEVEL
                    ? id(String.valueOf(ByteAlphabet.character(b)))
                    : id(String.format("<0x%02X>", b));
        }
        return byteIds;
    }
}
