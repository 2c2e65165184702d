package dev.squall.model.transformer;

import dev.squall.attention.Rows;
import dev.squall.kernels.DeviceKernels;
import dev.squall.kernels.Devices.Device;
import dev.squall.kernels.device.Vocabulary;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Tasks of a device that make few numbers of many logits, so that the logits need not come back: each in two stages, over
 * parts of the vocabulary and over the parts.
 */
final class DeviceVocabulary {
    /** Of a vocabulary: enough of them for all cores of a GPU, few enough for one work-item to go through. */
    private static final int PARTS = 128;

    private final Rows rows;
    private final FloatArray logits; // [L, vocabulary]
    private final int vocabulary;
    private final Grids grids;
    private final KernelContext c = new KernelContext();

    /** @param scheduler of the plan, which gets the grids of these tasks */
    DeviceVocabulary(Device device, GridScheduler scheduler, Rows rows, FloatArray logits, int vocabulary) {
        this.rows = rows;
        this.logits = logits;
        this.vocabulary = vocabulary;
        this.grids = new Grids(DeviceKernels.of(device), scheduler);
    }

    /**
     * The likeliest token of each row that asks.
     *
     * @param best [L]
     */
    void argMax(TaskGraph graph, IntArray best) {
        FloatArray values = new FloatArray(rows.logitCapacity() * PARTS);
        IntArray ids = new IntArray(rows.logitCapacity() * PARTS);
        graph.transferToDevice(DataTransferMode.FIRST_EXECUTION, values, ids, best)
                .task(
                        "argMaxParts",
                        Vocabulary::argMaxParts,
                        c,
                        rows.step(),
                        logits,
                        values,
                        ids,
                        Rows.ASKING,
                        vocabulary,
                        PARTS)
                .task("argMax", Vocabulary::argMax, c, rows.step(), values, ids, best, Rows.ASKING, PARTS)
                .persistOnDevice(best);
        grids.addOverRows(graph, "argMaxParts", PARTS);
        grids.addOverRows(graph, "argMax", 1);
    }

    /**
     * The logarithm of the sum of the exponentials of each row that asks.
     *
     * @param normaliser [L]
     */
    void logSumExp(TaskGraph graph, FloatArray normaliser) {
        FloatArray largest = new FloatArray(rows.logitCapacity() * PARTS);
        FloatArray sums = new FloatArray(rows.logitCapacity() * PARTS);
        graph.transferToDevice(DataTransferMode.FIRST_EXECUTION, largest, sums)
                .task(
                        "logSumExpParts",
                        Vocabulary::logSumExpParts,
                        c,
                        rows.step(),
                        logits,
                        largest,
                        sums,
                        Rows.ASKING,
                        vocabulary,
                        PARTS)
                .task(
                        "logSumExp",
                        Vocabulary::logSumExp,
                        c,
                        rows.step(),
                        largest,
                        sums,
                        normaliser,
                        Rows.ASKING,
                        PARTS);
        grids.addOverRows(graph, "logSumExpParts", PARTS);
        grids.addOverRows(graph, "logSumExp", 1);
    }

    /**
     * The k likeliest tokens of each row that asks.
     *
     * @param ids [L, k]
     * @param values [L, k], their logits
     */
    void topK(TaskGraph graph, IntArray ids, FloatArray values, int k) {
        IntArray partIds = new IntArray(rows.logitCapacity() * PARTS * k);
        FloatArray partValues = new FloatArray(rows.logitCapacity() * PARTS * k);
        graph.transferToDevice(DataTransferMode.FIRST_EXECUTION, partIds, partValues)
                .task(
                        "topKParts",
                        Vocabulary::topKParts,
                        c,
                        rows.step(),
                        logits,
                        partIds,
                        partValues,
                        Rows.ASKING,
                        vocabulary,
                        PARTS,
                        k)
                .task(
                        "topK",
                        Vocabulary::topK,
                        c,
                        rows.step(),
                        partIds,
                        partValues,
                        ids,
                        values,
                        Rows.ASKING,
                        PARTS,
                        k);
        grids.addOverRows(graph, "topKParts", PARTS);
        grids.addOverRows(graph, "topK", 1);
    }

    /** Makes the grids large enough for the rows that ask. */
    void prepare(Rows batch) {
        grids.resize(batch.logitRows());
    }
}
