package dev.squall.model.transformer;

import dev.squall.attention.KvCache;
import dev.squall.attention.Rows;
import dev.squall.kernels.DeviceKernels;
import dev.squall.kernels.Weight;
import dev.squall.kernels.device.Embeddings;
import dev.squall.kernels.device.ProductTasks;
import dev.squall.kernels.device.Rotary;
import dev.squall.model.spec.LayerSpec;
import dev.squall.model.spec.ModelSpec;
import dev.squall.model.transformer.FusedWeights.FusedLayer;
import java.util.stream.Stream;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * Six tasks a layer, with the fused kernels of the device set; seven where attention is sparse, which chooses blocks first.
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
final class FusedWiring extends FusedTasks implements Wiring {
    private final FusedWeights weights;
    private final FloatArray both; // [R, hidden, 2], sums of gate and up

    /** @param blocks what sparse attention keeps; null for dense attention */
    FusedWiring(
            ModelSpec spec,
            FusedWeights weights,
            DeviceKernels kernels,
            Rows rows,
            KvCache cache,
            Activations a,
            SparseTasks blocks) {
        super(spec, kernels, rows, cache, a, blocks);
        this.weights = weights;
        both = a.array("gate and up", a.widest(layer -> 2 * layer.feedForward().hidden()));
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
        Object[] own = {qkv, a.query, a.attended, both, a.gate, block};
        return blocks == null
                ? own
                : Stream.concat(Stream.of(own), Stream.of(blocks.buffers())).toArray();
    }

    @Override
    public Object[] stepArrays() {
        return blocks == null ? new Object[0] : blocks.stepArrays();
    }

    @Override
    public Object[] state(int layer) {
        return blocks == null ? new Object[0] : blocks.state(layer);
    }

    @Override
    public Object[] weights(int layer) {
        FusedLayer w = weights.layers().get(layer);
        Stream<Object> numbers = Stream.of(w.queryKeyValue(), w.output(), w.gateUp(), w.down())
                .map(weight -> (Object) ProductTasks.numbers(weight.type()))
                .distinct();
        Object[] arrays = {
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
        return Stream.concat(numbers, Stream.of(arrays)).toArray();
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
        if (blocks != null) {
            blocks.prepare(batch);
        }
    }

    @Override
    public void prologue(TaskGraph graph) {
        FloatArray norm = weights.layers().getFirst().attentionNorm();
        graph.transferToDevice(DataTransferMode.FIRST_EXECUTION, norm);
        embed(graph, weights.embedding(), norm);
        grids.add(graph, "embed", kernels.items(spec.dim()));
        a.checks.add(graph, "embed", rows, a.x, Rows.LIVE, spec.dim());
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
            a.checks.add(graph, "angles", rows, rotation.cosSin(), Rows.LIVE, rope.rotaryDim());
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
                ProductTasks.numbers(in.type()),
                w.queryKeyValueBias(),
                qkv,
                in.rows(),
                dim,
                input.panel(),
                layer.attentionNorm().epsilon());
        grids.add(graph, "queryKeyValue", input.grid(in.rows(), input.panel()));
        a.checks.add(graph, "queryKeyValue", rows, qkv, Rows.LIVE, in.rows());
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
                ProductTasks.numbers(w.gateUp().type()),
                w.gateUpBias(),
                both,
                a.gate,
                hidden,
                dim,
                gateUp.panel(),
                layer.feedForwardNorm().epsilon());
        grids.add(graph, "gateUp", gateUp.grid(hidden, gateUp.panel()));
        a.checks.add(graph, "gateUp", rows, a.gate, Rows.LIVE, hidden);
        residual(graph, "down", a.gate, w.down(), w.downBias(), normAfter(index), layer.residualScale());
    }

    @Override
    public void epilogue(TaskGraph graph) {
        Weight head = weights.head();
        graph.transferToDevice(
                DataTransferMode.FIRST_EXECUTION, ProductTasks.numbers(head.type()), weights.finalNorm());
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
        a.checks.add(graph, "hidden", rows, a.hidden, Rows.LIVE, spec.dim());
        var product = kernels.products(head.type(), head.cols());
        graph.task(
                "head",
                product.product(),
                c,
                rows.step(),
                a.asked,
                head.data(),
                ProductTasks.numbers(head.type()),
                a.logits,
                Rows.ASKING,
                head.rows(),
                head.cols(),
                product.panel());
        grids.add(graph, "head", product.grid(head.rows(), product.panel()));
        a.checks.add(graph, "head", rows, a.logits, Rows.ASKING, head.rows());
    }
}
