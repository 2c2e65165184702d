package uk.ac.manchester.tornado.api.types.vectors;

import java.util.Arrays;

/**
 * Eight floats, which an OpenCL device computes with as one vector. Operations go element by element.
 *
 * <p>Here it has final fields, so that the JIT compiler can keep it in registers; what changes a vector in place is not there.
 */
public final class Float8 {
    public static final Class<Float8> TYPE = Float8.class;

    private final float s0;
    private final float s1;
    private final float s2;
    private final float s3;
    private final float s4;
    private final float s5;
    private final float s6;
    private final float s7;

    /** Zeros. */
    public Float8() {
        this(0f, 0f, 0f, 0f, 0f, 0f, 0f, 0f);
    }

    public Float8(float s0, float s1, float s2, float s3, float s4, float s5, float s6, float s7) {
        this.s0 = s0;
        this.s1 = s1;
        this.s2 = s2;
        this.s3 = s3;
        this.s4 = s4;
        this.s5 = s5;
        this.s6 = s6;
        this.s7 = s7;
    }

    private static Float8 all(float value) {
        return new Float8(value, value, value, value, value, value, value, value);
    }

    /** a + b. */
    public static Float8 add(Float8 a, Float8 b) {
        return new Float8(
                a.s0 + b.s0, a.s1 + b.s1, a.s2 + b.s2, a.s3 + b.s3, a.s4 + b.s4, a.s5 + b.s5, a.s6 + b.s6, a.s7 + b.s7);
    }

    public static Float8 add(Float8 a, float b) {
        return add(a, all(b));
    }

    /** a − b. */
    public static Float8 sub(Float8 a, Float8 b) {
        return new Float8(
                a.s0 - b.s0, a.s1 - b.s1, a.s2 - b.s2, a.s3 - b.s3, a.s4 - b.s4, a.s5 - b.s5, a.s6 - b.s6, a.s7 - b.s7);
    }

    public static Float8 sub(Float8 a, float b) {
        return sub(a, all(b));
    }

    /** a · b. */
    public static Float8 mult(Float8 a, Float8 b) {
        return new Float8(
                a.s0 * b.s0, a.s1 * b.s1, a.s2 * b.s2, a.s3 * b.s3, a.s4 * b.s4, a.s5 * b.s5, a.s6 * b.s6, a.s7 * b.s7);
    }

    public static Float8 mult(Float8 a, float value) {
        return mult(a, all(value));
    }

    /** a / b. */
    public static Float8 div(Float8 a, Float8 b) {
        return new Float8(
                a.s0 / b.s0, a.s1 / b.s1, a.s2 / b.s2, a.s3 / b.s3, a.s4 / b.s4, a.s5 / b.s5, a.s6 / b.s6, a.s7 / b.s7);
    }

    public static Float8 div(Float8 a, float value) {
        return div(a, all(value));
    }

    /** The smaller ones. */
    public static Float8 min(Float8 a, Float8 b) {
        return new Float8(
                Math.min(a.s0, b.s0),
                Math.min(a.s1, b.s1),
                Math.min(a.s2, b.s2),
                Math.min(a.s3, b.s3),
                Math.min(a.s4, b.s4),
                Math.min(a.s5, b.s5),
                Math.min(a.s6, b.s6),
                Math.min(a.s7, b.s7));
    }

    /** The larger ones. */
    public static Float8 max(Float8 a, Float8 b) {
        return new Float8(
                Math.max(a.s0, b.s0),
                Math.max(a.s1, b.s1),
                Math.max(a.s2, b.s2),
                Math.max(a.s3, b.s3),
                Math.max(a.s4, b.s4),
                Math.max(a.s5, b.s5),
                Math.max(a.s6, b.s6),
                Math.max(a.s7, b.s7));
    }

    /** The smallest element. */
    public static float min(Float8 value) {
        return Math.min(
                Math.min(Math.min(value.s0, value.s1), Math.min(value.s2, value.s3)),
                Math.min(Math.min(value.s4, value.s5), Math.min(value.s6, value.s7)));
    }

    /** The largest element. */
    public static float max(Float8 value) {
        return Math.max(
                Math.max(Math.max(value.s0, value.s1), Math.max(value.s2, value.s3)),
                Math.max(Math.max(value.s4, value.s5), Math.max(value.s6, value.s7)));
    }

    /** The sum of a · b, from the first element to the last. */
    public static float dot(Float8 a, Float8 b) {
        Float8 m = mult(a, b);
        return m.s0 + m.s1 + m.s2 + m.s3 + m.s4 + m.s5 + m.s6 + m.s7;
    }

    /** The square roots. */
    public static Float8 sqrt(Float8 a) {
        return new Float8(
                (float) Math.sqrt(a.s0),
                (float) Math.sqrt(a.s1),
                (float) Math.sqrt(a.s2),
                (float) Math.sqrt(a.s3),
                (float) Math.sqrt(a.s4),
                (float) Math.sqrt(a.s5),
                (float) Math.sqrt(a.s6),
                (float) Math.sqrt(a.s7));
    }

    /** An element; on a device only constant indices work. */
    public float get(int index) {
        return switch (index) {
            case 0 -> s0;
            case 1 -> s1;
            case 2 -> s2;
            case 3 -> s3;
            case 4 -> s4;
            case 5 -> s5;
            case 6 -> s6;
            case 7 -> s7;
            default -> throw new IndexOutOfBoundsException("lane of a Float8: found " + index + ", expected 0 to 7");
        };
    }

    public float getS0() {
        return s0;
    }

    public float getS1() {
        return s1;
    }

    public float getS2() {
        return s2;
    }

    public float getS3() {
        return s3;
    }

    public float getS4() {
        return s4;
    }

    public float getS5() {
        return s5;
    }

    public float getS6() {
        return s6;
    }

    public float getS7() {
        return s7;
    }

    /** The first half. */
    public Float4 getLow() {
        return new Float4(s0, s1, s2, s3);
    }

    /** The second half. */
    public Float4 getHigh() {
        return new Float4(s4, s5, s6, s7);
    }

    public float[] toArray() {
        return new float[] {s0, s1, s2, s3, s4, s5, s6, s7};
    }

    public int size() {
        return 8;
    }

    @Override
    public String toString() {
        return Arrays.toString(toArray());
    }
}
