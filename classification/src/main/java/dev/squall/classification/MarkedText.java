package dev.squall.classification;

import dev.squall.model.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The tokens of a text in which {@code @} stands before and behind the head, {@code #} before and behind the tail, or in which
 * something stands in the place of either.
 *
 * @param ids all tokens
 * @param openings where in ids the two markers are that open, or what stands in the things' places begins; ascending
 * @param first where the first marker is
 * @param end behind the last marker
 */
record MarkedText(int[] ids, int[] openings, int first, int end) {
    static final String HEAD = "@";
    static final String TAIL = "#";

    /** Tokens, and what of the text they stand for. */
    private record Mark(int from, int to, boolean opens, int... tokens) {}

    /**
     * Marks a text that names two things.
     *
     * @throws IllegalArgumentException if the tokenizer has no token for a marker
     */
    static MarkedText of(Relation input, Tokenizer tokenizer) {
        int head = token(HEAD, tokenizer);
        int tail = token(TAIL, tokenizer);
        int headEnd = input.headAt() + input.head().length();
        int tailEnd = input.tailAt() + input.tail().length();
        return of(
                input.text(),
                tokenizer,
                new Mark(headEnd, headEnd, false, head),
                new Mark(tailEnd, tailEnd, false, tail),
                new Mark(input.headAt(), input.headAt(), true, head),
                new Mark(input.tailAt(), input.tailAt(), true, tail));
    }

    /**
     * A text with other tokens for the two things that it names.
     *
     * @throws IllegalArgumentException if one of them is a part of the other
     */
    static MarkedText of(Relation input, int[] head, int[] tail, Tokenizer tokenizer) {
        Mark ofHead = new Mark(input.headAt(), input.headAt() + input.head().length(), true, head);
        Mark ofTail = new Mark(input.tailAt(), input.tailAt() + input.tail().length(), true, tail);
        if (ofHead.from < ofTail.to && ofTail.from < ofHead.to) {
            throw new IllegalArgumentException("head and tail: found '" + input.head() + "' and '" + input.tail()
                    + "' at the same place in '" + input.text() + "', expected them apart: rules ask within the text");
        }
        return of(input.text(), tokenizer, ofHead, ofTail);
    }

    private static MarkedText of(String text, Tokenizer tokenizer, Mark... all) {
        List<Mark> marks = new ArrayList<>(List.of(all));
        marks.sort(Comparator.comparingInt(Mark::from)); // where one closes and another opens, it closes first
        List<Integer> ids = new ArrayList<>();
        List<Integer> openings = new ArrayList<>();
        int first = 0;
        int from = 0;
        for (Mark mark : marks) {
            add(ids, text, from, mark.from, tokenizer);
            from = mark.to;
            first = mark == marks.getFirst() ? ids.size() : first;
            if (mark.opens) {
                openings.add(ids.size());
            }
            Arrays.stream(mark.tokens).forEach(ids::add);
        }
        int end = ids.size();
        add(ids, text, from, text.length(), tokenizer);
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
