package dev.squall.model.transformer;

import dev.squall.attention.KvCache;
import dev.squall.attention.Rows;
import dev.squall.kernels.KernelSet;
import dev.squall.kernels.Weight;
import dev.squall.model.spec.LayerSpec;
import dev.squall.model.spec.LayerSpec.AttentionSpec;
import dev.squall.model.spec.LayerSpec.NormSpec;
import dev.squall.model.spec.ModelSpec;
import dev.squall.model.spec.RopeSpec;
import dev.squall.model.transformer.ModelWeights.LayerWeights;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import uk.ac.manchester.tornado.api.ImmutableTaskGraph;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.types.arrays.ByteArray;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.ShortArray;

/**
 * The forward pass as task graphs: a prologue, one graph a layer, an epilogue.
 *
 * <pre>
 *  prologue   token --embed--> x [R, dim]            position --angles--> cosSin [R, rotaryDim]
 *
 *  layer      x --norm--> normed --query--> query [R, heads, headDim] --(bias)--(norm)--rotate--.
 *                            |-----key----> key [R, kvHeads, headDim] --(bias)--(norm)--rotate--+--store--> cache
 *                            '----value---> value [R, kvHeads, headDim] --(bias)----------------'             |
 *             x <--(+)-- block [R, dim] <--(bias)--output-- attended [R, heads, headDim] <----attend----------'
 *             x --norm--> normed --gate--> gate [R, hidden] --.
 *                            '-----up----> up [R, hidden] ----'--silu(gate) * up--> gate
 *             x <--(+)-- block [R, dim] <--(bias)--down-- gate
 *
 *  epilogue   x --norm--> hidden [R, dim] --gather--> asked [L, dim] --head--> logits [L, vocabulary]
 * </pre>
 *
 * A device holds on to an array from graph to graph only where a task of each of them uses it; so the prologue hands on
 * what it computes, and the first layer what only layers use.
 *
 * <p>All layers have the same graph name, task names and scalars: a device then compiles each task once instead of once a
 * layer. Every scalar is a constant of the graph, whatever changes from step to step is in an array.
 */
final class Graphs {
    private final ModelSpec spec;
    private final ModelWeights weights;
    private final KernelSet kernels;
    private final Rows rows;
    private final KvCache cache;
    private final Activations a;
    private final Object[] stream; // what the prologue hands on to all layers
    private final Object[] visibility; // what the first layer receives in every step, and hands on
    private final Object[] buffers; // what the first layer makes room for, and hands on

    Graphs(ModelSpec spec, ModelWeights weights, KernelSet kernels, Rows rows, KvCache cache, Activations a) {
        this.spec = spec;
        this.weights = weights;
        this.kernels = kernels;
        this.rows = rows;
        this.cache = cache;
        this.a = a;
        this.stream = Stream.concat(Stream.of(rows.step(), a.x), a.cosSin.values().stream())
                .toArray();
        this.visibility = new Object[] {rows.slot(), rows.prefixEnd(), rows.treeBase(), rows.mask(), cache.pageTable()};
        this.buffers = new Object[] {a.normed, a.query, a.key, a.value, a.attended, a.gate, a.up, a.block};
    }

    /** All graphs, in the order in which they are executed. */
    ImmutableTaskGraph[] all() {
        List<ImmutableTaskGraph> graphs = new ArrayList<>();
        graphs.add(prologue());
        for (int layer = 0; layer < spec.layers().size(); layer++) {
            graphs.add(layer(layer));
        }
        graphs.add(epilogue());
        return graphs.toArray(ImmutableTaskGraph[]::new);
    }

    private ImmutableTaskGraph prologue() {
        TaskGraph graph = new TaskGraph("prologue")
                .transferToDevice(DataTransferMode.EVERY_EXECUTION, rows.step(), rows.token(), rows.position())
                .transferToDevice(
                        DataTransferMode.FIRST_EXECUTION, weights.embedding().data(), a.x);
        embed(graph);
        a.cosSin.forEach((rope, angles) -> {
            FloatArray frequencies = FloatArray.fromArray(rope.frequencies());
            graph.transferToDevice(DataTransferMode.FIRST_EXECUTION, frequencies, angles);
            graph.task(
                    "angles" + rope.rotaryDim(),
                    kernels.rotaryAngles(),
                    rows.step(),
                    rows.position(),
                    frequencies,
                    angles,
                    rope.rotaryDim(),
                    rope.magnitude());
        });
        return graph.persistOnDevice(stream).snapshot();
    }

    private ImmutableTaskGraph layer(int index) {
        LayerSpec layer = spec.layers().get(index);
        LayerWeights w = weights.layers().get(index);
        Object windowStart = windowStart(layer);
        TaskGraph graph = new TaskGraph("layer").consumeFromDevice(stream);
        if (index == 0) {
            graph.transferToDevice(DataTransferMode.EVERY_EXECUTION, visibility)
                    .transferToDevice(DataTransferMode.FIRST_EXECUTION, buffers);
        } else {
            graph.consumeFromDevice(visibility).consumeFromDevice(buffers);
        }
        if (index > 0 && windowStart == windowStart(spec.layers().get(index - 1))) {
            graph.consumeFromDevice(windowStart);
        } else {
            graph.transferToDevice(DataTransferMode.EVERY_EXECUTION, windowStart);
        }
        graph.transferToDevice(DataTransferMode.FIRST_EXECUTION, w.arrays())
                .transferToDevice(DataTransferMode.FIRST_EXECUTION, cache.keys(index), cache.values(index));
        attention(graph, layer, w, index);
        feedForward(graph, layer, w);
        return graph.persistOnDevice(stream)
                .persistOnDevice(visibility)
                .persistOnDevice(buffers)
                .persistOnDevice(windowStart, cache.keys(index), cache.values(index))
                .snapshot();
    }

    /** The first visible slot of each row, [R]; layers with the same sliding window share it. */
    private IntArray windowStart(LayerSpec layer) {
        int window = layer.attention().slidingWindow();
        return window > 0 ? a.windowStart.get(window) : rows.windowStart();
    }

    private void attention(TaskGraph graph, LayerSpec layer, LayerWeights w, int index) {
        AttentionSpec attention = layer.attention();
        int heads = attention.heads();
        int kvHeads = attention.kvHeads();
        int headDim = attention.headDim();
        FloatArray input = norm(graph, "attentionNorm", layer.attentionNorm(), w.attentionNorm(), a.normed);
        product(graph, "query", input, w.query(), a.query, Rows.LIVE);
        product(graph, "key", input, w.key(), a.key, Rows.LIVE);
        product(graph, "value", input, w.value(), a.value, Rows.LIVE);
        bias(graph, "queryBias", a.query, w.queryBias(), attention.queryDim());
        bias(graph, "keyBias", a.key, w.keyBias(), attention.kvDim());
        bias(graph, "valueBias", a.value, w.valueBias(), attention.kvDim());
        if (attention.queryKeyNorm() != null) {
            float epsilon = attention.queryKeyNorm().epsilon();
            headNorm(graph, "queryNorm", a.query, w.queryNorm(), heads, headDim, epsilon);
            headNorm(graph, "keyNorm", a.key, w.keyNorm(), kvHeads, headDim, epsilon);
        }
        rotate(graph, "rotateQuery", attention.rope(), a.query, heads, headDim);
        rotate(graph, "rotateKey", attention.rope(), a.key, kvHeads, headDim);
        graph.task(
                "store",
                kernels.storeKeyValues(),
                rows.step(),
                rows.slot(),
                cache.pageTable(),
                a.key,
                a.value,
                cache.keys(index),
                cache.values(index),
                kvHeads,
                headDim,
                cache.pageSize());
        graph.task(
                "attend",
                kernels.attend(),
                rows.step(),
                windowStart(layer),
                rows.prefixEnd(),
                rows.treeBase(),
                rows.mask(),
                cache.pageTable(),
                a.query,
                cache.keys(index),
                cache.values(index),
                a.attended,
                heads,
                kvHeads,
                headDim,
                cache.pageSize(),
                attention.scale());
        product(graph, "attentionOutput", a.attended, w.output(), a.block, Rows.LIVE);
        bias(graph, "attentionOutputBias", a.block, w.outputBias(), spec.dim());
        addToStream(graph, "attentionResidual", layer.residualScale());
    }

    private void feedForward(TaskGraph graph, LayerSpec layer, LayerWeights w) {
        int hidden = layer.feedForward().hidden();
        FloatArray input = norm(graph, "feedForwardNorm", layer.feedForwardNorm(), w.feedForwardNorm(), a.normed);
        product(graph, "gate", input, w.gate(), a.gate, Rows.LIVE);
        product(graph, "up", input, w.up(), a.up, Rows.LIVE);
        bias(graph, "gateBias", a.gate, w.gateBias(), hidden);
        bias(graph, "upBias", a.up, w.upBias(), hidden);
        graph.task("siluGate", kernels.siluGate(), rows.step(), a.gate, a.up, hidden);
        product(graph, "down", a.gate, w.down(), a.block, Rows.LIVE);
        bias(graph, "downBias", a.block, w.downBias(), spec.dim());
        addToStream(graph, "feedForwardResidual", layer.residualScale());
    }

    private ImmutableTaskGraph epilogue() {
        TaskGraph graph = new TaskGraph("epilogue")
                .consumeFromDevice(rows.step(), a.x)
                .transferToDevice(DataTransferMode.EVERY_EXECUTION, rows.logitRow())
                .transferToDevice(
                        DataTransferMode.FIRST_EXECUTION, weights.head().data())
                .transferToDevice(DataTransferMode.FIRST_EXECUTION, a.hidden, a.asked, a.logits);
        if (weights.finalNorm() != null) {
            graph.transferToDevice(DataTransferMode.FIRST_EXECUTION, weights.finalNorm());
        }
        FloatArray hidden = norm(graph, "finalNorm", spec.finalNorm(), weights.finalNorm(), a.hidden);
        graph.task("gather", kernels.gather(), rows.step(), rows.logitRow(), hidden, a.asked, Rows.ASKING, spec.dim());
        if (spec.logitScale() != 1) {
            graph.task("logitScale", kernels.scale(), rows.step(), a.asked, Rows.ASKING, spec.dim(), spec.logitScale());
        }
        product(graph, "head", a.asked, weights.head(), a.logits, Rows.ASKING);
        return graph.transferToHost(DataTransferMode.EVERY_EXECUTION, hidden, a.logits)
                .snapshot();
    }

    // ---- one task each

    private void embed(TaskGraph graph) {
        Weight table = weights.embedding();
        int dim = spec.dim();
        float scale = spec.embeddingScale();
        IntArray step = rows.step();
        IntArray token = rows.token();
        switch (table.type()) {
            case F32 ->
                graph.task("embed", kernels.embeddingF32(), step, token, (FloatArray) table.data(), a.x, dim, scale);
            case F16 ->
                graph.task("embed", kernels.embeddingF16(), step, token, (ShortArray) table.data(), a.x, dim, scale);
            case BF16 ->
                graph.task("embed", kernels.embeddingBF16(), step, token, (ShortArray) table.data(), a.x, dim, scale);
            case Q8_0 ->
                graph.task("embed", kernels.embeddingQ8_0(), step, token, (ByteArray) table.data(), a.x, dim, scale);
            case Q4_0 ->
                graph.task("embed", kernels.embeddingQ4_0(), step, token, (ByteArray) table.data(), a.x, dim, scale);
        }
    }

    private void product(TaskGraph graph, String name, FloatArray x, Weight w, FloatArray out, int count) {
        int m = w.rows();
        int n = w.cols();
        IntArray step = rows.step();
        switch (w.type()) {
            case F32 -> graph.task(name, kernels.matrixProductF32(), step, x, (FloatArray) w.data(), out, count, m, n);
            case F16 -> graph.task(name, kernels.matrixProductF16(), step, x, (ShortArray) w.data(), out, count, m, n);
            case BF16 ->
                graph.task(name, kernels.matrixProductBF16(), step, x, (ShortArray) w.data(), out, count, m, n);
            case Q8_0 -> graph.task(name, kernels.matrixProductQ8_0(), step, x, (ByteArray) w.data(), out, count, m, n);
            case Q4_0 -> graph.task(name, kernels.matrixProductQ4_0(), step, x, (ByteArray) w.data(), out, count, m, n);
        }
    }

    /** Returns where the normed stream is: the stream itself where the model has no norm. */
    private FloatArray norm(TaskGraph graph, String name, NormSpec norm, FloatArray weight, FloatArray out) {
        if (norm == null) {
            return a.x;
        }
        graph.task(name, kernels.rmsNorm(), rows.step(), a.x, weight, out, Rows.LIVE, 1, spec.dim(), norm.epsilon());
        return out;
    }

    private void headNorm(
            TaskGraph graph, String name, FloatArray x, FloatArray weight, int heads, int headDim, float epsilon) {
        graph.task(name, kernels.rmsNorm(), rows.step(), x, weight, x, Rows.LIVE, heads, headDim, epsilon);
    }

    private void bias(TaskGraph graph, String name, FloatArray x, FloatArray bias, int width) {
        if (bias != null) {
            graph.task(name, kernels.addBias(), rows.step(), x, bias, width);
        }
    }

    private void rotate(TaskGraph graph, String name, RopeSpec rope, FloatArray x, int heads, int headDim) {
        FloatArray angles = a.cosSin.get(rope); // [R, rotaryDim]
        int rotaryDim = rope.rotaryDim();
        switch (rope.pairing()) {
            case ADJACENT ->
                graph.task(name, kernels.rotateAdjacent(), rows.step(), angles, x, heads, headDim, rotaryDim);
            case HALVES -> graph.task(name, kernels.rotateHalves(), rows.step(), angles, x, heads, headDim, rotaryDim);
        }
    }

    private void addToStream(TaskGraph graph, String name, float scale) {
        graph.task(name, kernels.residual(), rows.step(), a.x, a.block, spec.dim(), scale);
    }
}
