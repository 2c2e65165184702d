package uk.ac.manchester.tornado.api.types.vectors;

import java.util.Arrays;

/**
 * Two doubles, which an OpenCL device computes with as one vector. Operations go element by element.
 *
 * <p>The fields are final, as those of {@link Float8} are.
 */
public final class Double2 {
    public static final Class<Double2> TYPE = Double2.class;

    private final double x;
    private final double y;

    /** Zeros. */
    public Double2() {
        this(0.0, 0.0);
    }

    public Double2(double x, double y) {
        this.x = x;
        this.y = y;
    }

    private static Double2 all(double value) {
        return new Double2(value, value);
    }

    /** a + b. */
    public static Double2 add(Double2 a, Double2 b) {
        return new Double2(a.x + b.x, a.y + b.y);
    }

    public static Double2 add(Double2 a, double value) {
        return add(a, all(value));
    }

    /** a − b. */
    public static Double2 sub(Double2 a, Double2 b) {
        return new Double2(a.x - b.x, a.y - b.y);
    }

    public static Double2 sub(Double2 a, double value) {
        return sub(a, all(value));
    }

    /** a · b. */
    public static Double2 mult(Double2 a, Double2 b) {
        return new Double2(a.x * b.x, a.y * b.y);
    }

    public static Double2 mult(Double2 a, double value) {
        return mult(a, all(value));
    }

    /** a / b. */
    public static Double2 div(Double2 a, Double2 b) {
        return new Double2(a.x / b.x, a.y / b.y);
    }

    public static Double2 div(Double2 a, double value) {
        return div(a, all(value));
    }

    /** The smaller ones. */
    public static Double2 min(Double2 a, Double2 b) {
        return new Double2(Math.min(a.x, b.x), Math.min(a.y, b.y));
    }

    /** The larger ones. */
    public static Double2 max(Double2 a, Double2 b) {
        return new Double2(Math.max(a.x, b.x), Math.max(a.y, b.y));
    }

    /** The smallest element. */
    public static double min(Double2 value) {
        return Math.min(value.x, value.y);
    }

    /** The largest element. */
    public static double max(Double2 value) {
        return Math.max(value.x, value.y);
    }

    /** The square roots. */
    public static Double2 sqrt(Double2 a) {
        return new Double2(Math.sqrt(a.x), Math.sqrt(a.y));
    }

    /** The sum of a · b, from the first element to the last. */
    public static double dot(Double2 a, Double2 b) {
        Double2 m = mult(a, b);
        return m.x + m.y;
    }

    /** The Euclidean norm. */
    public static double length(Double2 value) {
        return Math.sqrt(dot(value, value));
    }

    /** An element; on a device only constant indices work. */
    public double get(int index) {
        return switch (index) {
            case 0 -> x;
            case 1 -> y;
            default -> throw new IndexOutOfBoundsException("lane of a Double2: found " + index + ", expected 0 to 1");
        };
    }

    public double getX() {
        return x;
    }

    public double getY() {
        return y;
    }

    public double[] toArray() {
        return new double[] {x, y};
    }

    public int size() {
        return 2;
    }

    @Override
    public String toString() {
        return Arrays.toString(toArray());
    }
}
