package dev.squall;

/**
 * How tokens are guessed in advance. A guess is checked in one pass with the token before it, so that a pass can yield
 * several tokens; which tokens those are never depends on the guesses, only how many passes they take.
 *
 * <p>A round checks a tree of guesses: its root is the last token of the text, a path from the root is one way to go on.
 *
 * @param draft who guesses
 * @param treeSize nodes of the tree, the root counted, 2 to {@value #MOST_NODES}; 0 for as many as pay off
 * @param depth levels below the root, from 1 on; 0 for as many as pay off
 * @param topK children of a node, and nodes that are continued on each level, from 1 on; 0 for as many as pay off.
 *     {@code topK * (depth - 1)} is at most {@value #MOST_NODES}
 */
public record Speculation(Draft draft, int treeSize, int depth, int topK) {
    /** Most nodes of a tree: what a row sees of it is one 64-bit mask. */
    public static final int MOST_NODES = 64;

    /** Who guesses. */
    public enum Draft {
        /** The draft model if there is one, else the text itself. */
        AUTO,
        /** Nobody: one token a pass. */
        NONE,
        /** The text itself: what followed where its last tokens stood before (Saxena 2023, prompt lookup decoding). */
        LOOKUP,
        /** The draft model that was loaded beside the model. */
        MODEL
    }

    public Speculation {
        check(
                treeSize == 0 || treeSize >= 2 && treeSize <= MOST_NODES,
                "treeSize",
                treeSize,
                "0, or 2 to " + MOST_NODES);
        check(depth >= 0 && depth <= MOST_NODES, "depth", depth, "0 to " + MOST_NODES);
        check(topK >= 0 && topK <= MOST_NODES, "topK", topK, "0 to " + MOST_NODES);
        check(
                draft != Draft.NONE || treeSize + depth + topK == 0,
                "treeSize, depth, topK",
                treeSize + ", " + depth + ", " + topK,
                "0 where nobody guesses");
        check(
                draft != Draft.LOOKUP || topK <= 1,
                "topK",
                topK,
                "0 or 1 where the text itself guesses: it goes on in one way");
        check(topK * (depth - 1) <= MOST_NODES, "topK * (depth - 1)", topK * (depth - 1), "at most " + MOST_NODES);
    }

    private static void check(boolean holds, String field, Object found, String expected) {
        if (!holds) {
            throw new IllegalArgumentException(field + ": found " + found + ", expected " + expected);
        }
    }

    /** Guesses of the draft model if there is one, else from the text itself. */
    public static Speculation auto() {
        return new Speculation(Draft.AUTO, 0, 0, 0);
    }

    /** One token a pass. */
    public static Speculation none() {
        return new Speculation(Draft.NONE, 0, 0, 0);
    }

    /** Guesses from the text itself, which need no draft model. */
    public static Speculation lookup() {
        return new Speculation(Draft.LOOKUP, 0, 0, 0);
    }

    /** Guesses of the draft model. */
    public static Speculation model() {
        return new Speculation(Draft.MODEL, 0, 0, 0);
    }

    public Speculation withTreeSize(int treeSize) {
        return new Speculation(draft, treeSize, depth, topK);
    }

    public Speculation withDepth(int depth) {
        return new Speculation(draft, treeSize, depth, topK);
    }

    public Speculation withTopK(int topK) {
        return new Speculation(draft, treeSize, depth, topK);
    }
}
