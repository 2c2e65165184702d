package dev.squall.app;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads the text files that commands are given. */
final class TextFile {
    private TextFile() {}

    /** A whole file, byte for byte: neither a byte order mark nor a line end is changed. */
    static String read(Path file) throws IOException {
        try {
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (CharacterCodingException e) {
            throw new IOException(file + ": found bytes that are no UTF-8, expected a text in UTF-8", e);
        }
    }
}
