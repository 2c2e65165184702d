package dev.squall.classification;

import java.util.List;

/**
 * What is classified: a text, and the two things in it whose relation is asked for; a text alone has neither.
 *
 * @param text words separated by single spaces, as the data has them
 * @param head the subject, null for a text alone
 * @param tail the object, null for a text alone
 * @param headAt where in the text the head begins, −1 for a text alone
 * @param tailAt where the tail begins
 */
public record Relation(String text, String head, String tail, int headAt, int tailAt) {
    private static final String MASK = "<mask>";

    /** @throws IllegalArgumentException if the text is empty or has a mask, or a thing is not in it where it is said to be */
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
        requireInside("head", head, headAt, text);
        requireInside("tail", tail, tailAt, text);
    }

    /** The head is where it stands first as whole words, the tail where it next does behind it, else where it first does. */
    public Relation(String text, String head, String tail) {
        this(text, head, tail, place(text, head, 0), place(text, tail, behind(text, head)));
    }

    private static int behind(String text, String head) {
        return head == null ? 0 : Math.max(0, place(text, head, 0)) + head.length();
    }

    private static int place(String text, String name, int from) {
        if (name == null) {
            return -1;
        }
        int behind = (" " + text + " ").indexOf(" " + name + " ", from);
        int whole = behind < 0 ? (" " + text + " ").indexOf(" " + name + " ") : behind;
        return whole < 0 ? text.indexOf(name) : whole;
    }

    private static void requireInside(String field, String name, int at, String text) {
        if (name != null && (name.isBlank() || at < 0 || !text.startsWith(name, at))) {
            throw new IllegalArgumentException(
                    field + ": found '" + name + "', expected something in the sentence '" + text + "'");
        }
    }

    /** The relation of two things in a sentence of some words. */
    public static Relation of(List<String> tokens, String head, String tail) {
        return new Relation(String.join(" ", tokens), head, tail);
    }

    /** The text from so many words before the first of the two things to as many behind the last; a text alone as it is. */
    public Relation near(int words) {
        if (head == null) {
            return this;
        }
        int from = Math.min(headAt, tailAt);
        int to = Math.max(headAt + head.length(), tailAt + tail.length());
        for (int i = 0; i < words; i++) {
            from = from == 0 ? 0 : text.lastIndexOf(' ', from - 2) + 1;
            int next = text.indexOf(' ', Math.min(to + 1, text.length()));
            to = next < 0 ? text.length() : next;
        }
        return new Relation(text.substring(from, to), head, tail, headAt - from, tailAt - from);
    }

    /** A text alone. */
    public static Relation ofText(String text) {
        return new Relation(text, null, null);
    }

    /** One whose class is known. */
    public record Example(Relation input, String label) {}
}
