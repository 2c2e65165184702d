package dev.squall.model.transformer;

import dev.squall.attention.KvCache;
import dev.squall.attention.Rows;
import dev.squall.attention.SparseConfig;
import dev.squall.kernels.CacheKernels;
import dev.squall.kernels.KernelSet;
import dev.squall.kernels.reference.SparseAttention;
import dev.squall.model.spec.LayerSpec.AttentionSpec;
import dev.squall.model.spec.ModelSpec;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;

/**
 * What sparse attention keeps beside the cache: compressed keys of all layers, and which blocks each row has chosen.
 *
 * <p>Compressed keys follow the cache: a pass computes the windows that end among the tokens that were committed since the last
 * one, its own included. How far a sequence has come is read off the rows; where a row stands before that, the text was cut back,
 * and what lay behind is computed anew.
 */
final class CompressedKeys implements SparseTasks {
    /** Tokens that a draft tree may commit between two passes. */
    private static final int MOST_NODES = 64;

    final IntArray shape; // the model's constants, see SparseAttention
    final Windows fine;
    final Windows coarse;
    final LongArray selection; // [R, kvHeads, words]
    final FloatArray scores; // [R, kvHeads, windows], room for kernels that want it
    private final AttentionSpec attention;
    private final KernelSet kernels;
    private final Rows rows;
    private final KvCache cache;
    private final Activations a;
    private final int slotsPerSequence;
    private final int[] done; // [sequences], tokens whose windows are computed

    /** Windows of one size, of all layers. */
    final class Windows {
        final int factor; // of the configured size and stride
        final FloatArray[] keys; // [layer] of [slots / stride, kvHeads, headDim]
        final IntArray step = new IntArray(2); // [0]: windows of this pass
        final IntArray ends; // [windows of a pass], the slot after the last key
        private final int size;
        private final int stride;

        Windows(SparseConfig config, ModelSpec spec, int factor, int slots, int rows) {
            this.factor = factor;
            size = config.kernelSize() * factor;
            stride = config.kernelStride() * factor;
            keys = new FloatArray[spec.layers().size()];
            for (int layer = 0; layer < keys.length; layer++) {
                keys[layer] = new FloatArray(Math.multiplyExact(slots / stride, attention.kvDim()));
            }
            ends = new IntArray(((rows + MOST_NODES * done.length) / stride) + 2 * done.length);
        }

        private void add(int base, int from, int to) {
            int first = from < size ? size : from + 1 + Math.floorMod(size - from - 1, stride);
            for (int end = first; end <= to; end += stride) {
                int count = step.get(0);
                ends.set(count, base + end);
                step.set(0, count + 1);
            }
        }
    }

    CompressedKeys(SparseConfig config, ModelSpec spec, KernelSet kernels, Rows rows, KvCache cache, Activations a) {
        this.kernels = kernels;
        this.rows = rows;
        this.cache = cache;
        this.a = a;
        attention = spec.layers().getFirst().attention();
        slotsPerSequence = cache.slotsPerSequence();
        int slots = cache.pageTable().getSize() * cache.pageSize();
        done = new int[slots / slotsPerSequence];
        shape = config.shape(attention.heads(), attention.kvHeads(), attention.headDim());
        fine = new Windows(config, spec, 1, slots, rows.capacity());
        coarse = new Windows(config, spec, SparseAttention.COARSE, slots, rows.capacity());
        int items = Math.multiplyExact(rows.capacity(), attention.kvHeads());
        int blocks = slotsPerSequence / config.blockSize();
        selection = new LongArray(Math.multiplyExact(items, (blocks + 63) / 64));
        scores = new FloatArray(Math.multiplyExact(items, slotsPerSequence / config.kernelStride()));
    }

    /**
     * Bytes of compressed keys, selections and scores for a cache, before anything is allocated.
     *
     * @param config null for dense attention, which keeps none
     */
    static long bytes(SparseConfig config, KvCache.Shape cache, int rows) {
        if (config == null) {
            return 0;
        }
        long perSequence = Math.ceilDiv(cache.maxLength(), config.blockSize()) * (long) config.blockSize();
        long windows = perSequence / config.kernelStride();
        long coarse = windows / SparseAttention.COARSE;
        long keys = cache.maxSequences() * (windows + coarse) * cache.layers() * cache.kvHeads() * cache.headDim();
        long words = Math.ceilDiv(perSequence / config.blockSize(), 64L);
        return Float.BYTES * keys + (long) rows * cache.kvHeads() * (Long.BYTES * words + Float.BYTES * windows);
    }

    /** Lists the windows that a batch completes. */
    @Override
    public void prepare(Rows batch) {
        fine.step.set(0, 0);
        coarse.step.set(0, 0);
        int row = 0;
        while (row < batch.size()) { // rows of a sequence may lie anywhere: each adds what is not done yet
            int base = batch.windowStart().get(row);
            int sequence = base / slotsPerSequence;
            boolean linear = batch.mask().get(row) == 0;
            int before = (linear ? batch.slot() : batch.treeBase()).get(row) - base;
            int from = Math.min(done[sequence], before);
            int to = linear ? before + 1 : before;
            if (to > from) {
                fine.add(base, from, to);
                coarse.add(base, from, to);
            }
            done[sequence] = Math.max(from, to);
            row++;
        }
    }

    @Override
    public void attend(TaskGraph graph, int index) {
        switch (cache.type()) {
            case F32 -> attend(graph, kernels.cacheF32(), cache.keys(index), cache.values(index), index);
            case F16 -> attend(graph, kernels.cacheF16(), cache.keysF16(index), cache.valuesF16(index), index);
        }
    }

    private <A> void attend(TaskGraph graph, CacheKernels<A> kernels, A keys, A values, int index) {
        compress(graph, "compress", kernels, keys, fine, index);
        compress(graph, "compressCoarse", kernels, keys, coarse, index);
        graph.task(
                "select",
                kernels.selectBlocks(),
                rows.step(),
                rows.windowStart(),
                rows.prefixEnd(),
                rows.treeBase(),
                rows.mask(),
                cache.pageTable(),
                a.query,
                keys,
                fine.keys[index],
                coarse.keys[index],
                selection,
                scores,
                shape,
                attention.scale());
        graph.task(
                "attendToBlocks",
                kernels.attendToBlocks(),
                rows.step(),
                rows.windowStart(),
                rows.prefixEnd(),
                rows.treeBase(),
                rows.mask(),
                cache.pageTable(),
                selection,
                a.query,
                keys,
                values,
                a.attended,
                shape,
                attention.scale());
    }

    private <A> void compress(
            TaskGraph graph, String name, CacheKernels<A> kernels, A keys, Windows windows, int index) {
        graph.task(
                name,
                kernels.compressKeys(),
                windows.step,
                windows.ends,
                cache.pageTable(),
                keys,
                windows.keys[index],
                shape,
                windows.factor);
    }

    @Override
    public GridScheduler grids() {
        return new GridScheduler();
    }

    @Override
    public Object[] stepArrays() {
        return new Object[] {fine.step, fine.ends, coarse.step, coarse.ends};
    }

    @Override
    public Object[] buffers() {
        return new Object[] {shape, selection, scores};
    }

    @Override
    public Object[] state(int layer) {
        return new Object[] {fine.keys[layer], coarse.keys[layer]};
    }
}
