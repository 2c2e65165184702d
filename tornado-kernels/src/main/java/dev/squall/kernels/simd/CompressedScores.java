package dev.squall.kernels.simd;

import static dev.squall.kernels.reference.SparseAttention.BLOCK;
import static dev.squall.kernels.reference.SparseAttention.COARSE;
import static dev.squall.kernels.reference.SparseAttention.EXACT;
import static dev.squall.kernels.reference.SparseAttention.HEADS;
import static dev.squall.kernels.reference.SparseAttention.HEAD_DIM;
import static dev.squall.kernels.reference.SparseAttention.KV_HEADS;
import static dev.squall.kernels.reference.SparseAttention.SIZE;
import static dev.squall.kernels.reference.SparseAttention.STRIDE;

import dev.squall.kernels.Lanes;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;

/** The scores of compressed keys for one row and one key/value head, summed over the heads of the group. */
final class CompressedScores {
    private final IntArray shape;
    private final float scale;
    private final int row;
    private final int kvHead;
    private final int kvHeads;
    private final int headDim;
    private final int group;
    private final int base;
    private final int prefix;
    private final IntArray treeBase;
    private final LongArray mask;
    private final IntArray pageTable;
    private final FloatArray keys; // [pages, kvHeads, block, headDim]
    private final float[] queries; // [group, headDim]
    private final float[] lanes = new float[Lanes.COUNT];

    CompressedScores(
            IntArray shape,
            float scale,
            int row,
            int kvHead,
            IntArray windowStart,
            IntArray prefixEnd,
            IntArray treeBase,
            LongArray mask,
            IntArray pageTable,
            FloatArray q,
            FloatArray keys) {
        this.shape = shape;
        this.scale = scale;
        this.row = row;
        this.kvHead = kvHead;
        this.treeBase = treeBase;
        this.mask = mask;
        this.pageTable = pageTable;
        this.keys = keys;
        kvHeads = shape.get(KV_HEADS);
        headDim = shape.get(HEAD_DIM);
        group = shape.get(HEADS) / kvHeads;
        base = windowStart.get(row);
        prefix = prefixEnd.get(row) - base;
        queries = new float[group * headDim];
        int from = (row * shape.get(HEADS) + kvHead * group) * headDim;
        MemorySegment.copy(q.getSegment(), Memory.FLOAT, 4L * from, queries, 0, queries.length);
    }

    /**
     * Σ over heads of exp(z − m) / e.
     *
     * @param visible fine windows
     * @param visibleCoarse coarse windows
     * @return [visible]
     */
    float[] sum(FloatArray fine, FloatArray coarse, int visible, int visibleCoarse) {
        boolean exact = shape.get(EXACT) == 1 || visibleCoarse == 0;
        float[] z = products(fine, visible, 1); // [group, visible]
        float[] y = exact ? z.clone() : products(coarse, visibleCoarse, COARSE); // [group, ...]
        int count = exact ? visible : visibleCoarse;
        float[] sums = new float[visible];
        for (int head = 0; head < group; head++) {
            float largest = Float.NEGATIVE_INFINITY;
            for (int j = head * count; j < (head + 1) * count; j++) {
                largest = Math.max(largest, y[j]);
            }
            Vectors.exp(y, head * count, (head + 1) * count, largest);
            float factor = 1f / Vectors.sum(y, head * count, (head + 1) * count);
            Vectors.exp(z, head * visible, (head + 1) * visible, largest);
            for (int j = 0; j < visible; j++) {
                sums[j] += z[head * visible + j] * factor;
            }
        }
        return sums;
    }

    /** scale · q · C[j] of all heads: [group, count]. */
    private float[] products(FloatArray compressed, int count, int factor) {
        int size = shape.get(SIZE) * factor;
        int stride = shape.get(STRIDE) * factor;
        float[] products = new float[group * count];
        float[] mean = new float[headDim];
        MemorySegment source = compressed.getSegment();
        for (int j = 0; j < count; j++) {
            if (j * stride + size <= prefix) {
                int at = ((base / stride + j) * kvHeads + kvHead) * headDim;
                MemorySegment.copy(source, Memory.FLOAT, 4L * at, mean, 0, headDim);
            } else {
                path(mean, j * stride, size);
            }
            for (int head = 0; head < group; head++) {
                products[head * count + j] = dot(head * headDim, mean) * scale;
            }
        }
        return products;
    }

    /** The mean of keys of which some are nodes of the row's path. */
    private void path(float[] mean, int first, int size) {
        java.util.Arrays.fill(mean, 0f);
        int block = shape.get(BLOCK);
        for (int place = first; place < first + size; place++) {
            int slot = place < prefix ? base + place : treeBase.get(row) + nth(mask.get(row), place - prefix);
            int at = ((pageTable.get(slot / block) * kvHeads + kvHead) * block + slot % block) * headDim;
            for (int i = 0; i < headDim; i++) {
                mean[i] += keys.get(at + i);
            }
        }
        for (int i = 0; i < headDim; i++) {
            mean[i] /= size;
        }
    }

    private static int nth(long bits, int n) {
        long left = bits;
        for (int i = 0; i < n; i++) {
            left &= left - 1;
        }
        return Long.numberOfTrailingZeros(left);
    }

    private float dot(int at, float[] mean) {
        FloatVector low = FloatVector.zero(Vectors.EIGHT);
        FloatVector high = low;
        int i = 0;
        for (; i + 16 <= headDim; i += 16) {
            low = FloatVector.fromArray(Vectors.EIGHT, queries, at + i)
                    .fma(FloatVector.fromArray(Vectors.EIGHT, mean, i), low);
            high = FloatVector.fromArray(Vectors.EIGHT, queries, at + i + 8)
                    .fma(FloatVector.fromArray(Vectors.EIGHT, mean, i + 8), high);
        }
        if (i == headDim) {
            return Vectors.sum(low, high);
        }
        low.intoArray(lanes, 0);
        high.intoArray(lanes, 8);
        for (int lane = 0; i < headDim; i++, lane++) {
            lanes[lane] = Math.fma(queries[at + i], mean[i], lanes[lane]);
        }
        return Lanes.sum(lanes, 0);
    }
}
