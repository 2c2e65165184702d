package dev.squall.kernels.simd;

import dev.squall.kernels.MathFunctions;
import dev.squall.kernels.Workers;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Kernels over the logits of a row; see {@link dev.squall.kernels.reference.Vocabulary}.
 *
 * <p>A row is cut into spans of fixed length, so that one row can use all threads and its sums still have one order.
 */
public final class Vocabulary {
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int SPAN = 8_192; // a multiple of 16
    private static final int WORTH_A_THREAD = 4; // spans

    private Vocabulary() {}

    /** See {@link dev.squall.kernels.reference.Vocabulary#argMax}. */
    public static void argMax(IntArray step, FloatArray logits, IntArray out, int count, int vocab) {
        int rows = step.get(count);
        int spans = (vocab + SPAN - 1) / SPAN;
        float[] largest = largestOfSpans(logits, rows, vocab); // [rows, spans]
        for (int row = 0; row < rows; row++) {
            int best = 0;
            for (int span = 1; span < spans; span++) {
                best = largest[row * spans + span] > largest[row * spans + best] ? span : best;
            }
            float value = largest[row * spans + best];
            int id = value > Float.NEGATIVE_INFINITY ? best * SPAN : 0;
            while (value > Float.NEGATIVE_INFINITY && logits.get(row * vocab + id) != value) {
                id++;
            }
            out.set(row, id);
        }
    }

    /** See {@link dev.squall.kernels.reference.Vocabulary#logSumExp}. */
    public static void logSumExp(IntArray step, FloatArray logits, FloatArray out, int count, int vocab) {
        int rows = step.get(count);
        int spans = (vocab + SPAN - 1) / SPAN;
        float[] spanLargest = largestOfSpans(logits, rows, vocab); // [rows, spans]
        float[] largest = new float[rows]; // [rows]
        for (int row = 0; row < rows; row++) {
            largest[row] = Float.NEGATIVE_INFINITY;
            for (int span = 0; span < spans; span++) {
                largest[row] = Math.max(largest[row], spanLargest[row * spans + span]);
            }
        }
        MemorySegment segment = logits.getSegment();
        float[] sums = new float[rows * spans]; // [rows, spans]
        Workers.shared().parallelFor(rows * spans, WORTH_A_THREAD, (from, to) -> {
            float[] span = new float[Math.min(SPAN, vocab)];
            for (int item = from; item < to; item++) {
                int id = item % spans * SPAN;
                int length = Math.min(SPAN, vocab - id);
                MemorySegment.copy(segment, FLOAT, 4L * (item / spans * vocab + id), span, 0, length);
                Vectors.exp(span, 0, length, largest[item / spans]);
                sums[item] = Vectors.sum(span, 0, length);
            }
        });
        for (int row = 0; row < rows; row++) {
            float sum = 0f;
            for (int span = 0; span < spans; span++) {
                sum += sums[row * spans + span];
            }
            out.set(row, largest[row] + MathFunctions.log(sum));
        }
    }

    /** See {@link dev.squall.kernels.reference.Vocabulary#topK}. */
    public static void topK(
            IntArray step, FloatArray logits, IntArray ids, FloatArray values, int count, int vocab, int k) {
        MemorySegment segment = logits.getSegment();
        Workers.shared().parallelFor(step.get(count), 1, (from, to) -> {
            LargestLogits largest = new LargestLogits(k);
            for (int row = from; row < to; row++) {
                int at = row * vocab;
                int id = 0;
                for (; id + 8 <= vocab; id += 8) {
                    FloatVector eight = Vectors.load(segment, at + id);
                    VectorMask<Float> candidates = eight.compare(VectorOperators.GE, largest.threshold());
                    if (candidates.anyTrue()) {
                        for (int i = id; i < id + 8; i++) {
                            largest.offer(i, logits.get(at + i));
                        }
                    }
                }
                for (; id < vocab; id++) {
                    largest.offer(id, logits.get(at + id));
                }
                for (int rank = k - 1; rank >= 0; rank--) {
                    boolean found = rank < largest.size();
                    ids.set(row * k + rank, found ? largest.leastId() : -1);
                    values.set(row * k + rank, found ? largest.leastValue() : Float.NEGATIVE_INFINITY);
                    if (found) {
                        largest.removeLeast();
                    }
                }
            }
        });
    }

    private static float[] largestOfSpans(FloatArray logits, int rows, int vocab) {
        int spans = (vocab + SPAN - 1) / SPAN;
        float[] largest = new float[rows * spans]; // [rows, spans]
        Workers.shared().parallelFor(rows * spans, WORTH_A_THREAD, (from, to) -> {
            for (int item = from; item < to; item++) {
                int id = item % spans * SPAN;
                largest[item] = largest(logits, item / spans * vocab + id, Math.min(SPAN, vocab - id));
            }
        });
        return largest;
    }

    private static float largest(FloatArray logits, int at, int length) {
        MemorySegment segment = logits.getSegment();
        FloatVector a = FloatVector.broadcast(Vectors.EIGHT, Float.NEGATIVE_INFINITY);
        FloatVector b = a;
        int i = 0;
        for (; i + 16 <= length; i += 16) {
            FloatVector x = Vectors.load(segment, at + i);
            FloatVector y = Vectors.load(segment, at + i + 8);
            a = a.blend(x, x.compare(VectorOperators.GT, a));
            b = b.blend(y, y.compare(VectorOperators.GT, b));
        }
        float largest = a.max(b).reduceLanes(VectorOperators.MAX);
        for (; i < length; i++) {
            float value = logits.get(at + i);
            largest = value > largest ? value : largest;
        }
        return largest;
    }
}
