package dev.squall.app;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;

/** The attention of the last rows of a text to a {@link RandomCache}, all of it or in blocks. */
final class AttentionStep {
    private final RandomCache cache;
    private final IntArray step;
    private final IntArray windowStart;
    private final IntArray prefixEnd;
    private final LongArray mask;
    private final FloatArray q; // [rows, heads, headDim]
    private final FloatArray out;
    private final LongArray selection; // [rows, kvHeads, words]
    private final FloatArray scores; // room for kernels that want it
    private final float scale;

    AttentionStep(RandomCache cache, int rows, int length) {
        this.cache = cache;
        RandomCache.Shape shape = cache.shape;
        step = IntArray.fromElements(rows, 0);
        windowStart = new IntArray(rows);
        prefixEnd = new IntArray(rows);
        mask = new LongArray(rows);
        for (int row = 0; row < rows; row++) {
            windowStart.set(row, 0);
            prefixEnd.set(row, length - rows + row + 1);
            mask.set(row, 0L);
        }
        q = RandomCache.numbers(rows * shape.heads() * shape.headDim(), 99 + length);
        out = new FloatArray(q.getSize());
        int blocks = cache.pageTable.getSize();
        selection = new LongArray(rows * shape.kvHeads() * Math.ceilDiv(blocks, 64));
        scores = new FloatArray(
                rows * shape.kvHeads() * blocks * cache.config.blockSize() / cache.config.kernelStride());
        scale = (float) (1 / Math.sqrt(shape.headDim()));
    }

    void dense(int layer) {
        RandomCache.Shape shape = cache.shape;
        cache.kernels
                .cacheF32()
                .attend()
                .apply(
                        step,
                        windowStart,
                        prefixEnd,
                        prefixEnd,
                        mask,
                        cache.pageTable,
                        q,
                        cache.keys.get(layer),
                        cache.values.get(layer),
                        out,
                        shape.heads(),
                        shape.kvHeads(),
                        shape.headDim(),
                        cache.config.blockSize(),
                        scale);
    }

    void select(int layer) {
        cache.kernels
                .cacheF32()
                .selectBlocks()
                .apply(
                        step,
                        windowStart,
                        prefixEnd,
                        prefixEnd,
                        mask,
                        cache.pageTable,
                        q,
                        cache.keys.get(layer),
                        cache.fine.get(layer),
                        cache.coarse.get(layer),
                        selection,
                        scores,
                        cache.constants,
                        scale);
    }

    void sparse(int layer) {
        cache.kernels
                .cacheF32()
                .attendToBlocks()
                .apply(
                        step,
                        windowStart,
                        prefixEnd,
                        prefixEnd,
                        mask,
                        cache.pageTable,
                        selection,
                        q,
                        cache.keys.get(layer),
                        cache.values.get(layer),
                        out,
                        cache.constants,
                        scale);
    }
}
