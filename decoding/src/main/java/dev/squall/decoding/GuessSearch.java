package dev.squall.decoding;

import java.util.Arrays;
import java.util.Locale;
import java.util.function.IntUnaryOperator;

/**
 * How EAGLE-2 finds a tree (Li et al. 2024, EAGLE-2, section 4): level by level the best rows are continued, then the best
 * nodes of all levels make the tree.
 *
 * <pre>
 *   level 1           K candidates behind the text                        all K are rows of the next pass
 *   level d + 1       K candidates behind each of K rows, K·K in all      the best K of them are the next rows
 *   tree              the best N − 1 candidates of all levels
 * </pre>
 *
 * A candidate's score is the sum of log-probabilities on the way to it, so no child is better than its parent; of equal
 * scores the candidate that was found first counts, and so a tree holds the parents of all its nodes.
 *
 * <p>Candidates are tokens of the draft's vocabulary.
 */
final class GuessSearch {
    private final int topK;
    private final int[] token; // [candidates], of the draft's vocabulary
    private final float[] score; // [candidates]
    private final int[] parent; // [candidates], a candidate, -1 for the text
    private int candidates;

    private int[] beam; // [K], the candidates that the current rows stand for
    private int[] beamParent; // [K], the rows of the pass before that they hang on
    private long[] beamMask; // [K], bit b: the row sees the b-th row of all passes

    /**
     * @param topK K, candidates behind a row and rows of a pass
     * @param depth levels
     */
    GuessSearch(int topK, int depth) {
        this.topK = topK;
        int most = topK + (depth - 1) * topK * topK;
        token = new int[most];
        score = new float[most];
        parent = new int[most];
    }

    /**
     * Takes the candidates of the first level.
     *
     * @param tokens [K], by descending probability
     * @param logProbabilities [K], −∞ where there is no candidate
     */
    void first(int[] tokens, float[] logProbabilities) {
        beam = new int[topK];
        beamParent = new int[topK];
        beamMask = new long[topK];
        for (int rank = 0; rank < topK; rank++) {
            add(tokens[rank], logProbabilities[rank], -1);
            beam[rank] = rank;
            beamParent[rank] = -1;
            beamMask[rank] = 1L << rank;
        }
    }

    /**
     * Takes the candidates behind the rows of a pass, and chooses the next rows.
     *
     * @param pass number of the pass, from 1 on
     * @param tokens [K, K], behind each row by descending probability
     * @param logProbabilities [K, K], −∞ where there is no candidate
     */
    void next(int pass, int[] tokens, float[] logProbabilities) {
        int from = candidates;
        for (int q = 0; q < topK * topK; q++) {
            int row = beam[q / topK];
            add(tokens[q], score[row] + logProbabilities[q], row);
        }
        int[] best = best(from, topK);
        long[] mask = new long[topK];
        for (int row = 0; row < topK; row++) {
            beamParent[row] = (best[row] - from) / topK;
            int bit = pass * topK + row; // none for the last level, whose rows no pass computes
            mask[row] = beamMask[beamParent[row]] | (bit < Long.SIZE ? 1L << bit : 0);
        }
        beam = best;
        beamMask = mask;
    }

    private void add(int id, float value, int under) {
        token[candidates] = id;
        score[candidates] = value;
        parent[candidates++] = under;
    }

    /** The best candidates from one on, by descending score, the first of equals. */
    private int[] best(int from, int count) {
        Integer[] order = new Integer[candidates - from];
        Arrays.setAll(order, i -> from + i);
        Arrays.sort(order, (a, b) -> {
            int descending = Float.compare(score[b], score[a]);
            return descending != 0 ? descending : Integer.compare(a, b);
        });
        int[] best = new int[Math.min(count, order.length)];
        Arrays.setAll(best, i -> order[i]);
        return best;
    }

    /** Probability that one of the next rows is right, as the draft sees it. */
    double mass() {
        double mass = 0;
        for (int candidate : beam) {
            mass += Math.exp(score[candidate]);
        }
        return mass;
    }

    /** The token of a row of the next pass. */
    int token(int row) {
        return token[beam[row]];
    }

    /** The row of the pass before on which a row hangs, −1 on the first level. */
    int parentRow(int row) {
        return beamParent[row];
    }

    /** What a row sees of the rows of all passes: bit {@code (pass − 1) · K + row}, its own included. */
    long mask(int row) {
        return beamMask[row];
    }

    /**
     * The best candidates as a tree.
     *
     * @param root the last token of the text
     * @param remap the model's token of one of the draft's
     * @param nodes most nodes, the root counted
     */
    DraftTree tree(int root, IntUnaryOperator remap, int nodes) {
        DraftTree tree = DraftTree.root(root);
        int[] node = new int[candidates]; // of each candidate, 0 where it has none
        for (int candidate : best(0, nodes - 1)) {
            if (score[candidate] == Float.NEGATIVE_INFINITY || Float.isNaN(score[candidate])) {
                continue;
            }
            int under = parent[candidate] < 0 ? 0 : node[parent[candidate]];
            node[candidate] = tree.add(under, remap.applyAsInt(token[candidate]), score[candidate]);
        }
        return tree;
    }

    /** Score, token and parent of a candidate. */
    String describe(int candidate) {
        return String.format(Locale.ROOT, "%.5f %d %d", score[candidate], token[candidate], parent[candidate]);
    }

    /** How many candidates there are. */
    int candidates() {
        return candidates;
    }
}
