package uk.ac.manchester.tornado.api.types.vectors;

import java.util.Arrays;

/**
 * Four floats, which an OpenCL device computes with as one vector. Operations go element by element.
 *
 * <p>The fields are final, as those of {@link Float8} are.
 */
public final class Float4 {
    public static final Class<Float4> TYPE = Float4.class;

    private final float x;
    private final float y;
    private final float z;
    private final float w;

    /** Zeros. */
    public Float4() {
        this(0f, 0f, 0f, 0f);
    }

    public Float4(float x, float y, float z, float w) {
        this.x = x;
        this.y = y;
        this.z = z;
        this.w = w;
    }

    private static Float4 all(float value) {
        return new Float4(value, value, value, value);
    }

    /** a + b. */
    public static Float4 add(Float4 a, Float4 b) {
        return new Float4(a.x + b.x, a.y + b.y, a.z + b.z, a.w + b.w);
    }

    public static Float4 add(Float4 a, float value) {
        return add(a, all(value));
    }

    /** a − b. */
    public static Float4 sub(Float4 a, Float4 b) {
        return new Float4(a.x - b.x, a.y - b.y, a.z - b.z, a.w - b.w);
    }

    public static Float4 sub(Float4 a, float value) {
        return sub(a, all(value));
    }

    /** a · b. */
    public static Float4 mult(Float4 a, Float4 b) {
        return new Float4(a.x * b.x, a.y * b.y, a.z * b.z, a.w * b.w);
    }

    public static Float4 mult(Float4 a, float value) {
        return mult(a, all(value));
    }

    /** a / b. */
    public static Float4 div(Float4 a, Float4 b) {
        return new Float4(a.x / b.x, a.y / b.y, a.z / b.z, a.w / b.w);
    }

    public static Float4 div(Float4 a, float value) {
        return div(a, all(value));
    }

    /** The smaller ones. */
    public static Float4 min(Float4 a, Float4 b) {
        return new Float4(Math.min(a.x, b.x), Math.min(a.y, b.y), Math.min(a.z, b.z), Math.min(a.w, b.w));
    }

    /** The larger ones. */
    public static Float4 max(Float4 a, Float4 b) {
        return new Float4(Math.max(a.x, b.x), Math.max(a.y, b.y), Math.max(a.z, b.z), Math.max(a.w, b.w));
    }

    /** The smallest element. */
    public static float min(Float4 value) {
        return Math.min(Math.min(value.x, value.y), Math.min(value.z, value.w));
    }

    /** The largest element. */
    public static float max(Float4 value) {
        return Math.max(Math.max(value.x, value.y), Math.max(value.z, value.w));
    }

    /** The square roots. */
    public static Float4 sqrt(Float4 a) {
        return new Float4(
                (float) Math.sqrt(a.x), (float) Math.sqrt(a.y), (float) Math.sqrt(a.z), (float) Math.sqrt(a.w));
    }

    /** The sum of a · b, from the first element to the last. */
    public static float dot(Float4 a, Float4 b) {
        Float4 m = mult(a, b);
        return m.x + m.y + m.z + m.w;
    }

    /** The sum of the elements, from the first to the last. */
    public static float sum(Float4 a) {
        return a.x + a.y + a.z + a.w;
    }

    /** The Euclidean norm. */
    public static float length(Float4 value) {
        return (float) Math.sqrt(dot(value, value));
    }

    /** An element; on a device only constant indices work. */
    public float get(int index) {
        return switch (index) {
            case 0 -> x;
            case 1 -> y;
            case 2 -> z;
            case 3 -> w;
            default -> throw new IndexOutOfBoundsException("lane of a Float4: found " + index + ", expected 0 to 3");
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

    public float getW() {
        return w;
    }

    /** The first half. */
    public Float2 getLow() {
        return new Float2(x, y);
    }

    /** The second half. */
    public Float2 getHigh() {
        return new Float2(z, w);
    }

    /** The first two. */
    public Float2 asFloat2() {
        return new Float2(x, y);
    }

    /** The first three. */
    public Float3 asFloat3() {
        return new Float3(x, y, z);
    }

    public float[] toArray() {
        return new float[] {x, y, z, w};
    }

    public int size() {
        return 4;
    }

    @Override
    public String toString() {
        return Arrays.toString(toArray());
    }
}
