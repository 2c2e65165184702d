package uk.ac.manchester.tornado.api.types.vectors;

import java.util.Arrays;

/**
 * Three ints, which an OpenCL device computes with as one vector. Operations go element by element. Whole numbers wrap
 * around and divide as Java's do.
 *
 * <p>The fields are final, as those of {@link Float8} are.
 */
public final class Int3 {
    public static final Class<Int3> TYPE = Int3.class;

    private final int x;
    private final int y;
    private final int z;

    /** Zeros. */
    public Int3() {
        this(0, 0, 0);
    }

    public Int3(int x, int y, int z) {
        this.x = x;
        this.y = y;
        this.z = z;
    }

    private static Int3 all(int value) {
        return new Int3(value, value, value);
    }

    /** a + b. */
    public static Int3 add(Int3 a, Int3 b) {
        return new Int3(a.x + b.x, a.y + b.y, a.z + b.z);
    }

    public static Int3 add(Int3 a, int value) {
        return add(a, all(value));
    }

    /** a − b. */
    public static Int3 sub(Int3 a, Int3 b) {
        return new Int3(a.x - b.x, a.y - b.y, a.z - b.z);
    }

    public static Int3 sub(Int3 a, int value) {
        return sub(a, all(value));
    }

    /** a · b. */
    public static Int3 mult(Int3 a, Int3 b) {
        return new Int3(a.x * b.x, a.y * b.y, a.z * b.z);
    }

    public static Int3 mult(Int3 a, int value) {
        return mult(a, all(value));
    }

    /** a / b. */
    public static Int3 div(Int3 a, Int3 b) {
        return new Int3(a.x / b.x, a.y / b.y, a.z / b.z);
    }

    public static Int3 div(Int3 a, int value) {
        return div(a, all(value));
    }

    /** The smaller ones. */
    public static Int3 min(Int3 a, Int3 b) {
        return new Int3(Math.min(a.x, b.x), Math.min(a.y, b.y), Math.min(a.z, b.z));
    }

    /** The larger ones. */
    public static Int3 max(Int3 a, Int3 b) {
        return new Int3(Math.max(a.x, b.x), Math.max(a.y, b.y), Math.max(a.z, b.z));
    }

    /** The smallest element. */
    public static int min(Int3 value) {
        return Math.min(Math.min(value.x, value.y), value.z);
    }

    /** The largest element. */
    public static int max(Int3 value) {
        return Math.max(Math.max(value.x, value.y), value.z);
    }

    /** An element; on a device only constant indices work. */
    public int get(int index) {
        return switch (index) {
            case 0 -> x;
            case 1 -> y;
            case 2 -> z;
            default -> throw new IndexOutOfBoundsException("lane of an Int3: found " + index + ", expected 0 to 2");
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

    /** The first two. */
    public Int2 asInt2() {
        return new Int2(x, y);
    }

    public int[] toArray() {
        return new int[] {x, y, z};
    }

    public int size() {
        return 3;
    }

    @Override
    public String toString() {
        return Arrays.toString(toArray());
    }
}
