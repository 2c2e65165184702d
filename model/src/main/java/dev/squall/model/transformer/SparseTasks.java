package dev.squall.model.transformer;

import dev.squall.attention.Rows;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.TaskGraph;

/** Sparse attention in the graphs of a forward pass: its tasks, and what it keeps beside the cache. */
interface SparseTasks {
    /** Adds the tasks of a layer, from queries and cache, where keys and values are stored by then, to what its rows attend to. */
    void attend(TaskGraph graph, int layer);

    /** Makes the grids large enough for a batch, and fills what the host fills anew for every batch. */
    void prepare(Rows batch);

    /** Grids of the tasks that have one. */
    GridScheduler grids();

    /** What the host fills anew for every batch. */
    Object[] stepArrays();

    /** What all layers use. */
    Object[] buffers();

    /** What a layer keeps from pass to pass. */
    Object[] state(int layer);
}
