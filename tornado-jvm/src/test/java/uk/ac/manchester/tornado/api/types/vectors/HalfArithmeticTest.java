package uk.ac.manchester.tornado.api.types.vectors;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.FloatRange;
import net.jqwik.api.constraints.Size;
import uk.ac.manchester.tornado.api.types.HalfFloat;

/** Vectors of 16-bit numbers compute, bit for bit, what scalars compute with every result rounded to 16 bits. */
class HalfArithmeticTest {
    private interface Scalar {
        float apply(float a, float b);
    }

    @Property(tries = 100)
    void computesAsScalarsDo(
            @ForAll @Size(16) List<@FloatRange(min = -100, max = 100) Float> a,
            @ForAll @Size(16) List<@FloatRange(min = -100, max = 100) Float> b)
            throws Exception {
        for (int width : new int[] {2, 3, 4, 8, 16}) {
            Class<?> type = Class.forName(Float8.class.getPackageName() + ".Half" + width);
            Object x = vector(type, width, a);
            Object y = vector(type, width, b);
            check(type, "add", x, y, (p, q) -> p + q);
            check(type, "sub", x, y, (p, q) -> p - q);
            check(type, "mult", x, y, (p, q) -> p * q);
            check(type, "div", x, y, (p, q) -> p / q);
            short[] bits = bits(x);
            for (int i = 0; i < width; i++) {
                String getter = "get" + (width <= 4 ? "XYZW".substring(i, i + 1) : "S" + i);
                HalfFloat lane = (HalfFloat) type.getMethod(getter).invoke(x);
                HalfFloat indexed = (HalfFloat) type.getMethod("get", int.class).invoke(x, i);
                assertThat(bits[i]).isEqualTo(Float.floatToFloat16(a.get(i)));
                assertThat(lane.getHalfFloatValue()).isEqualTo(bits[i]);
                assertThat(indexed.getHalfFloatValue()).isEqualTo(bits[i]);
            }
            short[] products = bits(type.getMethod("mult", type, type).invoke(null, x, y));
            float sum = Float.float16ToFloat(products[0]);
            for (int i = 1; i < width; i++) {
                sum = rounded(sum + Float.float16ToFloat(products[i]));
            }
            HalfFloat dot = (HalfFloat) type.getMethod("dot", type, type).invoke(null, x, y);
            assertThat(dot.getFloat32()).isEqualTo(sum);
        }
    }

    @Property(tries = 100)
    void pairsAndHalves(@ForAll @Size(8) List<@FloatRange(min = -100, max = 100) Float> a) throws Exception {
        Half8 eight = (Half8) vector(Half8.class, 8, a);
        assertThat(bits(eight.getLow())).isEqualTo(bits(vector(Half4.class, 4, a.subList(0, 4))));
        assertThat(bits(eight.getHigh())).isEqualTo(bits(vector(Half4.class, 4, a.subList(4, 8))));
        Half2 x = Half2.fromFloats(a.get(0), a.get(1));
        Half2 y = Half2.fromFloats(a.get(2), a.get(3));
        Half2 z = Half2.fromFloats(a.get(4), a.get(5));
        Half2 fma = Half2.fma(x, y, z);
        assertThat(Half2.lowFloat(fma))
                .isEqualTo(rounded(rounded(rounded(a.get(0)) * rounded(a.get(2))) + rounded(a.get(4))));
        assertThat(Half2.highFloat(fma))
                .isEqualTo(rounded(rounded(rounded(a.get(1)) * rounded(a.get(3))) + rounded(a.get(5))));
    }

    private static void check(Class<?> type, String name, Object x, Object y, Scalar scalar) throws Exception {
        short[] a = bits(x);
        short[] b = bits(y);
        short[] byVector = bits(type.getMethod(name, type, type).invoke(null, x, y));
        short[] byScalar = bits(type.getMethod(name, type, HalfFloat.class).invoke(null, x, new HalfFloat(b[0])));
        for (int i = 0; i < a.length; i++) {
            float p = Float.float16ToFloat(a[i]);
            assertThat(byVector[i])
                    .as(type + " " + name)
                    .isEqualTo(Float.floatToFloat16(scalar.apply(p, Float.float16ToFloat(b[i]))));
            assertThat(byScalar[i])
                    .as(type + " " + name + " of a scalar")
                    .isEqualTo(Float.floatToFloat16(scalar.apply(p, Float.float16ToFloat(b[0]))));
        }
    }

    private static float rounded(float value) {
        return Float.float16ToFloat(Float.floatToFloat16(value));
    }

    private static Object vector(Class<?> type, int width, List<Float> values) throws Exception {
        return type.getConstructor(Collections.nCopies(width, HalfFloat.class).toArray(Class[]::new))
                .newInstance(IntStream.range(0, width)
                        .mapToObj(i -> new HalfFloat(values.get(i)))
                        .toArray());
    }

    private static short[] bits(Object vector) throws Exception {
        return (short[]) vector.getClass().getMethod("toArray").invoke(vector);
    }
}
