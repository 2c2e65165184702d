package dev.squall.model.transformer;

import dev.squall.attention.KvCache;
import dev.squall.attention.Rows;
import dev.squall.attention.SparseConfig;
import dev.squall.kernels.DeviceKernels;
import dev.squall.kernels.Devices.Device;
import dev.squall.kernels.KernelSet;
import dev.squall.kernels.Kernels;
import dev.squall.model.spec.ModelSpec;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.TaskGraph;

/** Sparse attention in the graphs of a forward pass: its tasks, and what it keeps beside the cache. */
interface SparseTasks {
    /**
     * Sparse attention; null for dense attention.
     *
     * @param device null on the JVM
     */
    static SparseTasks of(
            SparseConfig config,
            ModelSpec spec,
            Kernels kernels,
            Device device,
            Rows rows,
            KvCache cache,
            Activations a) {
        if (config == null) {
            return null;
        }
        return switch (kernels) {
            case DeviceKernels set -> new DeviceBlocks(config, spec, set, rows, cache, a);
            case KernelSet set ->
                device == null
                        ? new CompressedKeys(config, spec, set, rows, cache, a)
                        : new DeviceBlocks(config, spec, DeviceKernels.of(device), rows, cache, a);
        };
    }

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
