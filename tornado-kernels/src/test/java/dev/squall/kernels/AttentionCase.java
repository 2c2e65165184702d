package dev.squall.kernels;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;

/** Rows, a cache with its pages in some order, and attention over them in float64. Unwritten slots hold NaN. */
final class AttentionCase {
    record Shape(int heads, int kvHeads, int headDim, int pageSize) {}

    /** What one row sees. */
    record Row(int windowStart, int prefixEnd, int treeBase, long mask) {
        boolean sees(int slot) {
            int bit = slot - treeBase;
            return slot >= windowStart && slot < prefixEnd || bit >= 0 && bit < 64 && (mask >> bit & 1L) != 0L;
        }
    }

    final Shape shape;
    final List<Row> rows;
    final int slots;
    final float scale;
    final IntArray pageTable; // [pages]
    final FloatArray q; // [rows, heads, headDim]
    final float[] k; // [slots, kvHeads, headDim]
    final float[] v; // [slots, kvHeads, headDim]
    final FloatArray keys; // [pages, kvHeads, pageSize, headDim]
    final FloatArray values; // [pages, kvHeads, pageSize, headDim]

    AttentionCase(Shape shape, List<Row> rows, int slots, long seed, boolean shuffled) {
        this.shape = shape;
        this.rows = rows;
        this.slots = slots;
        this.scale = (float) (1 / Math.sqrt(shape.headDim()));
        Random random = new Random(seed);
        q = FloatArray.fromArray(numbers(random, rows.size() * shape.heads() * shape.headDim()));
        k = numbers(random, slots * shape.kvHeads() * shape.headDim());
        v = numbers(random, slots * shape.kvHeads() * shape.headDim());
        int pages = (slots + shape.pageSize() - 1) / shape.pageSize();
        List<Integer> order = new ArrayList<>();
        for (int page = 0; page < pages; page++) {
            order.add(page);
        }
        if (shuffled) {
            Collections.shuffle(order, random);
        }
        pageTable = new IntArray(pages);
        for (int page = 0; page < pages; page++) {
            pageTable.set(page, order.get(page));
        }
        int size = pages * shape.kvHeads() * shape.pageSize() * shape.headDim();
        keys = new FloatArray(size);
        values = new FloatArray(size);
        keys.init(Float.NaN);
        values.init(Float.NaN);
    }

    /** Writes the slots that any row sees, with the set's own kernel. */
    AttentionCase store(KernelSet set) {
        List<Integer> seen = new ArrayList<>();
        for (int slot = 0; slot < slots; slot++) {
            int t = slot;
            if (rows.stream().anyMatch(row -> row.sees(t))) {
                seen.add(slot);
            }
        }
        if (seen.isEmpty()) {
            return this;
        }
        int length = shape.kvHeads() * shape.headDim();
        IntArray slot = new IntArray(seen.size());
        FloatArray newKeys = new FloatArray(seen.size() * length);
        FloatArray newValues = new FloatArray(seen.size() * length);
        for (int i = 0; i < seen.size(); i++) {
            slot.set(i, seen.get(i));
            for (int j = 0; j < length; j++) {
                newKeys.set(i * length + j, k[seen.get(i) * length + j]);
                newValues.set(i * length + j, v[seen.get(i) * length + j]);
            }
        }
        set.cacheF32()
                .storeKeyValues()
                .apply(
                        IntArray.fromElements(seen.size(), 0),
                        slot,
                        pageTable,
                        newKeys,
                        newValues,
                        keys,
                        values,
                        shape.kvHeads(),
                        shape.headDim(),
                        shape.pageSize());
        return this;
    }

    /** A kernel with the arguments of {@link CacheKernels#attend}. */
    interface Attend {
        void apply(
                IntArray step,
                IntArray windowStart,
                IntArray prefixEnd,
                IntArray treeBase,
                LongArray mask,
                IntArray pageTable,
                FloatArray q,
                FloatArray keys,
                FloatArray values,
                FloatArray out,
                int heads,
                int kvHeads,
                int headDim,
                int pageSize,
                float scale);
    }

    float[] attend(KernelSet set, int first, int end) {
        return attend(set.cacheF32().attend()::apply, first, end);
    }

    /** Attention of the rows [first, end), as a batch of their own. */
    float[] attend(Attend kernel, int first, int end) {
        int count = end - first;
        IntArray windowStart = new IntArray(count);
        IntArray prefixEnd = new IntArray(count);
        IntArray treeBase = new IntArray(count);
        LongArray mask = new LongArray(count);
        for (int i = 0; i < count; i++) {
            Row row = rows.get(first + i);
            windowStart.set(i, row.windowStart());
            prefixEnd.set(i, row.prefixEnd());
            treeBase.set(i, row.treeBase());
            mask.set(i, row.mask());
        }
        int length = shape.heads() * shape.headDim();
        FloatArray out = new FloatArray(count * length);
        out.init(Float.NaN);
        kernel.apply(
                IntArray.fromElements(count, 0),
                windowStart,
                prefixEnd,
                treeBase,
                mask,
                pageTable,
                q.slice(first * length, count * length),
                keys,
                values,
                out,
                shape.heads(),
                shape.kvHeads(),
                shape.headDim(),
                shape.pageSize(),
                scale);
        return out.toHeapArray();
    }

    /** softmax(scale · q · keysᵀ) · values, as the formula stands. */
    double[] expected() {
        int headDim = shape.headDim();
        double[] out = new double[rows.size() * shape.heads() * headDim];
        for (int head = 0; head < rows.size() * shape.heads(); head++) {
            Row row = rows.get(head / shape.heads());
            int kvHead = head % shape.heads() / (shape.heads() / shape.kvHeads());
            double sum = 0;
            for (int t = 0; t < slots; t++) {
                if (row.sees(t)) {
                    int at = (t * shape.kvHeads() + kvHead) * headDim;
                    double score = 0;
                    for (int i = 0; i < headDim; i++) {
                        score += (double) q.get(head * headDim + i) * k[at + i];
                    }
                    double weight = Math.exp(score * scale);
                    sum += weight;
                    for (int i = 0; i < headDim; i++) {
                        out[head * headDim + i] += weight * v[at + i];
                    }
                }
            }
            for (int i = 0; i < headDim && sum > 0; i++) {
                out[head * headDim + i] /= sum;
            }
        }
        return out;
    }

    static float[] numbers(Random random, int n) {
        float[] numbers = new float[n];
        for (int i = 0; i < n; i++) {
            numbers[i] = (float) random.nextGaussian();
        }
        return numbers;
    }
}
