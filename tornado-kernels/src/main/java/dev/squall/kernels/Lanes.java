package dev.squall.kernels;

/**
 * The one order in which a sum is made, on every machine and for any number of rows.
 *
 * <p>A sum has 16 lanes. Element i is added to lane {@code i % 16}, in ascending order of i; the lanes are then added by
 * the tree of {@link #sum}. The {@code reference} set adds a product with {@code a * b + c}, which devices may fuse, the
 * {@code simd} set with {@code fma(a, b, c)}: within a set the bits of a sum are always the same, between the sets they
 * differ by rounding.
 *
 * <p>The methods are in the dialect that TornadoVM compiles for devices.
 */
public final class Lanes {
    public static final int COUNT = 16;

    private Lanes() {}

    /** The sum of 16 lanes; {@code lanes: [16]} is overwritten. */
    public static float sum(float[] lanes) {
        for (int j = 0; j < 8; j++) {
            lanes[j] = lanes[j] + lanes[j + 8];
        }
        for (int j = 0; j < 4; j++) {
            lanes[j] = lanes[j] + lanes[j + 4];
        }
        return (lanes[0] + lanes[2]) + (lanes[1] + lanes[3]);
    }

    /**
     * The value of an IEEE 754 half-precision number, by arithmetic alone: exact for normal and subnormal numbers; not
     * for infinities and NaN, which no weight is.
     *
     * @param bits the number's 16 bits, with or without sign extension
     */
    public static float half(int bits) {
        int exponent = (bits >> 10) & 31;
        int normal = (exponent + 31) >> 5;
        int mantissa = (bits & 0x3FF) + (normal << 10);
        float sign = 1f - (float) ((bits >> 14) & 2);
        return (float) mantissa * (float) (1 << (exponent + 1 - normal)) * 2.9802322E-8f * sign; // 2^-25
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
