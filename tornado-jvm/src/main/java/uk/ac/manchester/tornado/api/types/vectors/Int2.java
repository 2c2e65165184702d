package uk.ac.manchester.tornado.api.types.vectors;

import java.util.Arrays;

/**
 * Two ints, which an OpenCL device computes with as one vector. Operations go element by element. Whole numbers wrap
 * around and divide as Java's do.
 *
 * <p>The fields are final, as those of {@link Float8} are.
 */
public final class Int2 {
    public static final Class<Int2> TYPE = Int2.class;

    private final int x;
    private final int y;

    /** Zeros. */
    public Int2() {
        this(0, 0);
    }

    public Int2(int x, int y) {
        this.x = x;
        this.y = y;
    }

    private static Int2 all(int value) {
        return new Int2(value, value);
    }

    /** a + b. */
    public static Int2 add(Int2 a, Int2 b) {
        return new Int2(a.x + b.x, a.y + b.y);
    }

    public static Int2 add(Int2 a, int value) {
        return add(a, all(value));
    }

    /** a − b. */
    public static Int2 sub(Int2 a, Int2 b) {
        return new Int2(a.x - b.x, a.y - b.y);
    }

    public static Int2 sub(Int2 a, int value) {
        return sub(a, all(value));
    }

    /** a · b. */
    public static Int2 mult(Int2 a, Int2 b) {
        return new Int2(a.x * b.x, a.y * b.y);
    }

    public static Int2 mult(Int2 a, int value) {
        return mult(a, all(value));
    }

    /** a / b. */
    public static Int2 div(Int2 a, Int2 b) {
        return new Int2(a.x / b.x, a.y / b.y);
    }

    public static Int2 div(Int2 a, int value) {
        return div(a, all(value));
    }

    /** The smaller ones. */
    public static Int2 min(Int2 a, Int2 b) {
        return new Int2(Math.min(a.x, b.x), Math.min(a.y, b.y));
    }

    /** The larger ones. */
    public static Int2 max(Int2 a, Int2 b) {
        return new Int2(Math.max(a.x, b.x), Math.max(a.y, b.y));
    }

    /** The smallest element. */
    public static int min(Int2 value) {
        return Math.min(value.x, value.y);
    }

    /** The largest element. */
    public static int max(Int2 value) {
        return Math.max(value.x, value.y);
    }

    /** The sum of a · b, from the first element to the last. */
    public static int dot(Int2 a, Int2 b) {
        Int2 m = mult(a, b);
        return m.x + m.y;
    }

    /** An element; on a device only constant indices work. */
    public int get(int index) {
        return switch (index) {
            case 0 -> x;
            case 1 -> y;
            default -> throw new IndexOutOfBoundsException("lane of an Int2: found " + index + ", expected 0 to 1");
        };
    }

    public int getX() {
        return x;
    }

    public int getY() {
        return y;
    }

    public int[] toArray() {
        return new int[] {x, y};
    }

    public int size() {
        return 2;
    }

    @Override
    public String toString() {
        return Arrays.toString(toArray());
    }
}
