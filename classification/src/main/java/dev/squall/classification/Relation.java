package dev.squall.classification;

import java.util.List;

/**
 * What is classified: a text, and the two things in it whose relation is asked for; a text alone has neither.
 *
 * @param text words separated by single spaces, as the data has them
 * @param head the subject, null for a text alone
 * @param tail the object, null for a text alone
 */
public record Relation(String text, String head, String tail) {
    private static final String MASK = "<mask>";

    /** @throws IllegalArgumentException if the text is empty or has a mask, or a thing is not in it */
    public Relation {
        if (text.isBlank()) {
            throw new IllegalArgumentException("text: found nothing, expected a sentence");
        }
        if (text.contains(MASK)) {
            throw new IllegalArgumentException("text: found " + MASK + " in '" + text + "', expected none");
        }
        if ((head == null) != (tail == null)) {
            throw new IllegalArgumentException("head and tail: found one of them, expected both or none");
        }
        requireInside("head", head, text);
        requireInside("tail", tail, text);
    }

    private static void requireInside(String field, String name, String text) {
        if (name != null && (name.isBlank() || !(" " + text + " ").contains(name))) {
            throw new IllegalArgumentException(
                    field + ": found '" + name + "', expected something in the sentence '" + text + "'");
        }
    }

    /** The relation of two things in a sentence of some words. */
    public static Relation of(List<String> tokens, String head, String tail) {
        return new Relation(String.join(" ", tokens), head, tail);
    }

    /** A text alone. */
    public static Relation ofText(String text) {
        return new Relation(text, null, null);
    }

    /** One whose class is known. */
    public record Example(Relation input, String label) {}
}
