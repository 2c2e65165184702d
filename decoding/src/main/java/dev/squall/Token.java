package dev.squall;

import java.util.List;

/**
 * A generated token.
 *
 * @param id the token's number in the vocabulary
 * @param text what it adds to the text; empty where a character is not complete yet or belongs to a stop string
 * @param position its place in the sequence, the prompt counted
 * @param logProbability natural logarithm of its probability under the model's own distribution, before any option
 *     changed it; NaN unless the options asked for it
 * @param alternatives the most probable tokens at this place, descending; empty unless the options asked for them
 * @param guessed whether it had been guessed in advance, and the model agreed; else the model alone produced it
 */
public record Token(
        int id, String text, int position, double logProbability, List<Alternative> alternatives, boolean guessed) {
    public Token {
        alternatives = List.copyOf(alternatives);
    }

    /** A token that could have stood here, with the natural logarithm of its probability. */
    public record Alternative(int id, String piece, double logProbability) {}

    /** The same token with another text. */
    public Token withText(String text) {
        return new Token(id, text, position, logProbability, alternatives, guessed);
    }
}
