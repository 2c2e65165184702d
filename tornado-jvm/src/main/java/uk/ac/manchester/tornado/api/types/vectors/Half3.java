package uk.ac.manchester.tornado.api.types.vectors;

import java.util.Arrays;
import uk.ac.manchester.tornado.api.types.HalfFloat;

/**
 * Three 16-bit floating-point numbers, which an OpenCL device with fp16 computes with as one vector. Operations go
 * element by element and round each result to 16 bits.
 *
 * <p>The fields are final, as those of {@link Float8} are.
 */
public final class Half3 {
    public static final Class<Half3> TYPE = Half3.class;

    private final HalfFloat x;
    private final HalfFloat y;
    private final HalfFloat z;

    /** Zeros. */
    public Half3() {
        this(new HalfFloat(0f));
    }

    private Half3(HalfFloat value) {
        this(value, value, value);
    }

    public Half3(HalfFloat x, HalfFloat y, HalfFloat z) {
        this.x = x;
        this.y = y;
        this.z = z;
    }

    /** a + b. */
    public static Half3 add(Half3 a, Half3 b) {
        return new Half3(HalfFloat.add(a.x, b.x), HalfFloat.add(a.y, b.y), HalfFloat.add(a.z, b.z));
    }

    public static Half3 add(Half3 a, HalfFloat value) {
        return add(a, new Half3(value));
    }

    /** a − b. */
    public static Half3 sub(Half3 a, Half3 b) {
        return new Half3(HalfFloat.sub(a.x, b.x), HalfFloat.sub(a.y, b.y), HalfFloat.sub(a.z, b.z));
    }

    public static Half3 sub(Half3 a, HalfFloat value) {
        return sub(a, new Half3(value));
    }

    /** a · b. */
    public static Half3 mult(Half3 a, Half3 b) {
        return new Half3(HalfFloat.mult(a.x, b.x), HalfFloat.mult(a.y, b.y), HalfFloat.mult(a.z, b.z));
    }

    public static Half3 mult(Half3 a, HalfFloat value) {
        return mult(a, new Half3(value));
    }

    /** a / b. */
    public static Half3 div(Half3 a, Half3 b) {
        return new Half3(HalfFloat.div(a.x, b.x), HalfFloat.div(a.y, b.y), HalfFloat.div(a.z, b.z));
    }

    public static Half3 div(Half3 a, HalfFloat value) {
        return div(a, new Half3(value));
    }

    /** The sum of a · b, from the first element to the last, rounded after every step. */
    public static HalfFloat dot(Half3 a, Half3 b) {
        Half3 m = mult(a, b);
        return HalfFloat.add(HalfFloat.add(m.x, m.y), m.z);
    }

    /** An element; on a device only constant indices work. */
    public HalfFloat get(int index) {
        return switch (index) {
            case 0 -> x;
            case 1 -> y;
            case 2 -> z;
            default -> throw new IndexOutOfBoundsException("lane of a Half3: found " + index + ", expected 0 to 2");
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

    /** The bits of the elements. */
    public short[] toArray() {
        return new short[] {x.getHalfFloatValue(), y.getHalfFloatValue(), z.getHalfFloatValue()};
    }

    public int size() {
        return 3;
    }

    @Override
    public String toString() {
        float[] values = {x.getFloat32(), y.getFloat32(), z.getFloat32()};
        return Arrays.toString(values);
    }
}
