package uk.ac.manchester.tornado.api.types.vectors;

import java.util.Arrays;

/**
 * Three doubles, which an OpenCL device computes with as one vector. Operations go element by element.
 *
 * <p>The fields are final, as those of {@link Float8} are.
 */
public final class Double3 {
    public static final Class<Double3> TYPE = Double3.class;

    private final double x;
    private final double y;
    private final double z;

    /** Zeros. */
    public Double3() {
        this(0.0, 0.0, 0.0);
    }

    public Double3(double x, double y, double z) {
        this.x = x;
        this.y = y;
        this.z = z;
    }

    private static Double3 all(double value) {
        return new Double3(value, value, value);
    }

    /** a + b. */
    public static Double3 add(Double3 a, Double3 b) {
        return new Double3(a.x + b.x, a.y + b.y, a.z + b.z);
    }

    public static Double3 add(Double3 a, double value) {
        return add(a, all(value));
    }

    /** a − b. */
    public static Double3 sub(Double3 a, Double3 b) {
        return new Double3(a.x - b.x, a.y - b.y, a.z - b.z);
    }

    public static Double3 sub(Double3 a, double value) {
        return sub(a, all(value));
    }

    /** a · b. */
    public static Double3 mult(Double3 a, Double3 b) {
        return new Double3(a.x * b.x, a.y * b.y, a.z * b.z);
    }

    public static Double3 mult(Double3 a, double value) {
        return mult(a, all(value));
    }

    /** a / b. */
    public static Double3 div(Double3 a, Double3 b) {
        return new Double3(a.x / b.x, a.y / b.y, a.z / b.z);
    }

    public static Double3 div(Double3 a, double value) {
        return div(a, all(value));
    }

    /** The smaller ones. */
    public static Double3 min(Double3 a, Double3 b) {
        return new Double3(Math.min(a.x, b.x), Math.min(a.y, b.y), Math.min(a.z, b.z));
    }

    /** The larger ones. */
    public static Double3 max(Double3 a, Double3 b) {
        return new Double3(Math.max(a.x, b.x), Math.max(a.y, b.y), Math.max(a.z, b.z));
    }

    /** The smallest element. */
    public static double min(Double3 value) {
        return Math.min(Math.min(value.x, value.y), value.z);
    }

    /** The largest element. */
    public static double max(Double3 value) {
        return Math.max(Math.max(value.x, value.y), value.z);
    }

    /** The square roots. */
    public static Double3 sqrt(Double3 a) {
        return new Double3(Math.sqrt(a.x), Math.sqrt(a.y), Math.sqrt(a.z));
    }

    /** The sum of a · b, from the first element to the last. */
    public static double dot(Double3 a, Double3 b) {
        Double3 m = mult(a, b);
        return m.x + m.y + m.z;
    }

    /** The Euclidean norm. */
    public static double length(Double3 value) {
        return Math.sqrt(dot(value, value));
    }

    /** An element; on a device only constant indices work. */
    public double get(int index) {
        return switch (index) {
            case 0 -> x;
            case 1 -> y;
            case 2 -> z;
            default -> throw new IndexOutOfBoundsException("lane of a Double3: found " + index + ", expected 0 to 2");
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

    /** The first two. */
    public Double2 asDouble2() {
        return new Double2(x, y);
    }

    public double[] toArray() {
        return new double[] {x, y, z};
    }

    public int size() {
        return 3;
    }

    @Override
    public String toString() {
        return Arrays.toString(toArray());
    }
}
