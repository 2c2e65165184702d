package uk.ac.manchester.tornado.api.types.vectors;

import java.util.Arrays;

/**
 * Two floats, which an OpenCL device computes with as one vector. Operations go element by element.
 *
 * <p>The fields are final, as those of {@link Float8} are.
 */
public final class Float2 {
    public static final Class<Float2> TYPE = Float2.class;

    private final float x;
    private final float y;

    /** Zeros. */
    public Float2() {
        this(0f, 0f);
    }

    public Float2(float x, float y) {
        this.x = x;
        this.y = y;
    }

    private static Float2 all(float value) {
        return new Float2(value, value);
    }

    /** a + b. */
    public static Float2 add(Float2 a, Float2 b) {
        return new Float2(a.x + b.x, a.y + b.y);
    }

    public static Float2 add(Float2 a, float value) {
        return add(a, all(value));
    }

    /** a − b. */
    public static Float2 sub(Float2 a, Float2 b) {
        return new Float2(a.x - b.x, a.y - b.y);
    }

    public static Float2 sub(Float2 a, float value) {
        return sub(a, all(value));
    }

    /** a · b. */
    public static Float2 mult(Float2 a, Float2 b) {
        return new Float2(a.x * b.x, a.y * b.y);
    }

    public static Float2 mult(Float2 a, float value) {
        return mult(a, all(value));
    }

    /** a / b. */
    public static Float2 div(Float2 a, Float2 b) {
        return new Float2(a.x / b.x, a.y / b.y);
    }

    public static Float2 div(Float2 a, float value) {
        return div(a, all(value));
    }

    /** The smaller ones. */
    public static Float2 min(Float2 a, Float2 b) {
        return new Float2(Math.min(a.x, b.x), Math.min(a.y, b.y));
    }

    /** The larger ones. */
    public static Float2 max(Float2 a, Float2 b) {
        return new Float2(Math.max(a.x, b.x), Math.max(a.y, b.y));
    }

    /** The smallest element. */
    public static float min(Float2 value) {
        return Math.min(value.x, value.y);
    }

    /** The largest element. */
    public static float max(Float2 value) {
        return Math.max(value.x, value.y);
    }

    /** The square roots. */
    public static Float2 sqrt(Float2 a) {
        return new Float2((float) Math.sqrt(a.x), (float) Math.sqrt(a.y));
    }

    /** The sum of a · b, from the first element to the last. */
    public static float dot(Float2 a, Float2 b) {
        Float2 m = mult(a, b);
        return m.x + m.y;
    }

    /** The Euclidean norm. */
    public static float length(Float2 value) {
        return (float) Math.sqrt(dot(value, value));
    }

    /** An element; on a device only constant indices work. */
    public float get(int index) {
        return switch (index) {
            case 0 -> x;
            case 1 -> y;
            default -> throw new IndexOutOfBoundsException("lane of a Float2: found " + index + ", expected 0 to 1");
        };
    }

    public float getX() {
        return x;
    }

    public float getY() {
        return y;
    }

    public float[] toArray() {
        return new float[] {x, y};
    }

    public int size() {
        return 2;
    }

    @Override
    public String toString() {
        return Arrays.toString(toArray());
    }
}
