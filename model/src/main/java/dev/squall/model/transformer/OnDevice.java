package dev.squall.model.transformer;

import dev.squall.attention.KvCache;
import dev.squall.attention.Rows;
import dev.squall.kernels.Devices.Device;
import dev.squall.model.spec.ModelSpec;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * What a model has on a device only, whatever its kernels: moves of keys and values, and the choice of the likeliest token,
 * both of which the host does where memory is its own.
 */
final class OnDevice {
    final Device device;
    final Compaction compaction;
    final IntArray best; // [L], the likeliest token of each row that asks
    private final DeviceVocabulary vocabulary;
    private final long bytes;

    /** @param wiring of the model; the grids of its plan get those of these tasks */
    OnDevice(
            Device device,
            Wiring wiring,
            GridScheduler grids,
            ModelSpec spec,
            Rows rows,
            KvCache cache,
            Activations a) {
        this.device = device;
        compaction = new Compaction(
                rows, cache, spec.layers().getFirst().attention(), spec.layers().size());
        compaction.addGrid(grids, device);
        best = new IntArray(rows.logitCapacity());
        vocabulary = new DeviceVocabulary(device, grids, rows, a.logits, spec.vocabulary());
        Stream<Object> layers = IntStream.range(0, spec.layers().size())
                .boxed()
                .flatMap(layer -> Stream.of(wiring.weights(layer), wiring.state(layer), cache.arrays(layer))
                        .flatMap(Stream::of));
        Stream<Object> ends = Stream.<Object>of(
                        wiring.embedding().data(), wiring.head().data())
                .distinct();
        bytes = Stream.concat(layers, ends)
                .mapToLong(array -> ((TornadoNativeArray) array).getSegment().byteSize())
                .sum();
    }

    /** Bytes of weights, keys and values that the model has on the device. */
    long bytes() {
        return bytes;
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
