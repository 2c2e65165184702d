package dev.squall.kernels;

import dev.squall.kernels.simd.MultiplyAdds;

/**
 * How many multiply-adds of 32 bits this machine does on all cores when nothing else holds it up: the bound for products that
 * read little. Vectors as wide as the machine's, where their module is present; else one number at a time.
 */
public final class MultiplyAddPeak {
    private static final int PASSES = 20;
    private static final int ROUNDS = 200_000;

    private MultiplyAddPeak() {}

    /** Multiply-adds a second: the best of twenty passes of some milliseconds. */
    public static double measure() {
        boolean vectors = KernelSet.best().name().equals("simd");
        Workers workers = Workers.shared();
        float[] sums = new float[workers.threads()];
        double best = 0;
        for (int pass = 0; pass <= PASSES; pass++) { // the first one compiles
            long start = System.nanoTime();
            workers.parallelFor(sums.length, 1, (from, to) -> {
                for (int part = from; part < to; part++) {
                    sums[part] = vectors ? MultiplyAdds.run(ROUNDS) : run(ROUNDS);
                }
            });
            double count = (double) sums.length * ROUNDS * (vectors ? MultiplyAdds.A_ROUND : 8);
            best = Math.max(best, count / ((System.nanoTime() - start) / 1e9));
        }
        for (float sum : sums) {
            if (!(sum > 0f)) {
                throw new IllegalStateException("a sum of multiply-adds came out wrong");
            }
        }
        return best;
    }

    private static float run(int rounds) {
        float a = 0f;
        float b = 0f;
        float c = 0f;
        float d = 0f;
        float e = 0f;
        float f = 0f;
        float g = 0f;
        float h = 0f;
        for (int i = 0; i < rounds; i++) {
            a = Math.fma(a, 0.5f, 1f);
            b = Math.fma(b, 0.5f, 1f);
            c = Math.fma(c, 0.5f, 1f);
            d = Math.fma(d, 0.5f, 1f);
            e = Math.fma(e, 0.5f, 1f);
            f = Math.fma(f, 0.5f, 1f);
            g = Math.fma(g, 0.5f, 1f);
            h = Math.fma(h, 0.5f, 1f);
        }
        return a + b + c + d + e + f + g + h;
    }
}
