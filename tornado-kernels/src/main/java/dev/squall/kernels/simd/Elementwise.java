package dev.squall.kernels.simd;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Kernels that treat every element by itself; see {@link dev.squall.kernels.reference.Elementwise}. */
public final class Elementwise {
    private Elementwise() {}

    /** See {@link dev.squall.kernels.reference.Elementwise#addBias}. */
    public static void addBias(IntArray step, FloatArray x, FloatArray bias, int n) {
        dev.squall.kernels.reference.Elementwise.addBias(step, x, bias, n);
    }

    /** See {@link dev.squall.kernels.reference.Elementwise#residual}. */
    public static void residual(IntArray step, FloatArray x, FloatArray y, int n, float scale) {
        dev.squall.kernels.reference.Elementwise.residual(step, x, y, n, scale);
    }

    /** See {@link dev.squall.kernels.reference.Elementwise#siluGate}. */
    public static void siluGate(IntArray step, FloatArray gate, FloatArray up, int n) {
        dev.squall.kernels.reference.Elementwise.siluGate(step, gate, up, n);
    }

    /** See {@link dev.squall.kernels.reference.Elementwise#gather}. */
    public static void gather(IntArray step, IntArray index, FloatArray x, FloatArray out, int count, int n) {
        dev.squall.kernels.reference.Elementwise.gather(step, index, x, out, count, n);
    }

    /** See {@link dev.squall.kernels.reference.Elementwise#scale}. */
    public static void scale(IntArray step, FloatArray x, int count, int n, float factor) {
        dev.squall.kernels.reference.Elementwise.scale(step, x, count, n, factor);
    }
}
