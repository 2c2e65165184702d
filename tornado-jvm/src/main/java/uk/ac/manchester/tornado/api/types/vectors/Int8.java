package uk.ac.manchester.tornado.api.types.vectors;

import java.util.Arrays;

/**
 * Eight ints, which an OpenCL device computes with as one vector. Operations go element by element. Whole numbers wrap
 * around and divide as Java's do.
 *
 * <p>The fields are final, as those of {@link Float8} are.
 */
public final class Int8 {
    public static final Class<Int8> TYPE = Int8.class;

    private final int s0;
    private final int s1;
    private final int s2;
    private final int s3;
    private final int s4;
    private final int s5;
    private final int s6;
    private final int s7;

    /** Zeros. */
    public Int8() {
        this(0, 0, 0, 0, 0, 0, 0, 0);
    }

    public Int8(int s0, int s1, int s2, int s3, int s4, int s5, int s6, int s7) {
        this.s0 = s0;
        this.s1 = s1;
        this.s2 = s2;
        this.s3 = s3;
        this.s4 = s4;
        this.s5 = s5;
        this.s6 = s6;
        this.s7 = s7;
    }

    private static Int8 all(int value) {
        return new Int8(value, value, value, value, value, value, value, value);
    }

    /** a + b. */
    public static Int8 add(Int8 a, Int8 b) {
        return new Int8(
                a.s0 + b.s0, a.s1 + b.s1, a.s2 + b.s2, a.s3 + b.s3, a.s4 + b.s4, a.s5 + b.s5, a.s6 + b.s6, a.s7 + b.s7);
    }

    public static Int8 add(Int8 a, int value) {
        return add(a, all(value));
    }

    /** a − b. */
    public static Int8 sub(Int8 a, Int8 b) {
        return new Int8(
                a.s0 - b.s0, a.s1 - b.s1, a.s2 - b.s2, a.s3 - b.s3, a.s4 - b.s4, a.s5 - b.s5, a.s6 - b.s6, a.s7 - b.s7);
    }

    public static Int8 sub(Int8 a, int value) {
        return sub(a, all(value));
    }

    /** a · b. */
    public static Int8 mult(Int8 a, Int8 b) {
        return new Int8(
                a.s0 * b.s0, a.s1 * b.s1, a.s2 * b.s2, a.s3 * b.s3, a.s4 * b.s4, a.s5 * b.s5, a.s6 * b.s6, a.s7 * b.s7);
    }

    public static Int8 mult(Int8 a, int value) {
        return mult(a, all(value));
    }

    /** a / b. */
    public static Int8 div(Int8 a, Int8 b) {
        return new Int8(
                a.s0 / b.s0, a.s1 / b.s1, a.s2 / b.s2, a.s3 / b.s3, a.s4 / b.s4, a.s5 / b.s5, a.s6 / b.s6, a.s7 / b.s7);
    }

    public static Int8 div(Int8 a, int value) {
        return div(a, all(value));
    }

    /** The smaller ones. */
    public static Int8 min(Int8 a, Int8 b) {
        return new Int8(
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
    public static Int8 max(Int8 a, Int8 b) {
        return new Int8(
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
    public static int min(Int8 value) {
        return Math.min(
                Math.min(Math.min(value.s0, value.s1), Math.min(value.s2, value.s3)),
                Math.min(Math.min(value.s4, value.s5), Math.min(value.s6, value.s7)));
    }

    /** The largest element. */
    public static int max(Int8 value) {
        return Math.max(
                Math.max(Math.max(value.s0, value.s1), Math.max(value.s2, value.s3)),
                Math.max(Math.max(value.s4, value.s5), Math.max(value.s6, value.s7)));
    }

    /** The sum of a · b, from the first element to the last. */
    public static int dot(Int8 a, Int8 b) {
        Int8 m = mult(a, b);
        return m.s0 + m.s1 + m.s2 + m.s3 + m.s4 + m.s5 + m.s6 + m.s7;
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
            default -> throw new IndexOutOfBoundsException("lane of an Int8: found " + index + ", expected 0 to 7");
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

    /** The first half. */
    public Int4 getLow() {
        return new Int4(s0, s1, s2, s3);
    }

    /** The second half. */
    public Int4 getHigh() {
        return new Int4(s4, s5, s6, s7);
    }

    public int[] toArray() {
        return new int[] {s0, s1, s2, s3, s4, s5, s6, s7};
    }

    public int size() {
        return 8;
    }

    @Override
    public String toString() {
        return Arrays.toString(toArray());
    }
}
