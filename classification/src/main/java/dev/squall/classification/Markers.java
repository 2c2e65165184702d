package dev.squall.classification;

import dev.squall.classification.CompiledRules.Prompt;
import dev.squall.model.tokenizer.Tokenizer;
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

    private final List<String> labels;
    private final String negative;
    private final boolean entities;
    private final Tokenizer tokenizer;
    private final int begin;
    private final int end;

    /**
     * @param entities whether inputs name two things
     * @throws IllegalArgumentException if the tokenizer lacks a token
     */
    Markers(List<String> labels, String negative, boolean entities, Tokenizer tokenizer) {
        this.labels = List.copyOf(labels);
        this.negative = negative;
        this.entities = entities;
        this.tokenizer = tokenizer;
        begin = token("<s>");
        end = token("</s>");
    }

    private int token(String piece) {
        int[] ids = tokenizer.encode(piece, true);
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

    /** The text with its markers, cut where it is too long as {@link MarkedText#cut} says; a text alone loses its end. */
    @Override
    public Prompt prompt(Relation input, int most) {
        if (entities != (input.head() != null)) {
            throw new IllegalArgumentException("head and tail: found " + (entities ? "none" : "some") + ", expected "
                    + (entities ? "both" : "a text alone") + ", as in training");
        }
        MarkedText text = entities
                ? MarkedText.of(input, tokenizer)
                : new MarkedText(tokenizer.encode(input.text(), false), new int[] {-1}, 0, 0);
        text = text.cut(most - 2);
        int[] ids = IntStream.concat(IntStream.concat(IntStream.of(begin), IntStream.of(text.ids())), IntStream.of(end))
                .toArray();
        return new Prompt(ids, IntStream.of(text.openings()).map(at -> at + 1).toArray());
    }
}
