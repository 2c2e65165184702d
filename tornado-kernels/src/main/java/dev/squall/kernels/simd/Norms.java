package dev.squall.kernels.simd;

import dev.squall.kernels.Lanes;
import dev.squall.kernels.Workers;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Normalisation; see {@link dev.squall.kernels.reference.Norms}. */
public final class Norms {
    /** Elements that are worth a thread. */
    private static final int WORTH_A_THREAD = 16_384;

    private Norms() {}

    /** See {@link dev.squall.kernels.reference.Norms#rms}. */
    public static void rms(
            IntArray step,
            FloatArray x,
            FloatArray weight,
            FloatArray out,
            int count,
            int groups,
            int dim,
            float epsilon) {
        MemorySegment from = x.getSegment();
        MemorySegment factors = weight.getSegment();
        MemorySegment to = out.getSegment();
        Workers.shared().parallelFor(step.get(count) * groups, WORTH_A_THREAD / dim, (first, end) -> {
            for (int group = first; group < end; group++) {
                int at = group * dim;
                float mean = sumOfSquares(x, from, at, dim) / dim;
                float factor = 1f / (float) Math.sqrt(mean + epsilon);
                int i = 0;
                for (; i + 8 <= dim; i += 8) {
                    FloatVector normed = Vectors.load(from, at + i).mul(factor);
                    Vectors.store(normed.mul(Vectors.load(factors, i)), to, at + i);
                }
                for (; i < dim; i++) {
                    out.set(at + i, x.get(at + i) * factor * weight.get(i));
                }
            }
        });
    }

    /** See {@link dev.squall.kernels.reference.Norms#layer}. */
    public static void layer(
            IntArray step,
            FloatArray x,
            FloatArray weight,
            FloatArray bias,
            FloatArray out,
            int count,
            int dim,
            float epsilon) {
        MemorySegment from = x.getSegment();
        MemorySegment factors = weight.getSegment();
        MemorySegment biases = bias.getSegment();
        MemorySegment to = out.getSegment();
        Workers.shared().parallelFor(step.get(count), WORTH_A_THREAD / dim, (first, end) -> {
            for (int row = first; row < end; row++) {
                int at = row * dim;
                float mean = sum(x, from, at, dim) / dim;
                float factor = 1f / (float) Math.sqrt(sumOfSquares(x, from, at, dim, mean) / dim + epsilon);
                int i = 0;
                for (; i + 8 <= dim; i += 8) {
                    FloatVector normed = Vectors.load(from, at + i).sub(mean).mul(factor);
                    Vectors.store(normed.fma(Vectors.load(factors, i), Vectors.load(biases, i)), to, at + i);
                }
                for (; i < dim; i++) {
                    out.set(at + i, Math.fma((x.get(at + i) - mean) * factor, weight.get(i), bias.get(i)));
                }
            }
        });
    }

    private static float sum(FloatArray x, MemorySegment segment, int at, int dim) {
        FloatVector low = FloatVector.zero(Vectors.EIGHT);
        FloatVector high = low;
        int i = 0;
        for (; i + 16 <= dim; i += 16) {
            low = low.add(Vectors.load(segment, at + i));
            high = high.add(Vectors.load(segment, at + i + 8));
        }
        float[] lanes = new float[Lanes.COUNT];
        low.intoArray(lanes, 0);
        high.intoArray(lanes, 8);
        for (int lane = 0; i < dim; i++, lane++) {
            lanes[lane] += x.get(at + i);
        }
        return Lanes.sum(lanes, 0);
    }

    /** Of the distances from a mean. */
    private static float sumOfSquares(FloatArray x, MemorySegment segment, int at, int dim, float mean) {
        FloatVector low = FloatVector.zero(Vectors.EIGHT);
        FloatVector high = low;
        int i = 0;
        for (; i + 16 <= dim; i += 16) {
            FloatVector a = Vectors.load(segment, at + i).sub(mean);
            FloatVector b = Vectors.load(segment, at + i + 8).sub(mean);
            low = a.fma(a, low);
            high = b.fma(b, high);
        }
        float[] lanes = new float[Lanes.COUNT];
        low.intoArray(lanes, 0);
        high.intoArray(lanes, 8);
        for (int lane = 0; i < dim; i++, lane++) {
            float distance = x.get(at + i) - mean;
            lanes[lane] = Math.fma(distance, distance, lanes[lane]);
        }
        return Lanes.sum(lanes, 0);
    }

    private static float sumOfSquares(FloatArray x, MemorySegment segment, int at, int dim) {
        FloatVector low = FloatVector.zero(Vectors.EIGHT);
        FloatVector high = low;
        int i = 0;
        for (; i + 16 <= dim; i += 16) {
            FloatVector a = Vectors.load(segment, at + i);
            FloatVector b = Vectors.load(segment, at + i + 8);
            low = a.fma(a, low);
            high = b.fma(b, high);
        }
        if (i == dim) {
            return Vectors.sum(low, high);
        }
        float[] lanes = new float[Lanes.COUNT];
        low.intoArray(lanes, 0);
        high.intoArray(lanes, 8);
        for (int lane = 0; i < dim; i++, lane++) {
            lanes[lane] = Math.fma(x.get(at + i), x.get(at + i), lanes[lane]);
        }
        return Lanes.sum(lanes, 0);
    }
}
