package uk.ac.manchester.tornado.api.types.collections;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import uk.ac.manchester.tornado.api.types.HalfFloat;
import uk.ac.manchester.tornado.api.types.arrays.DoubleArray;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.HalfFloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/** Collections of every type and width: vector i of width w is the elements w·i to w·i + w − 1 of the array. */
class VectorCollectionTest {
    @Provide
    Arbitrary<String> elements() {
        return Arbitraries.of("Float", "Int", "Double", "Half");
    }

    @Provide
    Arbitrary<Integer> widths() {
        return Arbitraries.of(2, 3, 4, 8, 16);
    }

    @Property(tries = 300)
    void vectorsLieSideBySide(
            @ForAll("elements") String element,
            @ForAll("widths") int width,
            @ForAll @IntRange(min = 1, max = 9) int length,
            @ForAll @IntRange(max = 8) int from,
            @ForAll @IntRange(max = 8) int to)
            throws Exception {
        Class<?> type = type(element + width);
        VectorCollection vectors = counting(type, width, length);
        assertThat(vectors.getLength()).isEqualTo(length);
        assertThat(vectors.size()).isEqualTo(length * width);
        assertThat(type.getMethod("vectorWidth").invoke(vectors)).isEqualTo(width);

        int source = from % length;
        int target = to % length;
        Object vector = type.getMethod("get", int.class).invoke(vectors, source);
        Object lanes = vector.getClass().getMethod("toArray").invoke(vector);
        assertThat(numbers(lanes))
                .isEqualTo(IntStream.range(width * source, width * source + width)
                        .boxed()
                        .toList());

        type.getMethod("set", int.class, vector.getClass()).invoke(vectors, target, vector);
        assertThat(numbers(vectors.array()))
                .isEqualTo(IntStream.range(0, width * length)
                        .map(i -> i / width == target ? width * source + i % width : i)
                        .boxed()
                        .toList());
        assertThatThrownBy(() -> type.getMethod("get", int.class).invoke(vectors, length))
                .hasCauseInstanceOf(IndexOutOfBoundsException.class);
    }

    @Property(tries = 100)
    void copiesAndSums(
            @ForAll("elements") String element,
            @ForAll("widths") int width,
            @ForAll @IntRange(min = 1, max = 9) int length)
            throws Exception {
        Class<?> type = type(element + width);
        VectorCollection vectors = counting(type, width, length);
        List<Integer> content = numbers(vectors.array());
        VectorCollection copy = (VectorCollection) type.getMethod("duplicate").invoke(vectors);
        vectors.clear();
        assertThat(numbers(vectors.array())).containsOnly(0);
        assertThat(numbers(copy.array())).isEqualTo(content);

        Object sum = type.getMethod("sum").invoke(copy);
        List<Integer> columns = IntStream.range(0, width)
                .map(lane ->
                        IntStream.range(0, length).map(i -> width * i + lane).sum())
                .boxed()
                .toList();
        assertThat(numbers(sum.getClass().getMethod("toArray").invoke(sum))).isEqualTo(columns);

        type.getMethod("set", copy.array().getClass()).invoke(vectors, copy.array());
        assertThat(numbers(vectors.array())).isEqualTo(content);
        Object longer = counting(type, width, length + 1);
        assertThatThrownBy(() -> type.getMethod("set", type).invoke(vectors, longer))
                .hasRootCauseInstanceOf(IllegalArgumentException.class)
                .hasRootCauseMessage(type.getSimpleName() + "[" + length + "]: found " + width * (length + 1)
                        + " elements to copy, expected " + width * length);
    }

    @Test
    void oneLongVector() {
        VectorFloat floats = new VectorFloat(FloatArray.fromElements(1f, 2f, 3f));
        VectorInt ints = new VectorInt(IntArray.fromElements(1, 2, 3));
        VectorDouble doubles = new VectorDouble(DoubleArray.fromElements(1, 2, 3));
        assertThat(VectorFloat.dot(floats, floats)).isEqualTo(14f);
        assertThat(VectorInt.dot(ints, ints)).isEqualTo(14);
        assertThat(VectorDouble.dot(doubles, doubles)).isEqualTo(14.0);
        assertThat(numbers(floats.subVector(1, 2).getArray())).containsExactly(2, 3);
        VectorInt copy = ints.duplicate();
        ints.fill(7);
        copy.set(1, 9);
        assertThat(numbers(ints.getArray())).containsExactly(7, 7, 7);
        assertThat(numbers(copy.getArray())).containsExactly(1, 9, 3);
        assertThat(doubles.get(2)).isEqualTo(3.0);
    }

    @Test
    void refusesAnArrayThatDoesNotHoldWholeVectors() {
        assertThatThrownBy(() -> new VectorFloat8(new FloatArray(12)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("vectors of 8")
                .hasMessageContaining("12");
        assertThatThrownBy(() -> new VectorInt16(1 << 28)).isInstanceOf(ArithmeticException.class);
    }

    private static Class<?> type(String name) throws ClassNotFoundException {
        return Class.forName(VectorCollection.class.getPackageName() + ".Vector" + name);
    }

    /** The elements 0, 1, 2, … */
    private static VectorCollection counting(Class<?> type, int width, int length) throws Exception {
        VectorCollection vectors =
                (VectorCollection) type.getConstructor(int.class).newInstance(length);
        for (int i = 0; i < width * length; i++) {
            switch (vectors.array()) {
                case FloatArray floats -> floats.set(i, i);
                case IntArray ints -> ints.set(i, i);
                case DoubleArray doubles -> doubles.set(i, i);
                case HalfFloatArray halves -> halves.set(i, new HalfFloat((float) i));
                default -> throw new AssertionError(type);
            }
        }
        return vectors;
    }

    private static List<Integer> numbers(Object array) {
        Object heap = switch (array) {
            case FloatArray floats -> floats.toHeapArray();
            case IntArray ints -> ints.toHeapArray();
            case DoubleArray doubles -> doubles.toHeapArray();
            case HalfFloatArray halves ->
                halves.getSegment().toArray(ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN));
            case TornadoNativeArray other -> throw new AssertionError(other);
            default -> array;
        };
        return IntStream.range(0, java.lang.reflect.Array.getLength(heap))
                .mapToObj(i -> heap instanceof short[] bits
                        ? (int) Float.float16ToFloat(bits[i])
                        : ((Number) java.lang.reflect.Array.get(heap, i)).intValue())
                .toList();
    }
}
