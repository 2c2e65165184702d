package dev.squall.model.transformer;

import dev.squall.attention.KvCache;
import dev.squall.attention.Rows;
import dev.squall.kernels.Devices.Device;
import dev.squall.kernels.KernelSet;
import dev.squall.kernels.Weight;
import dev.squall.model.format.Checkpoint;
import dev.squall.model.format.ModelFileException;
import dev.squall.model.format.WeightStorage;
import dev.squall.model.spec.DraftSpec;
import dev.squall.model.spec.DraftVariant;
import dev.squall.model.spec.ModelSpec;
import java.util.ArrayList;
import java.util.List;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * An EAGLE draft beside its model: {@link #forward} turns rows and the hidden states before them into features, and into
 * the likeliest tokens behind them. What a row is, {@link DraftSpec} says.
 *
 * <p>It scores a vocabulary of its own: V frequent tokens (Zhao et al. 2025, FR-Spec), whose rows of the model's head are
 * gathered at load, or all of them. Inside, tokens of that vocabulary are numbers from 0 to V − 1; {@link #token} says
 * which token of the model each one is. Rows are always made of tokens of the model.
 *
 * <p>Has a key/value cache of its own, with room behind each text for the rows of guesses. Not thread-safe.
 */
public final class DraftModel implements AutoCloseable {
    /** Most children that can be asked for a row. */
    public static final int MOST_TOP_K = 16;

    /** Slots behind a text for guesses. */
    private static final int GUESSES = 64;

    private final DraftSpec spec;
    private final int[] ids; // [V], the model's token of each of the draft's; null where all are scored
    private final int vocabulary;
    private final KvCache cache;
    private final Rows rows;
    private final Activations activations;
    private final DraftWiring wiring;
    private final FloatArray input; // [rows, inputDim], streams of the model; null where its hidden states are read
    private final WeightStorage storage;
    private final Plan plan;
    private long layerNanos;
    private long headNanos;

    private DraftModel(
            DraftSpec spec,
            WeightStorage storage,
            DraftWeights weights,
            Transformer target,
            KernelSet kernels,
            int[] ids) {
        this.spec = spec;
        this.storage = storage;
        this.ids = weights.head() == null ? ids : weights.ids();
        TransformerOptions sizes = target.options();
        int context = target.contextLength() + GUESSES;
        Device device = target.onDevice() == null ? null : target.onDevice().device;
        Weight head = weights.head() != null ? weights.head() : DraftWeights.rows(target.head(), ids);
        input = spec.taps().isEmpty() ? null : target.tap(spec.taps());
        vocabulary = head.rows();
        cache = new KvCache(shape(spec, target));
        ModelSpec model = new ModelSpec(
                "eagle",
                spec.dim(),
                vocabulary,
                context,
                spec.embeddingScale(),
                List.of(spec.layer()),
                spec.outputNorm(),
                spec.logitScale(),
                false);
        rows = new Rows(sizes.rows(), Math.min(sizes.rows(), GUESSES));
        activations = new Activations(model, rows.capacity(), rows.logitCapacity());
        // PlainWiring wires one layer between the model's embedding and the head of the draft.
        ModelWeights all = new ModelWeights(target.embedding(), List.of(weights.layer()), weights.outputNorm(), head);
        PlainWiring plain = new PlainWiring(model, all, kernels, rows, cache, activations);
        wiring = new DraftWiring(
                spec, weights, kernels, plain, rows, activations, vocabulary, Math.min(MOST_TOP_K, vocabulary), device);
        Graphs graphs = new Graphs(model, wiring, rows, cache, activations);
        List<Plan.Part> parts = new ArrayList<>(graphs.all());
        if (wiring.hasTwoBeginnings()) {
            parts.add(new Plan.Part("guesses", graphs.prologue("guesses", wiring::prologueBehindGuesses)));
        }
        plan = new Plan(parts, wiring.grids(), device);
    }

    /** As {@link #load(Checkpoint, Transformer, KernelSet, int[], DraftVariant)}, with what is usual. */
    public static DraftModel load(Checkpoint checkpoint, Transformer target, KernelSet kernels, int[] ids) {
        return load(checkpoint, target, kernels, ids, DraftVariant.defaults());
    }

    /**
     * Loads a draft, which computes where its model does. Its checkpoint must stay open as long as the draft, and the model
     * too.
     *
     * @param target the model that it drafts for
     * @param ids tokens of the model that the draft may guess, each once; null for all
     * @param variant what the draft's files do not say
     * @throws ModelFileException if it is no draft for this model
     * @throws IllegalArgumentException if a token does not exist or comes twice, or a device has no memory left for it
     */
    public static DraftModel load(
            Checkpoint checkpoint, Transformer target, KernelSet kernels, int[] ids, DraftVariant variant) {
        DraftSpec spec = DraftSpec.of(checkpoint, target.spec(), variant);
        if (spec.ownVocabulary() > 0 && ids != null) {
            throw new IllegalArgumentException("draft vocabulary: found " + ids.length
                    + " tokens, expected none: an EAGLE-3 draft has a vocabulary of its own");
        }
        int[] ranked = ids == null ? null : checked(ids, target.spec().vocabulary());
        if (target.onDevice() != null) {
            Refusals.draftOnDevice(checkpoint, target, shape(spec, target));
        }
        WeightStorage storage = new WeightStorage(checkpoint);
        try {
            DraftWeights weights = DraftWeights.load(checkpoint, spec, storage);
            if (weights.ids() != null) {
                checked(weights.ids(), target.spec().vocabulary());
            }
            return new DraftModel(spec, storage, weights, target, kernels, ranked);
        } catch (RuntimeException | Error failure) {
            storage.close();
            throw failure;
        }
    }

    private static KvCache.Shape shape(DraftSpec spec, Transformer target) {
        return KvCache.Shape.full(
                        1,
                        spec.layer().attention().kvHeads(),
                        spec.layer().attention().headDim(),
                        target.options().pageSize(),
                        target.options().sequences(),
                        target.contextLength() + GUESSES)
                .withType(target.options().kvType());
    }

    private static int[] checked(int[] ids, int vocabulary) {
        if (ids.length == 0) {
            throw new IllegalArgumentException("draft vocabulary: found no tokens, expected at least one");
        }
        boolean[] seen = new boolean[vocabulary];
        for (int id : ids) {
            if (id < 0 || id >= vocabulary) {
                throw new IllegalArgumentException("draft vocabulary: found token " + id + ", expected 0 to "
                        + (vocabulary - 1) + "; the ranking belongs to another tokenizer");
            }
            if (seen[id]) {
                throw new IllegalArgumentException("draft vocabulary: found token " + id + " twice, expected it once");
            }
            seen[id] = true;
        }
        return ids.clone();
    }

    /**
     * Computes rows: their keys and values go to {@link #cache()}, the results to {@link #features()}, {@link #id} and
     * {@link #logProbability}.
     *
     * @param batch rows of tokens of the model; for each of them {@link #hidden()} holds the state before it
     */
    public void forward(Rows batch) {
        run(batch, 0);
    }

    /**
     * Computes rows behind guesses, as {@link #forward}, but from the features of their parents in {@link #own()}.
     *
     * @param batch rows of tokens of the model
     */
    public void proceed(Rows batch) {
        run(batch, wiring.hasTwoBeginnings() ? 3 : 0);
    }

    private void run(Rows batch, int prologue) {
        rows.copyFrom(batch);
        activations.slideWindows(rows);
        if (rows.size() == 0) {
            return;
        }
        wiring.prepare(rows);
        long start = System.nanoTime();
        plan.execute(prologue);
        plan.execute(1);
        long layer = System.nanoTime();
        plan.execute(2);
        int asked = rows.logitRows();
        if (asked > 0) {
            plan.toHost(2, wiring.ids, (long) asked * topK());
            plan.toHost(2, wiring.values, (long) asked * topK());
            plan.toHost(2, wiring.normaliser, asked);
        }
        plan.toHost(2, activations.x, (long) rows.size() * spec.dim());
        headNanos += System.nanoTime() - layer;
        layerNanos += layer - start;
    }

    /** An empty batch that fits. */
    public Rows newRows() {
        return new Rows(rows.capacity(), rows.logitCapacity());
    }

    /** What the model has in front of the rows, [rows, inputDim], to be filled before {@link #forward}. */
    public FloatArray hidden() {
        return wiring.hidden;
    }

    /** Features of the rows' parents, [rows, dim], to be filled before {@link #proceed}. */
    public FloatArray own() {
        return wiring.own;
    }

    /** Where the model has what {@link #hidden()} is filled with: [rows, inputDim], of its last batch. */
    public FloatArray inputs(Transformer target) {
        return input == null ? target.hidden() : input;
    }

    /** Width of what the model gives for a row. */
    public int inputDim() {
        return spec.inputDim();
    }

    /** What the layer makes of the rows, [rows, dim]: hidden states as the model might have them. */
    public FloatArray features() {
        return activations.x;
    }

    /**
     * The token of a rank behind the k-th row that asked, by its number in the draft's vocabulary.
     *
     * @param rank from 0 to {@link #topK()} − 1; of equal scores the lowest number comes first
     */
    public int id(int k, int rank) {
        return wiring.ids.get(k * topK() + rank);
    }

    /** Natural logarithm of its probability among the draft's vocabulary; −∞ if there is no such token. */
    public float logProbability(int k, int rank) {
        return wiring.values.get(k * topK() + rank) - wiring.normaliser.get(k);
    }

    /** How many tokens are ranked behind each row. */
    public int topK() {
        return Math.min(MOST_TOP_K, vocabulary);
    }

    /** The model's token of one of the draft's. */
    public int token(int id) {
        return ids == null ? id : ids[id];
    }

    /** Whether every token of the model can be guessed. */
    public boolean isFull() {
        return ids == null;
    }

    /** Tokens that the draft scores. */
    public int vocabulary() {
        return vocabulary;
    }

    public int dim() {
        return spec.dim();
    }

    public KvCache cache() {
        return cache;
    }

    /** Nanoseconds in the layer, and what is before it, in all passes. */
    public long layerNanos() {
        return layerNanos;
    }

    /** Nanoseconds in the head, and what is behind it, in all passes. */
    public long headNanos() {
        return headNanos;
    }

    @Override
    public void close() {
        try {
            plan.close();
        } finally {
            storage.close();
        }
    }
}
