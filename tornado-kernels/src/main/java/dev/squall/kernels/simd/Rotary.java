package dev.squall.kernels.simd;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Rotary position embedding; see {@link dev.squall.kernels.reference.Rotary}. */
public final class Rotary {
    private Rotary() {}

    /** See {@link dev.squall.kernels.reference.Rotary#angles}. */
    public static void angles(
            IntArray step,
            IntArray position,
            FloatArray frequencies,
            FloatArray cosSin,
            int rotaryDim,
            float magnitude) {
        dev.squall.kernels.reference.Rotary.angles(step, position, frequencies, cosSin, rotaryDim, magnitude);
    }

    /** See {@link dev.squall.kernels.reference.Rotary#adjacent}. */
    public static void adjacent(IntArray step, FloatArray cosSin, FloatArray x, int heads, int headDim, int rotaryDim) {
        dev.squall.kernels.reference.Rotary.adjacent(step, cosSin, x, heads, headDim, rotaryDim);
    }

    /** See {@link dev.squall.kernels.reference.Rotary#halves}. */
    public static void halves(IntArray step, FloatArray cosSin, FloatArray x, int heads, int headDim, int rotaryDim) {
        dev.squall.kernels.reference.Rotary.halves(step, cosSin, x, heads, headDim, rotaryDim);
    }
}
