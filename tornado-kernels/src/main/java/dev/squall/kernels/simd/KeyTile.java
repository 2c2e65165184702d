package dev.squall.kernels.simd;

import jdk.incubator.vector.FloatVector;

/**
 * Some keys, transposed so that vectors lie along them: many queries are then scored without sums across a vector, in the
 * order of {@link dev.squall.kernels.Lanes}.
 *
 * <p>Both sizes are multiples of 16.
 */
final class KeyTile {
    final float[] keys; // [slots, headDim], to be filled before transpose()
    private final float[] transposed; // [headDim, slots]
    private final float[] partial = new float[8 * 2 * 16]; // [8, 2 queries, 16 slots]
    private final int slots;
    private final int headDim;

    KeyTile(int slots, int headDim) {
        this.slots = slots;
        this.headDim = headDim;
        keys = new float[slots * headDim];
        transposed = new float[slots * headDim];
    }

    /** Takes over the keys. */
    void transpose() {
        for (int t = 0; t < slots; t++) {
            for (int i = 0; i < headDim; i++) {
                transposed[i * slots + t] = keys[t * headDim + i];
            }
        }
    }

    /**
     * Scores of two queries, or of one twice, against all keys.
     *
     * @param queries holds queries of headDim elements
     * @param a where the one query begins
     * @param scores takes {@code slots} scores of each query
     * @param aTo where those of the one begin
     */
    void score(float[] queries, int a, int b, float[] scores, int aTo, int bTo, float scale) {
        for (int t = 0; t < slots; t += 16) {
            scorePair(queries, a, b, t);
            sumLanes(0, scores, aTo + t, scale);
            sumLanes(16, scores, bTo + t, scale);
        }
    }

    /** partial[j] = lane j + lane (j + 8), for two queries and sixteen slots. */
    private void scorePair(float[] queries, int a, int b, int t) {
        for (int j = 0; j < 8; j++) {
            FloatVector a0 = FloatVector.zero(Vectors.EIGHT);
            FloatVector a1 = a0;
            FloatVector b0 = a0;
            FloatVector b1 = a0;
            FloatVector c0 = a0;
            FloatVector c1 = a0;
            FloatVector d0 = a0;
            FloatVector d1 = a0;
            for (int i = j; i < headDim; i += 16) {
                FloatVector k0 = FloatVector.fromArray(Vectors.EIGHT, transposed, i * slots + t);
                FloatVector k1 = FloatVector.fromArray(Vectors.EIGHT, transposed, i * slots + t + 8);
                FloatVector qa = FloatVector.broadcast(Vectors.EIGHT, queries[a + i]);
                FloatVector qb = FloatVector.broadcast(Vectors.EIGHT, queries[b + i]);
                a0 = qa.fma(k0, a0);
                a1 = qa.fma(k1, a1);
                b0 = qb.fma(k0, b0);
                b1 = qb.fma(k1, b1);
                k0 = FloatVector.fromArray(Vectors.EIGHT, transposed, (i + 8) * slots + t);
                k1 = FloatVector.fromArray(Vectors.EIGHT, transposed, (i + 8) * slots + t + 8);
                qa = FloatVector.broadcast(Vectors.EIGHT, queries[a + i + 8]);
                qb = FloatVector.broadcast(Vectors.EIGHT, queries[b + i + 8]);
                c0 = qa.fma(k0, c0);
                c1 = qa.fma(k1, c1);
                d0 = qb.fma(k0, d0);
                d1 = qb.fma(k1, d1);
            }
            a0.add(c0).intoArray(partial, j * 32);
            a1.add(c1).intoArray(partial, j * 32 + 8);
            b0.add(d0).intoArray(partial, j * 32 + 16);
            b1.add(d1).intoArray(partial, j * 32 + 24);
        }
    }

    /** The rest of the tree, for sixteen slots of one query. */
    private void sumLanes(int from, float[] scores, int to, float scale) {
        for (int t = 0; t < 16; t += 8) {
            FloatVector even = part(from + t, 0).add(part(from + t, 2));
            FloatVector odd = part(from + t, 1).add(part(from + t, 3));
            even.add(odd).mul(scale).intoArray(scores, to + t);
        }
    }

    private FloatVector part(int at, int j) {
        FloatVector first = FloatVector.fromArray(Vectors.EIGHT, partial, at + j * 32);
        return first.add(FloatVector.fromArray(Vectors.EIGHT, partial, at + (j + 4) * 32));
    }
}
