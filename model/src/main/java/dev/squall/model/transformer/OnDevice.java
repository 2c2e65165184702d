package dev.squall.model.transformer;

import dev.squall.attention.KvCache;
import dev.squall.attention.Rows;
import dev.squall.kernels.Devices.Device;
import dev.squall.model.spec.ModelSpec;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * What a model has on a device only, whatever its kernels: moves of keys and values, and the choice of the likeliest token,
 * both of which the host does where memory is its own.
 */
final class OnDevice {
    final Compaction compaction;
    final IntArray best; // [L], the likeliest token of each row that asks
    private final DeviceVocabulary vocabulary;

    /** @param grids of the plan, which get those of these tasks */
    OnDevice(Device device, GridScheduler grids, ModelSpec spec, Rows rows, KvCache cache, Activations a) {
        compaction = new Compaction(
                rows, cache, spec.layers().getFirst().attention(), spec.layers().size());
        compaction.addGrid(grids, device);
        best = new IntArray(rows.logitCapacity());
        vocabulary = new DeviceVocabulary(device, grids, rows, a.logits, spec.vocabulary());
    }

    /** Adds what follows the logits. */
    void epilogue(TaskGraph graph) {
        vocabulary.argMax(graph, best);
    }

    /** Makes the grids large enough for a batch. */
    void prepare(Rows batch) {
        vocabulary.prepare(batch);
    }
}
