package dev.squall.kernels.simd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.squall.kernels.GradientKernels;
import dev.squall.kernels.Workers;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** Products of training against sums in double, on shapes with edges and several chunks; the same bits with any threads. */
class PackedProductsTest {
    private final int threads = Workers.shared().threads();

    @AfterEach
    void restore() {
        Workers.share(threads);
    }

    @ParameterizedTest
    @CsvSource({"1,1,1", "6,16,256", "7,17,257", "100,33,600", "250,530,70"})
    void productsAreTheSums(int m, int n, int k) {
        productsAreTheSums(GradientKernels.simd(), m, n, k);
    }

    @ParameterizedTest
    @CsvSource({"1,1,1", "7,17,257", "100,33,60"})
    void plainProductsAreTheSums(int m, int n, int k) {
        productsAreTheSums(GradientKernels.reference(), m, n, k);
    }

    private static void productsAreTheSums(GradientKernels kernels, int m, int n, int k) {
        FloatArray a = random(m * k + 5, 1);
        FloatArray b = random(n * k, 2);
        FloatArray at = transpose(a, 5, m, k);
        FloatArray bt = transpose(b, 0, n, k);
        for (int count : new int[] {1, 3}) {
            Workers.share(count);
            FloatArray one = random(m * n + 3, 3);
            FloatArray two = random(m * n + 3, 3);
            FloatArray three = random(m * n, 3);
            kernels.timesTransposed(one, 3, a, 5, b, m, n, k, false);
            kernels.times(two, 3, a, 5, bt, m, n, k, false);
            kernels.addTransposedTimes(three, at, 0, bt, 0, m, n, k);
            FloatArray before = random(m * n, 3);
            for (int i = 0; i < m; i++) {
                for (int j = 0; j < n; j++) {
                    double sum = 0;
                    double size = 1;
                    for (int p = 0; p < k; p++) {
                        double product = (double) a.get(5 + i * k + p) * b.get(j * k + p);
                        sum += product;
                        size += Math.abs(product);
                    }
                    int at0 = i * n + j;
                    assertThat((double) one.get(3 + at0)).isCloseTo(sum, within(2e-6 * size));
                    assertThat(two.get(3 + at0)).isEqualTo(one.get(3 + at0));
                    assertThat((double) three.get(at0)).isCloseTo(before.get(at0) + sum, within(2e-6 * size));
                }
            }
            assertThat(one.get(2)).isEqualTo(random(3, 3).get(2)); // nothing in front of C is touched
        }
    }

    @ParameterizedTest
    @CsvSource({"301,97,700"})
    void threadsChangeNoBit(int m, int n, int k) {
        FloatArray a = random(m * k, 1);
        FloatArray b = random(n * k, 2);
        FloatArray[] c = {new FloatArray(m * n), new FloatArray(m * n)};
        for (int i = 0; i < 2; i++) {
            Workers.share(1 + 2 * i);
            PackedProducts.timesTransposed(c[i], 0, a, 0, b, m, n, k, false);
        }
        assertThat(c[1].toHeapArray()).isEqualTo(c[0].toHeapArray());
    }

    private static FloatArray transpose(FloatArray x, int at, int rows, int columns) {
        FloatArray y = new FloatArray(rows * columns);
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                y.set(j * rows + i, x.get(at + i * columns + j));
            }
        }
        return y;
    }

    private static FloatArray random(int size, long seed) {
        Random random = new Random(seed);
        FloatArray array = new FloatArray(size);
        for (int i = 0; i < size; i++) {
            array.set(i, random.nextFloat() * 2 - 1);
        }
        return array;
    }
}
