package uk.ac.manchester.tornado.api.types.vectors;

import java.util.Arrays;

/**
 * Four bytes, which an OpenCL device computes with as one vector. Operations go element by element. Whole numbers wrap
 * around and divide as Java's do.
 *
 * <p>The fields are final, as those of {@link Float8} are.
 */
public final class Byte4 {
    public static final Class<Byte4> TYPE = Byte4.class;

    private final byte x;
    private final byte y;
    private final byte z;
    private final byte w;

    /** Zeros. */
    public Byte4() {
        this((byte) 0, (byte) 0, (byte) 0, (byte) 0);
    }

    public Byte4(byte x, byte y, byte z, byte w) {
        this.x = x;
        this.y = y;
        this.z = z;
        this.w = w;
    }

    private static Byte4 all(byte value) {
        return new Byte4(value, value, value, value);
    }

    /** a + b. */
    public static Byte4 add(Byte4 a, Byte4 b) {
        return new Byte4((byte) (a.x + b.x), (byte) (a.y + b.y), (byte) (a.z + b.z), (byte) (a.w + b.w));
    }

    public static Byte4 add(Byte4 a, byte value) {
        return add(a, all(value));
    }

    /** a − b. */
    public static Byte4 sub(Byte4 a, Byte4 b) {
        return new Byte4((byte) (a.x - b.x), (byte) (a.y - b.y), (byte) (a.z - b.z), (byte) (a.w - b.w));
    }

    public static Byte4 sub(Byte4 a, byte value) {
        return sub(a, all(value));
    }

    /** a · b. */
    public static Byte4 mult(Byte4 a, Byte4 b) {
        return new Byte4((byte) (a.x * b.x), (byte) (a.y * b.y), (byte) (a.z * b.z), (byte) (a.w * b.w));
    }

    public static Byte4 mult(Byte4 a, byte value) {
        return mult(a, all(value));
    }

    /** a / b. */
    public static Byte4 div(Byte4 a, Byte4 b) {
        return new Byte4((byte) (a.x / b.x), (byte) (a.y / b.y), (byte) (a.z / b.z), (byte) (a.w / b.w));
    }

    public static Byte4 div(Byte4 a, byte value) {
        return div(a, all(value));
    }

    /** The smaller ones. */
    public static Byte4 min(Byte4 a, Byte4 b) {
        return new Byte4((byte) Math.min(a.x, b.x), (byte) Math.min(a.y, b.y), (byte) Math.min(a.z, b.z), (byte)
                Math.min(a.w, b.w));
    }

    /** The larger ones. */
    public static Byte4 max(Byte4 a, Byte4 b) {
        return new Byte4((byte) Math.max(a.x, b.x), (byte) Math.max(a.y, b.y), (byte) Math.max(a.z, b.z), (byte)
                Math.max(a.w, b.w));
    }

    /** The smallest element. */
    public static byte min(Byte4 value) {
        return (byte) Math.min(Math.min(value.x, value.y), Math.min(value.z, value.w));
    }

    /** The largest element. */
    public static byte max(Byte4 value) {
        return (byte) Math.max(Math.max(value.x, value.y), Math.max(value.z, value.w));
    }

    /** An element; on a device only constant indices work. */
    public byte get(int index) {
        return switch (index) {
            case 0 -> x;
            case 1 -> y;
            case 2 -> z;
            case 3 -> w;
            default -> throw new IndexOutOfBoundsException("lane of a Byte4: found " + index + ", expected 0 to 3");
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

    public byte getW() {
        return w;
    }

    public byte[] toArray() {
        return new byte[] {x, y, z, w};
    }

    public int size() {
        return 4;
    }

    @Override
    public String toString() {
        return Arrays.toString(toArray());
    }
}
