package dev.squall.kernels.simd;

import static dev.squall.kernels.simd.Memory.ALL;
import static dev.squall.kernels.simd.Memory.FLOAT;
import static dev.squall.kernels.simd.Memory.ORDER;
import static dev.squall.kernels.simd.Vectors.W;
import static dev.squall.kernels.simd.Vectors.WIDE;

import jdk.incubator.vector.FloatVector;

/**
 * The queries of a row, transposed so that vectors lie along them: the other way round as {@link KeyTile}, which is worth
 * its while for many queries only, as every page has to be transposed for it. The sums are the same.
 *
 * <p>Eight keys by a vector of queries are eight sums, which stay in registers. All arguments are addresses or counts of
 * floats; headDim is a multiple of 16.
 */
final class QueryTile {
    private static final int KEYS = 8;

    private final int queries;
    private final int headDim;
    private final long transposed; // [tiles, headDim, W]
    private final long products; // [slots, W]
    private final long partial; // [8, KEYS, W]
    private final long square; // [W, W]

    /** @param memory room of {@link #size} floats */
    QueryTile(int queries, int slots, int headDim, long memory) {
        this.queries = padded(queries);
        this.headDim = headDim;
        transposed = memory;
        products = transposed + 4L * this.queries * headDim;
        partial = products + 4L * slots * W;
        square = partial + 4L * 8 * KEYS * W;
    }

    static long size(int queries, int slots, int headDim) {
        return (long) padded(queries) * headDim + (long) slots * W + 8 * KEYS * W + W * W;
    }

    /** Queries, filled up to whole vectors: so many are read, and so many have scores. */
    static int padded(int queries) {
        return (queries + W - 1) / W * W;
    }

    /** Takes over queries, [padded queries, headDim]. */
    void take(long from) {
        for (int query = 0; query < queries; query += W) {
            for (int i = 0; i < headDim; i += W) {
                long to = transposed + 4L * (query * headDim + i * W);
                KeyTile.transpose(from + 4L * (query * headDim + i), 4L * headDim, to, 4 * W, square);
            }
        }
    }

    /**
     * Scores of all queries.
     *
     * @param keys [slots, headDim]; slots is a multiple of 16
     * @param scores takes [padded queries, stride]
     */
    void score(long keys, int slots, long scores, int stride, float scale) {
        for (int query = 0; query < queries; query += W) {
            for (int t = 0; t < slots; t += KEYS) {
                multiply(keys + 4L * headDim * t, transposed + 4L * query * headDim);
                for (int key = 0; key < KEYS; key++) {
                    addLanes(key, products + 4L * W * (t + key), scale);
                }
            }
            for (int t = 0; t < slots; t += W) {
                long to = scores + 4L * (query * stride + t);
                KeyTile.transpose(products + 4L * W * t, 4 * W, to, 4L * stride, square);
            }
        }
    }

    /** partial[j] = lane j + lane (j + 8), for eight keys and a vector of queries. */
    private void multiply(long key, long q) {
        long step = Memory.sixteen;
        long n = 4L * headDim;
        for (int j = 0; j < 32; j += 4) {
            FloatVector a0 = FloatVector.zero(WIDE);
            FloatVector b0 = FloatVector.zero(WIDE);
            FloatVector c0 = FloatVector.zero(WIDE);
            FloatVector d0 = FloatVector.zero(WIDE);
            FloatVector e0 = FloatVector.zero(WIDE);
            FloatVector f0 = FloatVector.zero(WIDE);
            FloatVector g0 = FloatVector.zero(WIDE);
            FloatVector h0 = FloatVector.zero(WIDE);
            for (long i = j; i < n; i += step) {
                FloatVector v = FloatVector.fromMemorySegment(WIDE, ALL, q + i * W, ORDER);
                a0 = FloatVector.broadcast(WIDE, ALL.get(FLOAT, key + i)).fma(v, a0);
                b0 = FloatVector.broadcast(WIDE, ALL.get(FLOAT, key + n + i)).fma(v, b0);
                c0 = FloatVector.broadcast(WIDE, ALL.get(FLOAT, key + 2 * n + i))
                        .fma(v, c0);
                d0 = FloatVector.broadcast(WIDE, ALL.get(FLOAT, key + 3 * n + i))
                        .fma(v, d0);
                e0 = FloatVector.broadcast(WIDE, ALL.get(FLOAT, key + 4 * n + i))
                        .fma(v, e0);
                f0 = FloatVector.broadcast(WIDE, ALL.get(FLOAT, key + 5 * n + i))
                        .fma(v, f0);
                g0 = FloatVector.broadcast(WIDE, ALL.get(FLOAT, key + 6 * n + i))
                        .fma(v, g0);
                h0 = FloatVector.broadcast(WIDE, ALL.get(FLOAT, key + 7 * n + i))
                        .fma(v, h0);
            }
            FloatVector a1 = FloatVector.zero(WIDE);
            FloatVector b1 = FloatVector.zero(WIDE);
            FloatVector c1 = FloatVector.zero(WIDE);
            FloatVector d1 = FloatVector.zero(WIDE);
            FloatVector e1 = FloatVector.zero(WIDE);
            FloatVector f1 = FloatVector.zero(WIDE);
            FloatVector g1 = FloatVector.zero(WIDE);
            FloatVector h1 = FloatVector.zero(WIDE);
            for (long i = j + 32; i < n; i += step) {
                FloatVector v = FloatVector.fromMemorySegment(WIDE, ALL, q + i * W, ORDER);
                a1 = FloatVector.broadcast(WIDE, ALL.get(FLOAT, key + i)).fma(v, a1);
                b1 = FloatVector.broadcast(WIDE, ALL.get(FLOAT, key + n + i)).fma(v, b1);
                c1 = FloatVector.broadcast(WIDE, ALL.get(FLOAT, key + 2 * n + i))
                        .fma(v, c1);
                d1 = FloatVector.broadcast(WIDE, ALL.get(FLOAT, key + 3 * n + i))
                        .fma(v, d1);
                e1 = FloatVector.broadcast(WIDE, ALL.get(FLOAT, key + 4 * n + i))
                        .fma(v, e1);
                f1 = FloatVector.broadcast(WIDE, ALL.get(FLOAT, key + 5 * n + i))
                        .fma(v, f1);
                g1 = FloatVector.broadcast(WIDE, ALL.get(FLOAT, key + 6 * n + i))
                        .fma(v, g1);
                h1 = FloatVector.broadcast(WIDE, ALL.get(FLOAT, key + 7 * n + i))
                        .fma(v, h1);
            }
            long to = partial + (long) KEYS * W * j;
            a0.add(a1).intoMemorySegment(ALL, to, ORDER);
            b0.add(b1).intoMemorySegment(ALL, to + 4 * W, ORDER);
            c0.add(c1).intoMemorySegment(ALL, to + 8 * W, ORDER);
            d0.add(d1).intoMemorySegment(ALL, to + 12 * W, ORDER);
            e0.add(e1).intoMemorySegment(ALL, to + 16 * W, ORDER);
            f0.add(f1).intoMemorySegment(ALL, to + 20 * W, ORDER);
            g0.add(g1).intoMemorySegment(ALL, to + 24 * W, ORDER);
            h0.add(h1).intoMemorySegment(ALL, to + 28 * W, ORDER);
        }
    }

    /** The rest of the tree, for a key and a vector of queries. */
    private void addLanes(int key, long to, float scale) {
        long at = partial + 4L * W * key;
        FloatVector even = part(at, 0).add(part(at, 2));
        FloatVector odd = part(at, 1).add(part(at, 3));
        even.add(odd).mul(scale).intoMemorySegment(ALL, to, ORDER);
    }

    private static FloatVector part(long at, int j) {
        FloatVector first = FloatVector.fromMemorySegment(WIDE, ALL, at + 4L * KEYS * W * j, ORDER);
        return first.add(FloatVector.fromMemorySegment(WIDE, ALL, at + 4L * KEYS * W * (j + 4), ORDER));
    }
}
