package dev.squall.model.format;

import java.nio.file.Path;

/** A model file that says something wrong, or something that is not supported: which file, which field, what, and what not. */
public class ModelFileException extends RuntimeException {
    /** The longest piece of a file that a message repeats. */
    private static final int LONGEST = 120;

    /**
     * @param file the file
     * @param field the field, key or tensor in it
     * @param found what it says
     * @param expected what it should say
     */
    public ModelFileException(Path file, String field, String found, String expected) {
        super(file + ": " + shorten(field) + ": found " + shorten(found) + ", expected " + expected);
    }

    public ModelFileException(Path file, String field, String found, String expected, Throwable cause) {
        this(file, field, found, expected);
        initCause(cause);
    }

    private static String shorten(String text) {
        return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "…";
    }
}
