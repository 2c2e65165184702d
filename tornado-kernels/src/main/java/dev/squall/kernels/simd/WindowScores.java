package dev.squall.kernels.simd;

import dev.squall.kernels.reference.SparseAttention;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * The weights of windows for some rows of one sequence and one key/value head, 64 windows at a time: first the softmax's
 * largest score and sum for each query, then the weights, summed over the heads of the group.
 *
 * <p>Tiles of windows begin at the sequence's first one for every row, so a row has the same bits alone and in a batch.
 */
final class WindowScores {
    private static final int TILE = 64;

    private final WindowKeys windows;
    private final FloatArray q; // [R, heads, headDim]
    private final FloatArray fine; // [slots / stride, kvHeads, headDim]
    private final FloatArray coarse; // [slots / (4 stride), kvHeads, headDim]
    private final int heads;
    private final int group;
    private final int headDim;
    private final int width; // headDim, rounded up to the sixteen lanes
    private final int size; // of fine windows
    private final int stride;
    private final boolean exact;
    private final float scale;
    private final KeyTile tile;
    private final float[] z = new float[2 * TILE]; // of two queries
    private final float[] sum = new float[TILE]; // over the heads of a row
    private float[] queries = {}; // [rows, group, width]
    private float[] largest = {}; // [rows, group]
    private float[] sums = {}; // [rows, group], of exp(z - largest)

    WindowScores(WindowKeys windows, FloatArray q, FloatArray fine, FloatArray coarse, IntArray shape, float scale) {
        this.windows = windows;
        this.q = q;
        this.fine = fine;
        this.coarse = coarse;
        this.heads = shape.get(SparseAttention.HEADS);
        this.group = heads / shape.get(SparseAttention.KV_HEADS);
        this.headDim = shape.get(SparseAttention.HEAD_DIM);
        this.width = (headDim + 15) & -16;
        this.size = shape.get(SparseAttention.SIZE);
        this.stride = shape.get(SparseAttention.STRIDE);
        this.exact = shape.get(SparseAttention.EXACT) == 1;
        this.scale = scale;
        tile = new KeyTile(TILE, width);
    }

    /**
     * Weights of the rows [first, end) of the batch, the last of which sees the most; of more than one row only where none is
     * in a tree.
     *
     * @param base the first slot of their sequence
     * @param scores takes [rows, capacity]
     */
    void score(int kvHead, int first, int end, int base, float[] scores, int capacity) {
        int rows = end - first;
        if (queries.length < rows * group * width) {
            queries = new float[rows * group * width];
            largest = new float[rows * group];
            sums = new float[rows * group];
        }
        Arrays.fill(largest, Float.NEGATIVE_INFINITY);
        Arrays.fill(sums, 0f);
        int visible = 0;
        int rough = 0;
        for (int row = first; row < end; row++) {
            for (int g = 0; g < group; g++) {
                long from = 4L * ((long) row * heads + kvHead * group + g) * headDim;
                int to = ((row - first) * group + g) * width;
                MemorySegment.copy(q.getSegment(), Memory.FLOAT, from, queries, to, headDim);
            }
            visible = Math.max(visible, SparseAttention.windows(windows.length(row, base), size, stride));
            rough = Math.max(rough, rough(row, base));
        }
        for (int at = 0; at < rough; at += TILE) {
            load(end - 1, kvHead, coarse, base, at, rough, 4);
            for (int row = first; row < end; row++) {
                normalise((row - first) * group, rough(row, base) - at);
            }
        }
        for (int at = 0; at < visible; at += TILE) { // for rows without coarse windows
            boolean loaded = false;
            for (int row = first; row < end; row++) {
                if (rough(row, base) == 0) {
                    if (!loaded) {
                        load(end - 1, kvHead, fine, base, at, visible, 1);
                        loaded = true;
                    }
                    int seen = SparseAttention.windows(windows.length(row, base), size, stride);
                    normalise((row - first) * group, seen - at);
                }
            }
        }
        for (int at = 0; at < visible; at += TILE) {
            load(end - 1, kvHead, fine, base, at, visible, 1);
            for (int row = first; row < end; row++) {
                int seen = SparseAttention.windows(windows.length(row, base), size, stride) - at;
                if (seen > 0) {
                    add((row - first) * group);
                    System.arraycopy(sum, 0, scores, (row - first) * capacity + at, Math.min(TILE, seen));
                }
            }
        }
    }

    private int rough(int row, int base) {
        return exact ? 0 : SparseAttention.windows(windows.length(row, base), 4 * size, 4 * stride);
    }

    /** Fills the tile with the windows from {@code at} on that a row sees. */
    private void load(int row, int kvHead, FloatArray means, int base, int at, int count, int factor) {
        for (int t = 0; t < TILE; t++) {
            if (at + t < count) {
                windows.read(row, kvHead, means, base, at + t, factor * size, factor * stride, tile.keys, t * width);
            } else {
                Arrays.fill(tile.keys, t * width, (t + 1) * width, 0f);
            }
        }
        tile.transpose();
    }

    /** Takes a tile's first windows into largest and sum of a row's queries. */
    private void normalise(int query, int seen) {
        if (seen <= 0) {
            return;
        }
        for (int g = 0; g < group; g += 2) {
            int a = query + g;
            int b = query + Math.min(g + 1, group - 1);
            tile.score(queries, a * width, b * width, z, 0, TILE, scale);
            normalise(a, 0, Math.min(TILE, seen));
            if (b != a) {
                normalise(b, TILE, Math.min(TILE, seen));
            }
        }
    }

    private void normalise(int query, int at, int seen) {
        Arrays.fill(z, at + seen, at + TILE, Float.NEGATIVE_INFINITY);
        FloatVector most = FloatVector.fromArray(Vectors.EIGHT, z, at);
        for (int t = 8; t < TILE; t += 8) {
            most = most.max(FloatVector.fromArray(Vectors.EIGHT, z, at + t));
        }
        float tileLargest = most.reduceLanes(VectorOperators.MAX);
        Vectors.exp(z, at, at + TILE, tileLargest);
        float tileSum = Vectors.sum(z, at, at + TILE);
        float now = Math.max(largest[query], tileLargest);
        sums[query] =
                Math.fma(sums[query], Vectors.exp(largest[query] - now), tileSum * Vectors.exp(tileLargest - now));
        largest[query] = now;
    }

    /** sum = Σ exp(z − largest) / sum over the heads of a row. */
    private void add(int query) {
        Arrays.fill(sum, 0f);
        for (int g = 0; g < group; g += 2) {
            int a = query + g;
            int b = query + Math.min(g + 1, group - 1);
            tile.score(queries, a * width, b * width, z, 0, TILE, scale);
            add(a, 0);
            if (b != a) {
                add(b, TILE);
            }
        }
    }

    private void add(int query, int at) {
        Vectors.exp(z, at, at + TILE, largest[query]);
        FloatVector factor = FloatVector.broadcast(Vectors.EIGHT, 1f / sums[query]);
        for (int t = 0; t < TILE; t += 8) {
            FloatVector.fromArray(Vectors.EIGHT, z, at + t)
                    .fma(factor, FloatVector.fromArray(Vectors.EIGHT, sum, t))
                    .intoArray(sum, t);
        }
    }
}
