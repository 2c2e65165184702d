package dev.squall.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.kernels.AttentionCase.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;
import uk.ac.manchester.tornado.api.types.arrays.ShortArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/** An F16 cache has, bit for bit, the results of an F32 cache that holds its numbers. */
class HalfCacheTest {
    private static final short NAN = Float.floatToFloat16(Float.NaN);

    static Stream<Shape> shapes() {
        return AttentionKernelTest.shapes();
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void attentionIsThatOverTheRoundedNumbers(Shape shape) {
        for (KernelSet set : List.of(KernelSet.reference(), KernelSet.simd())) {
            AttentionCase attention = new AttentionCase(shape, AttentionKernelTest.rows(), 300, 7L, true);
            round(attention.k);
            round(attention.v);
            attention.store(set);
            ShortArray keys = new ShortArray(attention.keys.getSize());
            ShortArray values = new ShortArray(attention.values.getSize());
            for (ShortArray array : List.of(keys, values)) {
                array.init(NAN);
            }
            store(set, attention, keys, values);
            int rows = attention.rows.size();
            float[] found = attend(set, attention, keys, values, 0, rows);
            assertThat(found).as(set.name()).isEqualTo(attention.attend(set, 0, rows));
            int length = shape.heads() * shape.headDim();
            for (int row = 0; row < rows; row++) {
                assertThat(attend(set, attention, keys, values, row, row + 1))
                        .as(set.name() + " row " + row)
                        .isEqualTo(Arrays.copyOfRange(found, row * length, (row + 1) * length));
            }
        }
    }

    /** Stores all slots that a row sees, of numbers that are not rounded yet but will be to those of the case. */
    private static void store(KernelSet set, AttentionCase attention, ShortArray keys, ShortArray values) {
        Shape shape = attention.shape;
        int[] seen = java.util.stream.IntStream.range(0, attention.slots)
                .filter(slot -> attention.rows.stream().anyMatch(row -> row.sees(slot)))
                .toArray();
        int length = shape.kvHeads() * shape.headDim();
        FloatArray k = new FloatArray(seen.length * length);
        FloatArray v = new FloatArray(seen.length * length);
        for (int i = 0; i < seen.length * length; i++) {
            k.set(i, attention.k[seen[i / length] * length + i % length] * (1 + 0x1p-13f));
            v.set(i, attention.v[seen[i / length] * length + i % length] * (1 - 0x1p-13f));
        }
        set.cacheF16()
                .storeKeyValues()
                .apply(
                        IntArray.fromElements(seen.length, 0),
                        IntArray.fromArray(seen),
                        attention.pageTable,
                        k,
                        v,
                        keys,
                        values,
                        shape.kvHeads(),
                        shape.headDim(),
                        shape.pageSize());
    }

    private static float[] attend(
            KernelSet set, AttentionCase attention, ShortArray keys, ShortArray values, int first, int end) {
        return attention.attend(
                (step, start, prefix, base, mask, pages, q, k, v, out, heads, kvHeads, headDim, pageSize, scale) ->
                        set.cacheF16()
                                .attend()
                                .apply(
                                        step, start, prefix, base, mask, pages, q, keys, values, out, heads, kvHeads,
                                        headDim, pageSize, scale),
                first,
                end);
    }

    /** Three rows of a prompt, a node of a tree, and rows of another sequence; blocks of 16, of which nine are chosen. */
    @ParameterizedTest
    @CsvSource({"1,1,16,0", "2,2,8,1", "8,2,20,0", "16,2,32,1", "16,1,64,0"})
    void soAreCompressedKeysChoicesAndSparseAttention(int heads, int kvHeads, int headDim, int exact) {
        SplittableRandom random = new SplittableRandom(heads + 100L * headDim);
        int block = 16;
        int slots = 80 * block;
        IntArray shape = IntArray.fromElements(heads, kvHeads, headDim, block, 8, 4, 1, 2, 9, 0, exact);
        IntArray pages = new IntArray(80);
        for (int page = 0; page < 80; page++) {
            pages.set(page, page * 37 % 80);
        }
        ShortArray halfKeys = new ShortArray(slots * kvHeads * headDim);
        ShortArray halfValues = new ShortArray(halfKeys.getSize());
        FloatArray keys = new FloatArray(halfKeys.getSize());
        FloatArray values = new FloatArray(halfKeys.getSize());
        for (int i = 0; i < keys.getSize(); i++) {
            halfKeys.set(i, Float.floatToFloat16((float) random.nextGaussian()));
            halfValues.set(i, Float.floatToFloat16((float) random.nextGaussian()));
            keys.set(i, Float.float16ToFloat(halfKeys.get(i)));
            values.set(i, Float.float16ToFloat(halfValues.get(i)));
        }
        FloatArray q = new FloatArray(5 * heads * headDim);
        for (int i = 0; i < q.getSize(); i++) {
            q.set(i, (float) random.nextGaussian());
        }
        IntArray step = IntArray.fromElements(5, 0);
        IntArray start = IntArray.fromElements(0, 0, 0, 640, 640);
        IntArray end = IntArray.fromElements(600, 601, 590, 940, 1170);
        LongArray mask = LongArray.fromElements(0, 0, 0b100110111010L, 0, 0);
        for (KernelSet set : List.of(KernelSet.reference(), KernelSet.simd())) {
            Sparse<FloatArray> f32 = new Sparse<>(set.cacheF32(), keys, values);
            Sparse<ShortArray> f16 = new Sparse<>(set.cacheF16(), halfKeys, halfValues);
            f32.run(step, start, end, mask, pages, q, shape);
            f16.run(step, start, end, mask, pages, q, shape);
            assertThat(f16.fine.toHeapArray()).isEqualTo(f32.fine.toHeapArray());
            assertThat(f16.coarse.toHeapArray()).isEqualTo(f32.coarse.toHeapArray());
            assertThat(f16.selection.toHeapArray()).isEqualTo(f32.selection.toHeapArray());
            assertThat(f16.out.toHeapArray()).isEqualTo(f32.out.toHeapArray());
            assertThat(Long.bitCount(f16.selection.get(0))).isEqualTo(9);
        }
    }

    private static final class Sparse<A> {
        private final CacheKernels<A> kernels;
        private final A keys;
        private final A values;
        FloatArray fine;
        FloatArray coarse;
        LongArray selection;
        FloatArray out;

        Sparse(CacheKernels<A> kernels, A keys, A values) {
            this.kernels = kernels;
            this.keys = keys;
            this.values = values;
        }

        void run(
                IntArray step,
                IntArray start,
                IntArray end,
                LongArray mask,
                IntArray pages,
                FloatArray q,
                IntArray shape) {
            fine = compress(pages, shape, 1);
            coarse = compress(pages, shape, 4);
            selection = new LongArray(5 * shape.get(1));
            out = new FloatArray(q.getSize());
            FloatArray scores = new FloatArray(5 * shape.get(1) * 160);
            kernels.selectBlocks()
                    .apply(step, start, end, end, mask, pages, q, keys, fine, coarse, selection, scores, shape, 0.2f);
            kernels.attendToBlocks()
                    .apply(step, start, end, end, mask, pages, selection, q, keys, values, out, shape, 0.2f);
        }

        private FloatArray compress(IntArray pages, IntArray shape, int factor) {
            int count = (80 * 16 - 8 * factor) / (4 * factor) + 1;
            IntArray ends = new IntArray(count);
            for (int j = 0; j < count; j++) {
                ends.set(j, (4 * j + 8) * factor);
            }
            FloatArray means = new FloatArray(80 * 16 / (4 * factor) * shape.get(1) * shape.get(2));
            kernels.compressKeys().apply(IntArray.fromElements(count, 0), ends, pages, keys, means, shape, factor);
            return means;
        }
    }

    @Test
    void roundingByArithmeticIsThatOfTheStandard() {
        SplittableRandom random = new SplittableRandom(3);
        for (int i = 0; i < 4_000_000; i++) {
            float x = i < 1 << 17 ? between(i) : Float.intBitsToFloat(random.nextInt());
            if (!Float.isNaN(x)) {
                short expected = Float.floatToFloat16(x);
                if ((short) Lanes.halfBits(x) != expected) {
                    assertThat((short) Lanes.halfBits(x)).as("half of " + x).isEqualTo(expected);
                }
            }
        }
        for (float x : new float[] {0f, -0f, 65504f, 65519.996f, 65520f, -1e30f, Float.NEGATIVE_INFINITY}) {
            assertThat((short) Lanes.halfBits(x)).as("half of " + x).isEqualTo(Float.floatToFloat16(x));
        }
        assertThat(Float.float16ToFloat((short) Lanes.halfBits(Float.NaN))).isNaN();
    }

    /** Every binary16 number, and what lies in the middle between it and the next one. */
    static float between(int i) {
        float low = Float.float16ToFloat((short) (i / 2));
        return (i & 1) == 0 ? low : (low + Float.float16ToFloat((short) (i / 2 + 1))) / 2;
    }

    static void round(float[] numbers) {
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = Float.float16ToFloat(Float.floatToFloat16(numbers[i]));
        }
    }

    /** The arrays of a cache: the numbers themselves, or what they are in F16. */
    static TornadoNativeArray stored(KvType type, FloatArray numbers) {
        return switch (type) {
            case F32 -> numbers;
            case F16 -> {
                ShortArray halves = new ShortArray(numbers.getSize());
                for (int i = 0; i < numbers.getSize(); i++) {
                    halves.set(i, Float.floatToFloat16(numbers.get(i)));
                }
                yield halves;
            }
        };
    }

    /** The numbers of a cache. */
    static float[] numbers(TornadoNativeArray stored) {
        if (stored instanceof FloatArray floats) {
            return floats.toHeapArray();
        }
        ShortArray halves = (ShortArray) stored;
        float[] numbers = new float[halves.getSize()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = Float.float16ToFloat(halves.get(i));
        }
        return numbers;
    }
}
