package dev.squall.kernels.reference;

import dev.squall.kernels.MathFunctions;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Rotary position embedding: Su et al., RoFormer, 2021. Pair i of a head turns by position · frequencies[i].
 *
 * <p>Which elements make a pair is the checkpoint's choice: {@link #adjacent} or {@link #halves}.
 */
public final class Rotary {
    private Rotary() {}

    /**
     * Cosines and sines of this step, once for all layers.
     *
     * @param step counts of this step; step[0] rows are live
     * @param position [rows]
     * @param frequencies [rotaryDim / 2], radians a position
     * @param cosSin [rows, rotaryDim]: first the cosines, then the sines
     * @param magnitude factor of both, 1 unless the model's scaling asks for another
     */
    public static void angles(
            IntArray step,
            IntArray position,
            FloatArray frequencies,
            FloatArray cosSin,
            int rotaryDim,
            float magnitude) {
        for (@Parallel int row = 0; row < position.getSize(); row++) {
            if (row < step.get(0)) {
                int pairs = rotaryDim / 2;
                for (int i = 0; i < pairs; i++) {
                    float angle = (float) position.get(row) * frequencies.get(i);
                    cosSin.set(row * rotaryDim + i, MathFunctions.cos(angle) * magnitude);
                    cosSin.set(row * rotaryDim + pairs + i, MathFunctions.sin(angle) * magnitude);
                }
            }
        }
    }

    /**
     * Turns the pairs (2i, 2i + 1) of the first rotaryDim elements of every head.
     *
     * @param step counts of this step; step[0] rows are live
     * @param cosSin [rows, rotaryDim] of {@link #angles}
     * @param x [rows, heads, headDim], in place
     */
    public static void adjacent(IntArray step, FloatArray cosSin, FloatArray x, int heads, int headDim, int rotaryDim) {
        for (@Parallel int head = 0; head < x.getSize() / headDim; head++) {
            if (head / heads < step.get(0)) {
                int pairs = rotaryDim / 2;
                int angles = head / heads * rotaryDim;
                for (int i = 0; i < pairs; i++) {
                    turn(cosSin, angles + i, pairs, x, head * headDim + 2 * i, 1);
                }
            }
        }
    }

    /** Turns the pairs (i, i + rotaryDim / 2); otherwise as {@link #adjacent}. */
    public static void halves(IntArray step, FloatArray cosSin, FloatArray x, int heads, int headDim, int rotaryDim) {
        for (@Parallel int head = 0; head < x.getSize() / headDim; head++) {
            if (head / heads < step.get(0)) {
                int pairs = rotaryDim / 2;
                int angles = head / heads * rotaryDim;
                for (int i = 0; i < pairs; i++) {
                    turn(cosSin, angles + i, pairs, x, head * headDim + i, pairs);
                }
            }
        }
    }

    private static void turn(FloatArray cosSin, int angle, int pairs, FloatArray x, int at, int distance) {
        float cos = cosSin.get(angle);
        float sin = cosSin.get(angle + pairs);
        float a = x.get(at);
        float b = x.get(at + distance);
        x.set(at, a * cos - b * sin);
        x.set(at + distance, a * sin + b * cos);
    }
}
