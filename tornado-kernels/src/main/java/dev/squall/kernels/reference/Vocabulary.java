package dev.squall.kernels.reference;

import dev.squall.kernels.Lanes;
import dev.squall.kernels.MathFunctions;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Kernels over the logits of a row. In all of them step[count] rows are live; a logit that is not a number is passed over. */
public final class Vocabulary {
    private Vocabulary() {}

    /**
     * The token of the largest logit, of equal ones the lowest.
     *
     * @param logits [rows, vocab]
     * @param out [rows]
     */
    public static void argMax(IntArray step, FloatArray logits, IntArray out, int count, int vocab) {
        for (@Parallel int row = 0; row < out.getSize(); row++) {
            if (row < step.get(count)) {
                int best = 0;
                float largest = Float.NEGATIVE_INFINITY;
                for (int id = 0; id < vocab; id++) {
                    float value = logits.get(row * vocab + id);
                    if (value > largest) {
                        largest = value;
                        best = id;
                    }
                }
                out.set(row, best);
            }
        }
    }

    /**
     * log(sum(exp(logits))), computed from the largest logit on.
     *
     * @param logits [rows, vocab], at least one finite in a row
     * @param out [rows]
     */
    public static void logSumExp(IntArray step, FloatArray logits, FloatArray out, int count, int vocab) {
        for (@Parallel int row = 0; row < out.getSize(); row++) {
            if (row < step.get(count)) {
                float largest = Float.NEGATIVE_INFINITY;
                for (int id = 0; id < vocab; id++) {
                    largest = Math.max(largest, logits.get(row * vocab + id));
                }
                float[] lanes = new float[Lanes.COUNT];
                for (int lane = 0; lane < Lanes.COUNT; lane++) {
                    lanes[lane] = 0f;
                }
                for (int id = 0; id < vocab; id++) {
                    lanes[id & 15] = lanes[id & 15] + MathFunctions.exp(logits.get(row * vocab + id) - largest);
                }
                out.set(row, largest + MathFunctions.log(Lanes.sum(lanes, 0)));
            }
        }
    }

    /**
     * The k largest logits, largest first, of equal ones the lowest token first; id −1 and value −∞ where there are
     * fewer.
     *
     * @param logits [rows, vocab]
     * @param ids [rows, k]
     * @param values [rows, k]
     */
    public static void topK(
            IntArray step, FloatArray logits, IntArray ids, FloatArray values, int count, int vocab, int k) {
        for (@Parallel int row = 0; row < ids.getSize() / k; row++) {
            if (row < step.get(count)) {
                int last = -1;
                float lastValue = Float.POSITIVE_INFINITY;
                for (int rank = 0; rank < k; rank++) {
                    int best = -1;
                    float largest = Float.NEGATIVE_INFINITY;
                    for (int id = 0; id < vocab; id++) {
                        float value = logits.get(row * vocab + id);
                        boolean follows = value < lastValue || (value == lastValue && id > last);
                        boolean larger = value > largest || best < 0;
                        if (follows && larger) {
                            largest = value;
                            best = id;
                        }
                    }
                    ids.set(row * k + rank, best);
                    values.set(row * k + rank, largest);
                    last = best < 0 ? vocab : best;
                    lastValue = largest;
                }
            }
        }
    }
}
