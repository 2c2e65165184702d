package dev.squall.kernels;

import dev.squall.kernels.gradient.Attention;
import dev.squall.kernels.gradient.PlainGradients;
import dev.squall.kernels.simd.VectorGradients;
import uk.ac.manchester.tornado.api.types.arrays.DoubleArray;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * The heavy kernels of training, as {@link KernelSet} is for inference: one meaning, plain or with vectors. The light ones of
 * {@code dev.squall.kernels.gradient} exist once.
 *
 * <p>Sums run in a fixed order within a set, whatever the number of threads; between the sets they differ by rounding.
 */
public interface GradientKernels {
    /** For logs and reports. */
    String name();

    /**
     * C = A Bᵀ, or C += A Bᵀ: a layer's outputs.
     *
     * @param c [m, n] from element cAt
     * @param a [m, k] from element aAt
     * @param b [n, k]
     */
    void timesTransposed(FloatArray c, int cAt, FloatArray a, int aAt, FloatArray b, int m, int n, int k, boolean add);

    /**
     * C = A B, or C += A B: the gradient of a layer's inputs.
     *
     * @param c [m, n] from element cAt
     * @param a [m, k] from element aAt
     * @param b [k, n]
     */
    void times(FloatArray c, int cAt, FloatArray a, int aAt, FloatArray b, int m, int n, int k, boolean add);

    /**
     * C += Aᵀ B: the gradient of a layer's weights.
     *
     * @param c [m, n]
     * @param a [k, m] from element aAt
     * @param b [k, n] from element bAt
     */
    void addTransposedTimes(FloatArray c, FloatArray a, int aAt, FloatArray b, int bAt, int m, int n, int k);

    /** As {@link Attention#forward}. */
    void attend(
            Attention shape,
            FloatArray out,
            FloatArray weights,
            FloatArray q,
            FloatArray k,
            FloatArray v,
            IntArray lengths);

    /** As {@link Attention#backward}. */
    void attendBackward(
            Attention shape,
            FloatArray dq,
            FloatArray dk,
            FloatArray dv,
            FloatArray dOut,
            FloatArray weights,
            FloatArray q,
            FloatArray k,
            FloatArray v,
            IntArray lengths);

    /** As {@link dev.squall.kernels.gradient.Activations#gelu}. */
    void gelu(FloatArray y, FloatArray x, int size);

    /** As {@link dev.squall.kernels.gradient.Activations#geluBackward}. */
    void geluBackward(FloatArray dx, FloatArray dy, FloatArray x, int size);

    /** As {@link dev.squall.kernels.gradient.Activations#siluGate}. */
    void siluGate(FloatArray y, FloatArray gate, FloatArray up, int size);

    /** As {@link dev.squall.kernels.gradient.Activations#siluGateBackward}. */
    void siluGateBackward(FloatArray dGate, FloatArray dUp, FloatArray dy, FloatArray gate, FloatArray up, int size);

    /** As {@link dev.squall.kernels.gradient.Losses#crossEntropy}. */
    void crossEntropy(
            DoubleArray losses, FloatArray logits, IntArray targets, int first, int rows, int n, float weight);

    /** As {@link dev.squall.kernels.gradient.Losses#softCrossEntropy}. */
    void softCrossEntropy(
            DoubleArray losses,
            IntArray ranks,
            FloatArray logits,
            FloatArray wanted,
            IntArray targets,
            int first,
            int rows,
            int n,
            float weight);

    /** The definition: plain loops. */
    static GradientKernels reference() {
        return new PlainGradients();
    }

    /** The vector kernels of the JVM; they need the module jdk.incubator.vector. */
    static GradientKernels simd() {
        return new VectorGradients();
    }

    /** The fastest that this process can run; the log says once if that is the slow one. Training is the JVM's work. */
    static GradientKernels best() {
        return KernelSet.vectors() ? simd() : reference();
    }
}
