package dev.squall.model.transformer;

import dev.squall.attention.Rows;
import dev.squall.kernels.Devices.Device;
import dev.squall.kernels.KernelSet;
import dev.squall.kernels.Weight;
import dev.squall.model.spec.DraftSpec;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * The graphs of an EAGLE draft: those of a model with one layer, but for their beginning and their end.
 *
 * <pre>
 *  prologue   token --embed--> x --(norm)--> x --fcEmbedding--> part [R, dim]
 *             hidden [R, dim] --(norm)--> normed --fcHidden--> x --(+ part)--(+ bias)--> x = u
 *
 *  EAGLE-3    token --embed--> x --norm--> part --three products--> addends of queries, keys and values
 *             hidden [R, 3 * dim] --fcHidden--> x = u, or own [R, dim] --copy--> x = u behind a guess
 *
 *  layer      as in {@link PlainWiring}
 *
 *  epilogue   x = f --gather--> asked [L, dim] --head--> logits [L, V] --logSumExp--> normaliser [L]
 *                                                            '--------topK---------> ids, values [L, K]
 * </pre>
 */
final class DraftWiring implements Wiring {
    private final DraftSpec spec;
    private final DraftWeights weights;
    private final KernelSet kernels;
    private final PlainWiring plain;
    private final Rows rows;
    private final Activations a;
    private final int vocabulary;
    private final FloatArray part; // [R, dim]
    private final FloatArray normed; // [R, dim], null where hidden states are taken as they are
    private final FloatArray[] addends; // [3] of [R, queryDim], [R, kvDim], [R, kvDim]; empty but for EAGLE-3
    private final IntArray everyRow; // [R], 0, 1, 2 and so on
    final FloatArray hidden; // [R, inputDim], filled before each pass behind tokens of the text
    final FloatArray own; // [R, dim], filled before each pass behind guesses
    final IntArray ids; // [L, K], the best tokens of the draft's vocabulary
    final FloatArray values; // [L, K], their logits
    final FloatArray normaliser; // [L], log Σ exp of all logits
    private final int topK;
    private final GridScheduler grids = new GridScheduler();
    private final DeviceVocabulary onDevice; // null on the JVM

    DraftWiring(
            DraftSpec spec,
            DraftWeights weights,
            KernelSet kernels,
            PlainWiring plain,
            Rows rows,
            Activations a,
            int vocabulary,
            int topK,
            Device device) {
        this.spec = spec;
        this.weights = weights;
        this.kernels = kernels;
        this.plain = plain;
        this.rows = rows;
        this.a = a;
        this.vocabulary = vocabulary;
        this.topK = topK;
        part = a.array("embedding part", spec.dim());
        normed = spec.inputNorm() == null ? null : a.array("normed hidden states", spec.dim());
        hidden = a.array("hidden states", spec.inputDim());
        boolean third = !spec.taps().isEmpty();
        own = third ? a.array("features", spec.dim()) : hidden;
        everyRow = new IntArray(rows.capacity());
        for (int row = 0; row < rows.capacity(); row++) {
            everyRow.set(row, row);
        }
        addends = weights.projections().stream()
                .map(weight -> a.array("part of a projection", weight.rows()))
                .toArray(FloatArray[]::new);
        if (third) {
            plain.addToProjections(addends);
        }
        onDevice = device == null ? null : new DeviceVocabulary(device, grids, rows, a.logits, vocabulary);
        ids = new IntArray(rows.logitCapacity() * topK);
        values = new FloatArray(rows.logitCapacity() * topK);
        normaliser = new FloatArray(rows.logitCapacity());
    }

    @Override
    public Object[] stream() {
        return addends;
    }

    @Override
    public Object[] buffers() {
        return plain.buffers();
    }

    @Override
    public Object[] weights(int layer) {
        return plain.weights(layer);
    }

    /** Whether rows behind guesses begin otherwise than those behind tokens of the text. */
    boolean hasTwoBeginnings() {
        return own != hidden;
    }

    @Override
    public void prologue(TaskGraph graph) {
        if (hasTwoBeginnings()) {
            projections(graph);
            graph.transferToDevice(DataTransferMode.EVERY_EXECUTION, hidden)
                    .transferToDevice(
                            DataTransferMode.FIRST_EXECUTION, weights.fcHidden().data());
            plain.product(graph, "fcHidden", hidden, weights.fcHidden(), a.x, Rows.LIVE);
            fcBias(graph);
            return;
        }
        graph.transferToDevice(DataTransferMode.EVERY_EXECUTION, hidden)
                .transferToDevice(
                        DataTransferMode.FIRST_EXECUTION,
                        part,
                        weights.fcEmbedding().data(),
                        weights.fcHidden().data());
        plain.prologue(graph); // x = embedding
        FloatArray input = hidden;
        if (spec.inputNorm() != null) {
            graph.transferToDevice(
                    DataTransferMode.FIRST_EXECUTION, normed, weights.embeddingNorm(), weights.hiddenNorm());
            norm(graph, "embeddingNorm", a.x, weights.embeddingNorm(), a.x);
            norm(graph, "hiddenNorm", hidden, weights.hiddenNorm(), normed);
            input = normed;
        }
        plain.product(graph, "fcEmbedding", a.x, weights.fcEmbedding(), part, Rows.LIVE);
        plain.product(graph, "fcHidden", input, weights.fcHidden(), a.x, Rows.LIVE);
        graph.task("fcSum", kernels.residual(), rows.step(), a.x, part, spec.dim(), 1f);
        fcBias(graph);
    }

    private void fcBias(TaskGraph graph) {
        if (weights.fcBias() != null) {
            graph.transferToDevice(DataTransferMode.FIRST_EXECUTION, weights.fcBias());
            plain.bias(graph, "fcBias", a.x, weights.fcBias(), spec.dim());
        }
    }

    /** The beginning of rows behind guesses, for EAGLE-3: fc is left out. */
    void prologueBehindGuesses(TaskGraph graph) {
        projections(graph);
        graph.transferToDevice(DataTransferMode.EVERY_EXECUTION, own)
                .transferToDevice(DataTransferMode.FIRST_EXECUTION, everyRow)
                .task("copy", kernels.gather(), rows.step(), everyRow, own, a.x, Rows.LIVE, spec.dim());
    }

    /** What embeddings bring to queries, keys and values. */
    private void projections(TaskGraph graph) {
        plain.prologue(graph); // x = embedding
        graph.transferToDevice(DataTransferMode.FIRST_EXECUTION, part, weights.embeddingNorm());
        norm(graph, "embeddingNorm", a.x, weights.embeddingNorm(), part);
        for (int i = 0; i < addends.length; i++) {
            Weight weight = weights.projections().get(i);
            graph.transferToDevice(DataTransferMode.FIRST_EXECUTION, weight.data());
            plain.product(graph, "projection" + i, part, weight, addends[i], Rows.LIVE);
        }
    }

    private void norm(TaskGraph graph, String name, FloatArray x, FloatArray weight, FloatArray out) {
        float epsilon = spec.layer().feedForwardNorm().epsilon(); // a draft has one for all its norms
        graph.task(name, kernels.rmsNorm(), rows.step(), x, weight, out, Rows.LIVE, 1, spec.dim(), epsilon);
    }

    @Override
    public void layer(TaskGraph graph, int layer) {
        plain.layer(graph, layer);
    }

    @Override
    public void epilogue(TaskGraph graph) {
        graph.transferToDevice(DataTransferMode.FIRST_EXECUTION, ids, values, normaliser);
        plain.epilogue(graph);
        if (onDevice != null) {
            onDevice.logSumExp(graph, normaliser);
            onDevice.topK(graph, ids, values, topK);
            graph.persistOnDevice(ids, values, normaliser);
            return;
        }
        graph.task("logSumExp", kernels.logSumExp(), rows.step(), a.logits, normaliser, Rows.ASKING, vocabulary)
                .task("topK", kernels.topK(), rows.step(), a.logits, ids, values, Rows.ASKING, vocabulary, topK)
                .persistOnDevice(ids, values, normaliser);
    }

    @Override
    public Weight embedding() {
        return plain.embedding();
    }

    @Override
    public Weight head() {
        return plain.head();
    }

    @Override
    public GridScheduler grids() {
        return grids;
    }

    @Override
    public void prepare(Rows batch) {
        if (onDevice != null) {
            onDevice.prepare(batch);
        }
    }
}
