package dev.squall.kernels.gradient;

import dev.squall.kernels.Workers;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * Dropout (Srivastava et al. 2014) by counters: whether an element stays is a hash of a key and of its index, so nothing is
 * stored, and neither order nor threads matter.
 */
public final class Dropout {
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private Dropout() {}

    /** The key of one operation in one step of a run. */
    public static long key(long seed, long step, int operation) {
        return mix(mix(seed + GOLDEN * step) + GOLDEN * operation);
    }

    /** The factor of an element: 0 with the given probability, else 1 / (1 − probability). */
    public static float factor(long key, long index, float probability) {
        float uniform = (mix(key + GOLDEN * index) >>> 40) * 0x1p-24f;
        return uniform < probability ? 0f : 1f / (1f - probability);
    }

    /** A number from [−amplitude, amplitude), uniform. */
    public static float noise(long key, long index, float amplitude) {
        return ((mix(key + GOLDEN * index) >>> 40) * 0x1p-23f - 1f) * amplitude;
    }

    /** out += factor ⊙ x, elements [0, size): forward with out zeroed, and backward. */
    public static void add(FloatArray out, FloatArray x, int size, long key, float probability) {
        Workers.shared().parallelFor(size, 4096, (from, to) -> {
            for (int i = from; i < to; i++) {
                out.set(i, out.get(i) + x.get(i) * factor(key, i, probability));
            }
        });
    }

    /** The finaliser of SplitMix64, Steele et al. 2014. */
    private static long mix(long x) {
        long y = (x ^ (x >>> 30)) * 0xBF58476D1CE4E5B9L;
        long z = (y ^ (y >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
