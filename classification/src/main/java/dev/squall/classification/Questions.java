package dev.squall.classification;

import dev.squall.classification.CompiledRules.Prompt;
import java.util.List;

/**
 * What an encoder reads for an input, and how its states at some tokens make a class: every such token has a list of vectors to
 * choose from, and a class is one choice at each.
 *
 * <pre>
 *   z[j][w] = state at token j · vector w of its list        s[y] = Σ_j z[j][choice of class y at token j]
 * </pre>
 *
 * The vectors are those of label words where rules ask, and a layer's rows, one a class, behind markers.
 */
sealed interface Questions permits CompiledRules, Markers {
    /** The classes. */
    List<String> labels();

    /** The class that stands for no answer, null for none. */
    String negative();

    /**
     * What the encoder reads, and which of its states count.
     *
     * @param most tokens that it reads
     */
    Prompt prompt(Relation input, int most);

    /** Tokens of the prompt that are no words and are learned. */
    default int promptTokens() {
        return 0;
    }

    /** The rows of the table of vectors that a token's list has, [tokens][list]. */
    int[][] words();

    /** What a class chooses from every list, [classes][tokens]. */
    int[][] choices();

    /**
     * The scores of all classes, [classes].
     *
     * @param z [tokens][list]
     */
    default double[] scores(double[][] z) {
        int[][] choices = choices();
        double[] scores = new double[choices.length];
        for (int y = 0; y < scores.length; y++) {
            for (int j = 0; j < z.length; j++) {
                scores[y] += z[j][choices[y][j]];
            }
        }
        return scores;
    }
}
