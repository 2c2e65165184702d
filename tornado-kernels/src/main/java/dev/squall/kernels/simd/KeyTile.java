package dev.squall.kernels.simd;

import static dev.squall.kernels.simd.Memory.ALL;
import static dev.squall.kernels.simd.Memory.FLOAT;
import static dev.squall.kernels.simd.Memory.ORDER;
import static dev.squall.kernels.simd.Vectors.W;
import static dev.squall.kernels.simd.Vectors.WIDE;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

/**
 * Some keys, transposed so that vectors lie along them: many queries are then scored without sums across a vector, in the
 * order of {@link dev.squall.kernels.Lanes}. On a machine with wide enough vectors they stay as they are: {@link WideScores}.
 *
 * <p>Four queries by two vectors of keys are eight sums, which stay in registers. All arguments are addresses or counts of
 * floats; headDim is a multiple of 16.
 */
final class KeyTile {
    /** Queries that are scored together. */
    static final int QUERIES = 4;

    /** By half: lane i goes where lane i ^ half is; lanes whose bit half is set. */
    @SuppressWarnings("unchecked")
    private static final VectorShuffle<Float>[] ACROSS = new VectorShuffle[W];

    @SuppressWarnings("unchecked")
    private static final VectorMask<Float>[] RIGHT = new VectorMask[W];

    static {
        for (int half = 1; half < W; half *= 2) {
            int bit = half;
            ACROSS[half] = VectorShuffle.fromOp(WIDE, lane -> lane ^ bit);
            boolean[] set = new boolean[W];
            for (int lane = 0; lane < W; lane++) {
                set[lane] = (lane & half) != 0;
            }
            RIGHT[half] = VectorMask.fromArray(WIDE, set, 0);
        }
    }

    private final int slots;
    private final int stride;
    private final int headDim;
    private final long transposed; // [headDim, stride]
    private final long partial; // [8, QUERIES, 2 W]
    private final long square; // [W, W]
    private long keys; // where they lie, if they stay there
    private long apart; // bytes

    /** @param memory room of {@link #size} floats */
    KeyTile(int slots, int headDim, long memory) {
        this.slots = slots;
        this.headDim = headDim;
        stride = stride(slots);
        transposed = memory;
        partial = memory + 4L * headDim * stride;
        square = partial + 4L * 8 * QUERIES * 2 * W;
    }

    /** Floats from a query's scores to the next one's. */
    static int stride(int slots) {
        int step = Math.max(16, 2 * W);
        return (slots + step - 1) / step * step;
    }

    static long size(int slots, int headDim) {
        return (long) headDim * stride(slots) + 8 * QUERIES * 2 * W + W * W;
    }

    /**
     * Takes over keys, which must not change before they are scored: transposes squares of W keys by W elements.
     *
     * @param keys [slots, headDim], the first one; slots is a multiple of 16
     * @param apart floats from one key to the next
     */
    void take(long keys, long apart) {
        this.keys = keys;
        this.apart = 4 * apart;
        if (Memory.WHOLE) {
            return;
        }
        for (int t = 0; t < slots; t += W) {
            for (int i = 0; i < headDim; i += W) {
                transpose(
                        keys + 4 * (apart * t + i), 4 * apart, transposed + 4L * (stride * i + t), 4L * stride, square);
            }
        }
    }

    /**
     * Transposes a square of W by W floats.
     *
     * @param fromApart bytes from one row to the next
     * @param square room for as many
     */
    static void transpose(long from, long fromApart, long to, long toApart, long square) {
        if (W == 4) {
            swap(2, from, fromApart, to, toApart);
        } else if (W == 8) {
            swap(4, from, fromApart, square, 4 * W);
            swapNeighbours(square, 4 * W, to, toApart);
        } else {
            swap(8, from, fromApart, square, 4 * W);
            swap(2, square, 4 * W, to, toApart);
        }
    }

    /**
     * In every square of 2 half by 2 half, takes the upper right quarter for the lower left one; then in the quarters (J. O.
     * Eklundh, A Fast Computer Method for Matrix Transposing, 1972).
     */
    private static void swap(int half, long from, long fromApart, long to, long toApart) {
        VectorShuffle<Float> across = ACROSS[half];
        VectorShuffle<Float> next = ACROSS[half / 2];
        VectorMask<Float> right = RIGHT[half];
        VectorMask<Float> nextRight = RIGHT[half / 2];
        int quarter = half / 2;
        for (int i = 0; i < W / 4; i++) {
            int row = i / quarter * 2 * half + i % quarter;
            long at = from + fromApart * row;
            FloatVector a = FloatVector.fromMemorySegment(WIDE, ALL, at, ORDER);
            FloatVector b = FloatVector.fromMemorySegment(WIDE, ALL, at + fromApart * quarter, ORDER);
            FloatVector c = FloatVector.fromMemorySegment(WIDE, ALL, at + fromApart * half, ORDER);
            FloatVector d = FloatVector.fromMemorySegment(WIDE, ALL, at + fromApart * (half + quarter), ORDER);
            FloatVector e = a.blend(c.rearrange(across), right);
            FloatVector f = b.blend(d.rearrange(across), right);
            FloatVector g = a.rearrange(across).blend(c, right);
            FloatVector h = b.rearrange(across).blend(d, right);
            at = to + toApart * row;
            e.blend(f.rearrange(next), nextRight).intoMemorySegment(ALL, at, ORDER);
            e.rearrange(next).blend(f, nextRight).intoMemorySegment(ALL, at + toApart * quarter, ORDER);
            g.blend(h.rearrange(next), nextRight).intoMemorySegment(ALL, at + toApart * half, ORDER);
            g.rearrange(next).blend(h, nextRight).intoMemorySegment(ALL, at + toApart * (half + quarter), ORDER);
        }
    }

    /** The same for every square of 2 by 2. */
    private static void swapNeighbours(long from, long fromApart, long to, long toApart) {
        VectorShuffle<Float> across = ACROSS[1];
        VectorMask<Float> right = RIGHT[1];
        for (int row = 0; row < W; row += 2) {
            FloatVector upper = FloatVector.fromMemorySegment(WIDE, ALL, from + fromApart * row, ORDER);
            FloatVector lower = FloatVector.fromMemorySegment(WIDE, ALL, from + fromApart * (row + 1), ORDER);
            upper.blend(lower.rearrange(across), right).intoMemorySegment(ALL, to + toApart * row, ORDER);
            upper.rearrange(across).blend(lower, right).intoMemorySegment(ALL, to + toApart * (row + 1), ORDER);
        }
    }

    /**
     * Scores of four queries, some of which may be the same, against all keys; behind the last key they are arbitrary.
     *
     * @param a a query, [headDim]
     * @param aTo takes its scores, [stride]
     */
    void score(long a, long b, long c, long d, long aTo, long bTo, long cTo, long dTo, float scale) {
        if (Memory.WHOLE) {
            WideScores.score(a, b, c, d, aTo, bTo, cTo, dTo, 4L * headDim, keys, apart, slots, scale, partial);
            return;
        }
        for (long t = 0; t < 4L * stride; t += 8L * W) {
            multiply(a, b, c, d, transposed + t);
            addLanes(0, aTo + t, scale);
            addLanes(1, bTo + t, scale);
            addLanes(2, cTo + t, scale);
            addLanes(3, dTo + t, scale);
        }
    }

    /** partial[j] = lane j + lane (j + 8), for four queries and two vectors of keys, the first at k. */
    private void multiply(long a, long b, long c, long d, long k) {
        long step = Memory.sixteen;
        long n = 4L * headDim;
        for (int j = 0; j < 32; j += 4) {
            FloatVector a0 = FloatVector.zero(WIDE);
            FloatVector a1 = FloatVector.zero(WIDE);
            FloatVector b0 = FloatVector.zero(WIDE);
            FloatVector b1 = FloatVector.zero(WIDE);
            FloatVector c0 = FloatVector.zero(WIDE);
            FloatVector c1 = FloatVector.zero(WIDE);
            FloatVector d0 = FloatVector.zero(WIDE);
            FloatVector d1 = FloatVector.zero(WIDE);
            for (long i = j; i < n; i += step) {
                FloatVector k0 = FloatVector.fromMemorySegment(WIDE, ALL, k + i * stride, ORDER);
                FloatVector k1 = FloatVector.fromMemorySegment(WIDE, ALL, k + i * stride + 4 * W, ORDER);
                FloatVector q = FloatVector.broadcast(WIDE, ALL.get(FLOAT, a + i));
                a0 = q.fma(k0, a0);
                a1 = q.fma(k1, a1);
                q = FloatVector.broadcast(WIDE, ALL.get(FLOAT, b + i));
                b0 = q.fma(k0, b0);
                b1 = q.fma(k1, b1);
                q = FloatVector.broadcast(WIDE, ALL.get(FLOAT, c + i));
                c0 = q.fma(k0, c0);
                c1 = q.fma(k1, c1);
                q = FloatVector.broadcast(WIDE, ALL.get(FLOAT, d + i));
                d0 = q.fma(k0, d0);
                d1 = q.fma(k1, d1);
            }
            FloatVector e0 = FloatVector.zero(WIDE);
            FloatVector e1 = FloatVector.zero(WIDE);
            FloatVector f0 = FloatVector.zero(WIDE);
            FloatVector f1 = FloatVector.zero(WIDE);
            FloatVector g0 = FloatVector.zero(WIDE);
            FloatVector g1 = FloatVector.zero(WIDE);
            FloatVector h0 = FloatVector.zero(WIDE);
            FloatVector h1 = FloatVector.zero(WIDE);
            for (long i = j + 32; i < n; i += step) {
                FloatVector k0 = FloatVector.fromMemorySegment(WIDE, ALL, k + i * stride, ORDER);
                FloatVector k1 = FloatVector.fromMemorySegment(WIDE, ALL, k + i * stride + 4 * W, ORDER);
                FloatVector q = FloatVector.broadcast(WIDE, ALL.get(FLOAT, a + i));
                e0 = q.fma(k0, e0);
                e1 = q.fma(k1, e1);
                q = FloatVector.broadcast(WIDE, ALL.get(FLOAT, b + i));
                f0 = q.fma(k0, f0);
                f1 = q.fma(k1, f1);
                q = FloatVector.broadcast(WIDE, ALL.get(FLOAT, c + i));
                g0 = q.fma(k0, g0);
                g1 = q.fma(k1, g1);
                q = FloatVector.broadcast(WIDE, ALL.get(FLOAT, d + i));
                h0 = q.fma(k0, h0);
                h1 = q.fma(k1, h1);
            }
            long to = partial + 2L * QUERIES * W * j;
            a0.add(e0).intoMemorySegment(ALL, to, ORDER);
            a1.add(e1).intoMemorySegment(ALL, to + 4 * W, ORDER);
            b0.add(f0).intoMemorySegment(ALL, to + 8 * W, ORDER);
            b1.add(f1).intoMemorySegment(ALL, to + 12 * W, ORDER);
            c0.add(g0).intoMemorySegment(ALL, to + 16 * W, ORDER);
            c1.add(g1).intoMemorySegment(ALL, to + 20 * W, ORDER);
            d0.add(h0).intoMemorySegment(ALL, to + 24 * W, ORDER);
            d1.add(h1).intoMemorySegment(ALL, to + 28 * W, ORDER);
        }
    }

    /** The rest of the tree, for two vectors of keys and one query. */
    private void addLanes(int query, long to, float scale) {
        for (long t = 0; t < 8 * W; t += 4 * W) {
            long at = partial + 8L * W * query + t;
            FloatVector even = part(at, 0).add(part(at, 2));
            FloatVector odd = part(at, 1).add(part(at, 3));
            even.add(odd).mul(scale).intoMemorySegment(ALL, to + t, ORDER);
        }
    }

    private static FloatVector part(long at, int j) {
        FloatVector first = FloatVector.fromMemorySegment(WIDE, ALL, at + 8L * QUERIES * W * j, ORDER);
        return first.add(FloatVector.fromMemorySegment(WIDE, ALL, at + 8L * QUERIES * W * (j + 4), ORDER));
    }
}
