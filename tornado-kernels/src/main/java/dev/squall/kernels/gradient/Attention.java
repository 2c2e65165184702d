package dev.squall.kernels.gradient;

import dev.squall.kernels.MathFunctions;
import dev.squall.kernels.Workers;
import java.util.Arrays;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Attention of whole sequences, with its gradient: A = softmax(Q Kᵀ scale), C = (A ⊙ D) V with D the factors of dropout.
 *
 * <p>A sequence's heads that share keys and values are one part of the work. The inner loops run along rows that lie side by
 * side, never along a sum.
 *
 * @param sequences number of sequences
 * @param length rows of each, padding included
 * @param heads query heads
 * @param kvHeads heads of keys and values, a divisor of heads
 * @param headDim elements of a head
 * @param scale factor on the scores
 * @param causal whether a row sees no later rows
 * @param dropout probability that a weight is dropped, 0 for none
 * @param key the key of {@link Dropout}
 */
public record Attention(
        int sequences,
        int length,
        int heads,
        int kvHeads,
        int headDim,
        float scale,
        boolean causal,
        float dropout,
        long key) {

    /**
     * @param out [sequences * length, heads * headDim], written
     * @param weights [sequences, heads, length, length], written: A
     * @param q [sequences * length, heads * headDim]
     * @param k [sequences * length, kvHeads * headDim]
     * @param v [sequences * length, kvHeads * headDim]
     * @param lengths [sequences], rows that are no padding
     */
    public void forward(
            FloatArray out, FloatArray weights, FloatArray q, FloatArray k, FloatArray v, IntArray lengths) {
        Workers.shared().parallelFor(sequences * kvHeads, 1, (from, to) -> {
            float[] scores = new float[length];
            float[] sum = new float[headDim];
            for (int part = from; part < to; part++) {
                int sequence = part / kvHeads;
                int kvHead = part % kvHeads;
                float[] keys = columns(k, sequence, kvHead);
                float[] values = rows(v, sequence, kvHead);
                for (int head = firstHead(kvHead); head < firstHead(kvHead + 1); head++) {
                    for (int i = 0; i < length; i++) {
                        int seen = seen(i, lengths.get(sequence));
                        int at = ((sequence * length + i) * heads + head) * headDim;
                        Arrays.fill(scores, 0, seen, 0f);
                        for (int e = 0; e < headDim; e++) {
                            add(scores, 0, seen, q.get(at + e) * scale, keys, e * length);
                        }
                        softmax(scores, seen);
                        int row = ((sequence * heads + head) * length + i) * length;
                        Arrays.fill(sum, 0f);
                        for (int j = 0; j < length; j++) {
                            weights.set(row + j, j < seen ? scores[j] : 0f);
                        }
                        for (int j = 0; j < seen; j++) {
                            add(sum, 0, headDim, scores[j] * kept(row + j), values, j * headDim);
                        }
                        for (int e = 0; e < headDim; e++) {
                            out.set(at + e, sum[e]);
                        }
                    }
                }
            }
        });
    }

    /**
     * The gradients of {@link #forward}, added to dq, dk and dv, whose shapes are those of q, k and v.
     *
     * @param dOut [sequences * length, heads * headDim]
     */
    public void backward(
            FloatArray dq,
            FloatArray dk,
            FloatArray dv,
            FloatArray dOut,
            FloatArray weights,
            FloatArray q,
            FloatArray k,
            FloatArray v,
            IntArray lengths) {
        Workers.shared().parallelFor(sequences * kvHeads, 1, (from, to) -> {
            float[] da = new float[length];
            float[] c = new float[headDim];
            float[] query = new float[headDim];
            float[] sum = new float[headDim];
            for (int part = from; part < to; part++) {
                int sequence = part / kvHeads;
                int kvHead = part % kvHeads;
                float[] keys = rows(k, sequence, kvHead);
                float[] values = columns(v, sequence, kvHead);
                float[] dKeys = new float[length * headDim];
                float[] dValues = new float[length * headDim];
                for (int head = firstHead(kvHead); head < firstHead(kvHead + 1); head++) {
                    for (int i = 0; i < length; i++) {
                        int seen = seen(i, lengths.get(sequence));
                        int at = ((sequence * length + i) * heads + head) * headDim;
                        int row = ((sequence * heads + head) * length + i) * length;
                        Arrays.fill(da, 0, seen, 0f);
                        for (int e = 0; e < headDim; e++) {
                            c[e] = dOut.get(at + e);
                            query[e] = q.get(at + e);
                            add(da, 0, seen, c[e], values, e * length);
                        }
                        float dot = 0f;
                        for (int j = 0; j < seen; j++) {
                            float kept = kept(row + j);
                            add(dValues, j * headDim, headDim, weights.get(row + j) * kept, c, 0);
                            da[j] *= kept;
                            dot += weights.get(row + j) * da[j];
                        }
                        Arrays.fill(sum, 0f);
                        for (int j = 0; j < seen; j++) {
                            float ds = weights.get(row + j) * (da[j] - dot) * scale;
                            add(sum, 0, headDim, ds, keys, j * headDim);
                            add(dKeys, j * headDim, headDim, ds, query, 0);
                        }
                        for (int e = 0; e < headDim; e++) {
                            dq.set(at + e, dq.get(at + e) + sum[e]);
                        }
                    }
                }
                addRows(dk, dKeys, sequence, kvHead);
                addRows(dv, dValues, sequence, kvHead);
            }
        });
    }

    private int firstHead(int kvHead) {
        return kvHead * (heads / kvHeads);
    }

    private int seen(int row, int live) {
        return causal ? Math.min(row + 1, live) : live;
    }

    private float kept(int index) {
        return dropout == 0f ? 1f : Dropout.factor(key, index, dropout);
    }

    /** y[at, at + n) += a x[from, from + n). */
    private static void add(float[] y, int at, int n, float a, float[] x, int from) {
        for (int i = 0; i < n; i++) {
            y[at + i] += a * x[from + i];
        }
    }

    private static void softmax(float[] x, int n) {
        float largest = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < n; i++) {
            largest = Math.max(largest, x[i]);
        }
        float sum = 0f;
        for (int i = 0; i < n; i++) {
            x[i] = MathFunctions.exp(x[i] - largest);
            sum += x[i];
        }
        for (int i = 0; i < n; i++) {
            x[i] /= sum;
        }
    }

    /** [length, headDim] of one head. */
    private float[] rows(FloatArray x, int sequence, int kvHead) {
        float[] copy = new float[length * headDim];
        for (int j = 0; j < length; j++) {
            for (int e = 0; e < headDim; e++) {
                copy[j * headDim + e] = x.get(((sequence * length + j) * kvHeads + kvHead) * headDim + e);
            }
        }
        return copy;
    }

    /** [headDim, length] of one head. */
    private float[] columns(FloatArray x, int sequence, int kvHead) {
        float[] copy = new float[length * headDim];
        for (int j = 0; j < length; j++) {
            for (int e = 0; e < headDim; e++) {
                copy[e * length + j] = x.get(((sequence * length + j) * kvHeads + kvHead) * headDim + e);
            }
        }
        return copy;
    }

    private void addRows(FloatArray to, float[] x, int sequence, int kvHead) {
        for (int j = 0; j < length; j++) {
            for (int e = 0; e < headDim; e++) {
                int at = ((sequence * length + j) * kvHeads + kvHead) * headDim + e;
                to.set(at, to.get(at) + x[j * headDim + e]);
            }
        }
    }
}
