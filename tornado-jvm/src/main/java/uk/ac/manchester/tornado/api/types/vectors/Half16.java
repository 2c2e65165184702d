package uk.ac.manchester.tornado.api.types.vectors;

import java.util.Arrays;
import uk.ac.manchester.tornado.api.types.HalfFloat;

/**
 * Sixteen 16-bit floating-point numbers, which an OpenCL device with fp16 computes with as one vector. Operations go
 * element by element and round each result to 16 bits.
 *
 * <p>The fields are final, as those of {@link Float8} are.
 */
public final class Half16 {
    public static final Class<Half16> TYPE = Half16.class;

    private final HalfFloat s0;
    private final HalfFloat s1;
    private final HalfFloat s2;
    private final HalfFloat s3;
    private final HalfFloat s4;
    private final HalfFloat s5;
    private final HalfFloat s6;
    private final HalfFloat s7;
    private final HalfFloat s8;
    private final HalfFloat s9;
    private final HalfFloat s10;
    private final HalfFloat s11;
    private final HalfFloat s12;
    private final HalfFloat s13;
    private final HalfFloat s14;
    private final HalfFloat s15;

    /** Zeros. */
    public Half16() {
        this(new HalfFloat(0f));
    }

    private Half16(HalfFloat value) {
        this(
                value, value, value, value, value, value, value, value, value, value, value, value, value, value, value,
                value);
    }

    public Half16(
            HalfFloat s0,
            HalfFloat s1,
            HalfFloat s2,
            HalfFloat s3,
            HalfFloat s4,
            HalfFloat s5,
            HalfFloat s6,
            HalfFloat s7,
            HalfFloat s8,
            HalfFloat s9,
            HalfFloat s10,
            HalfFloat s11,
            HalfFloat s12,
            HalfFloat s13,
            HalfFloat s14,
            HalfFloat s15) {
        this.s0 = s0;
        this.s1 = s1;
        this.s2 = s2;
        this.s3 = s3;
        this.s4 = s4;
        this.s5 = s5;
        this.s6 = s6;
        this.s7 = s7;
        this.s8 = s8;
        this.s9 = s9;
        this.s10 = s10;
        this.s11 = s11;
        this.s12 = s12;
        this.s13 = s13;
        this.s14 = s14;
        this.s15 = s15;
    }

    /** a + b. */
    public static Half16 add(Half16 a, Half16 b) {
        return new Half16(
                HalfFloat.add(a.s0, b.s0),
                HalfFloat.add(a.s1, b.s1),
                HalfFloat.add(a.s2, b.s2),
                HalfFloat.add(a.s3, b.s3),
                HalfFloat.add(a.s4, b.s4),
                HalfFloat.add(a.s5, b.s5),
                HalfFloat.add(a.s6, b.s6),
                HalfFloat.add(a.s7, b.s7),
                HalfFloat.add(a.s8, b.s8),
                HalfFloat.add(a.s9, b.s9),
                HalfFloat.add(a.s10, b.s10),
                HalfFloat.add(a.s11, b.s11),
                HalfFloat.add(a.s12, b.s12),
                HalfFloat.add(a.s13, b.s13),
                HalfFloat.add(a.s14, b.s14),
                HalfFloat.add(a.s15, b.s15));
    }

    public static Half16 add(Half16 a, HalfFloat value) {
        return add(a, new Half16(value));
    }

    /** a − b. */
    public static Half16 sub(Half16 a, Half16 b) {
        return new Half16(
                HalfFloat.sub(a.s0, b.s0),
                HalfFloat.sub(a.s1, b.s1),
                HalfFloat.sub(a.s2, b.s2),
                HalfFloat.sub(a.s3, b.s3),
                HalfFloat.sub(a.s4, b.s4),
                HalfFloat.sub(a.s5, b.s5),
                HalfFloat.sub(a.s6, b.s6),
                HalfFloat.sub(a.s7, b.s7),
                HalfFloat.sub(a.s8, b.s8),
                HalfFloat.sub(a.s9, b.s9),
                HalfFloat.sub(a.s10, b.s10),
                HalfFloat.sub(a.s11, b.s11),
                HalfFloat.sub(a.s12, b.s12),
                HalfFloat.sub(a.s13, b.s13),
                HalfFloat.sub(a.s14, b.s14),
                HalfFloat.sub(a.s15, b.s15));
    }

    public static Half16 sub(Half16 a, HalfFloat value) {
        return sub(a, new Half16(value));
    }

    /** a · b. */
    public static Half16 mult(Half16 a, Half16 b) {
        return new Half16(
                HalfFloat.mult(a.s0, b.s0),
                HalfFloat.mult(a.s1, b.s1),
                HalfFloat.mult(a.s2, b.s2),
                HalfFloat.mult(a.s3, b.s3),
                HalfFloat.mult(a.s4, b.s4),
                HalfFloat.mult(a.s5, b.s5),
                HalfFloat.mult(a.s6, b.s6),
                HalfFloat.mult(a.s7, b.s7),
                HalfFloat.mult(a.s8, b.s8),
                HalfFloat.mult(a.s9, b.s9),
                HalfFloat.mult(a.s10, b.s10),
                HalfFloat.mult(a.s11, b.s11),
                HalfFloat.mult(a.s12, b.s12),
                HalfFloat.mult(a.s13, b.s13),
                HalfFloat.mult(a.s14, b.s14),
                HalfFloat.mult(a.s15, b.s15));
    }

    public static Half16 mult(Half16 a, HalfFloat value) {
        return mult(a, new Half16(value));
    }

    /** a / b. */
    public static Half16 div(Half16 a, Half16 b) {
        return new Half16(
                HalfFloat.div(a.s0, b.s0),
                HalfFloat.div(a.s1, b.s1),
                HalfFloat.div(a.s2, b.s2),
                HalfFloat.div(a.s3, b.s3),
                HalfFloat.div(a.s4, b.s4),
                HalfFloat.div(a.s5, b.s5),
                HalfFloat.div(a.s6, b.s6),
                HalfFloat.div(a.s7, b.s7),
                HalfFloat.div(a.s8, b.s8),
                HalfFloat.div(a.s9, b.s9),
                HalfFloat.div(a.s10, b.s10),
                HalfFloat.div(a.s11, b.s11),
                HalfFloat.div(a.s12, b.s12),
                HalfFloat.div(a.s13, b.s13),
                HalfFloat.div(a.s14, b.s14),
                HalfFloat.div(a.s15, b.s15));
    }

    public static Half16 div(Half16 a, HalfFloat value) {
        return div(a, new Half16(value));
    }

    /** The sum of a · b, from the first element to the last, rounded after every step. */
    public static HalfFloat dot(Half16 a, Half16 b) {
        Half16 m = mult(a, b);
        HalfFloat sum = m.s0;
        for (int i = 1; i < 16; i++) {
            sum = HalfFloat.add(sum, m.get(i));
        }
        return sum;
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
            case 8 -> s8;
            case 9 -> s9;
            case 10 -> s10;
            case 11 -> s11;
            case 12 -> s12;
            case 13 -> s13;
            case 14 -> s14;
            case 15 -> s15;
            default -> throw new IndexOutOfBoundsException("lane of a Half16: found " + index + ", expected 0 to 15");
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

    public HalfFloat getS8() {
        return s8;
    }

    public HalfFloat getS9() {
        return s9;
    }

    public HalfFloat getS10() {
        return s10;
    }

    public HalfFloat getS11() {
        return s11;
    }

    public HalfFloat getS12() {
        return s12;
    }

    public HalfFloat getS13() {
        return s13;
    }

    public HalfFloat getS14() {
        return s14;
    }

    public HalfFloat getS15() {
        return s15;
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
            s7.getHalfFloatValue(),
            s8.getHalfFloatValue(),
            s9.getHalfFloatValue(),
            s10.getHalfFloatValue(),
            s11.getHalfFloatValue(),
            s12.getHalfFloatValue(),
            s13.getHalfFloatValue(),
            s14.getHalfFloatValue(),
            s15.getHalfFloatValue()
        };
    }

    public int size() {
        return 16;
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
            s7.getFloat32(),
            s8.getFloat32(),
            s9.getFloat32(),
            s10.getFloat32(),
            s11.getFloat32(),
            s12.getFloat32(),
            s13.getFloat32(),
            s14.getFloat32(),
            s15.getFloat32()
        };
        return Arrays.toString(values);
    }
}
