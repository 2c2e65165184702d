package dev.squall.kernels.gradient;

import dev.squall.kernels.GradientKernels;
import uk.ac.manchester.tornado.api.types.arrays.DoubleArray;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** The kernels of training as plain loops: what runs where the vector module is missing. */
public final class PlainGradients implements GradientKernels {
    @Override
    public String name() {
        return "reference";
    }

    @Override
    public void timesTransposed(
            FloatArray c, int cAt, FloatArray a, int aAt, FloatArray b, int m, int n, int k, boolean add) {
        Products.timesTransposed(c, cAt, a, aAt, b, m, n, k, add);
    }

    @Override
    public void times(FloatArray c, int cAt, FloatArray a, int aAt, FloatArray b, int m, int n, int k, boolean add) {
        Products.times(c, cAt, a, aAt, b, m, n, k, add);
    }

    @Override
    public void addTransposedTimes(FloatArray c, FloatArray a, int aAt, FloatArray b, int bAt, int m, int n, int k) {
        Products.addTransposedTimes(c, a, aAt, b, bAt, m, n, k);
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
        shape.forward(out, weights, q, k, v, lengths);
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
        shape.backward(dq, dk, dv, dOut, weights, q, k, v, lengths);
    }

    @Override
    public void gelu(FloatArray y, FloatArray x, int size) {
        Activations.gelu(y, x, size);
    }

    @Override
    public void geluBackward(FloatArray dx, FloatArray dy, FloatArray x, int size) {
        Activations.geluBackward(dx, dy, x, size);
    }

    @Override
    public void siluGate(FloatArray y, FloatArray gate, FloatArray up, int size) {
        Activations.siluGate(y, gate, up, size);
    }

    @Override
    public void siluGateBackward(
            FloatArray dGate, FloatArray dUp, FloatArray dy, FloatArray gate, FloatArray up, int size) {
        Activations.siluGateBackward(dGate, dUp, dy, gate, up, size);
    }

    @Override
    public void crossEntropy(
            DoubleArray losses, FloatArray logits, IntArray targets, int first, int rows, int n, float weight) {
        Losses.crossEntropy(losses, logits, targets, first, rows, n, weight);
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
        Losses.softCrossEntropy(losses, ranks, logits, wanted, targets, first, rows, n, weight);
    }
}
