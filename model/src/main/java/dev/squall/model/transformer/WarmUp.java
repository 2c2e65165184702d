package dev.squall.model.transformer;

import dev.squall.attention.KvCache;
import dev.squall.attention.Rows;
import dev.squall.kernels.Devices;
import dev.squall.kernels.KernelSet;
import dev.squall.kernels.KvType;
import dev.squall.kernels.Weight;
import dev.squall.kernels.WeightType;
import dev.squall.model.spec.LayerSpec;
import dev.squall.model.spec.LayerSpec.AttentionSpec;
import dev.squall.model.spec.LayerSpec.FeedForwardSpec;
import dev.squall.model.spec.ModelSpec;
import dev.squall.model.transformer.ModelWeights.LayerWeights;
import dev.squall.tornado.MappedArrays;
import java.lang.foreign.MemorySegment;
import java.util.List;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * A miniature of a model, run while its tokenizer is read, so that the JVM has compiled the kernels by the time of the
 * first real pass: interpreted vector code is a thousand times slower than compiled code.
 *
 * <p>The miniature has the model's first layer, its kinds of weights and its heads, but few of each: its matrices are the
 * first bytes of the model's own, read with other shapes. What it computes has no meaning.
 */
final class WarmUp {
    private static final int WIDTH = 32;
    private static final int VOCABULARY = 64;
    private static final int PAGE = 64;
    /** Rows of the passes, in turn: a prompt, a token, and what trees of drafts have. */
    private static final int[] BATCHES = {9, 1, 8, 1, 5, 1};

    private static final int MOST_ROWS = 9;
    private static final int MOST_PASSES = 10_000;

    private final ModelSpec spec; // of the miniature
    private final ModelWeights weights;
    private final KernelSet kernels;
    private final KvType kvType;
    private final Thread thread;
    private volatile boolean stopped;

    private WarmUp(ModelSpec spec, ModelWeights weights, KernelSet kernels, KvType kvType) {
        this.spec = spec;
        this.weights = weights;
        this.kernels = kernels;
        this.kvType = kvType;
        thread = Thread.ofPlatform().daemon().name("squall-warm-up").unstarted(this::passes);
    }

    /**
     * Starts to run passes on a thread of its own, unless the model is hardly larger than its miniature, an encoder, whose
     * sentences are many rows from the start, or a device computes, which compiles for the model's own sizes.
     */
    static WarmUp start(ModelSpec spec, ModelWeights weights, KernelSet kernels, KvType kvType) {
        if (Devices.present() || spec.encoder() != null || spec.dim() < 4 * WIDTH || spec.vocabulary() < VOCABULARY) {
            return none();
        }
        ModelSpec small = miniature(spec);
        WarmUp warmUp = new WarmUp(small, cut(weights, small), kernels, kvType);
        warmUp.thread.start();
        return warmUp;
    }

    /** One that does nothing. */
    static WarmUp none() {
        return new WarmUp(null, null, null, null);
    }

    /** Ends it, within a pass; before the first real one, which it would only slow down, and before the files are closed. */
    void stop() {
        stopped = true;
        while (thread.isAlive()) {
            Thread.onSpinWait();
        }
    }

    private void passes() {
        try {
            compute();
        } catch (RuntimeException | Error failure) {
            stopped = true; // the first real pass will fail in the same way, and say so
        }
    }

    private void compute() {
        AttentionSpec attention = spec.layers().getFirst().attention();
        KvCache cache = new KvCache(KvCache.Shape.full(1, attention.kvHeads(), attention.headDim(), PAGE, 1, PAGE)
                .withType(kvType));
        Rows rows = new Rows(MOST_ROWS, 1);
        Activations activations = new Activations(spec, MOST_ROWS, 1);
        PlainWiring wiring = new PlainWiring(spec, weights, kernels, rows, cache, activations);
        List<Plan.Part> graphs = new Graphs(spec, wiring, rows, cache, activations).all();
        Plan plan = new Plan(graphs, wiring.grids(), null);
        KvCache.Sequence sequence = cache.open();
        sequence.ensure(PAGE);
        for (int pass = 0; pass < MOST_PASSES && !stopped; pass++) {
            rows.clear();
            int count = BATCHES[pass % BATCHES.length];
            for (int row = 0; row < count; row++) {
                rows.addCausal(sequence, row, PAGE - count + row, row == count - 1);
            }
            for (int graph = 0; graph < graphs.size(); graph++) {
                plan.execute(graph);
            }
        }
    }

    /** The model with fewer heads, narrower, of one layer. */
    private static ModelSpec miniature(ModelSpec spec) {
        LayerSpec layer = spec.layers().getFirst();
        AttentionSpec attention = layer.attention();
        AttentionSpec heads = new AttentionSpec(
                attention.heads() / attention.kvHeads(),
                1,
                attention.headDim(),
                attention.inputBias(),
                attention.outputBias(),
                attention.queryKeyNorm(),
                attention.rope(),
                attention.slidingWindow(),
                attention.scale());
        FeedForwardSpec feedForward = new FeedForwardSpec(
                WIDTH, layer.feedForward().activation(), layer.feedForward().bias());
        LayerSpec small = new LayerSpec(
                layer.attentionNorm(), heads, layer.feedForwardNorm(), feedForward, layer.placement(), 1f);
        return new ModelSpec(
                spec.family(), WIDTH, VOCABULARY, PAGE, 1f, List.of(small), spec.finalNorm(), 1f, spec.tiedHead());
    }

    private static ModelWeights cut(ModelWeights weights, ModelSpec spec) {
        LayerWeights layer = weights.layers().getFirst();
        AttentionSpec attention = spec.layers().getFirst().attention();
        int query = attention.queryDim();
        int kv = attention.kvDim();
        int hidden = spec.layers().getFirst().feedForward().hidden();
        int dim = spec.dim();
        LayerWeights small = new LayerWeights(
                cut(layer.attentionNorm(), dim),
                null,
                cut(layer.query(), query, dim),
                cut(layer.key(), kv, dim),
                cut(layer.value(), kv, dim),
                cut(layer.output(), dim, query),
                cut(layer.queryBias(), query),
                cut(layer.keyBias(), kv),
                cut(layer.valueBias(), kv),
                cut(layer.outputBias(), dim),
                layer.queryNorm(),
                layer.keyNorm(),
                cut(layer.feedForwardNorm(), dim),
                null,
                cut(layer.gate(), hidden, dim),
                cut(layer.up(), hidden, dim),
                cut(layer.down(), dim, hidden),
                cut(layer.gateBias(), hidden),
                cut(layer.upBias(), hidden),
                cut(layer.downBias(), dim));
        Weight embedding = cut(weights.embedding(), spec.vocabulary(), dim);
        Weight head = spec.tiedHead() ? embedding : cut(weights.head(), spec.vocabulary(), dim);
        return new ModelWeights(embedding, List.of(small), cut(weights.finalNorm(), dim), head);
    }

    private static FloatArray cut(FloatArray vector, int size) {
        return vector == null ? null : MappedArrays.floats(vector.getSegment().asSlice(0, (long) size * Float.BYTES));
    }

    private static Weight cut(Weight weight, int rows, int cols) {
        WeightType type = weight.type();
        MemorySegment bytes = weight.data().getSegment().asSlice(0, type.byteSize((long) rows * cols));
        TornadoNativeArray array = switch (type) {
            case F32 -> MappedArrays.floats(bytes);
            case F16, BF16 -> MappedArrays.shorts(bytes);
            case Q8_0, Q4_0 -> MappedArrays.bytes(bytes);
        };
        return new Weight(weight.name(), type, array, rows, cols);
    }
}
