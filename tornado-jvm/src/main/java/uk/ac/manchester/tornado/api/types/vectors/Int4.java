package uk.ac.manchester.tornado.api.types.vectors;

import java.util.Arrays;

/**
 * Four ints, which an OpenCL device computes with as one vector. Operations go element by element. Whole numbers wrap
 * around and divide as Java's do.
 *
 * <p>The fields are final, as those of {@link Float8} are.
 */
public final class Int4 {
    public static final Class<Int4> TYPE = Int4.class;

    private final int x;
    private final int y;
    private final int z;
    private final int w;

    /** Zeros. */
    public Int4() {
        this(0, 0, 0, 0);
    }

    public Int4(int x, int y, int z, int w) {
        this.x = x;
        this.y = y;
        this.z = z;
        this.w = w;
    }

    private static Int4 all(int value) {
        return new Int4(value, value, value, value);
    }

    /** a + b. */
    public static Int4 add(Int4 a, Int4 b) {
        return new Int4(a.x + b.x, a.y + b.y, a.z + b.z, a.w + b.w);
    }

    public static Int4 add(Int4 a, int value) {
        return add(a, all(value));
    }

    /** a − b. */
    public static Int4 sub(Int4 a, Int4 b) {
        return new Int4(a.x - b.x, a.y - b.y, a.z - b.z, a.w - b.w);
    }

    public static Int4 sub(Int4 a, int value) {
        return sub(a, all(value));
    }

    /** a · b. */
    public static Int4 mult(Int4 a, Int4 b) {
        return new Int4(a.x * b.x, a.y * b.y, a.z * b.z, a.w * b.w);
    }

    public static Int4 mult(Int4 a, int value) {
        return mult(a, all(value));
    }

    /** a / b. */
    public static Int4 div(Int4 a, Int4 b) {
        return new Int4(a.x / b.x, a.y / b.y, a.z / b.z, a.w / b.w);
    }

    public static Int4 div(Int4 a, int value) {
        return div(a, all(value));
    }

    /** The smaller ones. */
    public static Int4 min(Int4 a, Int4 b) {
        return new Int4(Math.min(a.x, b.x), Math.min(a.y, b.y), Math.min(a.z, b.z), Math.min(a.w, b.w));
    }

    /** The larger ones. */
    public static Int4 max(Int4 a, Int4 b) {
        return new Int4(Math.max(a.x, b.x), Math.max(a.y, b.y), Math.max(a.z, b.z), Math.max(a.w, b.w));
    }

    /** The smallest element. */
    public static int min(Int4 value) {
        return Math.min(Math.min(value.x, value.y), Math.min(value.z, value.w));
    }

    /** The largest element. */
    public static int max(Int4 value) {
        return Math.max(Math.max(value.x, value.y), Math.max(value.z, value.w));
    }

    /** An element; on a device only constant indices work. */
    public int get(int index) {
        return switch (index) {
            case 0 -> x;
            case 1 -> y;
            case 2 -> z;
            case 3 -> w;
            default -> throw new IndexOutOfBoundsException("lane of an Int4: found " + index + ", expected 0 to 3");
        };
    }

    public int getX() {
        return x;
    }

    public int getY() {
        return y;
    }

    public int getZ() {
        return z;
    }

    public int getW() {
        return w;
    }

    /** The first two. */
    public Int2 asInt2() {
        return new Int2(x, y);
    }

    /** The first three. */
    public Int3 asInt3() {
        return new Int3(x, y, z);
    }

    public int[] toArray() {
        return new int[] {x, y, z, w};
    }

    public int size() {
        return 4;
    }

    @Override
    public String toString() {
        return Arrays.toString(toArray());
    }
}
