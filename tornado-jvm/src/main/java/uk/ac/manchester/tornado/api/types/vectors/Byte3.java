package uk.ac.manchester.tornado.api.types.vectors;

import java.util.Arrays;

/**
 * Three bytes, which an OpenCL device computes with as one vector. Operations go element by element. Whole numbers wrap
 * around and divide as Java's do.
 *
 * <p>The fields are final, as those of {@link Float8} are.
 */
public final class Byte3 {
    public static final Class<Byte3> TYPE = Byte3.class;

    private final byte x;
    private final byte y;
    private final byte z;

    /** Zeros. */
    public Byte3() {
        this((byte) 0, (byte) 0, (byte) 0);
    }

    public Byte3(byte x, byte y, byte z) {
        this.x = x;
        this.y = y;
        this.z = z;
    }

    private static Byte3 all(byte value) {
        return new Byte3(value, value, value);
    }

    /** a + b. */
    public static Byte3 add(Byte3 a, Byte3 b) {
        return new Byte3((byte) (a.x + b.x), (byte) (a.y + b.y), (byte) (a.z + b.z));
    }

    public static Byte3 add(Byte3 a, byte value) {
        return add(a, all(value));
    }

    /** a − b. */
    public static Byte3 sub(Byte3 a, Byte3 b) {
        return new Byte3((byte) (a.x - b.x), (byte) (a.y - b.y), (byte) (a.z - b.z));
    }

    public static Byte3 sub(Byte3 a, byte value) {
        return sub(a, all(value));
    }

    /** a · b. */
    public static Byte3 mult(Byte3 a, Byte3 b) {
        return new Byte3((byte) (a.x * b.x), (byte) (a.y * b.y), (byte) (a.z * b.z));
    }

    public static Byte3 mult(Byte3 a, byte value) {
        return mult(a, all(value));
    }

    /** a / b. */
    public static Byte3 div(Byte3 a, Byte3 b) {
        return new Byte3((byte) (a.x / b.x), (byte) (a.y / b.y), (byte) (a.z / b.z));
    }

    public static Byte3 div(Byte3 a, byte value) {
        return div(a, all(value));
    }

    /** The smaller ones. */
    public static Byte3 min(Byte3 a, Byte3 b) {
        return new Byte3((byte) Math.min(a.x, b.x), (byte) Math.min(a.y, b.y), (byte) Math.min(a.z, b.z));
    }

    /** The larger ones. */
    public static Byte3 max(Byte3 a, Byte3 b) {
        return new Byte3((byte) Math.max(a.x, b.x), (byte) Math.max(a.y, b.y), (byte) Math.max(a.z, b.z));
    }

    /** The smallest element. */
    public static byte min(Byte3 value) {
        return (byte) Math.min(Math.min(value.x, value.y), value.z);
    }

    /** The largest element. */
    public static byte max(Byte3 value) {
        return (byte) Math.max(Math.max(value.x, value.y), value.z);
    }

    /** An element; on a device only constant indices work. */
    public byte get(int index) {
        return switch (index) {
            case 0 -> x;
            case 1 -> y;
            case 2 -> z;
            default -> throw new IndexOutOfBoundsException("lane of a Byte3: found " + index + ", expected 0 to 2");
        };
    }

    public byte getX() {
        return x;
    }

    public byte getY() {
        return y;
    }

    public byte getZ() {
        return z;
    }

    public byte[] toArray() {
        return new byte[] {x, y, z};
    }

    public int size() {
        return 3;
    }

    @Override
    public String toString() {
        return Arrays.toString(toArray());
    }
}
