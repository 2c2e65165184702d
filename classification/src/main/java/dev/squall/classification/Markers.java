package dev.squall.classification;

import dev.squall.classification.CompiledRules.Prompt;
import dev.squall.model.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The ordinary way to classify with an encoder, and the baseline of PTR: {@code @} around the head, {@code #} around the tail
 * (Zhou and Chen 2022), and a linear layer on the states of the two tokens that open them (Baldini Soares et al. 2019), in the
 * order of the text. Of a text alone, the layer reads the state of {@code <s>}.
 *
 * <p>The layer's rows are those of the first state for every class, then those of the second.
 */
final class Markers implements Questions {
    private static final String HEAD = "@";
    private static final String TAIL = "#";

    private final List<String> labels;
    private final String negative;
    private final boolean entities;
    private final Tokenizer tokenizer;
    private final int begin;
    private final int end;
    private final int head;
    private final int tail;

    /**
     * @param entities whether inputs name two things
     * @throws IllegalArgumentException if the tokenizer lacks a token
     */
    Markers(List<String> labels, String negative, boolean entities, Tokenizer tokenizer) {
        this.labels = List.copyOf(labels);
        this.negative = negative;
        this.entities = entities;
        this.tokenizer = tokenizer;
        begin = token("<s>", true);
        end = token("</s>", true);
        head = token(HEAD, false);
        tail = token(TAIL, false);
    }

    private int token(String piece, boolean special) {
        int[] ids = tokenizer.encode(piece, special);
        if (ids.length != 1) {
            throw new IllegalArgumentException(
                    "tokenizer: found " + ids.length + " tokens for " + piece + ", expected one");
        }
        return ids[0];
    }

    @Override
    public List<String> labels() {
        return labels;
    }

    @Override
    public String negative() {
        return negative;
    }

    /** Rows of the layer: as many as classes, for each token that is looked at. */
    int rows() {
        return labels.size() * (entities ? 2 : 1);
    }

    @Override
    public int[][] words() {
        int[][] words = new int[rows() / labels.size()][];
        for (int j = 0; j < words.length; j++) {
            int first = j * labels.size();
            words[j] = IntStream.range(first, first + labels.size()).toArray();
        }
        return words;
    }

    @Override
    public int[][] choices() {
        int tokens = rows() / labels.size();
        return IntStream.range(0, labels.size())
                .mapToObj(y -> IntStream.generate(() -> y).limit(tokens).toArray())
                .toArray(int[][]::new);
    }

    /** A marker, and where in the text it stands. */
    private record Mark(int at, int token, boolean opens) {}

    /**
     * The text with its markers. Of a text that is too long the beginning is left out up to the first marker, then the end behind
     * the last one; what is between never is.
     */
    @Override
    public Prompt prompt(Relation input, int most) {
        if (entities != (input.head() != null)) {
            throw new IllegalArgumentException("head and tail: found " + (entities ? "none" : "some") + ", expected "
                    + (entities ? "both" : "a text alone") + ", as in training");
        }
        List<Mark> marks = new ArrayList<>();
        if (entities) {
            marks.add(new Mark(input.headAt() + input.head().length(), head, false));
            marks.add(new Mark(input.tailAt() + input.tail().length(), tail, false));
            marks.add(new Mark(input.headAt(), head, true));
            marks.add(new Mark(input.tailAt(), tail, true));
            marks.sort(Comparator.comparingInt(Mark::at)); // where one closes and another opens, it closes first
        }
        List<Integer> ids = new ArrayList<>();
        int opened = 0; // index of the first marker in ids
        List<Integer> asked = new ArrayList<>(); // indices in ids
        int from = 0;
        for (Mark mark : marks) {
            add(ids, input.text(), from, mark.at);
            from = mark.at;
            opened = mark == marks.getFirst() ? ids.size() : opened;
            if (mark.opens) {
                asked.add(ids.size());
            }
            ids.add(mark.token);
        }
        int closed = ids.size();
        add(ids, input.text(), from, input.text().length());
        int left = Math.clamp(ids.size() + 2L - most, 0, opened); // out at the beginning
        int right = Math.max(0, ids.size() + 2 - most - left); // out at the end
        if (closed + right > ids.size()) {
            throw new IllegalArgumentException("prompt: found " + (closed - opened + 2)
                    + " tokens from the first thing to the last, expected at most " + most
                    + ", the encoder's sentence");
        }
        int[] kept = IntStream.concat(
                        IntStream.concat(
                                IntStream.of(begin),
                                ids.subList(left, ids.size() - right).stream().mapToInt(Integer::intValue)),
                        IntStream.of(end))
                .toArray();
        return new Prompt(
                kept, entities ? asked.stream().mapToInt(at -> at - left + 1).toArray() : new int[] {0});
    }

    private void add(List<Integer> ids, String text, int from, int to) {
        String words = from < to ? text.substring(from, to).strip() : "";
        if (!words.isEmpty()) {
            for (int id : tokenizer.encode(from == 0 && ids.isEmpty() ? words : " " + words, false)) {
                ids.add(id);
            }
        }
    }
}
