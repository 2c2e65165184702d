package dev.squall.model.transformer;

import dev.squall.attention.KvCache;
import dev.squall.attention.Rows;
import dev.squall.kernels.DeviceKernels;
import dev.squall.kernels.Devices.Device;
import dev.squall.kernels.KernelSet;
import dev.squall.kernels.Kernels;
import dev.squall.kernels.Weight;
import dev.squall.model.format.Checkpoint;
import dev.squall.model.format.ModelFileException;
import dev.squall.model.format.WeightStorage;
import dev.squall.model.spec.Families;
import dev.squall.model.spec.LayerSpec.AttentionSpec;
import dev.squall.model.spec.ModelSpec;
import java.util.List;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * A decoder, or the inside of an {@link Encoder}, that computes batches of rows: {@link #forward} turns {@link Rows} into
 * hidden states and logits.
 *
 * <pre>{@code
 * KvCache.Sequence sequence = transformer.cache().open();
 * sequence.ensure(prompt.length);
 * Rows rows = transformer.newRows();
 * for (int i = 0; i < prompt.length; i++) {
 *     rows.addCausal(sequence, prompt[i], i, i == prompt.length - 1);
 * }
 * transformer.forward(rows);
 * transformer.logits(); // row 0: what follows the prompt
 * }</pre>
 *
 * <p>The numbers of a row do not depend on the rows beside it nor on how a text is cut into batches. Not thread-safe:
 * one thread at a time may use a transformer, its cache and its sequences.
 */
public final class Transformer implements AutoCloseable {
    private final ModelSpec spec;
    private final TransformerOptions options;
    private final int contextLength;
    private final KvCache cache;
    private final Rows rows;
    private final Activations activations;
    private final WeightStorage storage;
    private final WarmUp warmUp;
    private final Wiring wiring;
    private final Plan plan;
    private final int graphs; // of a pass
    private final boolean headFromPrologue; // as Graphs says
    private final OnDevice onDevice; // null on the JVM
    private boolean begun; // a device has executed something
    private final Results results;
    private boolean closed;
    private Taps taps = new Taps(List.of(), 0, 0);

    /** Makes the wiring of a model for its buffers. */
    private interface WiringOf {
        Wiring buffers(Rows rows, KvCache cache, Activations activations);
    }

    private Transformer(
            ModelSpec spec,
            WeightStorage storage,
            WiringOf wiringOf,
            WarmUp warmUp,
            TransformerOptions options,
            int contextLength,
            KvCache cache) {
        this.spec = spec;
        this.storage = storage;
        this.warmUp = warmUp;
        this.options = options;
        this.contextLength = contextLength;
        this.cache = cache;
        rows = new Rows(options.rows(), options.logitRows());
        FiniteChecks checks = new FiniteChecks(options.checkFinite() ? options.rows() : 0);
        activations = new Activations(spec, options.rows(), options.logitRows(), checks);
        wiring = wiringOf.buffers(rows, cache, activations);
        int layers = spec.layers().size();
        graphs = layers + 2;
        Device device = options.found();
        GridScheduler grids = wiring.grids();
        onDevice = device == null ? null : new OnDevice(device, wiring, grids, spec, rows, cache, activations);
        if (onDevice != null) {
            cache.moveBy(this::moveOnDevice);
        }
        Graphs parts = new Graphs(spec, wiring, rows, cache, activations, onDevice);
        headFromPrologue = parts.headFromPrologue();
        plan = new Plan(parts.all(), grids, device);
        results = new Results(spec, plan, graphs - 1, rows, activations, onDevice == null ? null : onDevice.best);
    }

    /**
     * Reads the specification, finds the weights and wires the graphs. Weights are views of the checkpoint's files, so it
     * stays open as long as the transformer.
     *
     * @throws ModelFileException if the family is not known, or a tensor is missing or has another shape
     */
    public static Transformer load(Checkpoint checkpoint, Kernels kernels, TransformerOptions options) {
        return load(Families.spec(checkpoint), checkpoint, kernels, options);
    }

    /** Loads a model whose specification is known, or was changed. */
    public static Transformer load(ModelSpec spec, Checkpoint checkpoint, Kernels kernels, TransformerOptions options) {
        Refusals.unsupported(spec);
        Refusals.sparse(spec, options);
        int contextLength = options.contextLength();
        if (contextLength == 0) {
            contextLength = Math.min(spec.contextLength(), TransformerOptions.DEFAULT_CONTEXT);
        } else if (contextLength > spec.contextLength()) {
            throw new IllegalArgumentException("contextLength: found " + contextLength + ", expected at most "
                    + spec.contextLength() + ", the trained context");
        }
        AttentionSpec attention = spec.layers().getFirst().attention();
        KvCache.Shape shape = KvCache.Shape.full(
                        spec.layers().size(),
                        attention.kvHeads(),
                        attention.headDim(),
                        options.pageSize(),
                        options.sequences(),
                        contextLength)
                .withType(options.kvType());
        Device device = options.found();
        if (device != null) {
            long blocks = DeviceBlocks.bytes(options.sparse(), shape, options.rows());
            Refusals.onDevice(device, spec, checkpoint, shape, blocks);
        } else {
            Refusals.onJvm(shape, CompressedKeys.bytes(options.sparse(), shape, options.rows()));
        }
        WeightStorage storage = new WeightStorage(checkpoint);
        try {
            WarmUp warmUp;
            WiringOf wiring;
            switch (kernels) { // weights first: they are held against the files' sizes
                case KernelSet set -> {
                    ModelWeights weights = ModelWeights.load(checkpoint, spec, storage);
                    warmUp = WarmUp.start(spec, weights, set, options.kvType());
                    wiring = (rows, cache, a) -> new PlainWiring(
                            spec,
                            weights,
                            set,
                            rows,
                            cache,
                            a,
                            SparseTasks.of(options.sparse(), spec, set, device, rows, cache, a));
                }
                case DeviceKernels set -> {
                    FusedWiring.refuseUnsupported(spec);
                    FusedWeights weights = FusedWeights.load(checkpoint, spec, storage);
                    warmUp = WarmUp.none();
                    wiring = (rows, cache, a) -> new FusedWiring(
                            spec,
                            weights,
                            set,
                            rows,
                            cache,
                            a,
                            SparseTasks.of(options.sparse(), spec, set, device, rows, cache, a));
                }
            }
            KvCache cache = new KvCache(shape);
            return new Transformer(spec, storage, wiring, warmUp, options, contextLength, cache);
        } catch (RuntimeException | Error failure) {
            storage.close();
            throw failure;
        }
    }

    /**
     * Computes a batch: keys and values go to the cache, the results to {@link #hidden()} and {@link #logits()}.
     *
     * @param batch at most as many rows as the transformer was loaded for, of open sequences of {@link #cache()}
     * @throws IllegalArgumentException if a token or a slot does not exist
     * @throws ModelFileException if a file of the model has become shorter since it was opened
     */
    public void forward(Rows batch) {
        if (closed) {
            throw new IllegalStateException("transformer is closed");
        }
        warmUp.stop();
        check(batch);
        begin();
        if (batch != rows) {
            rows.copyFrom(batch);
        }
        activations.slideWindows(rows);
        if (rows.size() == 0) {
            return;
        }
        prepare();
        try {
            for (int graph = 0; graph < graphs; graph++) {
                plan.execute(graph);
                activations.checks.verify(plan.label(graph), rows);
                if (taps.reads(graph)) { // where layer number graph begins
                    plan.toHost(graph, activations.x, (long) rows.size() * spec.dim());
                    taps.read(graph, activations.x, rows.size());
                }
            }
        } catch (InternalError fault) { // what the JVM makes of a read behind the end of a mapped file
            storage.checkFiles();
            throw fault;
        }
    }

    /** Executes all graphs of a pass without a row: what launching them costs. Nothing but the last results is lost. */
    public void launch() {
        if (closed) {
            throw new IllegalStateException("transformer is closed");
        }
        warmUp.stop();
        begin();
        rows.clear();
        prepare();
        for (int graph = 0; graph < graphs; graph++) {
            plan.execute(graph);
        }
    }

    /** What comes before a pass on a device. */
    private void begin() {
        if (onDevice != null) {
            onDevice.compaction.flush(plan);
        }
        if (headFromPrologue && !begun) {
            rows.clear();
            prepare();
            plan.execute(0);
            plan.execute(graphs - 1);
        }
        begun = true;
    }

    private void prepare() {
        wiring.prepare(rows);
        if (onDevice != null) {
            onDevice.prepare(rows);
        }
        results.renew();
    }

    private void moveOnDevice(int from, int to) {
        if (begun) { // else there is nothing to move
            onDevice.compaction.add(plan, from, to);
        }
    }

    private void check(Rows batch) {
        int slots = cache.pageTable().getSize() * cache.pageSize();
        for (int row = 0; row < batch.size(); row++) {
            int token = batch.token().get(row);
            if (token < 0 || token >= spec.vocabulary()) {
                throw new IllegalArgumentException(
                        "token of row " + row + ": found " + token + ", expected 0 to " + (spec.vocabulary() - 1));
            }
            int slot = batch.slot().get(row);
            if (slot < 0 || slot >= slots || cache.pageTable().get(slot / cache.pageSize()) < 0) {
                throw new IllegalArgumentException(
                        "slot of row " + row + ": found " + slot + ", expected one that a sequence has allocated");
            }
        }
    }

    /** An empty batch of the transformer's capacities. */
    public Rows newRows() {
        return new Rows(options.rows(), options.logitRows());
    }

    /** Hidden states after the final norm, [rows, dim]; those of the last batch come first. */
    public FloatArray hidden() {
        return results.hidden();
    }

    /** Logits, [logitRows, vocabulary]: entry k belongs to the k-th row of the last batch that asked. */
    public FloatArray logits() {
        return results.logits();
    }

    /**
     * The token of the largest logit of the k-th row that asked, of equal ones the lowest. A device finds it by itself, so
     * that no logits have to come back.
     */
    public int best(int k) {
        return results.best(k);
    }

    public KvCache cache() {
        return cache;
    }

    /**
     * Has the residual stream kept where it enters some layers.
     *
     * @return [rows, layers, dim]; those of the last batch come first
     */
    public FloatArray tap(List<Integer> layers) {
        taps = new Taps(layers, options.rows(), spec.dim());
        return taps.streams();
    }

    /** The table of the tokens' embeddings. */
    Weight embedding() {
        return wiring.embedding();
    }

    Weight head() {
        return wiring.head();
    }

    /** What the model has on a device; null on the JVM. */
    OnDevice onDevice() {
        return onDevice;
    }

    /** Kernels of a pass, once a device has computed one; 0 on the JVM. */
    public int launches() {
        return plan.launches(graphs);
    }

    /** What the first pass took a device, besides computing; nothing on the JVM. */
    public StartTimes start() {
        return plan.start();
    }

    public ModelSpec spec() {
        return spec;
    }

    public TransformerOptions options() {
        return options;
    }

    /** Most tokens of a sequence. */
    public int contextLength() {
        return contextLength;
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        warmUp.stop();
        try {
            plan.close();
        } finally {
            storage.close();
        }
    }
}
