package dev.squall.decoding;

import dev.squall.Speculation;
import java.util.Arrays;

/**
 * Guesses of how a text goes on: node 0 is the last token of the text, every other node a token that may follow its parent.
 *
 * <pre>
 *   node        0    1    2    3          parents come before their children, so the first n nodes are a tree as well
 *   token      the  cat  dog  sat
 *   parent      -    0    0    1
 *   mask     0001 0011 0101 1011          the node and its ancestors: what its row sees of the tree
 * </pre>
 */
final class DraftTree {
    private final int[] token = new int[Speculation.MOST_NODES]; // [size]
    private final int[] parent = new int[Speculation.MOST_NODES]; // [size], -1 for the root
    private final int[] depth = new int[Speculation.MOST_NODES]; // [size], 0 for the root
    private final float[] score = new float[Speculation.MOST_NODES]; // [size], 0 for the root
    private final long[] mask = new long[Speculation.MOST_NODES]; // [size]
    private int size;

    private DraftTree() {}

    /** A tree without guesses. */
    static DraftTree root(int token) {
        DraftTree tree = new DraftTree();
        tree.token[0] = token;
        tree.parent[0] = -1;
        tree.mask[0] = 1L;
        tree.size = 1;
        return tree;
    }

    /**
     * Adds a guess.
     *
     * @param logProbability natural logarithm of the probability of the whole way to it, as whoever guesses sees it
     * @return the number of its node
     * @throws IllegalStateException if the tree is full
     */
    int add(int under, int guess, float logProbability) {
        if (size == token.length) {
            throw new IllegalStateException("draft tree is full: " + size + " nodes");
        }
        token[size] = guess;
        parent[size] = under;
        depth[size] = depth[under] + 1;
        score[size] = logProbability;
        mask[size] = mask[under] | 1L << size;
        return size++;
    }

    /** The child of a node that guesses a token, -1 if there is none. */
    int child(int node, int guess) {
        for (int i = node + 1; i < size; i++) {
            if (parent[i] == node && token[i] == guess) {
                return i;
            }
        }
        return -1;
    }

    /** The tree of the first nodes. */
    DraftTree first(int nodes) {
        if (nodes >= size) {
            return this;
        }
        DraftTree smaller = root(token[0]);
        for (int i = 1; i < nodes; i++) {
            smaller.add(parent[i], token[i], score[i]);
        }
        return smaller;
    }

    /** Nodes, the root counted. */
    int size() {
        return size;
    }

    int token(int node) {
        return token[node];
    }

    int parent(int node) {
        return parent[node];
    }

    int depth(int node) {
        return depth[node];
    }

    /** Natural logarithm of the probability of the way to a node, as whoever guesses sees it. */
    float score(int node) {
        return score[node];
    }

    /** Bit b is set if b is the node or one of its ancestors. */
    long mask(int node) {
        return mask[node];
    }

    @Override
    public String toString() {
        return "tokens " + Arrays.toString(Arrays.copyOf(token, size)) + " under "
                + Arrays.toString(Arrays.copyOf(parent, size));
    }
}
