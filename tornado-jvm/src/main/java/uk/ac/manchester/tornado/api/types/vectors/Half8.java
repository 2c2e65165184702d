package uk.ac.manchester.tornado.api.types.vectors;

import java.util.Arrays;
import uk.ac.manchester.tornado.api.types.HalfFloat;

/**
 * Eight 16-bit floating-point numbers, which an OpenCL device with fp16 computes with as one vector. Operations go
 * element by element and round each result to 16 bits.
 *
 * <p>The fields are final, as those of {@link Float8} are.
 */
public final class Half8 {
    public static final Class<Half8> TYPE = Half8.class;

    private final HalfFloat s0;
    private final HalfFloat s1;
    private final HalfFloat s2;
    private final HalfFloat s3;
    private final HalfFloat s4;
    private final HalfFloat s5;
    private final HalfFloat s6;
    private final HalfFloat s7;

    /** Zeros. */
    public Half8() {
        this(new HalfFloat(0f));
    }

    private Half8(HalfFloat value) {
        this(value, value, value, value, value, value, value, value);
    }

    public Half8(
            HalfFloat s0,
            HalfFloat s1,
            HalfFloat s2,
            HalfFloat s3,
            HalfFloat s4,
            HalfFloat s5,
            HalfFloat s6,
            HalfFloat s7) {
        this.s0 = s0;
        this.s1 = s1;
        this.s2 = s2;
        this.s3 = s3;
        this.s4 = s4;
        this.s5 = s5;
        this.s6 = s6;
        this.s7 = s7;
    }

    /** a + b. */
    public static Half8 add(Half8 a, Half8 b) {
        return new Half8(
                HalfFloat.add(a.s0, b.s0),
                HalfFloat.add(a.s1, b.s1),
                HalfFloat.add(a.s2, b.s2),
                HalfFloat.add(a.s3, b.s3),
                HalfFloat.add(a.s4, b.s4),
                HalfFloat.add(a.s5, b.s5),
                HalfFloat.add(a.s6, b.s6),
                HalfFloat.add(a.s7, b.s7));
    }

    public static Half8 add(Half8 a, HalfFloat value) {
        return add(a, new Half8(value));
    }

    /** a − b. */
    public static Half8 sub(Half8 a, Half8 b) {
        return new Half8(
                HalfFloat.sub(a.s0, b.s0),
                HalfFloat.sub(a.s1, b.s1),
                HalfFloat.sub(a.s2, b.s2),
                HalfFloat.sub(a.s3, b.s3),
                HalfFloat.sub(a.s4, b.s4),
                HalfFloat.sub(a.s5, b.s5),
                HalfFloat.sub(a.s6, b.s6),
                HalfFloat.sub(a.s7, b.s7));
    }

    public static Half8 sub(Half8 a, HalfFloat value) {
        return sub(a, new Half8(value));
    }

    /** a · b. */
    public static Half8 mult(Half8 a, Half8 b) {
        return new Half8(
                HalfFloat.mult(a.s0, b.s0),
                HalfFloat.mult(a.s1, b.s1),
                HalfFloat.mult(a.s2, b.s2),
                HalfFloat.mult(a.s3, b.s3),
                HalfFloat.mult(a.s4, b.s4),
                HalfFloat.mult(a.s5, b.s5),
                HalfFloat.mult(a.s6, b.s6),
                HalfFloat.mult(a.s7, b.s7));
    }

    public static Half8 mult(Half8 a, HalfFloat value) {
        return mult(a, new Half8(value));
    }

    /** a / b. */
    public static Half8 div(Half8 a, Half8 b) {
        return new Half8(
                HalfFloat.div(a.s0, b.s0),
                HalfFloat.div(a.s1, b.s1),
                HalfFloat.div(a.s2, b.s2),
                HalfFloat.div(a.s3, b.s3),
                HalfFloat.div(a.s4, b.s4),
                HalfFloat.div(a.s5, b.s5),
                HalfFloat.div(a.s6, b.s6),
                HalfFloat.div(a.s7, b.s7));
    }

    public static Half8 div(Half8 a, HalfFloat value) {
        return div(a, new Half8(value));
    }

    /** The sum of a · b, from the first element to the last, rounded after every step. */
    public static HalfFloat dot(Half8 a, Half8 b) {
        Half8 m = mult(a, b);
        return HalfFloat.add(
                HalfFloat.add(
                        HalfFloat.add(
                                HalfFloat.add(
                                        HalfFloat.add(HalfFloat.add(HalfFloat.add(m.s0, m.s1), m.s2), m.s3), m.s4),
                                m.s5),
                        m.s6),
                m.s7);
    }

    /** An element; on a device only constant indices work. */
    public HalfFloat get(int index) {
        return switch (index) {
            case 0 -> s0;
            case 1 -> s1;
            case 2 -> s2;
            case 3 -> s3;
            case 4 -> s4;
            case 5 -> s5;
            case 6 -> s6;
            case 7 -> s7;
            default -> throw new IndexOutOfBoundsException("lane of a Half8: found " + index + ", expected 0 to 7");
        };
    }

    public HalfFloat getS0() {
        return s0;
    }

    public HalfFloat getS1() {
        return s1;
    }

    public HalfFloat getS2() {
        return s2;
    }

    public HalfFloat getS3() {
        return s3;
    }

    public HalfFloat getS4() {
        return s4;
    }

    public HalfFloat getS5() {
        return s5;
    }

    public HalfFloat getS6() {
        return s6;
    }

    public HalfFloat getS7() {
        return s7;
    }

    /** The first half. */
    public Half4 getLow() {
        return new Half4(s0, s1, s2, s3);
    }

    /** The second half. */
    public Half4 getHigh() {
        return new Half4(s4, s5, s6, s7);
    }

    /** The bits of the elements. */
    public short[] toArray() {
        return new short[] {
            s0.getHalfFloatValue(),
            s1.getHalfFloatValue(),
            s2.getHalfFloatValue(),
            s3.getHalfFloatValue(),
            s4.getHalfFloatValue(),
            s5.getHalfFloatValue(),
            s6.getHalfFloatValue(),
            s7.getHalfFloatValue()
        };
    }

    public int size() {
        return 8;
    }

    @Override
    public String toString() {
        float[] values = {
            s0.getFloat32(),
            s1.getFloat32(),
            s2.getFloat32(),
            s3.getFloat32(),
            s4.getFloat32(),
            s5.getFloat32(),
            s6.getFloat32(),
            s7.getFloat32()
        };
        return Arrays.toString(values);
    }
}
