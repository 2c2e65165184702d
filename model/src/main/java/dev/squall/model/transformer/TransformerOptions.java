package dev.squall.model.transformer;

import dev.squall.attention.SparseConfig;
import dev.squall.kernels.Devices;
import dev.squall.kernels.Devices.Device;
import dev.squall.kernels.KvType;
import dev.squall.kernels.Settings;
import java.util.Objects;

/**
 * Sizes that are fixed when a transformer is loaded.
 *
 * @param rows most rows of one forward pass
 * @param logitRows most rows of one pass that may ask for logits; their buffer holds {@code logitRows * vocabulary}
 *     floats
 * @param contextLength most tokens of a sequence; 0 for the trained context, but at most
 *     {@value #DEFAULT_CONTEXT}
 * @param sequences most sequences open at a time
 * @param pageSize slots of a cache page, a power of two
 * @param device which device computes, as {@link dev.squall.kernels.Devices#find} reads it; null on the JVM
 * @param sparse how attention is block-sparse, null for dense attention
 * @param kvType how the cache stores keys and values; in F16 it takes half the memory
 * @param checkFinite whether the results of every task are looked at, as {@link Settings#checkFinite()} says
 */
public record TransformerOptions(
        int rows,
        int logitRows,
        int contextLength,
        int sequences,
        int pageSize,
        String device,
        SparseConfig sparse,
        KvType kvType,
        boolean checkFinite) {
    /** Longest context that is chosen unasked: key/value caches grow with it. */
    public static final int DEFAULT_CONTEXT = 4096;

    public TransformerOptions {
        atLeast("rows", rows, 1);
        atLeast("logitRows", logitRows, 1);
        atLeast("contextLength", contextLength, 0);
        atLeast("sequences", sequences, 1);
        atLeast("pageSize", pageSize, 1);
        Objects.requireNonNull(kvType, "kvType");
        logitRows = Math.min(logitRows, rows);
    }

    /** 64 rows, 32 of them with logits, one sequence, pages of 64 slots. */
    public static TransformerOptions defaults() {
        return new TransformerOptions(64, 32, 0, 1, 64, null, null, KvType.F32, Settings.checkFinite());
    }

    public TransformerOptions withRows(int rows, int logitRows) {
        return new TransformerOptions(
                rows, logitRows, contextLength, sequences, pageSize, device, sparse, kvType, checkFinite);
    }

    public TransformerOptions withContextLength(int contextLength) {
        return new TransformerOptions(
                rows, logitRows, contextLength, sequences, pageSize, device, sparse, kvType, checkFinite);
    }

    public TransformerOptions withSequences(int sequences) {
        return new TransformerOptions(
                rows, logitRows, contextLength, sequences, pageSize, device, sparse, kvType, checkFinite);
    }

    public TransformerOptions withPageSize(int pageSize) {
        return new TransformerOptions(
                rows, logitRows, contextLength, sequences, pageSize, device, sparse, kvType, checkFinite);
    }

    public TransformerOptions withDevice(String device) {
        return new TransformerOptions(
                rows, logitRows, contextLength, sequences, pageSize, device, sparse, kvType, checkFinite);
    }

    /** Sparse attention, with pages as large as its blocks; null for dense attention. */
    public TransformerOptions withSparse(SparseConfig sparse) {
        int page = sparse == null ? pageSize : sparse.blockSize();
        return new TransformerOptions(
                rows, logitRows, contextLength, sequences, page, device, sparse, kvType, checkFinite);
    }

    public TransformerOptions withKvType(KvType kvType) {
        return new TransformerOptions(
                rows, logitRows, contextLength, sequences, pageSize, device, sparse, kvType, checkFinite);
    }

    /** Has a result that is not finite be an exception that names layer, task and row. */
    public TransformerOptions withFiniteChecks() {
        return new TransformerOptions(
                rows, logitRows, contextLength, sequences, pageSize, device, sparse, kvType, true);
    }

    /** The device that computes, the first GPU or else device where none is named; null on the JVM. */
    Device found() {
        if (device == null && !Devices.present()) {
            return null;
        }
        return Devices.find(device == null ? "auto" : device);
    }

    private static void atLeast(String name, int value, int least) {
        if (value < least) {
            throw new IllegalArgumentException(name + ": found " + value + ", expected at least " + least);
        }
    }
}
