package dev.squall.kernels.simd;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Normalisation; see {@link dev.squall.kernels.reference.Norms}. */
public final class Norms {
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
        dev.squall.kernels.reference.Norms.rms(step, x, weight, out, count, groups, dim, epsilon);
    }
}
