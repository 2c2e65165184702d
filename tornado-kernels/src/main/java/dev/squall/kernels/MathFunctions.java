package dev.squall.kernels;

/**
 * Elementary functions of 32-bit numbers, by the four operations alone.
 *
 * <p>They exist because a library's or a compiler's own exp or sin may round differently from one machine, or from one
 * stage of the JIT compiler, to the next, and then a row's numbers would not be reproducible. They are written in the
 * part of Java that TornadoVM compiles. Polynomials: S. L. Moshier, Cephes mathematical library, single precision.
 */
public final class MathFunctions {
    private static final float LOG2_E = 1.44269504f;
    private static final float LN2_HIGH = 0.693359375f; // nine bits: times an exponent it is exact
    private static final float LN2_LOW = -2.12194440e-4f;
    private static final long TURN_HIGH = 341782637L; // 2^31 / 2 pi, its integer part
    private static final long TURN_LOW = 1692680530L; // and its next 31 bits
    private static final long FRACTION = (1L << 41) - 1L;
    private static final float TURN_TO_RADIANS = 2.8572619e-12f; // 2 pi / 2^41

    private static final float MOST_ANGLE = 2147483520f; // the last float below 2^31

    private MathFunctions() {}

    /** e to the x, within 2 units in the last place; 0 below −104, infinite above 88.73. */
    public static float exp(float x) {
        float bounded = Math.max(-110f, Math.min(90f, x));
        float scaled = bounded * LOG2_E;
        int n = (int) Math.max(-160f, Math.min(131f, scaled + (scaled < 0f ? -0.5f : 0.5f)));
        float r = (bounded - (float) n * LN2_HIGH) - (float) n * LN2_LOW;
        float p = 1.9875691500e-4f;
        p = p * r + 1.3981999507e-3f;
        p = p * r + 8.3334519073e-3f;
        p = p * r + 4.1665795894e-2f;
        p = p * r + 1.6666665459e-1f;
        p = p * r + 5.0000001201e-1f;
        p = p * (r * r) + r + 1f;
        // Three steps, so that only the last one can leave the normal numbers.
        int first = n / 3;
        int second = (n - first) / 2;
        return p * powerOfTwo(first) * powerOfTwo(second) * powerOfTwo(n - first - second);
    }

    /** 2 to the n, for −62 ≤ n ≤ 62. */
    private static float powerOfTwo(int n) {
        return (float) (1L << Math.max(n, 0)) / (float) (1L << Math.max(-n, 0));
    }

    /** The natural logarithm of a positive finite number, within 2 units in the last place or 1e-7. */
    public static float log(float x) {
        float m = x;
        float e = 0f;
        for (int i = 0; i < 3; i++) {
            boolean small = m < 1f;
            e = small ? e - 64f : e;
            m = small ? m * 1.8446744073709552e19f : m;
        }
        for (int shift = 6; shift >= 0; shift--) {
            long exponent = 1L << shift;
            float half = (float) (1L << (exponent >> 1));
            float power = shift == 0 ? 2f : half * half;
            boolean large = m >= power;
            e = large ? e + (float) exponent : e;
            m = large ? m / power : m;
        }
        boolean upper = m > 1.41421356f;
        e = upper ? e + 1f : e;
        float z = (upper ? m * 0.5f : m) - 1f;
        float p = 7.0376836292e-2f;
        p = p * z - 1.1514610310e-1f;
        p = p * z + 1.1676998740e-1f;
        p = p * z - 1.2420140846e-1f;
        p = p * z + 1.4249322787e-1f;
        p = p * z - 1.6668057665e-1f;
        p = p * z + 2.0000714765e-1f;
        p = p * z - 2.4999993993e-1f;
        p = p * z + 3.3333331174e-1f;
        float square = z * z;
        float tail = p * z * square + e * LN2_LOW - 0.5f * square;
        return z + tail + e * LN2_HIGH;
    }

    /** The sine of an angle in radians, |x| below 2^31; absolute error below 3e-7 for the float that x is. */
    public static float sin(float x) {
        return sine(Math.abs(x), 0) * (x < 0f ? -1f : 1f);
    }

    /** The cosine of an angle in radians, |x| below 2^31; absolute error below 3e-7 for the float that x is. */
    public static float cos(float x) {
        return sine(Math.abs(x), 1);
    }

    /**
     * The sine of a non-negative angle plus some quarter turns.
     *
     * <p>The integer part of the angle is taken to turns in integers of 62 bits, so that the reduction costs no
     * accuracy however far a position lies; the fraction is added to what is left of the turn.
     */
    private static float sine(float x, int quarterTurns) {
        int whole = (int) Math.min(x, MOST_ANGLE);
        float fraction = x - (float) whole;
        long high = ((long) whole * TURN_HIGH) & 0x7FFFFFFFL;
        long turn = ((high << 10) + (((long) whole * TURN_LOW) >> 21)) & FRACTION; // of 2^41
        long quarter = (turn + (1L << 38)) >> 39;
        float angle = (float) (turn - (quarter << 39)) * TURN_TO_RADIANS + fraction; // from -0.79 to 1.79
        int more = (int) Math.max(0f, Math.min(2f, angle * 0.63661977f + 0.5f));
        float r = (angle - (float) more * 1.5703125f) - (float) more * 4.8382679e-4f;
        int phase = ((int) quarter + more + quarterTurns) & 3;
        float z = r * r;
        float sine = ((-1.9515295891e-4f * z + 8.3321608736e-3f) * z - 1.6666654611e-1f) * z * r + r;
        float cosine = ((2.443315711809948e-5f * z - 1.388731625493765e-3f) * z + 4.166664568298827e-2f) * z * z
                - 0.5f * z
                + 1f;
        float value = (phase & 1) == 0 ? sine : cosine;
        return (phase & 2) == 0 ? value : -value;
    }

    /** The error function, absolute error below 5e-7. Tail: Abramowitz and Stegun, Handbook, 7.1.26. */
    public static float erf(float x) {
        float a = Math.abs(x);
        float near = Math.min(a, 1f);
        float z = near * near;
        float p = 7.853861353153693e-5f;
        p = p * z - 8.010193625184903e-4f;
        p = p * z + 5.188327685732524e-3f;
        p = p * z - 2.685381193529856e-2f;
        p = p * z + 1.128358514861418e-1f;
        p = p * z - 3.761262582423300e-1f;
        p = p * z + 1.128379165726710f;
        float t = 1f / (1f + 0.3275911f * a);
        float q = 1.061405429f;
        q = q * t - 1.453152027f;
        q = q * t + 1.421413741f;
        q = q * t - 0.284496736f;
        q = q * t + 0.254829592f;
        float value = a < 1f ? near * p : 1f - q * t * exp(-a * a);
        return x < 0f ? -value : value;
    }
}
