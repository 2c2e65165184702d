package dev.squall.kernels;

/**
 * The order of additions in every dot product: sixteen logical lanes, on every machine.
 *
 * <p>Element i is added to lane i mod 16, in ascending order; then the lanes are added in one written tree, neighbours
 * eight apart first. So the value does not depend on the width of the machine's vectors, on the number of rows that are
 * computed together, or on the compiler. The {@code simd} set adds with one rounding (fused multiply-add), the
 * {@code reference} set, which TornadoVM has to compile, writes {@code a * b + c}; within a set the bits are always the
 * same, between the sets they agree to rounding.
 */
public final class Lanes {
    public static final int COUNT = 16;

    private Lanes() {}

    /** The sum of sixteen lanes, which start at an offset. */
    public static float sum(float[] lanes, int at) {
        float t0 = lanes[at] + lanes[at + 8];
        float t1 = lanes[at + 1] + lanes[at + 9];
        float t2 = lanes[at + 2] + lanes[at + 10];
        float t3 = lanes[at + 3] + lanes[at + 11];
        float t4 = lanes[at + 4] + lanes[at + 12];
        float t5 = lanes[at + 5] + lanes[at + 13];
        float t6 = lanes[at + 6] + lanes[at + 14];
        float t7 = lanes[at + 7] + lanes[at + 15];
        return sumOfEight(t0, t1, t2, t3, t4, t5, t6, t7);
    }

    /** The lower part of the tree: eight partial sums, each of two lanes. */
    public static float sumOfEight(float t0, float t1, float t2, float t3, float t4, float t5, float t6, float t7) {
        return ((t0 + t4) + (t2 + t6)) + ((t1 + t5) + (t3 + t7));
    }

    /** The number that the bits of a binary16 stand for; by arithmetic, for devices without such numbers; finite only. */
    public static float half(int bits) {
        int exponent = (bits >> 10) & 31;
        int normal = (exponent + 31) >> 5;
        int mantissa = (bits & 0x3FF) + (normal << 10);
        return (float) mantissa
                * (float) (1 << (exponent + 1 - normal))
                * 2.9802322E-8f
                * (1f - (float) ((bits >> 14) & 2));
    }

    /** As {@link #half}, but infinities, and what is not a number, are infinite; without a branch. */
    public static float halfOrInfinity(int bits) {
        int exponent = (bits >> 10) & 31;
        int normal = (exponent + 31) >> 5;
        int infinite = (exponent + 1) >> 5;
        int mantissa = (bits & 0x3FF) + (normal << 10);
        return (float) mantissa
                * (float) (1 << (exponent + 1 - normal - infinite))
                * 2.9802322E-8f
                * (1f + (float) infinite * Float.MAX_VALUE)
                * (1f - (float) ((bits >> 14) & 2));
    }

    /**
     * The bits of the binary16 that is nearest to a number, of two the even one; by arithmetic, for devices that know neither
     * such numbers nor the bits of others. Infinite from 65520 on.
     */
    public static int halfBits(float x) {
        float size = Math.min(Math.abs(x), 131072f);
        float unit = 5.9604645E-8f; // 2^-24, between neighbours; it doubles for every power of two above 2^-14
        int exponent = 0;
        for (int step = 16; step > 0; step >>= 1) {
            float power = (float) (1 << step);
            boolean above = size >= unit * 1024f * power;
            exponent = above ? exponent + step : exponent;
            unit = above ? unit * power : unit;
        }
        float units = size / unit; // exact
        int below = (int) Math.max(0f, Math.min(4096f, units));
        float rest = units - (float) below;
        int up = rest > 0.5f ? 1 : 0;
        up = rest == 0.5f ? below & 1 : up;
        int bits = Math.min(exponent * 1024 + below + up, 31744);
        bits = x != x ? 32256 : bits;
        boolean negative = x < 0f;
        negative = x == 0f ? 1f / x < 0f : negative;
        return negative ? bits - 32768 : bits;
    }

    /**
     * The value of a bfloat16 number, by arithmetic alone: exact but for infinities and NaN.
     *
     * @param bits the number's 16 bits, with or without sign extension
     */
    public static float bfloat16(int bits) {
        int exponent = (bits >> 7) & 255;
        int normal = (exponent + 255) >> 8;
        int mantissa = (bits & 127) + (normal << 7);
        int power = exponent + 1 - normal; // the value is mantissa / 128 * 2^(power - 127)
        float scaled = (float) mantissa * 0.0078125f * (float) (1 << (power & 15));
        scaled = scaled * (((power >> 4) & 1) == 1 ? 65536f : 1f);
        scaled = scaled * (((power >> 5) & 1) == 1 ? 4294967296f : 1f);
        scaled = scaled * (((power >> 6) & 1) == 1 ? 1.8446744E19f : 1f); // 2^64
        scaled = scaled * (power > 127 ? 2f : 5.421011E-20f); // 2^-64
        scaled = scaled * (power > 127 ? 1f : 1.0842022E-19f); // 2^-63
        float sign = 1f - (float) ((bits >> 14) & 2);
        return scaled * sign;
    }
}
