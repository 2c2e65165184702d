package dev.squall.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Norms, rotary embedding and element-wise kernels of both sets against the formulas in float64. */
class SmallKernelsTest {
    private static final int CAPACITY = 7;
    private static final int LIVE = 5;
    private static final IntArray STEP = IntArray.fromElements(LIVE, 3);

    static Stream<KernelSet> sets() {
        return Stream.of(KernelSet.reference(), KernelSet.simd());
    }

    private static FloatArray random(long seed, int n) {
        return FloatArray.fromArray(AttentionCase.numbers(new Random(seed), n));
    }

    /** Live rows are as the formula says, the others untouched. */
    private static void check(FloatArray found, FloatArray before, int live, int n, Formula formula) {
        for (int i = 0; i < found.getSize(); i++) {
            if (i / n < live) {
                double expected = formula.value(i / n, i % n);
                assertThat(Math.abs(found.get(i) - expected))
                        .as("element " + i + ": found " + found.get(i) + ", expected " + expected)
                        .isLessThan(1e-5 * Math.max(1, Math.abs(expected)));
            } else {
                assertThat(found.get(i)).isEqualTo(before.get(i));
            }
        }
    }

    private interface Formula {
        double value(int row, int i);
    }

    @ParameterizedTest
    @MethodSource("sets")
    void rmsNorm(KernelSet set) {
        for (int dim : new int[] {1, 5, 8, 16, 20, 33, 64, 288}) {
            for (int groups : new int[] {1, 3}) {
                FloatArray x = random(dim, CAPACITY * groups * dim);
                FloatArray weight = random(2, dim);
                FloatArray out = random(3, CAPACITY * groups * dim);
                FloatArray before = FloatArray.fromArray(out.toHeapArray());
                set.rmsNorm().apply(STEP, x, weight, out, 1, groups, dim, 1e-5f);
                check(out, before, 3 * groups, dim, (row, i) -> {
                    double sum = 0;
                    for (int j = 0; j < dim; j++) {
                        sum += (double) x.get(row * dim + j) * x.get(row * dim + j);
                    }
                    return x.get(row * dim + i) / Math.sqrt(sum / dim + 1e-5) * weight.get(i);
                });
                FloatArray inPlace = FloatArray.fromArray(x.toHeapArray());
                set.rmsNorm().apply(STEP, inPlace, weight, inPlace, 1, groups, dim, 1e-5f);
                int live = 3 * groups * dim;
                assertThat(Arrays.copyOf(inPlace.toHeapArray(), live))
                        .containsExactly(Arrays.copyOf(out.toHeapArray(), live));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"3,8,8", "2,10,6", "1,64,64", "4,48,32", "2,128,128"})
    void rotary(int heads, int headDim, int rotaryDim) {
        int pairs = rotaryDim / 2;
        IntArray position = IntArray.fromElements(0, 1, 77, 4_095, 131_071, 9, 9);
        FloatArray frequencies = new FloatArray(pairs);
        for (int i = 0; i < pairs; i++) {
            frequencies.set(i, (float) Math.pow(10_000, -2.0 * i / rotaryDim));
        }
        for (KernelSet set : sets().toList()) {
            FloatArray cosSin = new FloatArray(CAPACITY * rotaryDim);
            set.rotaryAngles().apply(STEP, position, frequencies, cosSin, rotaryDim, 1.5f);
            check(cosSin, new FloatArray(CAPACITY * rotaryDim), LIVE, rotaryDim, (row, i) -> {
                double angle = (float) position.get(row) * frequencies.get(i % pairs);
                return 1.5 * (i < pairs ? Math.cos(angle) : Math.sin(angle));
            });
            FloatArray x = random(1, CAPACITY * heads * headDim);
            FloatArray adjacent = FloatArray.fromArray(x.toHeapArray());
            set.rotateAdjacent().apply(STEP, cosSin, adjacent, heads, headDim, rotaryDim);
            check(adjacent, x, LIVE, heads * headDim, (row, i) -> {
                int at = row * heads * headDim + i;
                int j = i % headDim;
                return j >= rotaryDim
                        ? x.get(at)
                        : turned(x, at, at ^ 1, cosSin, row * rotaryDim + j / 2, pairs, j % 2 == 0);
            });
            FloatArray halves = FloatArray.fromArray(x.toHeapArray());
            set.rotateHalves().apply(STEP, cosSin, halves, heads, headDim, rotaryDim);
            check(halves, x, LIVE, heads * headDim, (row, i) -> {
                int at = row * heads * headDim + i;
                int j = i % headDim;
                boolean first = j < pairs;
                return j >= rotaryDim
                        ? x.get(at)
                        : turned(
                                x,
                                at,
                                first ? at + pairs : at - pairs,
                                cosSin,
                                row * rotaryDim + j % pairs,
                                pairs,
                                first);
            });
        }
    }

    /** One element of a pair (a, b) turned by an angle: a cos − b sin, or b cos + a sin. */
    private static double turned(
            FloatArray x, int at, int other, FloatArray cosSin, int angle, int pairs, boolean first) {
        double cross = (double) x.get(other) * cosSin.get(angle + pairs);
        return (double) x.get(at) * cosSin.get(angle) + (first ? -cross : cross);
    }

    @ParameterizedTest
    @MethodSource("sets")
    void elementwise(KernelSet set) {
        for (int n : new int[] {1, 7, 8, 30, 256, 1_003}) {
            FloatArray x = random(n, CAPACITY * n);
            FloatArray y = random(n + 1, CAPACITY * n);
            checkInPlace(x, LIVE, n, a -> set.addBias().apply(STEP, a, y, 0, n), (r, i) -> x.get(r * n + i) + y.get(i));
            checkInPlace(
                    x,
                    LIVE,
                    n,
                    a -> set.residual().apply(STEP, a, y, n, 0.3f),
                    (r, i) -> x.get(r * n + i) + 0.3f * (double) y.get(r * n + i));
            checkInPlace(x, 3, n, a -> set.scale().apply(STEP, a, 1, n, 0.7f), (r, i) -> x.get(r * n + i) * 0.7f);
            checkInPlace(
                    x,
                    LIVE,
                    n,
                    a -> set.siluGate().apply(STEP, a, y, n),
                    (r, i) -> x.get(r * n + i) / (1 + Math.exp(-x.get(r * n + i))) * y.get(r * n + i));
            checkInPlace(x, 3, n, a -> set.addBias().apply(STEP, a, y, 1, n), (r, i) -> x.get(r * n + i) + y.get(i));
            IntArray index = IntArray.fromElements(4, 0, 2, 6, 6, 6, 6);
            checkInPlace(
                    y, 3, n, a -> set.gather().apply(STEP, index, x, a, 1, n), (r, i) -> x.get(index.get(r) * n + i));
        }
    }

    private static void checkInPlace(FloatArray x, int live, int n, Consumer<FloatArray> kernel, Formula formula) {
        FloatArray found = FloatArray.fromArray(x.toHeapArray());
        kernel.accept(found);
        check(found, x, live, n, formula);
    }

    /** Values to nine digits; the approximation by tanh would be 1.5e-4 off at 1. */
    @ParameterizedTest
    @MethodSource("sets")
    void geluIsThatOfTheErrorFunction(KernelSet set) {
        FloatArray x = FloatArray.fromElements(-3f, -1f, -0.5f, 0f, 0.5f, 1f, 2f, 3f, -40f, 40f, 1f);
        set.gelu().apply(IntArray.fromElements(0, 1), x, 1, 10);
        float[] expected = {
            -0.004049694f,
            -0.158655254f,
            -0.154268769f,
            0f,
            0.345731231f,
            0.841344746f,
            1.954499736f,
            2.995950306f,
            0f,
            40f,
            1f // of a row that is not live
        };
        assertThat(x.toHeapArray()).containsExactly(expected, Offset.offset(6e-7f));
    }

    @ParameterizedTest
    @MethodSource("sets")
    void layerNorm(KernelSet set) {
        FloatArray worked = FloatArray.fromElements(1f, 2f, 3f, 6f);
        set.layerNorm()
                .apply(
                        IntArray.fromElements(1, 1),
                        worked,
                        FloatArray.fromElements(1f, 0.5f, 2f, 1f),
                        FloatArray.fromElements(0f, 0.1f, -0.1f, 0f),
                        worked,
                        0,
                        4,
                        1e-5f);
        float[] expected = {-1.06904344f, -0.16726086f, -0.1f, 1.60356516f};
        assertThat(worked.toHeapArray()).containsExactly(expected, Offset.offset(1e-6f));
        for (int dim : new int[] {1, 5, 8, 16, 20, 33, 64, 288}) {
            FloatArray x = random(dim, CAPACITY * dim);
            FloatArray weight = random(2, dim);
            FloatArray bias = random(4, dim);
            FloatArray out = random(3, CAPACITY * dim);
            FloatArray before = FloatArray.fromArray(out.toHeapArray());
            set.layerNorm().apply(STEP, x, weight, bias, out, 1, dim, 1e-5f);
            check(out, before, 3, dim, (row, i) -> {
                double mean = 0;
                double variance = 0;
                for (int j = 0; j < dim; j++) {
                    mean += (double) x.get(row * dim + j) / dim;
                }
                for (int j = 0; j < dim; j++) {
                    variance += Math.pow(x.get(row * dim + j) - mean, 2) / dim;
                }
                return (x.get(row * dim + i) - mean) / Math.sqrt(variance + 1e-5) * weight.get(i) + bias.get(i);
            });
        }
    }

    @ParameterizedTest
    @MethodSource("sets")
    void siluGateOfExtremeNumbers(KernelSet set) {
        FloatArray gate = FloatArray.fromElements(-1e30f, -200f, -90f, 0f, 90f, 1e30f, 3f, 1f, -1f);
        FloatArray up = new FloatArray(9);
        up.init(1f);
        set.siluGate().apply(IntArray.fromElements(1, 0), gate, up, 9);
        float[] found = gate.toHeapArray();
        assertThat(Arrays.copyOf(found, 3)).containsExactly(new float[3], Offset.offset(1e-30f));
        assertThat(Arrays.copyOfRange(found, 3, 6)).containsExactly(0f, 90f, 1e30f);
    }

    /** An element's bits do not depend on whether it lies in a vector or in the rest of a row. */
    @Test
    void aRowAloneHasTheBitsThatItHasInABatch() {
        KernelSet set = KernelSet.simd();
        int n = 13;
        int rows = 9;
        FloatArray x = random(1, rows * n);
        FloatArray y = random(2, rows * n);
        IntArray all = IntArray.fromElements(rows, rows);
        FloatArray silu = FloatArray.fromArray(x.toHeapArray());
        FloatArray normed = new FloatArray(rows * n);
        FloatArray sum = FloatArray.fromArray(x.toHeapArray());
        set.siluGate().apply(all, silu, y, n);
        set.rmsNorm().apply(all, x, y, normed, 0, 1, n, 1e-6f);
        set.residual().apply(all, sum, y, n, 0.7f);
        FloatArray gelu = FloatArray.fromArray(x.toHeapArray());
        FloatArray layer = new FloatArray(rows * n);
        set.gelu().apply(all, gelu, 0, n);
        set.layerNorm().apply(all, x, y, x, layer, 0, n, 1e-6f);
        IntArray one = IntArray.fromElements(1, 1);
        for (int row = 0; row < rows; row++) {
            FloatArray siluAlone = x.slice(row * n, n);
            FloatArray normedAlone = new FloatArray(n);
            FloatArray sumAlone = x.slice(row * n, n);
            set.siluGate().apply(one, siluAlone, y.slice(row * n, n), n);
            set.rmsNorm().apply(one, x.slice(row * n, n), y, normedAlone, 0, 1, n, 1e-6f);
            set.residual().apply(one, sumAlone, y.slice(row * n, n), n, 0.7f);
            FloatArray geluAlone = x.slice(row * n, n);
            FloatArray layerAlone = new FloatArray(n);
            set.gelu().apply(one, geluAlone, 0, n);
            set.layerNorm().apply(one, x.slice(row * n, n), y, x, layerAlone, 0, n, 1e-6f);
            assertThat(geluAlone.toHeapArray())
                    .containsExactly(gelu.slice(row * n, n).toHeapArray());
            assertThat(layerAlone.toHeapArray())
                    .containsExactly(layer.slice(row * n, n).toHeapArray());
            assertThat(siluAlone.toHeapArray())
                    .containsExactly(silu.slice(row * n, n).toHeapArray());
            assertThat(normedAlone.toHeapArray())
                    .containsExactly(normed.slice(row * n, n).toHeapArray());
            assertThat(sumAlone.toHeapArray())
                    .containsExactly(sum.slice(row * n, n).toHeapArray());
        }
    }

    @Test
    void theFirstCallAndTheCompiledCodeGiveTheSameBits() {
        KernelSet set = KernelSet.simd();
        int n = 37;
        FloatArray x = random(1, n);
        FloatArray y = random(2, n);
        FloatArray out = new FloatArray(n);
        IntArray one = IntArray.fromElements(1, 1);
        float[] first = null;
        for (int call = 0; call < 100_000; call++) {
            set.rmsNorm().apply(one, x, y, out, 0, 1, n, 1e-6f);
            set.siluGate().apply(one, out, y, n);
            set.residual().apply(one, out, x, n, 0.5f);
            float[] found = out.toHeapArray();
            first = first == null ? found : first;
            if (!Arrays.equals(first, found)) {
                assertThat(found).as("call " + call).containsExactly(first);
            }
        }
    }
}
