package uk.ac.manchester.tornado.api.types.vectors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.InvocationTargetException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BinaryOperator;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Vectors of every type and width compute, bit for bit, what scalars compute element by element. */
class VectorArithmeticTest {
    private static final Set<String> WITH_DOT = Set.of(
            "Float2",
            "Float3",
            "Float4",
            "Float8",
            "Float16",
            "Int2",
            "Int8",
            "Int16",
            "Double2",
            "Double3",
            "Double4",
            "Double16");

    /** A type of elements with its scalar arithmetic. */
    private record Family<T>(String name, Class<?> element, T zero, Map<String, BinaryOperator<T>> operations) {}

    private static final Family<Float> FLOATS = new Family<>(
            "Float",
            float.class,
            0f,
            Map.of(
                    "add", (a, b) -> a + b,
                    "sub", (a, b) -> a - b,
                    "mult", (a, b) -> a * b,
                    "div", (a, b) -> a / b,
                    "min", Math::min,
                    "max", Math::max));
    private static final Family<Double> DOUBLES = new Family<>(
            "Double",
            double.class,
            0.0,
            Map.of(
                    "add", (a, b) -> a + b,
                    "sub", (a, b) -> a - b,
                    "mult", (a, b) -> a * b,
                    "div", (a, b) -> a / b,
                    "min", Math::min,
                    "max", Math::max));
    private static final Family<Integer> INTS = new Family<>(
            "Int",
            int.class,
            0,
            Map.of(
                    "add", (a, b) -> a + b,
                    "sub", (a, b) -> a - b,
                    "mult", (a, b) -> a * b,
                    "div", (a, b) -> a / b,
                    "min", Math::min,
                    "max", Math::max));
    private static final Family<Byte> BYTES = new Family<>(
            "Byte",
            byte.class,
            (byte) 0,
            Map.of(
                    "add", (a, b) -> (byte) (a + b),
                    "sub", (a, b) -> (byte) (a - b),
                    "mult", (a, b) -> (byte) (a * b),
                    "div", (a, b) -> (byte) (a / b),
                    "min", (a, b) -> (byte) Math.min(a, b),
                    "max", (a, b) -> (byte) Math.max(a, b)));

    @Property(tries = 100)
    void floats(@ForAll @Size(16) List<Float> a, @ForAll @Size(16) List<Float> b) throws Exception {
        check(FLOATS, a, b, 2, 3, 4, 8, 16);
        for (int width : new int[] {2, 3, 4, 8}) {
            Object vector = vector(type(FLOATS, width), FLOATS, a);
            List<Float> roots =
                    a.subList(0, width).stream().map(x -> (float) Math.sqrt(x)).toList();
            assertThat(lanes(call(vector, "sqrt"))).isEqualTo(roots);
        }
    }

    @Property(tries = 100)
    void doubles(@ForAll @Size(16) List<Double> a, @ForAll @Size(16) List<Double> b) throws Exception {
        check(DOUBLES, a, b, 2, 3, 4, 8, 16);
        for (int width : new int[] {2, 3, 4, 8}) {
            Object vector = vector(type(DOUBLES, width), DOUBLES, a);
            List<Double> roots = a.subList(0, width).stream().map(Math::sqrt).toList();
            assertThat(lanes(call(vector, "sqrt"))).isEqualTo(roots);
        }
    }

    @Property(tries = 100)
    void ints(@ForAll @Size(16) List<Integer> a, @ForAll @Size(16) List<Integer> b) throws Exception {
        check(INTS, a, b.stream().map(x -> x == 0 ? 1 : x).toList(), 2, 3, 4, 8, 16);
    }

    @Property(tries = 100)
    void bytes(@ForAll @Size(16) List<Byte> a, @ForAll @Size(16) List<Byte> b) throws Exception {
        check(BYTES, a, b.stream().map(x -> x == 0 ? (byte) 1 : x).toList(), 3, 4);
    }

    @ParameterizedTest
    @CsvSource({"Float4,2", "Float8,4", "Double4,2", "Double8,4", "Int8,4"})
    void halves(String name, int half) throws Exception {
        Object vector = counting(name, 2 * half);
        List<Object> all = lanes(vector);
        assertThat(lanes(member(vector, "getLow"))).isEqualTo(all.subList(0, half));
        assertThat(lanes(member(vector, "getHigh"))).isEqualTo(all.subList(half, 2 * half));
    }

    @ParameterizedTest
    @CsvSource({
        "Float3,Float2",
        "Float4,Float2",
        "Float4,Float3",
        "Int3,Int2",
        "Int4,Int2",
        "Int4,Int3",
        "Double3,Double2",
        "Double4,Double2",
        "Double4,Double3"
    })
    void beginnings(String name, String shorter) throws Exception {
        Object vector = counting(name, name.charAt(name.length() - 1) - '0');
        Object beginning = member(vector, "as" + shorter);
        assertThat(beginning.getClass().getSimpleName()).isEqualTo(shorter);
        assertThat(lanes(beginning)).isEqualTo(lanes(vector).subList(0, shorter.charAt(shorter.length() - 1) - '0'));
    }

    @ParameterizedTest
    @CsvSource({"Float2,2.236068", "Float3,3.7416575", "Float4,5.477226"})
    void lengths(String name, float expected) throws Exception {
        Object vector = counting(name, name.charAt(5) - '0');
        assertThat(call(vector, "length")).isEqualTo(expected);
        Object doubles = counting(name.replace("Float", "Double"), name.charAt(5) - '0');
        assertThat(((Double) call(doubles, "length")).floatValue()).isEqualTo(expected);
    }

    private static <T> void check(Family<T> family, List<T> a, List<T> b, int... widths) throws Exception {
        for (int width : widths) {
            checkWidth(family, a.subList(0, width), b.subList(0, width));
        }
    }

    private static <T> void checkWidth(Family<T> family, List<T> a, List<T> b) throws Exception {
        int width = a.size();
        Class<?> type = type(family, width);
        Object x = vector(type, family, a);
        Object y = vector(type, family, b);
        for (var operation : family.operations().entrySet()) {
            String name = operation.getKey();
            Object computed = type.getMethod(name, type, type).invoke(null, x, y);
            assertThat(lanes(computed)).as(type + " " + name).isEqualTo(zip(operation.getValue(), a, b));
        }
        for (String name : List.of("add", "sub", "mult", "div")) {
            T scalar = b.getFirst();
            Object computed = type.getMethod(name, type, family.element()).invoke(null, x, scalar);
            assertThat(lanes(computed))
                    .as(type + " " + name + " of a scalar")
                    .isEqualTo(zip(family.operations().get(name), a, Collections.nCopies(width, scalar)));
        }
        for (String name : List.of("min", "max")) {
            T expected = a.stream().reduce(family.operations().get(name)).orElseThrow();
            assertThat(call(x, name)).as(type + " " + name).isEqualTo(expected);
        }
        if (WITH_DOT.contains(type.getSimpleName())) {
            List<T> products = zip(family.operations().get("mult"), a, b);
            T expected =
                    products.stream().reduce(family.operations().get("add")).orElseThrow();
            assertThat(type.getMethod("dot", type, type).invoke(null, x, y)).isEqualTo(expected);
        }
        checkLanes(family, a, x);
    }

    private static <T> void checkLanes(Family<T> family, List<T> a, Object x) throws Exception {
        int width = a.size();
        assertThat(lanes(x)).isEqualTo(a);
        assertThat(member(x, "size")).isEqualTo(width);
        assertThat(x).hasToString(a.toString());
        assertThat(lanes(x.getClass().getConstructor().newInstance()))
                .isEqualTo(Collections.nCopies(width, family.zero()));
        var get = x.getClass().getMethod("get", int.class);
        for (int i = 0; i < width; i++) {
            assertThat(get.invoke(x, i)).isEqualTo(a.get(i));
            assertThat(member(x, "get" + (width <= 4 ? "XYZW".substring(i, i + 1) : "S" + i)))
                    .isEqualTo(a.get(i));
        }
        assertThatThrownBy(() -> get.invoke(x, width))
                .isInstanceOf(InvocationTargetException.class)
                .hasCauseInstanceOf(IndexOutOfBoundsException.class);
    }

    private static <T> List<T> zip(BinaryOperator<T> operation, List<T> a, List<T> b) {
        List<T> all = new ArrayList<>();
        for (int i = 0; i < a.size(); i++) {
            all.add(operation.apply(a.get(i), b.get(i)));
        }
        return all;
    }

    private static Class<?> type(Family<?> family, int width) throws ClassNotFoundException {
        return Class.forName(Float8.class.getPackageName() + "." + family.name() + width);
    }

    private static Object vector(Class<?> type, Family<?> family, List<?> values) throws Exception {
        int width = Integer.parseInt(type.getSimpleName().replaceAll("\\D", ""));
        Class<?>[] parameters = Collections.nCopies(width, family.element()).toArray(Class[]::new);
        return type.getConstructor(parameters)
                .newInstance(values.subList(0, width).toArray());
    }

    /** The vector 1, 2, 3, …, rising so that no two lanes are alike. */
    private static Object counting(String name, int width) throws Exception {
        List<Object> values = new ArrayList<>();
        Family<?> family = name.startsWith("Float") ? FLOATS : name.startsWith("Int") ? INTS : DOUBLES;
        for (int i = 1; i <= width; i++) {
            values.add(family == FLOATS ? (Object) (float) i : family == INTS ? (Object) i : (Object) (double) i);
        }
        return vector(type(family, width), family, values);
    }

    private static Object call(Object vector, String name) throws Exception {
        return vector.getClass().getMethod(name, vector.getClass()).invoke(null, vector);
    }

    private static Object member(Object vector, String name) throws Exception {
        return vector.getClass().getMethod(name).invoke(vector);
    }

    private static List<Object> lanes(Object vector) throws Exception {
        Object array = member(vector, "toArray");
        List<Object> lanes = new ArrayList<>();
        for (int i = 0; i < java.lang.reflect.Array.getLength(array); i++) {
            lanes.add(java.lang.reflect.Array.get(array, i));
        }
        return lanes;
    }
}
