package dev.squall.kernels.simd;

import static dev.squall.kernels.simd.Memory.ALL;
import static dev.squall.kernels.simd.Memory.FLOAT;
import static dev.squall.kernels.simd.Memory.ORDER;
import static dev.squall.kernels.simd.Vectors.W;
import static dev.squall.kernels.simd.Vectors.WIDE;

import jdk.incubator.vector.FloatVector;

/**
 * Some keys, transposed so that vectors lie along them: many queries are then scored without sums across a vector, in the
 * order of {@link dev.squall.kernels.Lanes}.
 *
 * <p>Four queries by two vectors of keys are eight sums, which stay in registers. All arguments are addresses or counts of
 * floats; headDim is a multiple of 16.
 */
final class KeyTile {
    /** Queries that are scored together. */
    static final int QUERIES = 4;

    private final int slots;
    private final int stride;
    private final int headDim;
    private final long transposed; // [headDim, stride]
    private final long partial; // [8, QUERIES, 2 W]

    /** @param memory room of {@link #size} floats */
    KeyTile(int slots, int headDim, long memory) {
        this.slots = slots;
        this.headDim = headDim;
        stride = stride(slots);
        transposed = memory;
        partial = memory + 4L * headDim * stride;
    }

    /** Floats from a query's scores to the next one's. */
    static int stride(int slots) {
        int step = Math.max(16, 2 * W);
        return (slots + step - 1) / step * step;
    }

    static long size(int slots, int headDim) {
        return (long) headDim * stride(slots) + 8 * QUERIES * 2 * W;
    }

    /**
     * Takes over keys.
     *
     * @param keys [slots, headDim], the first one
     * @param apart floats from one key to the next
     */
    void take(long keys, long apart) {
        for (int t = 0; t < slots; t++) {
            long key = keys + 4 * apart * t;
            long to = transposed + 4L * t;
            for (int i = 0; i < headDim; i++) {
                ALL.set(FLOAT, to + 4L * stride * i, ALL.get(FLOAT, key + 4L * i));
            }
        }
    }

    /**
     * Scores of four queries, some of which may be the same, against all keys; behind the last key they are arbitrary.
     *
     * @param a a query, [headDim]
     * @param aTo takes its scores, [stride]
     */
    void score(long a, long b, long c, long d, long aTo, long bTo, long cTo, long dTo, float scale) {
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
