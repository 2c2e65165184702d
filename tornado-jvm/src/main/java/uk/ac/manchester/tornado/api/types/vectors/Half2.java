package uk.ac.manchester.tornado.api.types.vectors;

import java.util.Arrays;
import uk.ac.manchester.tornado.api.types.HalfFloat;

/**
 * Two 16-bit floating-point numbers, which an OpenCL device with fp16 computes with as one vector. Operations go
 * element by element and round each result to 16 bits.
 *
 * <p>The fields are final, as those of {@link Float8} are.
 */
public final class Half2 {
    public static final Class<Half2> TYPE = Half2.class;

    private final HalfFloat x;
    private final HalfFloat y;

    /** Zeros. */
    public Half2() {
        this(new HalfFloat(0f));
    }

    private Half2(HalfFloat value) {
        this(value, value);
    }

    public Half2(HalfFloat x, HalfFloat y) {
        this.x = x;
        this.y = y;
    }

    /** a + b. */
    public static Half2 add(Half2 a, Half2 b) {
        return new Half2(HalfFloat.add(a.x, b.x), HalfFloat.add(a.y, b.y));
    }

    public static Half2 add(Half2 a, HalfFloat value) {
        return add(a, new Half2(value));
    }

    /** a − b. */
    public static Half2 sub(Half2 a, Half2 b) {
        return new Half2(HalfFloat.sub(a.x, b.x), HalfFloat.sub(a.y, b.y));
    }

    public static Half2 sub(Half2 a, HalfFloat value) {
        return sub(a, new Half2(value));
    }

    /** a · b. */
    public static Half2 mult(Half2 a, Half2 b) {
        return new Half2(HalfFloat.mult(a.x, b.x), HalfFloat.mult(a.y, b.y));
    }

    public static Half2 mult(Half2 a, HalfFloat value) {
        return mult(a, new Half2(value));
    }

    /** a / b. */
    public static Half2 div(Half2 a, Half2 b) {
        return new Half2(HalfFloat.div(a.x, b.x), HalfFloat.div(a.y, b.y));
    }

    public static Half2 div(Half2 a, HalfFloat value) {
        return div(a, new Half2(value));
    }

    /** a · b + c, rounded after the product and after the sum. */
    public static Half2 fma(Half2 a, Half2 b, Half2 c) {
        return add(mult(a, b), c);
    }

    public static float lowFloat(Half2 a) {
        return a.x.getFloat32();
    }

    public static float highFloat(Half2 a) {
        return a.y.getFloat32();
    }

    public static Half2 fromFloats(float low, float high) {
        return new Half2(new HalfFloat(low), new HalfFloat(high));
    }

    /** The sum of a · b, from the first element to the last, rounded after every step. */
    public static HalfFloat dot(Half2 a, Half2 b) {
        Half2 m = mult(a, b);
        return HalfFloat.add(m.x, m.y);
    }

    /** An element; on a device only constant indices work. */
    public HalfFloat get(int index) {
        return switch (index) {
            case 0 -> x;
            case 1 -> y;
            default -> throw new IndexOutOfBoundsException("lane of a Half2: found " + index + ", expected 0 to 1");
        };
    }

    public HalfFloat getX() {
        return x;
    }

    public HalfFloat getY() {
        return y;
    }

    /** The bits of the elements. */
    public short[] toArray() {
        return new short[] {x.getHalfFloatValue(), y.getHalfFloatValue()};
    }

    public int size() {
        return 2;
    }

    @Override
    public String toString() {
        float[] values = {x.getFloat32(), y.getFloat32()};
        return Arrays.toString(values);
    }
}
