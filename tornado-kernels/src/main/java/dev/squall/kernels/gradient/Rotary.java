package dev.squall.kernels.gradient;

import dev.squall.kernels.Workers;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** Rotary position embedding (Su et al. 2021) in place. A rotation's gradient is the rotation back. */
public final class Rotary {
    private Rotary() {}

    /**
     * Turns pair i of every head of row r by {@code (r mod length) * frequencies[i]}.
     *
     * @param x [rows, heads * headDim]
     * @param adjacent whether elements 2i and 2i + 1 are pair i, else i and i + n / 2 of the n that turn
     * @param frequencies [n / 2]
     * @param magnitude factor on what turns
     * @param direction 1 forward, −1 for the gradient
     */
    public static void rotate(
            FloatArray x,
            int rows,
            int length,
            int heads,
            int headDim,
            boolean adjacent,
            float[] frequencies,
            float magnitude,
            int direction) {
        int pairs = frequencies.length;
        Workers.shared().parallelFor(rows, 16, (from, to) -> {
            for (int row = from; row < to; row++) {
                for (int i = 0; i < pairs; i++) {
                    double angle = (double) (row % length) * frequencies[i];
                    float cos = (float) Math.cos(angle) * magnitude;
                    float sin = (float) Math.sin(angle) * magnitude * direction;
                    int first = adjacent ? 2 * i : i;
                    int second = adjacent ? 2 * i + 1 : i + pairs;
                    for (int head = 0; head < heads; head++) {
                        int at = (row * heads + head) * headDim;
                        float a = x.get(at + first);
                        float b = x.get(at + second);
                        x.set(at + first, a * cos - b * sin);
                        x.set(at + second, a * sin + b * cos);
                    }
                }
            }
        });
    }
}
