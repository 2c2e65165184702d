package dev.squall.model.tokenizer;

import dev.squall.model.format.ModelFileException;
import java.io.IOException;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Plain text to learn or to count from: one file, or the .txt files of a directory, read piece by piece. */
public final class TextFiles {
    private TextFiles() {}

    /**
     * The files of a corpus in the order of their names, so that nothing depends on the file system's.
     *
     * @param corpus a file, or a directory whose .txt files are meant
     * @param without names of files that are left out
     * @throws IllegalArgumentException if a name is not there, or nothing is left
     */
    public static List<Path> of(Path corpus, List<String> without) throws IOException {
        if (!Files.isDirectory(corpus)) {
            return List.of(corpus);
        }
        try (Stream<Path> all = Files.list(corpus)) {
            List<Path> texts = all.filter(file -> file.toString().endsWith(".txt"))
                    .sorted()
                    .toList();
            for (String name : without) {
                if (!texts.contains(corpus.resolve(name))) {
                    throw new IllegalArgumentException(
                            corpus + ": found no " + name + ", expected the name of a .txt file there");
                }
            }
            List<Path> left = texts.stream()
                    .filter(file -> !without.contains(file.getFileName().toString()))
                    .toList();
            if (left.isEmpty()) {
                throw new IllegalArgumentException(corpus + ": found no .txt file to read, expected at least one");
            }
            return left;
        }
    }

    /**
     * Hands over a file in pieces that are cut in front of white space; no more than a piece is in memory.
     *
     * @param size characters of a piece
     * @throws ModelFileException if the file is empty, binary, no UTF-8, or has a word as long as a piece
     */
    public static void pieces(Path file, int size, Consumer<String> reader) throws IOException {
        char[] buffer = new char[size];
        long characters = 0;
        int filled = 0;
        try (Reader in = Files.newBufferedReader(file)) { // refuses what is no UTF-8
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer, filled, size - filled)) {
                characters += read;
                checkText(file, buffer, filled, read);
                filled += read;
                if (filled == size) {
                    int cut = lastCut(file, buffer, filled);
                    reader.accept(new String(buffer, 0, cut));
                    System.arraycopy(buffer, cut, buffer, 0, filled - cut);
                    filled -= cut;
                }
            }
        } catch (CharacterCodingException e) {
            throw new ModelFileException(file, "text", "bytes that are no UTF-8", "a text in UTF-8", e);
        }
        if (characters == 0) {
            throw new ModelFileException(file, "text", "an empty file", "a text in UTF-8");
        }
        reader.accept(new String(buffer, 0, filled));
    }

    private static void checkText(Path file, char[] buffer, int from, int length) {
        for (int i = from; i < from + length; i++) {
            if (buffer[i] == 0) {
                throw new ModelFileException(file, "text", "a byte of value 0, as in binary files", "a text in UTF-8");
            }
        }
    }

    /** The last place behind a character that is no white space, in front of one that is. */
    private static int lastCut(Path file, char[] buffer, int filled) {
        for (int at = filled - 1; at > 0; at--) {
            if (white(buffer[at]) && !white(buffer[at - 1])) {
                return at;
            }
        }
        throw new ModelFileException(
                file, "text", filled + " characters without an end of a word", "running text with white space");
    }

    private static boolean white(char c) {
        return c == ' ' || c == '\n' || c == '\r' || c == '\t';
    }
}
