package dev.squall.decoding;

import java.util.List;

/**
 * Guesses how texts go on, from what a model computed for them. It is told what became of every pass, so that it can keep
 * pace with the texts, and asked for trees before the next one.
 */
interface Drafter extends AutoCloseable {
    /**
     * A request and the size of the tree it wants.
     *
     * @param nodes most nodes, the root counted
     * @param depth most levels below the root
     * @param topK most children of a node, and nodes that are continued on a level
     * @param leastMass probability that the nodes to be continued must have together for another level to be worth its time
     */
    record Wish(Request request, int nodes, int depth, int topK, double leastMass) {}

    /** A tree for each wish, in their order; its root alone where there is nothing to guess from. */
    List<DraftTree> guess(List<Wish> wishes);

    /** Takes in what became of a pass; its hidden states are the transformer's until the next pass. */
    void follow(List<Turn> turns);

    /** As {@link #follow}, for requests that want no guesses at present: only what is recent need be kept. */
    void rest(List<Turn> turns);

    /** Seconds of a pass over so many rows of a level, 0 if none was measured. */
    double levelSeconds(int rows);

    /** Lets go of what is kept for a request. */
    void forget(Request request);

    /** Whether a token can be guessed at all. */
    boolean canGuess(int token);

    @Override
    void close();
}
