package uk.ac.manchester.tornado.api.types.vectors;

import java.util.Arrays;

/**
 * Eight doubles, which an OpenCL device computes with as one vector. Operations go element by element.
 *
 * <p>The fields are final, as those of {@link Float8} are.
 */
public final class Double8 {
    public static final Class<Double8> TYPE = Double8.class;

    private final double s0;
    private final double s1;
    private final double s2;
    private final double s3;
    private final double s4;
    private final double s5;
    private final double s6;
    private final double s7;

    /** Zeros. */
    public Double8() {
        this(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
    }

    public Double8(double s0, double s1, double s2, double s3, double s4, double s5, double s6, double s7) {
        this.s0 = s0;
        this.s1 = s1;
        this.s2 = s2;
        this.s3 = s3;
        this.s4 = s4;
        this.s5 = s5;
        this.s6 = s6;
        this.s7 = s7;
    }

    private static Double8 all(double value) {
        return new Double8(value, value, value, value, value, value, value, value);
    }

    /** a + b. */
    public static Double8 add(Double8 a, Double8 b) {
        return new Double8(
                a.s0 + b.s0, a.s1 + b.s1, a.s2 + b.s2, a.s3 + b.s3, a.s4 + b.s4, a.s5 + b.s5, a.s6 + b.s6, a.s7 + b.s7);
    }

    public static Double8 add(Double8 a, double value) {
        return add(a, all(value));
    }

    /** a − b. */
    public static Double8 sub(Double8 a, Double8 b) {
        return new Double8(
                a.s0 - b.s0, a.s1 - b.s1, a.s2 - b.s2, a.s3 - b.s3, a.s4 - b.s4, a.s5 - b.s5, a.s6 - b.s6, a.s7 - b.s7);
    }

    public static Double8 sub(Double8 a, double value) {
        return sub(a, all(value));
    }

    /** a · b. */
    public static Double8 mult(Double8 a, Double8 b) {
        return new Double8(
                a.s0 * b.s0, a.s1 * b.s1, a.s2 * b.s2, a.s3 * b.s3, a.s4 * b.s4, a.s5 * b.s5, a.s6 * b.s6, a.s7 * b.s7);
    }

    public static Double8 mult(Double8 a, double value) {
        return mult(a, all(value));
    }

    /** a / b. */
    public static Double8 div(Double8 a, Double8 b) {
        return new Double8(
                a.s0 / b.s0, a.s1 / b.s1, a.s2 / b.s2, a.s3 / b.s3, a.s4 / b.s4, a.s5 / b.s5, a.s6 / b.s6, a.s7 / b.s7);
    }

    public static Double8 div(Double8 a, double value) {
        return div(a, all(value));
    }

    /** The smaller ones. */
    public static Double8 min(Double8 a, Double8 b) {
        return new Double8(
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
    public static Double8 max(Double8 a, Double8 b) {
        return new Double8(
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
    public static double min(Double8 value) {
        return Math.min(
                Math.min(Math.min(value.s0, value.s1), Math.min(value.s2, value.s3)),
                Math.min(Math.min(value.s4, value.s5), Math.min(value.s6, value.s7)));
    }

    /** The largest element. */
    public static double max(Double8 value) {
        return Math.max(
                Math.max(Math.max(value.s0, value.s1), Math.max(value.s2, value.s3)),
                Math.max(Math.max(value.s4, value.s5), Math.max(value.s6, value.s7)));
    }

    /** The square roots. */
    public static Double8 sqrt(Double8 a) {
        return new Double8(
                Math.sqrt(a.s0),
                Math.sqrt(a.s1),
                Math.sqrt(a.s2),
                Math.sqrt(a.s3),
                Math.sqrt(a.s4),
                Math.sqrt(a.s5),
                Math.sqrt(a.s6),
                Math.sqrt(a.s7));
    }

    /** An element; on a device only constant indices work. */
    public double get(int index) {
        return switch (index) {
            case 0 -> s0;
            case 1 -> s1;
            case 2 -> s2;
            case 3 -> s3;
            case 4 -> s4;
            case 5 -> s5;
            case 6 -> s6;
            case 7 -> s7;
            default -> throw new IndexOutOfBoundsException("lane of a Double8: found " + index + ", expected 0 to 7");
        };
    }

    public double getS0() {
        return s0;
    }

    public double getS1() {
        return s1;
    }

    public double getS2() {
        return s2;
    }

    public double getS3() {
        return s3;
    }

    public double getS4() {
        return s4;
    }

    public double getS5() {
        return s5;
    }

    public double getS6() {
        return s6;
    }

    public double getS7() {
        return s7;
    }

    /** The first half. */
    public Double4 getLow() {
        return new Double4(s0, s1, s2, s3);
    }

    /** The second half. */
    public Double4 getHigh() {
        return new Double4(s4, s5, s6, s7);
    }

    public double[] toArray() {
        return new double[] {s0, s1, s2, s3, s4, s5, s6, s7};
    }

    public int size() {
        return 8;
    }

    @Override
    public String toString() {
        return Arrays.toString(toArray());
    }
}
