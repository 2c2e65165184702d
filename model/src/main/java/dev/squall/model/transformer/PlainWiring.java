package dev.squall.model.transformer;

import dev.squall.attention.KvCache;
import dev.squall.attention.Rows;
import dev.squall.kernels.CacheKernels;
import dev.squall.kernels.KernelSet;
import dev.squall.kernels.Weight;
import dev.squall.model.spec.EncoderSpec;
import dev.squall.model.spec.EncoderSpec.Head;
import dev.squall.model.spec.LayerSpec;
import dev.squall.model.spec.LayerSpec.AttentionSpec;
import dev.squall.model.spec.LayerSpec.NormSpec;
import dev.squall.model.spec.LayerSpec.Placement;
import dev.squall.model.spec.ModelSpec;
import dev.squall.model.transformer.ModelWeights.LayerWeights;
import java.util.stream.Stream;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * One task a step of the formulas, with the kernels of a {@link KernelSet}.
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
 * An encoder adds embeddings of position and type to x, and its norms stand behind the sums.
 */
final class PlainWiring extends PlainTasks implements Wiring {
    private final ModelSpec spec;
    private final ModelWeights weights;
    private final KvCache cache;
    private final SparseTasks blocks; // null: dense attention
    private final FloatArray normed; // [R, dim], input of a block
    private final FloatArray key; // [R, kvHeads, headDim]
    private final FloatArray value; // [R, kvHeads, headDim]
    private final FloatArray up; // [R, hidden]
    private final FloatArray places; // [R, dim], embeddings of an encoder's positions, else null
    private final FloatArray headState; // [L, dim], what an encoder's head makes of hidden states, null without one
    private FloatArray[] addends; // [3] of [R, queryDim] and twice [R, kvDim], what else queries, keys and values have

    PlainWiring(ModelSpec spec, ModelWeights weights, KernelSet kernels, Rows rows, KvCache cache, Activations a) {
        this(spec, weights, kernels, rows, cache, a, null);
    }

    /**
     * @param blocks what sparse attention keeps; null for dense attention
     */
    PlainWiring(
            ModelSpec spec,
            ModelWeights weights,
            KernelSet kernels,
            Rows rows,
            KvCache cache,
            Activations a,
            SparseTasks blocks) {
        this.blocks = blocks;
        super(kernels, rows, a, spec.dim());
        this.spec = spec;
        this.weights = weights;
        this.cache = cache;
        normed = a.array("block input", spec.dim());
        key = a.array("keys", a.widest(layer -> layer.attention().kvDim()));
        value = a.array("values", a.widest(layer -> layer.attention().kvDim()));
        up = a.array("up", a.widest(layer -> layer.feedForward().hidden()));
        EncoderSpec encoder = spec.encoder();
        places = encoder == null ? null : a.array("positions", spec.dim());
        headState = encoder == null || encoder.head() == Head.WORDS
                ? null
                : Activations.array("states of the head", rows.logitCapacity(), spec.dim());
    }

    /** Has something added to the queries, keys and values of the only layer, which the prologue computes. */
    void addToProjections(FloatArray... addends) {
        this.addends = addends;
    }

    @Override
    public Object[] stream() {
        return new Object[0];
    }

    @Override
    public Object[] buffers() {
        Object[] own = {normed, a.query, key, value, a.attended, a.gate, up, block};
        return blocks == null
                ? own
                : Stream.concat(Stream.of(own), Stream.of(blocks.buffers())).toArray();
    }

    @Override
    public Object[] weights(int layer) {
        return weights.layers().get(layer).arrays();
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
        return blocks == null ? new GridScheduler() : blocks.grids();
    }

    @Override
    public void prepare(Rows batch) {
        if (blocks != null) {
            blocks.prepare(batch);
        }
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
    public void prologue(TaskGraph graph) {
        embed(graph, "embed", weights.embedding(), rows.token(), a.x, spec.embeddingScale());
        if (spec.encoder() != null) {
            EncoderWeights encoder = weights.encoder();
            graph.transferToDevice(DataTransferMode.FIRST_EXECUTION, encoder.embeddings())
                    .transferToDevice(DataTransferMode.FIRST_EXECUTION, places);
            embed(graph, "embedPosition", encoder.positions(), rows.position(), places, 1f);
            graph.task("addPosition", kernels.residual(), rows.step(), a.x, places, spec.dim(), 1f);
            bias(graph, "addType", a.x, encoder.type(), spec.dim());
            normIf(
                    true,
                    graph,
                    "embeddingNorm",
                    spec.encoder().embeddingNorm(),
                    encoder.norm(),
                    encoder.normBias(),
                    a.x);
        }
        a.rotations.forEach((rope, rotation) -> graph.task(
                "angles" + rope.rotaryDim(),
                kernels.rotaryAngles(),
                rows.step(),
                rows.position(),
                rotation.frequencies(),
                rotation.cosSin(),
                rope.rotaryDim(),
                rope.magnitude()));
    }

    @Override
    public void layer(TaskGraph graph, int index) {
        LayerSpec layer = spec.layers().get(index);
        LayerWeights w = weights.layers().get(index);
        attention(graph, layer, w, index);
        feedForward(graph, layer, w);
    }

    private void attention(TaskGraph graph, LayerSpec layer, LayerWeights w, int index) {
        AttentionSpec attention = layer.attention();
        int heads = attention.heads();
        int kvHeads = attention.kvHeads();
        int headDim = attention.headDim();
        boolean before = layer.placement() == Placement.BEFORE;
        NormSpec norm = layer.attentionNorm();
        FloatArray input =
                normIf(before, graph, "attentionNorm", norm, w.attentionNorm(), w.attentionNormBias(), normed);
        product(graph, "query", input, w.query(), a.query, Rows.LIVE);
        product(graph, "key", input, w.key(), key, Rows.LIVE);
        product(graph, "value", input, w.value(), value, Rows.LIVE);
        if (addends != null) {
            graph.task("addQuery", kernels.residual(), rows.step(), a.query, addends[0], attention.queryDim(), 1f)
                    .task("addKey", kernels.residual(), rows.step(), key, addends[1], attention.kvDim(), 1f)
                    .task("addValue", kernels.residual(), rows.step(), value, addends[2], attention.kvDim(), 1f);
        }
        bias(graph, "queryBias", a.query, w.queryBias(), attention.queryDim());
        bias(graph, "keyBias", key, w.keyBias(), attention.kvDim());
        bias(graph, "valueBias", value, w.valueBias(), attention.kvDim());
        if (attention.queryKeyNorm() != null) {
            float epsilon = attention.queryKeyNorm().epsilon();
            headNorm(graph, "queryNorm", a.query, w.queryNorm(), heads, headDim, epsilon);
            headNorm(graph, "keyNorm", key, w.keyNorm(), kvHeads, headDim, epsilon);
        }
        rotate(graph, "rotateQuery", attention.rope(), a.query, heads, headDim);
        rotate(graph, "rotateKey", attention.rope(), key, kvHeads, headDim);
        switch (cache.type()) {
            case F32 -> attend(graph, kernels.cacheF32(), cache.keys(index), cache.values(index), layer, index);
            case F16 -> attend(graph, kernels.cacheF16(), cache.keysF16(index), cache.valuesF16(index), layer, index);
        }
        a.checks.add(graph, "attend", rows, a.attended, Rows.LIVE, attention.queryDim());
        product(graph, "attentionOutput", a.attended, w.output(), block, Rows.LIVE);
        bias(graph, "attentionOutputBias", block, w.outputBias(), spec.dim());
        addToStream(graph, "attentionResidual", layer.residualScale());
        normIf(!before, graph, "attentionNorm", norm, w.attentionNorm(), w.attentionNormBias(), a.x);
    }

    private <A> void attend(TaskGraph graph, CacheKernels<A> cached, A keys, A values, LayerSpec layer, int index) {
        AttentionSpec attention = layer.attention();
        graph.task(
                "store",
                cached.storeKeyValues(),
                rows.step(),
                rows.slot(),
                cache.pageTable(),
                key,
                value,
                keys,
                values,
                attention.kvHeads(),
                attention.headDim(),
                cache.pageSize());
        if (blocks != null) {
            blocks.attend(graph, index);
            return;
        }
        graph.task(
                "attend",
                cached.attend(),
                rows.step(),
                a.windowStart(rows, layer),
                rows.prefixEnd(),
                rows.treeBase(),
                rows.mask(),
                cache.pageTable(),
                a.query,
                keys,
                values,
                a.attended,
                attention.heads(),
                attention.kvHeads(),
                attention.headDim(),
                cache.pageSize(),
                attention.scale());
    }

    private void feedForward(TaskGraph graph, LayerSpec layer, LayerWeights w) {
        int hidden = layer.feedForward().hidden();
        boolean before = layer.placement() == Placement.BEFORE;
        NormSpec norm = layer.feedForwardNorm();
        FloatArray bias = w.feedForwardNormBias();
        FloatArray input = normIf(before, graph, "feedForwardNorm", norm, w.feedForwardNorm(), bias, normed);
        product(graph, "up", input, w.up(), up, Rows.LIVE);
        bias(graph, "upBias", up, w.upBias(), hidden);
        FloatArray middle = up;
        switch (layer.feedForward().activation()) {
            case SILU_GATED -> {
                product(graph, "gate", input, w.gate(), a.gate, Rows.LIVE);
                bias(graph, "gateBias", a.gate, w.gateBias(), hidden);
                graph.task("siluGate", kernels.siluGate(), rows.step(), a.gate, up, hidden);
                a.checks.add(graph, "siluGate", rows, a.gate, Rows.LIVE, hidden);
                middle = a.gate;
            }
            case GELU -> graph.task("gelu", kernels.gelu(), rows.step(), up, Rows.LIVE, hidden);
        }
        product(graph, "down", middle, w.down(), block, Rows.LIVE);
        bias(graph, "downBias", block, w.downBias(), spec.dim());
        addToStream(graph, "feedForwardResidual", layer.residualScale());
        normIf(!before, graph, "feedForwardNorm", norm, w.feedForwardNorm(), bias, a.x);
    }

    @Override
    public void epilogue(TaskGraph graph) {
        if (weights.finalNorm() != null) {
            graph.transferToDevice(DataTransferMode.FIRST_EXECUTION, weights.finalNorm());
        }
        norm(graph, "finalNorm", spec.finalNorm(), a.x, weights.finalNorm(), null, a.hidden, Rows.LIVE);
        graph.task(
                "gather", kernels.gather(), rows.step(), rows.logitRow(), a.hidden, a.asked, Rows.ASKING, spec.dim());
        if (spec.logitScale() != 1) {
            graph.task("logitScale", kernels.scale(), rows.step(), a.asked, Rows.ASKING, spec.dim(), spec.logitScale());
        }
        if (headState == null) {
            product(graph, "head", a.asked, weights.head(), a.logits, Rows.ASKING);
        } else {
            maskedLanguageModelHead(graph, weights.encoder());
        }
    }

    private void maskedLanguageModelHead(TaskGraph graph, EncoderWeights w) {
        int dim = spec.dim();
        NormSpec norm = spec.encoder().embeddingNorm();
        graph.transferToDevice(DataTransferMode.FIRST_EXECUTION, w.head())
                .transferToDevice(DataTransferMode.FIRST_EXECUTION, headState);
        product(graph, "headDense", a.asked, w.dense(), headState, Rows.ASKING);
        graph.task("headDenseBias", kernels.addBias(), rows.step(), headState, w.denseBias(), Rows.ASKING, dim)
                .task("headGelu", kernels.gelu(), rows.step(), headState, Rows.ASKING, dim);
        norm(graph, "headNorm", norm, headState, w.headNorm(), w.headNormBias(), headState, Rows.ASKING);
        product(graph, "head", headState, weights.head(), a.logits, Rows.ASKING);
        graph.task("wordBias", kernels.addBias(), rows.step(), a.logits, w.wordBias(), Rows.ASKING, spec.vocabulary());
    }
}
