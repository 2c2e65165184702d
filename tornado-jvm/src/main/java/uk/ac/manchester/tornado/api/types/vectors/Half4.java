package uk.ac.manchester.tornado.api.types.vectors;

import java.util.Arrays;
import uk.ac.manchester.tornado.api.types.HalfFloat;

/**
 * Four 16-bit floating-point numbers, which an OpenCL device with fp16 computes with as one vector. Operations go
 * element by element and round each result to 16 bits.
 *
 * <p>The fields are final, as those of {@link Float8} are.
 */
public final class Half4 {
    public static final Class<Half4> TYPE = Half4.class;

    private final HalfFloat x;
    private final HalfFloat y;
    private final HalfFloat z;
    private final HalfFloat w;

    /** Zeros. */
    public Half4() {
        this(new HalfFloat(0f));
    }

    private Half4(HalfFloat value) {
        this(value, value, value, value);
    }

    public Half4(HalfFloat x, HalfFloat y, HalfFloat z, HalfFloat w) {
        this.x = x;
        this.y = y;
        this.z = z;
        this.w = w;
    }

    /** a + b. */
    public static Half4 add(Half4 a, Half4 b) {
        return new Half4(
                HalfFloat.add(a.x, b.x), HalfFloat.add(a.y, b.y), HalfFloat.add(a.z, b.z), HalfFloat.add(a.w, b.w));
    }

    public static Half4 add(Half4 a, HalfFloat value) {
        return add(a, new Half4(value));
    }

    /** a − b. */
    public static Half4 sub(Half4 a, Half4 b) {
        return new Half4(
                HalfFloat.sub(a.x, b.x), HalfFloat.sub(a.y, b.y), HalfFloat.sub(a.z, b.z), HalfFloat.sub(a.w, b.w));
    }

    public static Half4 sub(Half4 a, HalfFloat value) {
        return sub(a, new Half4(value));
    }

    /** a · b. */
    public static Half4 mult(Half4 a, Half4 b) {
        return new Half4(
                HalfFloat.mult(a.x, b.x), HalfFloat.mult(a.y, b.y), HalfFloat.mult(a.z, b.z), HalfFloat.mult(a.w, b.w));
    }

    public static Half4 mult(Half4 a, HalfFloat value) {
        return mult(a, new Half4(value));
    }

    /** a / b. */
    public static Half4 div(Half4 a, Half4 b) {
        return new Half4(
                HalfFloat.div(a.x, b.x), HalfFloat.div(a.y, b.y), HalfFloat.div(a.z, b.z), HalfFloat.div(a.w, b.w));
    }

    public static Half4 div(Half4 a, HalfFloat value) {
        return div(a, new Half4(value));
    }

    /** The sum of a · b, from the first element to the last, rounded after every step. */
    public static HalfFloat dot(Half4 a, Half4 b) {
        Half4 m = mult(a, b);
        return HalfFloat.add(HalfFloat.add(HalfFloat.add(m.x, m.y), m.z), m.w);
    }

    /** An element; on a device only constant indices work. */
    public HalfFloat get(int index) {
        return switch (index) {
            case 0 -> x;
            case 1 -> y;
            case 2 -> z;
            case 3 -> w;
            default -> throw new IndexOutOfBoundsException("lane of a Half4: found " + index + ", expected 0 to 3");
        };
    }

    public HalfFloat getX() {
        return x;
    }

    public HalfFloat getY() {
        return y;
    }

    public HalfFloat getZ() {
        return z;
    }

    public HalfFloat getW() {
        return w;
    }

    /** The bits of the elements. */
    public short[] toArray() {
        return new short[] {x.getHalfFloatValue(), y.getHalfFloatValue(), z.getHalfFloatValue(), w.getHalfFloatValue()};
    }

    public int size() {
        return 4;
    }

    @Override
    public String toString() {
        float[] values = {x.getFloat32(), y.getFloat32(), z.getFloat32(), w.getFloat32()};
        return Arrays.toString(values);
    }
}
