package dev.squall.kernels.device;

import dev.squall.kernels.MathFunctions;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Kernels over the logits of a row, in two stages: first a part of the vocabulary a work-item, R · parts in all, then a row a
 * work-item. In all of them step[count] rows are live, and a logit that is not a number is passed over by rankings.
 *
 * <p>The parts are neighbouring and of equal size, but for the last ones, which may be short or empty. How many there are
 * says how the sum of exponentials is added, and changes nothing else.
 */
public final class Vocabulary {
    private static final float LEAST = -Float.MAX_VALUE;

    private Vocabulary() {}

    /**
     * The largest logit of each part, of equal ones the lowest token.
     *
     * @param logits [R, vocab]
     * @param values [R, parts]
     * @param ids [R, parts], 0 where nothing is above −∞
     */
    public static void argMaxParts(
            KernelContext c,
            IntArray step,
            FloatArray logits,
            FloatArray values,
            IntArray ids,
            int count,
            int vocab,
            int parts) {
        int row = c.globalIdx / parts;
        if (row < step.get(count)) {
            int length = (vocab + parts - 1) / parts;
            int first = c.globalIdx % parts * length;
            int end = Math.min(vocab, first + length);
            int best = 0;
            float largest = Float.NEGATIVE_INFINITY;
            for (int id = first; id < end; id++) {
                float value = logits.get(row * vocab + id);
                boolean larger = value > largest;
                largest = larger ? value : largest;
                best = larger ? id : best;
            }
            values.set(c.globalIdx, largest);
            ids.set(c.globalIdx, best);
        }
    }

    /**
     * The token of the largest logit, of equal ones the lowest.
     *
     * @param values [R, parts] of {@link #argMaxParts}
     * @param ids [R, parts]
     * @param out [R]
     */
    public static void argMax(
            KernelContext c, IntArray step, FloatArray values, IntArray ids, IntArray out, int count, int parts) {
        int row = c.globalIdx;
        if (row < step.get(count)) {
            int best = 0;
            float largest = Float.NEGATIVE_INFINITY;
            for (int part = row * parts; part < (row + 1) * parts; part++) {
                boolean larger = values.get(part) > largest;
                largest = larger ? values.get(part) : largest;
                best = larger ? ids.get(part) : best;
            }
            out.set(row, best);
        }
    }

    /**
     * The largest logit of each part, and the sum of the exponentials of the others less it.
     *
     * @param logits [R, vocab]
     * @param largest [R, parts]
     * @param sums [R, parts]
     */
    public static void logSumExpParts(
            KernelContext c,
            IntArray step,
            FloatArray logits,
            FloatArray largest,
            FloatArray sums,
            int count,
            int vocab,
            int parts) {
        int row = c.globalIdx / parts;
        if (row < step.get(count)) {
            int length = (vocab + parts - 1) / parts;
            int first = row * vocab + c.globalIdx % parts * length;
            int end = Math.min((row + 1) * vocab, first + length);
            float most = LEAST; // not −∞: a part may hold nothing else, and −∞ less −∞ is no number
            for (int i = first; i < end; i++) {
                most = Math.max(most, logits.get(i));
            }
            float sum = 0f;
            for (int i = first; i < end; i++) {
                sum = sum + MathFunctions.exp(logits.get(i) - most);
            }
            largest.set(c.globalIdx, most);
            sums.set(c.globalIdx, sum);
        }
    }

    /**
     * log(sum(exp(logits))).
     *
     * @param largest [R, parts] of {@link #logSumExpParts}
     * @param sums [R, parts]
     * @param out [R]
     */
    public static void logSumExp(
            KernelContext c, IntArray step, FloatArray largest, FloatArray sums, FloatArray out, int count, int parts) {
        int row = c.globalIdx;
        if (row < step.get(count)) {
            float most = LEAST;
            for (int part = row * parts; part < (row + 1) * parts; part++) {
                most = Math.max(most, largest.get(part));
            }
            float sum = 0f;
            for (int part = row * parts; part < (row + 1) * parts; part++) {
                sum = sum + sums.get(part) * MathFunctions.exp(largest.get(part) - most);
            }
            out.set(row, most + MathFunctions.log(sum));
        }
    }

    /**
     * The k largest logits of each part, largest first, of equal ones the lowest token first; id −1 where there are fewer.
     *
     * @param logits [R, vocab]
     * @param ids [R, parts, k]
     * @param values [R, parts, k]
     */
    public static void topKParts(
            KernelContext c,
            IntArray step,
            FloatArray logits,
            IntArray ids,
            FloatArray values,
            int count,
            int vocab,
            int parts,
            int k) {
        int row = c.globalIdx / parts;
        if (row < step.get(count)) {
            int length = (vocab + parts - 1) / parts;
            int first = c.globalIdx % parts * length;
            int end = Math.min(vocab, first + length);
            int[] best = new int[k];
            float[] largest = new float[k];
            for (int rank = 0; rank < k; rank++) {
                best[rank] = -1;
                largest[rank] = Float.NEGATIVE_INFINITY;
            }
            int found = 0;
            for (int id = first; id < end; id++) {
                float value = logits.get(row * vocab + id);
                int number = value == value ? 1 : 0; // devices may take a NaN for larger
                int room = found < k ? 1 : 0;
                int larger = value > largest[k - 1] ? 1 : 0;
                if ((number & (room | larger)) == 1) {
                    int rank = Math.min(found, k - 1);
                    for (; rank > 0 && largest[Math.max(rank - 1, 0)] < value; rank--) {
                        largest[rank] = largest[rank - 1];
                        best[rank] = best[rank - 1];
                    }
                    largest[rank] = value;
                    best[rank] = id;
                    found = Math.min(found + 1, k);
                }
            }
            for (int rank = 0; rank < k; rank++) {
                ids.set(c.globalIdx * k + rank, best[rank]);
                values.set(c.globalIdx * k + rank, largest[rank]);
            }
        }
    }

    /**
     * The k largest logits, largest first, of equal ones the lowest token first; id −1 and value −∞ where there are fewer.
     *
     * @param partIds [R, parts, k] of {@link #topKParts}
     * @param partValues [R, parts, k]
     * @param ids [R, k]
     * @param values [R, k]
     */
    public static void topK(
            KernelContext c,
            IntArray step,
            IntArray partIds,
            FloatArray partValues,
            IntArray ids,
            FloatArray values,
            int count,
            int parts,
            int k) {
        int row = c.globalIdx;
        if (row < step.get(count)) {
            int[] taken = new int[parts]; // of each part
            for (int part = 0; part < parts; part++) {
                taken[part] = 0;
            }
            for (int rank = 0; rank < k; rank++) {
                int best = -1;
                int from = 0;
                float largest = Float.NEGATIVE_INFINITY;
                for (int part = 0; part < parts; part++) {
                    int at = (row * parts + part) * k + Math.min(taken[part], k - 1);
                    int id = taken[part] < k ? partIds.get(at) : -1;
                    float value = partValues.get(at);
                    int first = best < 0 ? 1 : 0; // the largest so far, however small
                    int more = value > largest ? 1 : 0;
                    boolean larger = id >= 0 && (first | more) == 1;
                    best = larger ? id : best;
                    largest = larger ? value : largest;
                    from = larger ? part : from;
                }
                ids.set(row * k + rank, best);
                values.set(row * k + rank, largest);
                taken[from] = best < 0 ? taken[from] : taken[from] + 1;
            }
        }
    }
}
