package dev.squall.kernels.simd;

import dev.squall.kernels.Workers;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Kernels that treat every element by itself; see {@link dev.squall.kernels.reference.Elementwise}. */
public final class Elementwise {
    /** Elements that a thread takes at once. */
    private static final int SPAN = 256;
    /** Spans that are worth a thread. */
    private static final int WORTH_A_THREAD = 64;

    private Elementwise() {}

    /** See {@link dev.squall.kernels.reference.Elementwise#addBias}. */
    public static void addBias(IntArray step, FloatArray x, FloatArray bias, int count, int n) {
        MemorySegment xs = x.getSegment();
        MemorySegment biases = bias.getSegment();
        Workers.shared().parallelFor(step.get(count), WORTH_A_THREAD * SPAN / n, (from, to) -> {
            for (int row = from; row < to; row++) {
                int at = row * n;
                int i = 0;
                for (; i + 8 <= n; i += 8) {
                    Vectors.store(Vectors.load(xs, at + i).add(Vectors.load(biases, i)), xs, at + i);
                }
                for (; i < n; i++) {
                    x.set(at + i, x.get(at + i) + bias.get(i));
                }
            }
        });
    }

    /** See {@link dev.squall.kernels.reference.Elementwise#residual}. */
    public static void residual(IntArray step, FloatArray x, FloatArray y, int n, float scale) {
        MemorySegment xs = x.getSegment();
        MemorySegment ys = y.getSegment();
        forSpans(step.get(0) * n, (from, to) -> {
            FloatVector factor = FloatVector.broadcast(Vectors.EIGHT, scale);
            int i = from;
            for (; i + 8 <= to; i += 8) {
                Vectors.store(Vectors.load(ys, i).fma(factor, Vectors.load(xs, i)), xs, i);
            }
            for (; i < to; i++) {
                x.set(i, Math.fma(y.get(i), scale, x.get(i)));
            }
        });
    }

    /** See {@link dev.squall.kernels.reference.Elementwise#siluGate}. */
    public static void siluGate(IntArray step, FloatArray gate, FloatArray up, int n) {
        MemorySegment gates = gate.getSegment();
        MemorySegment ups = up.getSegment();
        forSpans(step.get(0) * n, (from, to) -> {
            float[] exps = new float[SPAN];
            for (int at = from; at < to; at += SPAN) {
                siluGate(gate, gates, up, ups, at, Math.min(SPAN, to - at), exps);
            }
        });
    }

    private static void siluGate(
            FloatArray gate, MemorySegment gates, FloatArray up, MemorySegment ups, int at, int length, float[] exps) {
        int i = 0;
        for (; i + 8 <= length; i += 8) {
            Vectors.load(gates, at + i).neg().intoArray(exps, i);
        }
        for (; i < length; i++) {
            exps[i] = -gate.get(at + i);
        }
        Vectors.exp(exps, 0, length, 0f);
        for (i = 0; i + 8 <= length; i += 8) {
            FloatVector below = FloatVector.fromArray(Vectors.EIGHT, exps, i).add(1f);
            FloatVector silu = Vectors.load(gates, at + i).div(below);
            Vectors.store(silu.mul(Vectors.load(ups, at + i)), gates, at + i);
        }
        for (; i < length; i++) {
            gate.set(at + i, gate.get(at + i) / (exps[i] + 1f) * up.get(at + i));
        }
    }

    /** See {@link dev.squall.kernels.reference.Elementwise#gelu}. */
    public static void gelu(IntArray step, FloatArray x, int count, int n) {
        TrainingActivations.gelu(x, x, step.get(count) * n);
    }

    /** See {@link dev.squall.kernels.reference.Elementwise#gather}. */
    public static void gather(IntArray step, IntArray index, FloatArray x, FloatArray out, int count, int n) {
        MemorySegment xs = x.getSegment();
        MemorySegment outs = out.getSegment();
        Workers.shared().parallelFor(step.get(count), WORTH_A_THREAD * SPAN / n, (from, to) -> {
            for (int row = from; row < to; row++) {
                MemorySegment.copy(xs, 4L * index.get(row) * n, outs, 4L * row * n, 4L * n);
            }
        });
    }

    /** See {@link dev.squall.kernels.reference.Elementwise#scale}. */
    public static void scale(IntArray step, FloatArray x, int count, int n, float factor) {
        MemorySegment xs = x.getSegment();
        forSpans(step.get(count) * n, (from, to) -> {
            int i = from;
            for (; i + 8 <= to; i += 8) {
                Vectors.store(Vectors.load(xs, i).mul(factor), xs, i);
            }
            for (; i < to; i++) {
                x.set(i, x.get(i) * factor);
            }
        });
    }

    /** Runs a body over [0, elements), in parallel where that is worth it. */
    private static void forSpans(int elements, Workers.Range body) {
        int spans = (elements + SPAN - 1) / SPAN;
        Workers.shared()
                .parallelFor(spans, WORTH_A_THREAD, (from, to) -> body.run(from * SPAN, Math.min(to * SPAN, elements)));
    }
}
