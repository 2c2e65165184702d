package dev.squall.decoding;

/**
 * Random numbers without a state: the number of a token depends on the seed and the token's position alone, so it is the
 * same however the token came about, alone, in a batch, or as a node of a draft tree.
 */
final class RandomNumbers {
    /** 2^64 over the golden ratio, odd. */
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private RandomNumbers() {}

    /** A number in [0, 1), one of 2^53. */
    static double uniform(long seed, long position) {
        return (mix(mix(seed + GOLDEN) + position * GOLDEN) >>> 11) * 0x1p-53;
    }

    /** The finaliser of SplitMix64 (Steele, Lea and Flood 2014). */
    private static long mix(long z) {
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
