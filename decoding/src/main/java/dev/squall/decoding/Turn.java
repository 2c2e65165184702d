package dev.squall.decoding;

import java.util.Arrays;

/**
 * What one request has in a pass: rows of its prompt, or its last token with the guesses that hang on it.
 *
 * <p>Guesses are verified by sampling first and matching then: at a node the request chooses its next token from the
 * model's scores, exactly as it would without guesses, and if a child guessed that token, the child's scores are those of
 * the place behind it. So every token comes from the model's own distribution, and with random numbers that belong to
 * positions it is the same token as without guesses.
 */
final class Turn {
    private final Request request;
    private final DraftTree tree; // null if no row asks for logits
    private final int position; // of the first row
    private final int firstRow; // in the batch
    private final int rows;
    private final int firstLogits; // of the batch's logits, those of node 0
    private int[] path; // [accepted], the nodes that belong to the text, ascending, node 0 first

    Turn(Request request, DraftTree tree, int position, int firstRow, int rows, int firstLogits) {
        this.request = request;
        this.tree = tree;
        this.position = position;
        this.firstRow = firstRow;
        this.rows = rows;
        this.firstLogits = firstLogits;
    }

    /** Whether rows of this turn ask for logits. */
    boolean asks() {
        return tree != null;
    }

    /**
     * Walks down from the root as long as guesses are right.
     *
     * @param scores of the batch
     */
    void verify(Scores scores) {
        int[] nodes = new int[tree.size()];
        int accepted = 0;
        for (int node = 0; node >= 0; ) {
            nodes[accepted++] = node;
            node = request.accept(scores, firstLogits + node, tree, node);
        }
        path = Arrays.copyOf(nodes, accepted);
    }

    Request request() {
        return request;
    }

    DraftTree tree() {
        return tree;
    }

    /** Whether the rows are a token and guesses, not a prompt. */
    boolean isRound() {
        return tree != null && rows == tree.size();
    }

    /** The nodes that belong to the text now, ascending, the root first; after {@link #verify}. */
    int[] path() {
        return path;
    }

    /** How many rows of this turn belong to the text. */
    int committed() {
        return isRound() ? path.length : rows;
    }

    /** The row of the batch that computed the i-th of them. */
    int row(int i) {
        return firstRow + (isRound() ? path[i] : i);
    }

    /** Its position in the text. */
    int position(int i) {
        return position + i;
    }
}
