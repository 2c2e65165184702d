package dev.squall.kernels.simd;

import dev.squall.kernels.MathFunctions;
import dev.squall.kernels.Workers;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Rotary position embedding; see {@link dev.squall.kernels.reference.Rotary}. */
public final class Rotary {
    /** Elements that are worth a thread. */
    private static final int WORTH_A_THREAD = 16_384;

    private static final VectorShuffle<Float> SWAP = VectorShuffle.fromValues(Vectors.EIGHT, 1, 0, 3, 2, 5, 4, 7, 6);
    private static final VectorShuffle<Float> FIRST = VectorShuffle.fromValues(Vectors.EIGHT, 0, 0, 1, 1, 2, 2, 3, 3);
    private static final VectorShuffle<Float> LAST = VectorShuffle.fromValues(Vectors.EIGHT, 4, 4, 5, 5, 6, 6, 7, 7);
    private static final FloatVector SIGN =
            FloatVector.fromArray(Vectors.EIGHT, new float[] {-1f, 1f, -1f, 1f, -1f, 1f, -1f, 1f}, 0);

    private Rotary() {}

    /** See {@link dev.squall.kernels.reference.Rotary#angles}. */
    public static void angles(
            IntArray step,
            IntArray position,
            FloatArray frequencies,
            FloatArray cosSin,
            int rotaryDim,
            float magnitude) {
        int pairs = rotaryDim / 2;
        Workers.shared().parallelFor(step.get(0), Math.max(1, 1024 / pairs), (from, to) -> {
            for (int row = from; row < to; row++) {
                for (int i = 0; i < pairs; i++) {
                    float angle = (float) position.get(row) * frequencies.get(i);
                    cosSin.set(row * rotaryDim + i, MathFunctions.cos(angle) * magnitude);
                    cosSin.set(row * rotaryDim + pairs + i, MathFunctions.sin(angle) * magnitude);
                }
            }
        });
    }

    /** See {@link dev.squall.kernels.reference.Rotary#adjacent}. */
    public static void adjacent(IntArray step, FloatArray cosSin, FloatArray x, int heads, int headDim, int rotaryDim) {
        MemorySegment turns = cosSin.getSegment();
        MemorySegment elements = x.getSegment();
        int pairs = rotaryDim / 2;
        Workers.shared().parallelFor(step.get(0) * heads, WORTH_A_THREAD / headDim, (from, to) -> {
            for (int head = from; head < to; head++) {
                int angle = head / heads * rotaryDim;
                int at = head * headDim;
                int i = 0;
                for (; i + 8 <= pairs; i += 8) {
                    FloatVector cos = Vectors.load(turns, angle + i);
                    FloatVector sin = Vectors.load(turns, angle + pairs + i);
                    turn(elements, at + 2 * i, cos.rearrange(FIRST), sin.rearrange(FIRST));
                    turn(elements, at + 2 * i + 8, cos.rearrange(LAST), sin.rearrange(LAST));
                }
                for (; i < pairs; i++) {
                    turn(cosSin, angle + i, pairs, x, at + 2 * i, 1);
                }
            }
        });
    }

    /** See {@link dev.squall.kernels.reference.Rotary#halves}. */
    public static void halves(IntArray step, FloatArray cosSin, FloatArray x, int heads, int headDim, int rotaryDim) {
        MemorySegment turns = cosSin.getSegment();
        MemorySegment elements = x.getSegment();
        int pairs = rotaryDim / 2;
        Workers.shared().parallelFor(step.get(0) * heads, WORTH_A_THREAD / headDim, (from, to) -> {
            for (int head = from; head < to; head++) {
                int angle = head / heads * rotaryDim;
                int at = head * headDim;
                int i = 0;
                for (; i + 8 <= pairs; i += 8) {
                    FloatVector cos = Vectors.load(turns, angle + i);
                    FloatVector sin = Vectors.load(turns, angle + pairs + i);
                    FloatVector a = Vectors.load(elements, at + i);
                    FloatVector b = Vectors.load(elements, at + pairs + i);
                    Vectors.store(a.fma(cos, b.mul(sin).neg()), elements, at + i);
                    Vectors.store(b.fma(cos, a.mul(sin)), elements, at + pairs + i);
                }
                for (; i < pairs; i++) {
                    turn(cosSin, angle + i, pairs, x, at + i, pairs);
                }
            }
        });
    }

    /** Turns four adjacent pairs. */
    private static void turn(MemorySegment elements, int at, FloatVector cos, FloatVector sin) {
        FloatVector pairs = Vectors.load(elements, at);
        FloatVector other = pairs.rearrange(SWAP).mul(sin.mul(SIGN));
        Vectors.store(pairs.fma(cos, other), elements, at);
    }

    private static void turn(FloatArray cosSin, int angle, int pairs, FloatArray x, int at, int distance) {
        float cos = cosSin.get(angle);
        float sin = cosSin.get(angle + pairs);
        float a = x.get(at);
        float b = x.get(at + distance);
        x.set(at, Math.fma(a, cos, -(b * sin)));
        x.set(at + distance, Math.fma(b, cos, a * sin));
    }
}
