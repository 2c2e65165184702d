package dev.squall.kernels.reference;

import dev.squall.kernels.Lanes;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Normalisation by the root mean square (Zhang and Sennrich, Root Mean Square Layer Normalization, 2019) and by mean and
 * variance (Ba, Kiros and Hinton, Layer Normalization, 2016).
 */
public final class Norms {
    private Norms() {}

    /**
     * out = (x − mean(x)) / sqrt(variance(x) + epsilon) · weight + bias, for every live row; the variance is that of a whole
     * population.
     *
     * @param step counts of this step; step[count] rows are live
     * @param x [rows, dim]
     * @param weight [dim]
     * @param bias [dim]
     * @param out [rows, dim], may be x
     */
    public static void layer(
            IntArray step,
            FloatArray x,
            FloatArray weight,
            FloatArray bias,
            FloatArray out,
            int count,
            int dim,
            float epsilon) {
        for (@Parallel int row = 0; row < x.getSize() / dim; row++) {
            if (row < step.get(count)) {
                int at = row * dim;
                float[] lanes = new float[Lanes.COUNT];
                for (int lane = 0; lane < Lanes.COUNT; lane++) {
                    lanes[lane] = 0f;
                }
                for (int i = 0; i < dim; i++) {
                    lanes[i & 15] = lanes[i & 15] + x.get(at + i);
                }
                float mean = Lanes.sum(lanes, 0) / (float) dim;
                for (int lane = 0; lane < Lanes.COUNT; lane++) {
                    lanes[lane] = 0f;
                }
                for (int i = 0; i < dim; i++) {
                    float distance = x.get(at + i) - mean;
                    lanes[i & 15] = lanes[i & 15] + distance * distance;
                }
                float factor = 1f / TornadoMath.sqrt(Lanes.sum(lanes, 0) / (float) dim + epsilon);
                for (int i = 0; i < dim; i++) {
                    out.set(at + i, (x.get(at + i) - mean) * factor * weight.get(i) + bias.get(i));
                }
            }
        }
    }

    /**
     * out = x / sqrt(mean(x²) + epsilon) · weight, for every group of every live row.
     *
     * @param step counts of this step; step[count] rows are live
     * @param x [rows, groups, dim]; a whole row is one group, normed heads are many
     * @param weight [dim]
     * @param out [rows, groups, dim], may be x
     */
    public static void rms(
            IntArray step,
            FloatArray x,
            FloatArray weight,
            FloatArray out,
            int count,
            int groups,
            int dim,
            float epsilon) {
        for (@Parallel int group = 0; group < x.getSize() / dim; group++) {
            if (group / groups < step.get(count)) {
                int at = group * dim;
                float[] lanes = new float[Lanes.COUNT];
                for (int lane = 0; lane < Lanes.COUNT; lane++) {
                    lanes[lane] = 0f;
                }
                for (int i = 0; i < dim; i++) {
                    float value = x.get(at + i);
                    lanes[i & 15] = lanes[i & 15] + value * value;
                }
                float factor = 1f / TornadoMath.sqrt(Lanes.sum(lanes, 0) / (float) dim + epsilon);
                for (int i = 0; i < dim; i++) {
                    out.set(at + i, x.get(at + i) * factor * weight.get(i));
                }
            }
        }
    }
}
