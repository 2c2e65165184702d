package dev.squall.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import uk.ac.manchester.tornado.api.types.arrays.ByteArray;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.ShortArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * Products of every type, in both sets, against double precision; and the same bits for a row alone and in any batch, on any
 * number of threads. The shapes are odd: tails of panels, of stretches, of groups.
 */
class MatrixProductTest {
    private static final int[][] SHAPES = {{1, 32}, {3, 64}, {8, 96}, {13, 512}, {29, 2_080}, {16, 4_128}};
    /** Only for types without blocks. */
    private static final int[][] TAILS = {{5, 1}, {9, 17}, {8, 172}, {11, 2_065}};

    private static final int MOST_ROWS = 35;
    /** Every remainder of a tile's rows, and both sides of the limits between the ways to compute. */
    private static final int[] LIVE = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 31, 32, 33, 34};

    private final Random random = new Random(3);

    private record Matrix(TornadoNativeArray data, double[] values) {}

    private Matrix matrix(WeightType type, int rows, int cols) {
        double[] values = new double[rows * cols];
        int bytes = Math.toIntExact(type.byteSize((long) rows * cols));
        return switch (type) {
            case F32 -> {
                FloatArray w = new FloatArray(values.length);
                for (int i = 0; i < values.length; i++) {
                    w.set(i, random.nextFloat() - 0.5f);
                    values[i] = w.get(i);
                }
                yield new Matrix(w, values);
            }
            case F16, BF16 -> {
                ShortArray w = new ShortArray(values.length);
                for (int i = 0; i < values.length; i++) {
                    float number = random.nextFloat() - 0.5f;
                    int bits = type == WeightType.F16
                            ? Float.floatToFloat16(number)
                            : Float.floatToRawIntBits(number) >>> 16;
                    w.set(i, (short) bits);
                    values[i] = type == WeightType.F16
                            ? Float.float16ToFloat((short) bits)
                            : Float.intBitsToFloat(bits << 16);
                }
                yield new Matrix(w, values);
            }
            case Q8_0, Q4_0 -> {
                ByteArray w = new ByteArray(bytes);
                for (int i = 0; i < bytes; i++) {
                    w.set(i, (byte) random.nextInt());
                }
                for (int block = 0; block < values.length / 32; block++) {
                    int at = block * type.blockBytes();
                    short scale = Float.floatToFloat16(random.nextFloat() / 50);
                    w.set(at, (byte) scale);
                    w.set(at + 1, (byte) (scale >> 8));
                    for (int i = 0; i < 32; i++) {
                        int q = type == WeightType.Q8_0
                                ? w.get(at + 2 + i)
                                : (w.get(at + 2 + i % 16) >> (i / 16 * 4) & 15) - 8;
                        values[block * 32 + i] = (double) Float.float16ToFloat(scale) * q;
                    }
                }
                yield new Matrix(w, values);
            }
        };
    }

    private static void multiply(
            KernelSet set, WeightType type, IntArray step, FloatArray x, Matrix w, FloatArray out, int rows, int cols) {
        switch (type) {
            case F32 -> set.matrixProductF32().apply(step, x, (FloatArray) w.data, out, 1, rows, cols);
            case F16 -> set.matrixProductF16().apply(step, x, (ShortArray) w.data, out, 1, rows, cols);
            case BF16 -> set.matrixProductBF16().apply(step, x, (ShortArray) w.data, out, 1, rows, cols);
            case Q8_0 -> set.matrixProductQ8_0().apply(step, x, (ByteArray) w.data, out, 1, rows, cols);
            case Q4_0 -> set.matrixProductQ4_0().apply(step, x, (ByteArray) w.data, out, 1, rows, cols);
        }
    }

    private void check(KernelSet set, WeightType type, int rows, int cols) {
        Matrix w = matrix(type, rows, cols);
        FloatArray x = new FloatArray(MOST_ROWS * cols);
        for (int i = 0; i < x.getSize(); i++) {
            x.set(i, random.nextFloat() - 0.5f);
        }
        FloatArray all = new FloatArray(MOST_ROWS * rows);
        multiply(set, type, IntArray.fromElements(0, MOST_ROWS), x, w, all, rows, cols);
        for (int r = 0; r < MOST_ROWS; r++) {
            for (int o = 0; o < rows; o++) {
                double expected = 0;
                double magnitude = 0;
                for (int i = 0; i < cols; i++) {
                    double product = w.values[o * cols + i] * x.get(r * cols + i);
                    expected += product;
                    magnitude += Math.abs(product);
                }
                assertThat((double) all.get(r * rows + o))
                        .as("%s %s [%d, %d], row %d, output %d", set.name(), type, rows, cols, r, o)
                        .isCloseTo(expected, within(1e-6 * magnitude + 1e-12));
            }
        }
        for (int live : LIVE) {
            FloatArray some = new FloatArray(MOST_ROWS * rows);
            some.init(Float.NaN);
            multiply(set, type, IntArray.fromElements(0, live), x, w, some, rows, cols);
            for (int i = 0; i < some.getSize(); i++) {
                int expected = Float.floatToRawIntBits(i < live * rows ? all.get(i) : Float.NaN);
                assertThat(Float.floatToRawIntBits(some.get(i)))
                        .as("%s %s [%d, %d], %d rows, number %d", set.name(), type, rows, cols, live, i)
                        .isEqualTo(expected);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void valuesAndBits(WeightType type) {
        for (KernelSet set : new KernelSet[] {KernelSet.reference(), KernelSet.simd()}) {
            for (int[] shape : SHAPES) {
                check(set, type, shape[0], shape[1]);
            }
            for (int[] shape : type.blockSize() == 1 ? TAILS : new int[0][]) {
                check(set, type, shape[0], shape[1]);
            }
        }
    }

    /** Enough numbers that several threads take part. */
    @ParameterizedTest
    @EnumSource
    void threads(WeightType type) {
        int rows = 700;
        int cols = 2_048;
        Matrix w = matrix(type, rows, cols);
        FloatArray x = new FloatArray(33 * cols);
        for (int i = 0; i < x.getSize(); i++) {
            x.set(i, random.nextFloat() - 0.5f);
        }
        int before = Workers.shared().threads();
        try {
            for (int live : new int[] {1, 2, 4, 5, 33}) {
                Workers.share(1);
                FloatArray one = new FloatArray(33 * rows);
                multiply(KernelSet.simd(), type, IntArray.fromElements(0, live), x, w, one, rows, cols);
                Workers.share(3);
                FloatArray three = new FloatArray(33 * rows);
                multiply(KernelSet.simd(), type, IntArray.fromElements(0, live), x, w, three, rows, cols);
                assertThat(three.getSegment().mismatch(one.getSegment())).isEqualTo(-1);
            }
        } finally {
            Workers.share(before);
        }
    }
}
