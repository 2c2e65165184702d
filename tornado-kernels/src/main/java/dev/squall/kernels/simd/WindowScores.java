package dev.squall.kernels.simd;

import static dev.squall.kernels.simd.Memory.ALL;
import static dev.squall.kernels.simd.Memory.FLOAT;
import static dev.squall.kernels.simd.Memory.ORDER;
import static dev.squall.kernels.simd.Vectors.W;
import static dev.squall.kernels.simd.Vectors.WIDE;

import dev.squall.kernels.reference.SparseAttention;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
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
    private final float[] mean; // [headDim]
    private KeyTile tile;
    private long keys; // [TILE, width], of a tile whose keys do not lie in a row
    private long z; // [QUERIES, TILE], scores of some queries
    private long sum; // [TILE], over the heads of a row
    private long queries; // [rows, group, width]
    private int read;
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
        mean = new float[headDim];
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
        cut(rows);
        Arrays.fill(largest, Float.NEGATIVE_INFINITY);
        Arrays.fill(sums, 0f);
        int visible = 0;
        int rough = 0;
        for (int row = first; row < end; row++) {
            for (int g = 0; g < group; g++) {
                long from = 4L * ((long) row * heads + kvHead * group + g) * headDim;
                long to = query((row - first) * group + g);
                MemorySegment.copy(q.getSegment(), from, ALL, to, 4L * headDim);
                ALL.asSlice(to + 4L * headDim, 4L * (width - headDim)).fill((byte) 0);
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
                    int to = (row - first) * capacity + at;
                    MemorySegment.copy(ALL, FLOAT, sum, scores, to, Math.min(TILE, seen));
                }
            }
        }
    }

    private void cut(int rows) {
        long[] pieces = Scratch.cut(
                KeyTile.size(TILE, width), TILE * width, KeyTile.QUERIES * TILE, TILE, (long) rows * group * width);
        tile = new KeyTile(TILE, width, pieces[0]);
        keys = pieces[1];
        z = pieces[2];
        sum = pieces[3];
        queries = pieces[4];
        if (largest.length < rows * group) {
            largest = new float[rows * group];
            sums = new float[rows * group];
        }
    }

    private long query(int query) {
        return queries + 4L * width * query;
    }

    private int rough(int row, int base) {
        return exact ? 0 : SparseAttention.windows(windows.length(row, base), 4 * size, 4 * stride);
    }

    /** Fills the tile with the windows from {@code at} on that a row sees; behind them it is arbitrary. */
    private void load(int row, int kvHead, FloatArray means, int base, int at, int count, int factor) {
        int last = Math.min(at + TILE, count) - 1;
        long stored = windows.address(means, kvHead, base, at, factor * stride);
        if (last == at + TILE - 1
                && width == headDim
                && windows.stored(row, base, last, factor * size, factor * stride)) {
            for (int t = 0; t < TILE; t++) {
                long key = stored + 4L * windows.apart() * t;
                read += CachePage.touch(key, key + 4L * headDim);
            }
            tile.take(stored, windows.apart());
            return;
        }
        ALL.asSlice(keys, 4L * TILE * width).fill((byte) 0);
        for (int j = at; j <= last; j++) {
            long to = keys + 4L * width * (j - at);
            if (windows.stored(row, base, j, factor * size, factor * stride)) {
                long from = windows.address(means, kvHead, base, j, factor * stride);
                MemorySegment.copy(ALL, from, ALL, to, 4L * headDim);
            } else {
                windows.mean(row, kvHead, base, j, factor * size, factor * stride, mean);
                MemorySegment.copy(mean, 0, ALL, FLOAT, to, headDim);
            }
        }
        tile.take(keys, width);
    }

    /** Scores of the queries from g on of a row, at most four, against the tile. */
    private void score(int query, int g) {
        long a = query(query + g);
        long b = query(query + Math.min(g + 1, group - 1));
        long c = query(query + Math.min(g + 2, group - 1));
        long d = query(query + Math.min(g + 3, group - 1));
        tile.score(a, b, c, d, z(0), z(1), z(2), z(3), scale);
    }

    private long z(int i) {
        return z + 4L * TILE * i;
    }

    /** Takes a tile's first windows into largest and sum of a row's queries. */
    private void normalise(int query, int seen) {
        if (seen <= 0) {
            return;
        }
        for (int g = 0; g < group; g += KeyTile.QUERIES) {
            score(query, g);
            for (int i = 0; i < Math.min(KeyTile.QUERIES, group - g); i++) {
                normalise(query + g + i, z(i), Math.min(TILE, seen));
            }
        }
    }

    private void normalise(int query, long z, int seen) {
        for (int t = seen; t < TILE; t++) {
            ALL.set(FLOAT, z + 4L * t, Float.NEGATIVE_INFINITY);
        }
        float tileLargest = Vectors.largest(z, TILE);
        Vectors.exp(z, TILE, tileLargest);
        float tileSum = Vectors.sum(z, TILE);
        float now = Math.max(largest[query], tileLargest);
        sums[query] =
                Math.fma(sums[query], Vectors.exp(largest[query] - now), tileSum * Vectors.exp(tileLargest - now));
        largest[query] = now;
    }

    /** sum = Σ exp(z − largest) / sum over the heads of a row. */
    private void add(int query) {
        ALL.asSlice(sum, 4L * TILE).fill((byte) 0);
        for (int g = 0; g < group; g += KeyTile.QUERIES) {
            score(query, g);
            for (int i = 0; i < Math.min(KeyTile.QUERIES, group - g); i++) {
                add(query + g + i, z(i));
            }
        }
    }

    private void add(int query, long z) {
        Vectors.exp(z, TILE, largest[query]);
        FloatVector factor = FloatVector.broadcast(WIDE, 1f / sums[query]);
        long step = Memory.sixteen / 16 * W;
        for (long t = 0; t < 4L * TILE; t += step) {
            FloatVector.fromMemorySegment(WIDE, ALL, z + t, ORDER)
                    .fma(factor, FloatVector.fromMemorySegment(WIDE, ALL, sum + t, ORDER))
                    .intoMemorySegment(ALL, sum + t, ORDER);
        }
    }
}
