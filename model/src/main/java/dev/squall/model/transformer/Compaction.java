package dev.squall.model.transformer;

import dev.squall.attention.KvCache;
import dev.squall.attention.Rows;
import dev.squall.kernels.DeviceKernels;
import dev.squall.kernels.Devices.Device;
import dev.squall.kernels.device.CacheTasks;
import dev.squall.model.spec.LayerSpec.AttentionSpec;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Moves keys and values in a device's memory: the moves that a cache asks for are collected, and done for all of them at
 * once before the next pass, one launch a layer.
 *
 * <p>Each layer has a graph of its own for that, executed alone. A device knows the arrays of another graph only by what was
 * executed just before: so when it is needed for the first time, each of these graphs follows its layer in a pass without
 * rows, and from then on it has what it works on.
 */
final class Compaction {
    /** Of the graphs. */
    static final String NAME = "compaction";

    private static final int MOST = 256; // moves that can wait

    private final Rows rows;
    private final KvCache cache;
    private final AttentionSpec attention;
    private final int layers;
    private final IntArray moves = new IntArray(1 + 2 * MOST); // how many, then from where and to where
    private final KernelContext c = new KernelContext();
    private boolean linked;

    Compaction(Rows rows, KvCache cache, AttentionSpec attention, int layers) {
        this.rows = rows;
        this.cache = cache;
        this.attention = attention;
        this.layers = layers;
    }

    /** Adds the grid of the task to those of a plan. */
    void addGrid(GridScheduler grids, Device device) {
        grids.addWorkerGrid(
                NAME + ".move", DeviceKernels.of(device).items((long) attention.kvHeads() * attention.headDim()));
    }

    /** The graph of a layer, which has to have consumed whatever it may follow. */
    TaskGraph graph(TaskGraph graph, int layer) {
        return graph.transferToDevice(DataTransferMode.EVERY_EXECUTION, moves)
                .task(
                        "move",
                        CacheTasks.of(cache.type()).move(),
                        c,
                        moves,
                        cache.storedKeys(layer),
                        cache.storedValues(layer),
                        attention.kvHeads(),
                        attention.headDim(),
                        cache.pageSize());
    }

    /** Remembers a move of {@link KvCache.Mover}. */
    void add(Plan plan, int from, int to) {
        if (moves.get(0) == MOST) {
            flush(plan);
        }
        int at = 1 + 2 * moves.get(0);
        moves.set(at, from);
        moves.set(at + 1, to);
        moves.set(0, moves.get(0) + 1);
    }

    /** Does what has been remembered. */
    void flush(Plan plan) {
        if (moves.get(0) == 0) {
            return;
        }
        int live = rows.step().get(Rows.LIVE);
        if (!linked) {
            rows.step().set(Rows.LIVE, 0);
            plan.execute(0);
        }
        for (int layer = 0; layer < layers; layer++) {
            if (!linked) {
                plan.execute(1 + layer);
            }
            plan.execute(2 + layers + layer); // behind prologue, layers and epilogue
        }
        rows.step().set(Rows.LIVE, live);
        linked = true;
        moves.set(0, 0);
    }
}
