package dev.squall.kernels.simd;

import dev.squall.kernels.GradientKernels;
import dev.squall.kernels.gradient.Attention;
import uk.ac.manchester.tornado.api.types.arrays.DoubleArray;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** The kernels of training with the Vector API. */
public final class VectorGradients implements GradientKernels {
    @Override
    public String name() {
        return "simd";
    }

    @Override
    public void timesTransposed(
            FloatArray c, int cAt, FloatArray a, int aAt, FloatArray b, int m, int n, int k, boolean add) {
        PackedProducts.timesTransposed(c, cAt, a, aAt, b, m, n, k, add);
    }

    @Override
    public void times(FloatArray c, int cAt, FloatArray a, int aAt, FloatArray b, int m, int n, int k, boolean add) {
        PackedProducts.times(c, cAt, a, aAt, b, m, n, k, add);
    }

    @Override
    public void addTransposedTimes(FloatArray c, FloatArray a, int aAt, FloatArray b, int bAt, int m, int n, int k) {
        PackedProducts.addTransposedTimes(c, a, aAt, b, bAt, m, n, k);
    }

    @Override
    public void attend(
            Attention shape,
            FloatArray out,
            FloatArray weights,
            FloatArray q,
            FloatArray k,
            FloatArray v,
            IntArray lengths) {
        new SequenceAttention(shape).forward(out, weights, q, k, v, lengths);
    }

    @Override
    public void attendBackward(
            Attention shape,
            FloatArray dq,
            FloatArray dk,
            FloatArray dv,
            FloatArray dOut,
            FloatArray weights,
            FloatArray q,
            FloatArray k,
            FloatArray v,
            IntArray lengths) {
        new SequenceAttention(shape).backward(dq, dk, dv, dOut, weights, q, k, v, lengths);
    }

    @Override
    public void gelu(FloatArray y, FloatArray x, int size) {
        TrainingActivations.gelu(y, x, size);
    }

    @Override
    public void geluBackward(FloatArray dx, FloatArray dy, FloatArray x, int size) {
        TrainingActivations.geluBackward(dx, dy, x, size);
    }

    @Override
    public void siluGate(FloatArray y, FloatArray gate, FloatArray up, int size) {
        TrainingActivations.siluGate(y, gate, up, size);
    }

    @Override
    public void siluGateBackward(
            FloatArray dGate, FloatArray dUp, FloatArray dy, FloatArray gate, FloatArray up, int size) {
        TrainingActivations.siluGateBackward(dGate, dUp, dy, gate, up, size);
    }

    @Override
    public void crossEntropy(
            DoubleArray losses, FloatArray logits, IntArray targets, int first, int rows, int n, float weight) {
        TrainingLosses.crossEntropy(losses, logits, targets, first, rows, n, weight);
    }

    @Override
    public void softCrossEntropy(
            DoubleArray losses,
            IntArray ranks,
            FloatArray logits,
            FloatArray wanted,
            IntArray targets,
            int first,
            int rows,
            int n,
            float weight) {
        TrainingLosses.softCrossEntropy(losses, ranks, logits, wanted, targets, first, rows, n, weight);
    }
}
