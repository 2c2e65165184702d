package dev.squall.model.transformer;

import dev.squall.attention.Rows;
import dev.squall.kernels.Weight;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.TaskGraph;

/**
 * What a set of kernels puts into the graphs of a forward pass: the tasks, the weights as its tasks read them, and buffers
 * of its own. {@link Graphs} says which graphs there are and what stays on the device between them.
 */
interface Wiring {
    /** What the prologue computes for all layers besides the residual stream and the rotations. */
    Object[] stream();

    /** What only layers use, all of them. */
    Object[] buffers();

    /** The weights of a layer's tasks. */
    Object[] weights(int layer);

    /** The table of the tokens' embeddings, which a prologue reads and a draft shares. */
    Weight embedding();

    /** The head, which the epilogue reads and whose rows a draft shares; in some models the table of the embeddings. */
    Weight head();

    /** Adds the tasks from tokens to the residual stream. */
    void prologue(TaskGraph graph);

    /** Adds the tasks of a layer. */
    void layer(TaskGraph graph, int layer);

    /** Adds the tasks from the residual stream to hidden states and logits. */
    void epilogue(TaskGraph graph);

    /** Grids of the tasks that have one. */
    GridScheduler grids();

    /** Makes the grids large enough for a batch, and fills the arrays that are this wiring's own. */
    void prepare(Rows batch);

    /** What the host fills anew for every batch. */
    default Object[] stepArrays() {
        return new Object[0];
    }

    /** What a layer keeps from pass to pass besides keys and values. */
    default Object[] state(int layer) {
        return new Object[0];
    }
}
