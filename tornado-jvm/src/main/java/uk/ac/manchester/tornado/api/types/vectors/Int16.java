package uk.ac.manchester.tornado.api.types.vectors;

import java.util.Arrays;

/**
 * Sixteen ints, which an OpenCL device computes with as one vector. Operations go element by element. Whole numbers wrap
 * around and divide as Java's do.
 *
 * <p>The fields are final, as those of {@link Float8} are.
 */
public final class Int16 {
    public static final Class<Int16> TYPE = Int16.class;

    private final int s0;
    private final int s1;
    private final int s2;
    private final int s3;
    private final int s4;
    private final int s5;
    private final int s6;
    private final int s7;
    private final int s8;
    private final int s9;
    private final int s10;
    private final int s11;
    private final int s12;
    private final int s13;
    private final int s14;
    private final int s15;

    /** Zeros. */
    public Int16() {
        this(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    }

    public Int16(
            int s0,
            int s1,
            int s2,
            int s3,
            int s4,
            int s5,
            int s6,
            int s7,
            int s8,
            int s9,
            int s10,
            int s11,
            int s12,
            int s13,
            int s14,
            int s15) {
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

    private static Int16 all(int value) {
        return new Int16(
                value, value, value, value, value, value, value, value, value, value, value, value, value, value, value,
                value);
    }

    /** a + b. */
    public static Int16 add(Int16 a, Int16 b) {
        return new Int16(
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

    public static Int16 add(Int16 a, int value) {
        return add(a, all(value));
    }

    /** a − b. */
    public static Int16 sub(Int16 a, Int16 b) {
        return new Int16(
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

    public static Int16 sub(Int16 a, int value) {
        return sub(a, all(value));
    }

    /** a · b. */
    public static Int16 mult(Int16 a, Int16 b) {
        return new Int16(
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

    public static Int16 mult(Int16 a, int value) {
        return mult(a, all(value));
    }

    /** a / b. */
    public static Int16 div(Int16 a, Int16 b) {
        return new Int16(
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

    public static Int16 div(Int16 a, int value) {
        return div(a, all(value));
    }

    /** The smaller ones. */
    public static Int16 min(Int16 a, Int16 b) {
        return new Int16(
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
    public static Int16 max(Int16 a, Int16 b) {
        return new Int16(
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
    public static int min(Int16 value) {
        return Math.min(
                Math.min(
                        Math.min(Math.min(value.s0, value.s1), Math.min(value.s2, value.s3)),
                        Math.min(Math.min(value.s4, value.s5), Math.min(value.s6, value.s7))),
                Math.min(
                        Math.min(Math.min(value.s8, value.s9), Math.min(value.s10, value.s11)),
                        Math.min(Math.min(value.s12, value.s13), Math.min(value.s14, value.s15))));
    }

    /** The largest element. */
    public static int max(Int16 value) {
        return Math.max(
                Math.max(
                        Math.max(Math.max(value.s0, value.s1), Math.max(value.s2, value.s3)),
                        Math.max(Math.max(value.s4, value.s5), Math.max(value.s6, value.s7))),
                Math.max(
                        Math.max(Math.max(value.s8, value.s9), Math.max(value.s10, value.s11)),
                        Math.max(Math.max(value.s12, value.s13), Math.max(value.s14, value.s15))));
    }

    /** The sum of a · b, from the first element to the last. */
    public static int dot(Int16 a, Int16 b) {
        Int16 m = mult(a, b);
        return m.s0 + m.s1 + m.s2 + m.s3 + m.s4 + m.s5 + m.s6 + m.s7 + m.s8 + m.s9 + m.s10 + m.s11 + m.s12 + m.s13
                + m.s14 + m.s15;
    }

    /** An element; on a device only constant indices work. */
    public int get(int index) {
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
            default -> throw new IndexOutOfBoundsException("lane of an Int16: found " + index + ", expected 0 to 15");
        };
    }

    public int getS0() {
        return s0;
    }

    public int getS1() {
        return s1;
    }

    public int getS2() {
        return s2;
    }

    public int getS3() {
        return s3;
    }

    public int getS4() {
        return s4;
    }

    public int getS5() {
        return s5;
    }

    public int getS6() {
        return s6;
    }

    public int getS7() {
        return s7;
    }

    public int getS8() {
        return s8;
    }

    public int getS9() {
        return s9;
    }

    public int getS10() {
        return s10;
    }

    public int getS11() {
        return s11;
    }

    public int getS12() {
        return s12;
    }

    public int getS13() {
        return s13;
    }

    public int getS14() {
        return s14;
    }

    public int getS15() {
        return s15;
    }

    public int[] toArray() {
        return new int[] {s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11, s12, s13, s14, s15};
    }

    public int size() {
        return 16;
    }

    @Override
    public String toString() {
        return Arrays.toString(toArray());
    }
}
