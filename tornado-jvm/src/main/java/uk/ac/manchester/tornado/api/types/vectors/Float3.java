package uk.ac.manchester.tornado.api.types.vectors;

import java.util.Arrays;

/**
 * Three floats, which an OpenCL device computes with as one vector. Operations go element by element.
 *
 * <p>The fields are final, as those of {@link Float8} are.
 */
public final class Float3 {
    public static final Class<Float3> TYPE = Float3.class;

    private final float x;
    private final float y;
    private final float z;

    /** Zeros. */
    public Float3() {
        this(0f, 0f, 0f);
    }

    public Float3(float x, float y, float z) {
        this.x = x;
        this.y = y;
        this.z = z;
    }

    private static Float3 all(float value) {
        return new Float3(value, value, value);
    }

    /** a + b. */
    public static Float3 add(Float3 a, Float3 b) {
        return new Float3(a.x + b.x, a.y + b.y, a.z + b.z);
    }

    public static Float3 add(Float3 a, float value) {
        return add(a, all(value));
    }

    /** a − b. */
    public static Float3 sub(Float3 a, Float3 b) {
        return new Float3(a.x - b.x, a.y - b.y, a.z - b.z);
    }

    public static Float3 sub(Float3 a, float value) {
        return sub(a, all(value));
    }

    /** a · b. */
    public static Float3 mult(Float3 a, Float3 b) {
        return new Float3(a.x * b.x, a.y * b.y, a.z * b.z);
    }

    public static Float3 mult(Float3 a, float value) {
        return mult(a, all(value));
    }

    /** a / b. */
    public static Float3 div(Float3 a, Float3 b) {
        return new Float3(a.x / b.x, a.y / b.y, a.z / b.z);
    }

    public static Float3 div(Float3 a, float value) {
        return div(a, all(value));
    }

    /** The smaller ones. */
    public static Float3 min(Float3 a, Float3 b) {
        return new Float3(Math.min(a.x, b.x), Math.min(a.y, b.y), Math.min(a.z, b.z));
    }

    /** The larger ones. */
    public static Float3 max(Float3 a, Float3 b) {
        return new Float3(Math.max(a.x, b.x), Math.max(a.y, b.y), Math.max(a.z, b.z));
    }

    /** The smallest element. */
    public static float min(Float3 value) {
        return Math.min(Math.min(value.x, value.y), value.z);
    }

    /** The largest element. */
    public static float max(Float3 value) {
        return Math.max(Math.max(value.x, value.y), value.z);
    }

    /** The square roots. */
    public static Float3 sqrt(Float3 a) {
        return new Float3((float) Math.sqrt(a.x), (float) Math.sqrt(a.y), (float) Math.sqrt(a.z));
    }

    /** The sum of a · b, from the first element to the last. */
    public static float dot(Float3 a, Float3 b) {
        Float3 m = mult(a, b);
        return m.x + m.y + m.z;
    }

    /** The Euclidean norm. */
    public static float length(Float3 value) {
        return (float) Math.sqrt(dot(value, value));
    }

    /** An element; on a device only constant indices work. */
    public float get(int index) {
        return switch (index) {
            case 0 -> x;
            case 1 -> y;
            case 2 -> z;
            default -> throw new IndexOutOfBoundsException("lane of a Float3: found " + index + ", expected 0 to 2");
        };
    }

    public float getX() {
        return x;
    }

    public float getY() {
        return y;
    }

    public float getZ() {
        return z;
    }

    /** The first two. */
    public Float2 asFloat2() {
        return new Float2(x, y);
    }

    public float[] toArray() {
        return new float[] {x, y, z};
    }

    public int size() {
        return 3;
    }

    @Override
    public String toString() {
        return Arrays.toString(toArray());
    }
}
