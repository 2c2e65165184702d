package dev.squall.model.tokenizer;

import java.nio.charset.StandardCharsets;

/**
 * GPT-2's way to write bytes as visible characters: those that are visible in Latin-1 stand for themselves, the others for
 * the code points from 256 on. Vocabularies of byte-level BPE are written so.
 */
final class ByteAlphabet {
    private static final char[] CHARACTERS = new char[256]; // byte -> character
    private static final short[] BYTES = new short[512]; // character -> byte, -1 for none

    static {
        java.util.Arrays.fill(BYTES, (short) -1);
        char next = 256;
        for (int b = 0; b < 256; b++) {
            boolean visible = b > 32 && b < 127 || b > 160 && b != 173;
            CHARACTERS[b] = visible ? (char) b : next++;
            BYTES[CHARACTERS[b]] = (short) b;
        }
    }

    private ByteAlphabet() {}

    static char character(int octet) {
        return CHARACTERS[octet];
    }

    /** Bytes written as characters. */
    static String encode(byte[] bytes) {
        char[] characters = new char[bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            characters[i] = CHARACTERS[bytes[i] & 0xFF];
        }
        return new String(characters);
    }

    /** The bytes that a piece of a vocabulary stands for; a character outside the alphabet stands for its UTF-8. */
    static byte[] decode(String piece) {
        byte[] bytes = new byte[piece.length()];
        for (int i = 0; i < bytes.length; i++) {
            char c = piece.charAt(i);
            if (c >= BYTES.length || BYTES[c] < 0) {
                return piece.getBytes(StandardCharsets.UTF_8);
            }
            bytes[i] = (byte) BYTES[c];
        }
        return bytes;
    }
}
