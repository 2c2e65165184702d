package uk.ac.manchester.tornado.api.types.vectors;

import java.util.Arrays;

/**
 * Four doubles, which an OpenCL device computes with as one vector. Operations go element by element.
 *
 * <p>The fields are final, as those of {@link Float8} are.
 */
public final class Double4 {
    public static final Class<Double4> TYPE = Double4.class;

    private final double x;
    private final double y;
    private final double z;
    private final double w;

    /** Zeros. */
    public Double4() {
        this(0.0, 0.0, 0.0, 0.0);
    }

    public Double4(double x, double y, double z, double w) {
        this.x = x;
        this.y = y;
        this.z = z;
        this.w = w;
    }

    private static Double4 all(double value) {
        return new Double4(value, value, value, value);
    }

    /** a + b. */
    public static Double4 add(Double4 a, Double4 b) {
        return new Double4(a.x + b.x, a.y + b.y, a.z + b.z, a.w + b.w);
    }

    public static Double4 add(Double4 a, double value) {
        return add(a, all(value));
    }

    /** a − b. */
    public static Double4 sub(Double4 a, Double4 b) {
        return new Double4(a.x - b.x, a.y - b.y, a.z - b.z, a.w - b.w);
    }

    public static Double4 sub(Double4 a, double value) {
        return sub(a, all(value));
    }

    /** a · b. */
    public static Double4 mult(Double4 a, Double4 b) {
        return new Double4(a.x * b.x, a.y * b.y, a.z * b.z, a.w * b.w);
    }

    public static Double4 mult(Double4 a, double value) {
        return mult(a, all(value));
    }

    /** a / b. */
    public static Double4 div(Double4 a, Double4 b) {
        return new Double4(a.x / b.x, a.y / b.y, a.z / b.z, a.w / b.w);
    }

    public static Double4 div(Double4 a, double value) {
        return div(a, all(value));
    }

    /** The smaller ones. */
    public static Double4 min(Double4 a, Double4 b) {
        return new Double4(Math.min(a.x, b.x), Math.min(a.y, b.y), Math.min(a.z, b.z), Math.min(a.w, b.w));
    }

    /** The larger ones. */
    public static Double4 max(Double4 a, Double4 b) {
        return new Double4(Math.max(a.x, b.x), Math.max(a.y, b.y), Math.max(a.z, b.z), Math.max(a.w, b.w));
    }

    /** The smallest element. */
    public static double min(Double4 value) {
        return Math.min(Math.min(value.x, value.y), Math.min(value.z, value.w));
    }

    /** The largest element. */
    public static double max(Double4 value) {
        return Math.max(Math.max(value.x, value.y), Math.max(value.z, value.w));
    }

    /** The square roots. */
    public static Double4 sqrt(Double4 a) {
        return new Double4(Math.sqrt(a.x), Math.sqrt(a.y), Math.sqrt(a.z), Math.sqrt(a.w));
    }

    /** The sum of a · b, from the first element to the last. */
    public static double dot(Double4 a, Double4 b) {
        Double4 m = mult(a, b);
        return m.x + m.y + m.z + m.w;
    }

    /** The Euclidean norm. */
    public static double length(Double4 value) {
        return Math.sqrt(dot(value, value));
    }

    /** An element; on a device only constant indices work. */
    public double get(int index) {
        return switch (index) {
            case 0 -> x;
            case 1 -> y;
            case 2 -> z;
            case 3 -> w;
            default -> throw new IndexOutOfBoundsException("lane of a Double4: found " + index + ", expected 0 to 3");
        };
    }

    public double getX() {
        return x;
    }

    public double getY() {
        return y;
    }

    public double getZ() {
        return z;
    }

    public double getW() {
        return w;
    }

    /** The first half. */
    public Double2 getLow() {
        return new Double2(x, y);
    }

    /** The second half. */
    public Double2 getHigh() {
        return new Double2(z, w);
    }

    /** The first two. */
    public Double2 asDouble2() {
        return new Double2(x, y);
    }

    /** The first three. */
    public Double3 asDouble3() {
        return new Double3(x, y, z);
    }

    public double[] toArray() {
        return new double[] {x, y, z, w};
    }

    public int size() {
        return 4;
    }

    @Override
    public String toString() {
        return Arrays.toString(toArray());
    }
}
