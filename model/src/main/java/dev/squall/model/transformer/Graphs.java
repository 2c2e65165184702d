package dev.squall.model.transformer;

import dev.squall.attention.KvCache;
import dev.squall.attention.Rows;
import dev.squall.model.spec.LayerSpec;
import dev.squall.model.spec.ModelSpec;
import dev.squall.model.transformer.Plan.Part;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import uk.ac.manchester.tornado.api.ImmutableTaskGraph;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;

/**
 * The forward pass as task graphs: a prologue, one graph a layer, an epilogue. A {@link Wiring} has the tasks; what is
 * here is which arrays come from the host, stay on the device from graph to graph, and go back.
 *
 * <p>A device holds on to an array from graph to graph only where a task of each of them uses it; so the prologue hands on
 * what it computes, and the first layer what only layers use.
 *
 * <p>All layers of one specification have the same graph name, task names and scalars: a device then compiles each task
 * once instead of once a layer. Every scalar is a constant of the graph, whatever changes from step to step is in an array.
 */
final class Graphs {
    private final ModelSpec spec;
    private final Wiring wiring;
    private final Rows rows;
    private final KvCache cache;
    private final Activations a;
    private final Object[] stream; // what the prologue hands on to all layers
    private final Object[] visibility; // what the first layer receives in every step, and hands on
    private final Object[] buffers; // what the first layer makes room for, and hands on
    private final List<LayerSpec> kinds; // of layers
    private final OnDevice device; // null on the JVM

    Graphs(ModelSpec spec, Wiring wiring, Rows rows, KvCache cache, Activations a) {
        this(spec, wiring, rows, cache, a, null);
    }

    /**
     * @param device what a device does besides; null on the JVM, and where nobody needs it
     */
    Graphs(ModelSpec spec, Wiring wiring, Rows rows, KvCache cache, Activations a, OnDevice device) {
        this.device = device;
        this.spec = spec;
        this.wiring = wiring;
        this.rows = rows;
        this.cache = cache;
        this.a = a;
        this.stream = Stream.of(Stream.of(rows.step(), a.x), a.cosSin(), Stream.of(wiring.stream()))
                .flatMap(arrays -> arrays)
                .toArray();
        this.visibility = Stream.concat(
                        Stream.of(rows.slot(), rows.prefixEnd(), rows.treeBase(), rows.mask(), cache.pageTable()),
                        Stream.of(wiring.stepArrays()))
                .toArray();
        this.buffers = wiring.buffers();
        this.kinds = spec.layers().stream().distinct().toList();
    }

    /** All graphs, in the order in which a pass executes them; then, on a device, a compaction for each layer. */
    List<Part> all() {
        List<Part> graphs = new ArrayList<>();
        int layers = spec.layers().size();
        graphs.add(new Part("prologue", prologue("prologue", wiring::prologue)));
        for (int layer = 0; layer < layers; layer++) {
            graphs.add(new Part("layer " + layer, layer(layer)));
        }
        graphs.add(new Part("epilogue", epilogue()));
        for (int layer = 0; layer < layers && device != null; layer++) {
            graphs.add(new Part("compaction of layer " + layer, compaction(layer)));
        }
        return graphs;
    }

    /** A prologue of some tasks. */
    ImmutableTaskGraph prologue(String name, Consumer<TaskGraph> tasks) {
        TaskGraph graph = new TaskGraph(name)
                .transferToDevice(DataTransferMode.EVERY_EXECUTION, rows.step(), rows.token(), rows.position())
                .transferToDevice(
                        DataTransferMode.FIRST_EXECUTION, wiring.embedding().data(), a.x)
                .transferToDevice(DataTransferMode.FIRST_EXECUTION, wiring.stream());
        a.rotations
                .values()
                .forEach(rotation -> graph.transferToDevice(
                        DataTransferMode.FIRST_EXECUTION, rotation.frequencies(), rotation.cosSin()));
        a.checks.begin(graph, name);
        tasks.accept(graph);
        a.checks.end(graph);
        if (headFromPrologue()) {
            graph.persistOnDevice(wiring.embedding().data());
        }
        return graph.persistOnDevice(stream).snapshot();
    }

    /**
     * Whether the epilogue takes its head, which is the table of the embeddings, from the prologue, so that it lies on the
     * device once. Once, before anything else, it then has to follow the prologue.
     */
    boolean headFromPrologue() {
        return device != null && wiring.head().data() == wiring.embedding().data();
    }

    private ImmutableTaskGraph layer(int index) {
        LayerSpec layer = spec.layers().get(index);
        Object windowStart = a.windowStart(rows, layer);
        TaskGraph graph = new TaskGraph(name(layer)).consumeFromDevice(stream);
        if (index == 0) {
            graph.transferToDevice(DataTransferMode.EVERY_EXECUTION, visibility)
                    .transferToDevice(DataTransferMode.FIRST_EXECUTION, buffers);
        } else {
            graph.consumeFromDevice(visibility).consumeFromDevice(buffers);
        }
        if (index > 0 && windowStart == a.windowStart(rows, spec.layers().get(index - 1))) {
            graph.consumeFromDevice(windowStart);
        } else {
            graph.transferToDevice(DataTransferMode.EVERY_EXECUTION, windowStart);
        }
        graph.transferToDevice(DataTransferMode.FIRST_EXECUTION, wiring.weights(index))
                .transferToDevice(DataTransferMode.FIRST_EXECUTION, cache.arrays(index))
                .transferToDevice(DataTransferMode.FIRST_EXECUTION, wiring.state(index));
        if (device != null && index > 0) {
            graph.consumeFromDevice(Compaction.NAME, rows.step()); // that of the layer before may have come in between
        }
        a.checks.begin(graph, "layer " + index);
        wiring.layer(graph, index);
        a.checks.end(graph);
        return graph.persistOnDevice(stream)
                .persistOnDevice(visibility)
                .persistOnDevice(buffers)
                .persistOnDevice(windowStart)
                .persistOnDevice(cache.arrays(index))
                .persistOnDevice(wiring.state(index))
                .snapshot();
    }

    private String name(LayerSpec layer) {
        return "layer" + kinds.indexOf(layer);
    }

    /** Follows its layer, the one of the layer before, or a whole pass; a name for each of them, and what it has from there. */
    private ImmutableTaskGraph compaction(int index) {
        Object[] cached = cache.arrays(index);
        TaskGraph graph = new TaskGraph(Compaction.NAME)
                .consumeFromDevice(name(spec.layers().get(index)), cached)
                .consumeFromDevice(name(spec.layers().get(index)), rows.step())
                .consumeFromDevice("epilogue", rows.step())
                .consumeFromDevice(Compaction.NAME, rows.step());
        return device.compaction
                .graph(graph, index)
                .persistOnDevice(cached)
                .persistOnDevice(rows.step())
                .snapshot();
    }

    private ImmutableTaskGraph epilogue() {
        TaskGraph graph = new TaskGraph("epilogue");
        if (headFromPrologue()) {
            graph.consumeFromDevice(name(spec.layers().getLast()), rows.step(), a.x)
                    .consumeFromDevice(
                            "prologue", rows.step(), a.x, wiring.head().data());
        } else {
            graph.consumeFromDevice(rows.step(), a.x)
                    .transferToDevice(
                            DataTransferMode.FIRST_EXECUTION, wiring.head().data());
        }
        graph.transferToDevice(DataTransferMode.EVERY_EXECUTION, rows.logitRow())
                .transferToDevice(DataTransferMode.FIRST_EXECUTION, a.asked, a.logits);
        if (a.hidden != a.x) {
            graph.transferToDevice(DataTransferMode.FIRST_EXECUTION, a.hidden);
        }
        a.checks.begin(graph, "epilogue");
        wiring.epilogue(graph);
        a.checks.end(graph);
        if (device != null) {
            device.epilogue(graph);
        }
        return graph.persistOnDevice(a.hidden, a.logits).snapshot();
    }
}
