package dev.squall.model.transformer;

import static dev.squall.kernels.device.ProductTasks.HALVES;

import dev.squall.attention.KvCache;
import dev.squall.attention.Rows;
import dev.squall.kernels.DeviceKernels;
import dev.squall.kernels.Weight;
import dev.squall.kernels.device.Attention;
import dev.squall.kernels.device.Embeddings;
import dev.squall.kernels.device.Rotary;
import dev.squall.model.spec.LayerSpec;
import dev.squall.model.spec.LayerSpec.AttentionSpec;
import dev.squall.model.spec.ModelSpec;
import dev.squall.model.spec.RopeSpec;
import dev.squall.model.transformer.FusedWeights.FusedLayer;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.types.arrays.ByteArray;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.ShortArray;

/**
 * Six tasks a layer, with the fused kernels of the device set.
 *
 * <pre>
 *  prologue   token --embed--> x, scaled [R, dim]    position --angles--> cosSin [R, rotaryDim]
 *
 *  layer      scaled --queryKeyValue--> qkv [R, heads + 2 kvHeads, headDim] --rotate--> query, cache --attend--> attended
 *             attended --output--> x += ..., scaled = x * norm
 *             scaled --gateUp--> gate [R, hidden] --down--> x += ..., scaled = x * norm of the next layer
 *
 *  epilogue   x --hidden--> hidden [R, dim], asked [L, dim] --head--> logits [L, vocabulary]
 * </pre>
 *
 * <p>A norm is a factor of a row after a factor of each column: the columns' factors are on {@code scaled}, the row's is
 * applied to the sums of the product that follows.
 */
final class FusedWiring implements Wiring {
    private final ModelSpec spec;
    private final FusedWeights weights;
    private final DeviceKernels kernels;
    private final Rows rows;
    private final KvCache cache;
    private final Activations a;
    private final FloatArray scaled; // [R, dim], x times the weight of the norm that comes next
    private final FloatArray qkv; // [R, heads + 2 kvHeads, headDim]
    private final FloatArray both; // [R, hidden, 2], sums of gate and up
    private final FloatArray block; // [R, dim], sums of a block's output
    private final Grids grids;
    private final KernelContext c = new KernelContext();

    FusedWiring(ModelSpec spec, FusedWeights weights, DeviceKernels kernels, Rows rows, KvCache cache, Activations a) {
        this.spec = spec;
        this.weights = weights;
        this.kernels = kernels;
        this.rows = rows;
        this.cache = cache;
        this.a = a;
        this.grids = new Grids(kernels);
        scaled = a.array("scaled stream", spec.dim());
        qkv = a.array(
                "queries, keys and values",
                a.widest(layer ->
                        layer.attention().queryDim() + 2 * layer.attention().kvDim()));
        both = a.array("gate and up", a.widest(layer -> 2 * layer.feedForward().hidden()));
        block = a.array("block output", spec.dim());
    }

    /**
     * @throws UnsupportedOperationException if a block or the head has no norm in front of it
     */
    static void refuseUnsupported(ModelSpec spec) {
        boolean allNormed = spec.finalNorm() != null
                && spec.layers().stream()
                        .allMatch(layer -> layer.attentionNorm() != null && layer.feedForwardNorm() != null);
        if (!allNormed) {
            throw new UnsupportedOperationException("the fused kernels of a device need a norm in front of every block "
                    + "and of the head, and this model lacks some; choose the reference kernels");
        }
        if (spec.layers().stream()
                        .map(layer -> layer.attention().rope())
                        .distinct()
                        .count()
                > 1) {
            throw new UnsupportedOperationException(
                    "layers of different rotary embeddings are not supported on a device");
        }
    }

    @Override
    public Object[] stream() {
        return new Object[] {scaled};
    }

    @Override
    public Object[] buffers() {
        return new Object[] {qkv, a.query, a.attended, both, a.gate, block};
    }

    @Override
    public Object[] weights(int layer) {
        FusedLayer w = weights.layers().get(layer);
        return new Object[] {
            HALVES,
            w.queryKeyValue().data(),
            w.queryKeyValueBias(),
            w.queryNorm(),
            w.keyNorm(),
            w.output().data(),
            w.outputBias(),
            w.feedForwardNorm(),
            w.gateUp().data(),
            w.gateUpBias(),
            w.down().data(),
            w.downBias(),
            normAfter(layer)
        };
    }

    /** The norm of what reads the stream after a layer, [dim]. */
    private FloatArray normAfter(int layer) {
        return layer + 1 < spec.layers().size()
                ? weights.layers().get(layer + 1).attentionNorm()
                : weights.finalNorm();
    }

    @Override
    public Weight embedding() {
        return weights.embedding();
    }

    @Override
    public Weight head() {
        return weights.head();
    }

    @Override
    public GridScheduler grids() {
        return grids.scheduler();
    }

    @Override
    public void prepare(Rows batch) {
        grids.resize(batch.size());
    }

    @Override
    public void prologue(TaskGraph graph) {
        FloatArray norm = weights.layers().getFirst().attentionNorm();
        graph.transferToDevice(
                DataTransferMode.FIRST_EXECUTION, weights.embedding().data(), norm);
        embed(graph, weights.embedding(), norm);
        grids.add(graph, "embed", kernels.items(spec.dim()));
        a.rotations.forEach((rope, rotation) -> {
            graph.task(
                    "angles",
                    Rotary::angles,
                    c,
                    rows.step(),
                    rows.position(),
                    rotation.frequencies(),
                    rotation.cosSin(),
                    rope.rotaryDim(),
                    rope.magnitude());
            grids.addOverRows(graph, "angles", rope.rotaryDim() / 2);
        });
    }

    @Override
    public void layer(TaskGraph graph, int index) {
        LayerSpec layer = spec.layers().get(index);
        FusedLayer w = weights.layers().get(index);
        int dim = spec.dim();
        int hidden = layer.feedForward().hidden();
        Weight in = w.queryKeyValue();
        var input = kernels.products(in.type(), dim);
        graph.task(
                "queryKeyValue",
                input.normed(),
                c,
                rows.step(),
                a.x,
                scaled,
                in.data(),
                HALVES,
                w.queryKeyValueBias(),
                qkv,
                in.rows(),
                dim,
                input.panel(),
                layer.attentionNorm().epsilon());
        grids.add(graph, "queryKeyValue", input.grid(in.rows(), input.panel()));
        rotate(graph, layer.attention(), w, index);
        attend(graph, layer, index);
        residual(graph, "output", a.attended, w.output(), w.outputBias(), w.feedForwardNorm(), layer.residualScale());
        var gateUp = kernels.products(w.gateUp().type(), dim);
        graph.task(
                "gateUp",
                gateUp.siluGate(),
                c,
                rows.step(),
                a.x,
                scaled,
                w.gateUp().data(),
                HALVES,
                w.gateUpBias(),
                both,
                a.gate,
                hidden,
                dim,
                gateUp.panel(),
                layer.feedForwardNorm().epsilon());
        grids.add(graph, "gateUp", gateUp.grid(hidden, gateUp.panel()));
        residual(graph, "down", a.gate, w.down(), w.downBias(), normAfter(index), layer.residualScale());
    }

    @Override
    public void epilogue(TaskGraph graph) {
        Weight head = weights.head();
        graph.transferToDevice(DataTransferMode.FIRST_EXECUTION, head.data(), HALVES, weights.finalNorm());
        graph.task(
                "hidden",
                Embeddings::hidden,
                c,
                rows.step(),
                rows.logitRow(),
                a.x,
                weights.finalNorm(),
                a.hidden,
                a.asked,
                Rows.ASKING,
                spec.dim(),
                spec.finalNorm().epsilon(),
                spec.logitScale());
        grids.addOverRows(graph, "hidden", 2);
        var product = kernels.products(head.type(), head.cols());
        graph.task(
                "head",
                product.product(),
                c,
                rows.step(),
                a.asked,
                head.data(),
                HALVES,
                a.logits,
                Rows.ASKING,
                head.rows(),
                head.cols(),
                product.panel());
        grids.add(graph, "head", product.grid(head.rows(), product.panel()));
    }

    // ---- one task each

    private void embed(TaskGraph graph, Weight table, FloatArray norm) {
        var step = rows.step();
        var token = rows.token();
        var data = table.data();
        var x = a.x;
        int dim = spec.dim();
        float scale = spec.embeddingScale();
        switch (table.type()) {
            case F32 ->
                graph.task("embed", Embeddings::f32, c, step, token, (FloatArray) data, norm, x, scaled, dim, scale);
            case F16 ->
                graph.task("embed", Embeddings::f16, c, step, token, (ShortArray) data, norm, x, scaled, dim, scale);
            case BF16 ->
                graph.task("embed", Embeddings::bf16, c, step, token, (ShortArray) data, norm, x, scaled, dim, scale);
            case Q8_0 ->
                graph.task("embed", Embeddings::q8_0, c, step, token, (ByteArray) data, norm, x, scaled, dim, scale);
            case Q4_0 ->
                graph.task("embed", Embeddings::q4_0, c, step, token, (ByteArray) data, norm, x, scaled, dim, scale);
        }
    }

    private void rotate(TaskGraph graph, AttentionSpec attention, FusedLayer w, int index) {
        RopeSpec rope = attention.rope();
        boolean normed = attention.queryKeyNorm() != null;
        graph.task(
                "rotate",
                switch (rope.pairing()) {
                    case ADJACENT -> Rotary::adjacent;
                    case HALVES -> Rotary::halves;
                },
                c,
                rows.step(),
                rows.slot(),
                cache.pageTable(),
                a.rotations.get(rope).cosSin(),
                qkv,
                w.queryNorm(),
                w.keyNorm(),
                a.query,
                cache.keys(index),
                cache.values(index),
                attention.heads(),
                attention.kvHeads(),
                attention.headDim(),
                rope.rotaryDim(),
                cache.pageSize(),
                normed ? 1 : 0,
                normed ? attention.queryKeyNorm().epsilon() : 0f);
        grids.addOverRows(graph, "rotate", attention.heads() + 2 * attention.kvHeads());
    }

    private void attend(TaskGraph graph, LayerSpec layer, int index) {
        AttentionSpec attention = layer.attention();
        graph.task(
                "attend",
                Attention::attend,
                c,
                rows.step(),
                a.windowStart(rows, layer),
                rows.prefixEnd(),
                rows.treeBase(),
                rows.mask(),
                cache.pageTable(),
                a.query,
                cache.keys(index),
                cache.values(index),
                a.attended,
                attention.heads(),
                attention.kvHeads(),
                attention.headDim(),
                cache.pageSize(),
                attention.scale());
        grids.addOverRows(graph, "attend", attention.heads());
    }

    /** x += factor * (w * y + bias), scaled = x * norm. */
    private void residual(
            TaskGraph graph, String name, FloatArray y, Weight w, FloatArray bias, FloatArray norm, float factor) {
        var product = kernels.products(w.type(), w.cols());
        graph.task(
                name,
                product.residual(),
                c,
                rows.step(),
                y,
                w.data(),
                HALVES,
                bias,
                block,
                a.x,
                norm,
                scaled,
                w.rows(),
                w.cols(),
                product.panel(),
                factor);
        grids.add(graph, name, product.grid(w.rows(), product.panel()));
    }
}
