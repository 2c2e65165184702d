package dev.squall.kernels.simd;

import static dev.squall.kernels.simd.Memory.ALL;

import dev.squall.kernels.Workers;
import dev.squall.kernels.gradient.Activations;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** {@link Activations} by pieces on the heap, most of whose plain loops the compiler turns into vectors. */
public final class TrainingActivations {
    private static final int PIECE = 1024; // elements, a multiple of a vector's
    private static final FloatVector ONE = FloatVector.broadcast(Vectors.WIDE, 1f);
    private static final float SCALE = 0.3275911f * (float) Math.sqrt(0.5);

    private TrainingActivations() {}

    /** Arrays of one thread, a piece each. */
    private record Piece(float[] x, float[] y, float[] dy, float[] s, float[] t) {
        Piece() {
            this(new float[PIECE], new float[PIECE], new float[PIECE], new float[PIECE], new float[PIECE]);
        }
    }

    private interface Work {
        /** Elements [at, at + n). */
        void piece(Piece piece, int at, int n);
    }

    private static void run(int size, Work work, FloatArray... arrays) {
        for (FloatArray array : arrays) {
            if (array.getSize() < size) {
                throw new IndexOutOfBoundsException(
                        "activation: found an array of " + array.getSize() + ", expected at least " + size);
            }
        }
        int pieces = (size + PIECE - 1) / PIECE;
        Workers.shared().parallelFor(pieces, 4, (from, to) -> {
            Piece piece = new Piece();
            for (int i = from; i < to; i++) {
                work.piece(piece, i * PIECE, Math.min(PIECE, size - i * PIECE));
            }
        });
        for (FloatArray array : arrays) {
            Reference.reachabilityFence(array);
        }
    }

    private static void read(float[] to, FloatArray from, int at, int n) {
        MemorySegment.copy(ALL, Memory.FLOAT, from.getSegment().address() + 4L * at, to, 0, n);
    }

    private static void write(FloatArray to, float[] from, int at, int n) {
        MemorySegment.copy(from, 0, ALL, Memory.FLOAT, to.getSegment().address() + 4L * at, n);
    }

    /** y = silu(gate) ⊙ up. */
    public static void siluGate(FloatArray y, FloatArray gate, FloatArray up, int size) {
        run(
                size,
                (p, at, n) -> {
                    read(p.x, gate, at, n);
                    read(p.y, up, at, n);
                    sigmoid(p.s, p.x, n);
                    for (int i = 0; i < n; i++) {
                        p.y[i] *= p.x[i] * p.s[i];
                    }
                    write(y, p.y, at, n);
                },
                y,
                gate,
                up);
    }

    /** The gradients of {@link #siluGate}, added to dGate and dUp. */
    public static void siluGateBackward(
            FloatArray dGate, FloatArray dUp, FloatArray dy, FloatArray gate, FloatArray up, int size) {
        run(
                size,
                (p, at, n) -> {
                    read(p.x, gate, at, n);
                    read(p.dy, dy, at, n);
                    sigmoid(p.s, p.x, n);
                    read(p.t, dUp, at, n);
                    for (int i = 0; i < n; i++) {
                        p.t[i] += p.dy[i] * p.x[i] * p.s[i];
                    }
                    write(dUp, p.t, at, n);
                    read(p.y, up, at, n);
                    read(p.t, dGate, at, n);
                    for (int i = 0; i < n; i++) {
                        float s = p.s[i];
                        p.t[i] += p.dy[i] * p.y[i] * s * (1f + p.x[i] * (1f - s));
                    }
                    write(dGate, p.t, at, n);
                },
                dGate,
                dUp,
                dy,
                gate,
                up);
    }

    /** y = x Φ(x). */
    public static void gelu(FloatArray y, FloatArray x, int size) {
        run(
                size,
                (p, at, n) -> {
                    read(p.x, x, at, n);
                    normal(p, n);
                    for (int i = 0; i < n; i++) {
                        p.x[i] *= p.s[i];
                    }
                    write(y, p.x, at, n);
                },
                y,
                x);
    }

    /** dx += dy ⊙ (Φ(x) + x φ(x)). */
    public static void geluBackward(FloatArray dx, FloatArray dy, FloatArray x, int size) {
        float density = (float) (1 / Math.sqrt(2 * Math.PI));
        run(
                size,
                (p, at, n) -> {
                    read(p.x, x, at, n);
                    read(p.dy, dy, at, n);
                    normal(p, n);
                    read(p.y, dx, at, n);
                    for (int i = 0; i < n; i++) {
                        p.y[i] += p.dy[i] * (p.s[i] + p.x[i] * p.t[i] * density);
                    }
                    write(dx, p.y, at, n);
                },
                dx,
                dy,
                x);
    }

    private static void sigmoid(float[] s, float[] x, int n) {
        for (int i = 0; i < n; i++) {
            s[i] = -x[i];
        }
        Vectors.exp(s, 0, n, 0f);
        for (int i = 0; i < n; i++) {
            s[i] = 1f / (1f + s[i]);
        }
    }

    /** s = Φ(x) and t = exp(−x²/2); Φ by Abramowitz and Stegun 7.1.26. */
    private static void normal(Piece p, int n) {
        float[] t = p.t;
        for (int i = 0; i < n; i++) {
            t[i] = -0.5f * p.x[i] * p.x[i];
        }
        Vectors.exp(t, 0, n, 0f);
        for (int i = 0; i < n; i += Vectors.W) { // by hand: the compiler leaves a loop with a choice in it as it is
            FloatVector x = FloatVector.fromArray(Vectors.WIDE, p.x, i);
            FloatVector u = ONE.div(x.abs().mul(SCALE).add(1f));
            FloatVector q = u.mul(1.061405429f).add(-1.453152027f);
            q = u.mul(q).add(1.421413741f);
            q = u.mul(q).add(-0.284496736f);
            q = u.mul(q).add(0.254829592f);
            FloatVector tail = u.mul(q).mul(0.5f).mul(FloatVector.fromArray(Vectors.WIDE, t, i));
            ONE.sub(tail).blend(tail, x.compare(VectorOperators.LT, 0f)).intoArray(p.s, i);
        }
    }
}
