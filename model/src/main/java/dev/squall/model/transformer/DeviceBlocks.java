package dev.squall.model.transformer;

import dev.squall.attention.KvCache;
import dev.squall.attention.Rows;
import dev.squall.attention.SparseConfig;
import dev.squall.kernels.DeviceKernels;
import dev.squall.kernels.device.CacheTasks;
import dev.squall.kernels.reference.SparseAttention;
import dev.squall.model.spec.LayerSpec.AttentionSpec;
import dev.squall.model.spec.ModelSpec;
import java.util.Arrays;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * Sparse attention with the kernels of the device set, whatever the other kernels of a device are: what it keeps beside the
 * cache, and its two tasks a layer, one more than dense attention has. Those of the reference set want arrays of their own
 * whose length a device would learn only when it runs.
 *
 * <p>The device keeps compressed keys of the tokens that a pass has found committed. The host only counts of how many that is so:
 * where a row stands before them, the text was cut back, and what lay behind is computed anew.
 */
final class DeviceBlocks implements SparseTasks {
    /** Tokens that a draft tree may commit between two passes, and as many that stand in the next one. */
    private static final int MOST_NODES = 64;

    private final AttentionSpec attention;
    private final Rows rows;
    private final KvCache cache;
    private final Activations a;
    private final Grids grids;
    private final KernelContext c = new KernelContext();
    private final IntArray shape; // the model's constants, see SparseAttention
    private final int slotsPerSequence;
    private final int most; // tokens that a row may see beyond those whose windows are kept
    private final int words; // of 64 blocks, of a sequence
    private final int[] done; // [sequences], tokens whose windows are kept
    private final IntArray kept; // [R, 2], see BlockSelection
    private final FloatArray[] compressed; // [layer] of fine windows, then coarse ones, see BlockSelection
    private final FloatArray later; // [R, kvHeads, room, headDim], windows that are not kept yet
    private final FloatArray scores; // [R, kvHeads, windows]
    private final LongArray selection; // [R, kvHeads, words]

    DeviceBlocks(SparseConfig config, ModelSpec spec, DeviceKernels kernels, Rows rows, KvCache cache, Activations a) {
        this.rows = rows;
        this.cache = cache;
        this.a = a;
        grids = new Grids(kernels);
        int capacity = rows.capacity();
        attention = spec.layers().getFirst().attention();
        shape = config.shape(attention.heads(), attention.kvHeads(), attention.headDim());
        slotsPerSequence = cache.slotsPerSequence();
        int slots = cache.pageTable().getSize() * cache.pageSize();
        done = new int[slots / slotsPerSequence];
        most = capacity + 2 * MOST_NODES;
        kept = new IntArray(2 * capacity);
        compressed = new FloatArray[spec.layers().size()];
        int windows = slots / config.kernelStride() + slots / (config.kernelStride() * SparseAttention.COARSE);
        for (int layer = 0; layer < compressed.length; layer++) {
            compressed[layer] = Activations.array("compressed keys", windows, attention.kvDim());
        }
        words = Math.ceilDiv(slotsPerSequence / config.blockSize(), 64);
        later = Activations.array("later windows", capacity * room(config, capacity), attention.kvDim());
        scores = Activations.array(
                "scores of windows", capacity * attention.kvHeads(), slotsPerSequence / config.kernelStride());
        selection = new LongArray(Math.multiplyExact(capacity * attention.kvHeads(), words));
    }

    /** Windows that a row may have to compute by itself. */
    private static int room(SparseConfig config, int rows) {
        int tokens = rows + 2 * MOST_NODES;
        return tokens / config.kernelStride() + 1 + tokens / (config.kernelStride() * SparseAttention.COARSE) + 1;
    }

    /**
     * Bytes of all that for a cache, before anything is allocated.
     *
     * @param config null for dense attention, which keeps nothing
     */
    static long bytes(SparseConfig config, KvCache.Shape cache, int rows) {
        long width = (long) cache.kvHeads() * cache.headDim();
        return config == null
                ? 0
                : CompressedKeys.bytes(config, cache, rows) + Float.BYTES * rows * room(config, rows) * width;
    }

    /** Tells the rows of a batch which windows are kept, and one of each sequence to keep those that it completes. */
    @Override
    public void prepare(Rows batch) {
        grids.resize(batch.size());
        int[] from = done.clone(); // [sequences], tokens whose windows are kept
        int[] to = new int[done.length]; // [sequences], tokens that are committed with this batch
        int[] keeper = new int[done.length]; // [sequences], a row that sees them all
        Arrays.fill(keeper, -1);
        for (int row = 0; row < batch.size(); row++) {
            int base = batch.windowStart().get(row);
            int sequence = base / slotsPerSequence;
            boolean linear = batch.mask().get(row) == 0;
            int before = (linear ? batch.slot() : batch.treeBase()).get(row) - base;
            int committed = linear ? before + 1 : before;
            from[sequence] = Math.min(from[sequence], before);
            if (keeper[sequence] < 0 || committed > to[sequence]) {
                keeper[sequence] = row;
                to[sequence] = committed;
            }
        }
        for (int row = 0; row < batch.size(); row++) {
            int base = batch.windowStart().get(row);
            int sequence = base / slotsPerSequence;
            int sees = batch.prefixEnd().get(row)
                    - base
                    + Long.bitCount(batch.mask().get(row));
            if (sees - from[sequence] > most) {
                throw new IllegalStateException("row " + row + ": found " + sees + " tokens of which " + from[sequence]
                        + " were computed with sparse attention, expected at most " + most + " more");
            }
            kept.set(2 * row, from[sequence]);
            kept.set(2 * row + 1, keeper[sequence] == row ? 1 : 0);
            done[sequence] = Math.max(from[sequence], to[sequence]);
        }
    }

    @Override
    public void attend(TaskGraph graph, int layer) {
        CacheTasks<TornadoNativeArray> cached = CacheTasks.of(cache.type());
        graph.task(
                        "select",
                        cached.selectBlocks(),
                        c,
                        rows.step(),
                        rows.windowStart(),
                        rows.prefixEnd(),
                        rows.treeBase(),
                        rows.mask(),
                        kept,
                        cache.pageTable(),
                        a.query,
                        cache.storedKeys(layer),
                        compressed[layer],
                        later,
                        scores,
                        selection,
                        shape,
                        attention.heads() / attention.kvHeads(),
                        attention.headDim(),
                        attention.scale())
                .task(
                        "attend",
                        cached.attend(),
                        c,
                        rows.step(),
                        rows.windowStart(),
                        rows.prefixEnd(),
                        rows.treeBase(),
                        rows.mask(),
                        cache.pageTable(),
                        selection,
                        words,
                        a.query,
                        cache.storedKeys(layer),
                        cache.storedValues(layer),
                        a.attended,
                        attention.heads(),
                        attention.kvHeads(),
                        attention.headDim(),
                        cache.pageSize(),
                        attention.scale());
        grids.addOverRows(graph, "select", attention.kvHeads());
        grids.addOverRows(graph, "attend", attention.heads());
    }

    @Override
    public GridScheduler grids() {
        return grids.scheduler();
    }

    @Override
    public Object[] stepArrays() {
        return new Object[] {kept};
    }

    @Override
    public Object[] buffers() {
        return new Object[] {shape, later, scores, selection};
    }

    @Override
    public Object[] state(int layer) {
        return new Object[] {compressed[layer]};
    }
}
