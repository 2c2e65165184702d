package uk.ac.manchester.tornado.api.types.vectors;

import java.util.Arrays;

/**
 * Sixteen doubles, which an OpenCL device computes with as one vector. Operations go element by element.
 *
 * <p>The fields are final, as those of {@link Float8} are.
 */
public final class Double16 {
    public static final Class<Double16> TYPE = Double16.class;

    private final double s0;
    private final double s1;
    private final double s2;
    private final double s3;
    private final double s4;
    private final double s5;
    private final double s6;
    private final double s7;
    private final double s8;
    private final double s9;
    private final double s10;
    private final double s11;
    private final double s12;
    private final double s13;
    private final double s14;
    private final double s15;

    /** Zeros. */
    public Double16() {
        this(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
    }

    public Double16(
            double s0,
            double s1,
            double s2,
            double s3,
            double s4,
            double s5,
            double s6,
            double s7,
            double s8,
            double s9,
            double s10,
            double s11,
            double s12,
            double s13,
            double s14,
            double s15) {
        this.s0 = s0;
        this.s1 = s1;
        this.s2 = s2;
        this.s3 = s3;
        this.s4 = s4;
        this.s5 = s5;
        this.s6 = s6;
        this.s7 = s7;
        this.s8 = s8;
        this.s9 = s9;
        this.s10 = s10;
        this.s11 = s11;
        this.s12 = s12;
        this.s13 = s13;
        this.s14 = s14;
        this.s15 = s15;
    }

    private static Double16 all(double value) {
        return new Double16(
                value, value, value, value, value, value, value, value, value, value, value, value, value, value, value,
                value);
    }

    /** a + b. */
    public static Double16 add(Double16 a, Double16 b) {
        return new Double16(
                a.s0 + b.s0,
                a.s1 + b.s1,
                a.s2 + b.s2,
                a.s3 + b.s3,
                a.s4 + b.s4,
                a.s5 + b.s5,
                a.s6 + b.s6,
                a.s7 + b.s7,
                a.s8 + b.s8,
                a.s9 + b.s9,
                a.s10 + b.s10,
                a.s11 + b.s11,
                a.s12 + b.s12,
                a.s13 + b.s13,
                a.s14 + b.s14,
                a.s15 + b.s15);
    }

    public static Double16 add(Double16 a, double value) {
        return add(a, all(value));
    }

    /** a − b. */
    public static Double16 sub(Double16 a, Double16 b) {
        return new Double16(
                a.s0 - b.s0,
                a.s1 - b.s1,
                a.s2 - b.s2,
                a.s3 - b.s3,
                a.s4 - b.s4,
                a.s5 - b.s5,
                a.s6 - b.s6,
                a.s7 - b.s7,
                a.s8 - b.s8,
                a.s9 - b.s9,
                a.s10 - b.s10,
                a.s11 - b.s11,
                a.s12 - b.s12,
                a.s13 - b.s13,
                a.s14 - b.s14,
                a.s15 - b.s15);
    }

    public static Double16 sub(Double16 a, double value) {
        return sub(a, all(value));
    }

    /** a · b. */
    public static Double16 mult(Double16 a, Double16 b) {
        return new Double16(
                a.s0 * b.s0,
                a.s1 * b.s1,
                a.s2 * b.s2,
                a.s3 * b.s3,
                a.s4 * b.s4,
                a.s5 * b.s5,
                a.s6 * b.s6,
                a.s7 * b.s7,
                a.s8 * b.s8,
                a.s9 * b.s9,
                a.s10 * b.s10,
                a.s11 * b.s11,
                a.s12 * b.s12,
                a.s13 * b.s13,
                a.s14 * b.s14,
                a.s15 * b.s15);
    }

    public static Double16 mult(Double16 a, double value) {
        return mult(a, all(value));
    }

    /** a / b. */
    public static Double16 div(Double16 a, Double16 b) {
        return new Double16(
                a.s0 / b.s0,
                a.s1 / b.s1,
                a.s2 / b.s2,
                a.s3 / b.s3,
                a.s4 / b.s4,
                a.s5 / b.s5,
                a.s6 / b.s6,
                a.s7 / b.s7,
                a.s8 / b.s8,
                a.s9 / b.s9,
                a.s10 / b.s10,
                a.s11 / b.s11,
                a.s12 / b.s12,
                a.s13 / b.s13,
                a.s14 / b.s14,
                a.s15 / b.s15);
    }

    public static Double16 div(Double16 a, double value) {
        return div(a, all(value));
    }

    /** The smaller ones. */
    public static Double16 min(Double16 a, Double16 b) {
        return new Double16(
                Math.min(a.s0, b.s0),
                Math.min(a.s1, b.s1),
                Math.min(a.s2, b.s2),
                Math.min(a.s3, b.s3),
                Math.min(a.s4, b.s4),
                Math.min(a.s5, b.s5),
                Math.min(a.s6, b.s6),
                Math.min(a.s7, b.s7),
                Math.min(a.s8, b.s8),
                Math.min(a.s9, b.s9),
                Math.min(a.s10, b.s10),
                Math.min(a.s11, b.s11),
                Math.min(a.s12, b.s12),
                Math.min(a.s13, b.s13),
                Math.min(a.s14, b.s14),
                Math.min(a.s15, b.s15));
    }

    /** The larger ones. */
    public static Double16 max(Double16 a, Double16 b) {
        return new Double16(
                Math.max(a.s0, b.s0),
                Math.max(a.s1, b.s1),
                Math.max(a.s2, b.s2),
                Math.max(a.s3, b.s3),
                Math.max(a.s4, b.s4),
                Math.max(a.s5, b.s5),
                Math.max(a.s6, b.s6),
                Math.max(a.s7, b.s7),
                Math.max(a.s8, b.s8),
                Math.max(a.s9, b.s9),
                Math.max(a.s10, b.s10),
                Math.max(a.s11, b.s11),
                Math.max(a.s12, b.s12),
                Math.max(a.s13, b.s13),
                Math.max(a.s14, b.s14),
                Math.max(a.s15, b.s15));
    }

    /** The smallest element. */
    public static double min(Double16 value) {
        return Math.min(
                Math.min(
                        Math.min(Math.min(value.s0, value.s1), Math.min(value.s2, value.s3)),
                        Math.min(Math.min(value.s4, value.s5), Math.min(value.s6, value.s7))),
                Math.min(
                        Math.min(Math.min(value.s8, value.s9), Math.min(value.s10, value.s11)),
                        Math.min(Math.min(value.s12, value.s13), Math.min(value.s14, value.s15))));
    }

    /** The largest element. */
    public static double max(Double16 value) {
        return Math.max(
                Math.max(
                        Math.max(Math.max(value.s0, value.s1), Math.max(value.s2, value.s3)),
                        Math.max(Math.max(value.s4, value.s5), Math.max(value.s6, value.s7))),
                Math.max(
                        Math.max(Math.max(value.s8, value.s9), Math.max(value.s10, value.s11)),
                        Math.max(Math.max(value.s12, value.s13), Math.max(value.s14, value.s15))));
    }

    /** The sum of a · b, from the first element to the last. */
    public static double dot(Double16 a, Double16 b) {
        Double16 m = mult(a, b);
        return m.s0 + m.s1 + m.s2 + m.s3 + m.s4 + m.s5 + m.s6 + m.s7 + m.s8 + m.s9 + m.s10 + m.s11 + m.s12 + m.s13
                + m.s14 + m.s15;
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
            case 8 -> s8;
            case 9 -> s9;
            case 10 -> s10;
            case 11 -> s11;
            case 12 -> s12;
            case 13 -> s13;
            case 14 -> s14;
            case 15 -> s15;
            default -> throw new IndexOutOfBoundsException("lane of a Double16: found " + index + ", expected 0 to 15");
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

    public double getS8() {
        return s8;
    }

    public double getS9() {
        return s9;
    }

    public double getS10() {
        return s10;
    }

    public double getS11() {
        return s11;
    }

    public double getS12() {
        return s12;
    }

    public double getS13() {
        return s13;
    }

    public double getS14() {
        return s14;
    }

    public double getS15() {
        return s15;
    }

    public double[] toArray() {
        return new double[] {s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11, s12, s13, s14, s15};
    }

    public int size() {
        return 16;
    }

    @Override
    public String toString() {
        return Arrays.toString(toArray());
    }
}
