package dev.squall.classification;

import dev.squall.model.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The tokens of a text in which {@code @} stands before and behind the head, {@code #} before and behind the tail.
 *
 * @param ids all tokens
 * @param openings where in ids the two markers are that open
 * @param first where the first marker is
 * @param end behind the last marker
 */
record MarkedText(int[] ids, int[] openings, int first, int end) {
    static final String HEAD = "@";
    static final String TAIL = "#";

    /** A marker, and where in the text it stands. */
    private record Mark(int at, int token, boolean opens) {}

    /**
     * Marks a text that names two things.
     *
     * @throws IllegalArgumentException if the tokenizer has no token for a marker
     */
    static MarkedText of(Relation input, Tokenizer tokenizer) {
        int head = token(HEAD, tokenizer);
        int tail = token(TAIL, tokenizer);
        List<Mark> marks = new ArrayList<>();
        marks.add(new Mark(input.headAt() + input.head().length(), head, false));
        marks.add(new Mark(input.tailAt() + input.tail().length(), tail, false));
        marks.add(new Mark(input.headAt(), head, true));
        marks.add(new Mark(input.tailAt(), tail, true));
        marks.sort(Comparator.comparingInt(Mark::at)); // where one closes and another opens, it closes first
        List<Integer> ids = new ArrayList<>();
        List<Integer> openings = new ArrayList<>();
        int first = 0;
        int from = 0;
        for (Mark mark : marks) {
            add(ids, input.text(), from, mark.at, tokenizer);
            from = mark.at;
            first = mark == marks.getFirst() ? ids.size() : first;
            if (mark.opens) {
                openings.add(ids.size());
            }
            ids.add(mark.token);
        }
        int end = ids.size();
        add(ids, input.text(), from, input.text().length(), tokenizer);
        return new MarkedText(numbers(ids), numbers(openings), first, end);
    }

    private static int token(String piece, Tokenizer tokenizer) {
        int[] ids = tokenizer.encode(piece, false);
        if (ids.length != 1) {
            throw new IllegalArgumentException(
                    "tokenizer: found " + ids.length + " tokens for " + piece + ", expected one");
        }
        return ids[0];
    }

    /** Tokens between a marker and the same again. */
    static int[] surround(int[] ids, String mark, Tokenizer tokenizer) {
        int[] marked = new int[ids.length + 2];
        Arrays.fill(marked, token(mark, tokenizer));
        System.arraycopy(ids, 0, marked, 1, ids.length);
        return marked;
    }

    private static void add(List<Integer> ids, String text, int from, int to, Tokenizer tokenizer) {
        String words = from < to ? text.substring(from, to).strip() : "";
        if (!words.isEmpty()) {
            for (int id : tokenizer.encode(from == 0 && ids.isEmpty() ? words : " " + words, false)) {
                ids.add(id);
            }
        }
    }

    private static int[] numbers(List<Integer> list) {
        return list.stream().mapToInt(Integer::intValue).toArray();
    }

    /**
     * The text in so many tokens. Of one that is too long the beginning is left out up to the first marker, then the end behind
     * the last one; what is between never is.
     *
     * @throws IllegalArgumentException if not even that fits
     */
    MarkedText cut(int room) {
        int left = Math.clamp((long) ids.length - room, 0, first); // out at the beginning
        int right = Math.max(0, ids.length - room - left); // out at the end
        if (end + right > ids.length) {
            throw new IllegalArgumentException("prompt: found " + (end - first)
                    + " tokens from the first thing to the last, expected at most " + room
                    + ", which the encoder's sentence has room for");
        }
        return new MarkedText(
                IntStream.range(left, ids.length - right).map(i -> ids[i]).toArray(),
                IntStream.of(openings).map(at -> at - left).toArray(),
                first - left,
                end - left);
    }
}
