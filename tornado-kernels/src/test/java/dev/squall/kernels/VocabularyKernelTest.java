package dev.squall.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Comparator;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

class VocabularyKernelTest {
    private static final int[] SIZES = {1, 7, 16, 100, 8_192, 8_193, 32_003};

    static Stream<KernelSet> sets() {
        return Stream.of(KernelSet.reference(), KernelSet.simd());
    }

    /** Three rows; few different values, so that there are ties. */
    private static FloatArray logits(int vocab, boolean ties) {
        Random random = new Random(vocab);
        float[] values = new float[3 * vocab];
        for (int i = 0; i < values.length; i++) {
            values[i] = ties ? random.nextInt(50) - 25 : (float) random.nextGaussian() * 8;
        }
        return FloatArray.fromArray(values);
    }

    private static int[] ranking(FloatArray logits, int row, int vocab) {
        return IntStream.range(0, vocab)
                .boxed()
                .sorted(Comparator.comparing((Integer id) -> -logits.get(row * vocab + id)))
                .mapToInt(Integer::intValue)
                .toArray();
    }

    @ParameterizedTest
    @MethodSource("sets")
    void argMaxAndTopK(KernelSet set) {
        IntArray step = IntArray.fromElements(9, 2);
        for (int vocab : SIZES) {
            for (boolean ties : new boolean[] {true, false}) {
                FloatArray logits = logits(vocab, ties);
                IntArray best = IntArray.fromElements(-7, -7, -7);
                set.argMax().apply(step, logits, best, 1, vocab);
                assertThat(best.get(2)).isEqualTo(-7);
                for (int row = 0; row < 2; row++) {
                    int[] ranking = ranking(logits, row, vocab);
                    assertThat(best.get(row)).isEqualTo(ranking[0]);
                    for (int k : new int[] {1, 5, 40}) {
                        IntArray ids = new IntArray(3 * k);
                        FloatArray values = new FloatArray(3 * k);
                        set.topK().apply(step, logits, ids, values, 1, vocab, k);
                        for (int rank = 0; rank < k; rank++) {
                            boolean found = rank < vocab;
                            assertThat(ids.get(row * k + rank)).isEqualTo(found ? ranking[rank] : -1);
                            assertThat(values.get(row * k + rank))
                                    .isEqualTo(
                                            found ? logits.get(row * vocab + ranking[rank]) : Float.NEGATIVE_INFINITY);
                        }
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("sets")
    void logSumExp(KernelSet set) {
        IntArray step = IntArray.fromElements(3, 0);
        for (int vocab : SIZES) {
            FloatArray logits = logits(vocab, false);
            logits.set(0, 500f);
            logits.set(vocab, Float.NEGATIVE_INFINITY);
            logits.set(vocab + vocab / 2, -300f);
            FloatArray found = new FloatArray(3);
            set.logSumExp().apply(step, logits, found, 0, vocab);
            for (int row = 0; row < 3; row++) {
                double largest = logits.get(row * vocab + ranking(logits, row, vocab)[0]);
                double sum = 0;
                for (int id = 0; id < vocab; id++) {
                    sum += Math.exp(logits.get(row * vocab + id) - largest);
                }
                double expected = largest + Math.log(sum);
                assertThat((double) found.get(row))
                        .isCloseTo(expected, Offset.offset(1e-6 * Math.max(1, Math.abs(expected))));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("sets")
    void whatIsNotANumberIsPassedOver(KernelSet set) {
        int vocab = 19;
        float[] values = new float[vocab];
        Arrays.fill(values, Float.NEGATIVE_INFINITY);
        IntArray step = IntArray.fromElements(1, 1);
        IntArray best = new IntArray(1);
        set.argMax().apply(step, FloatArray.fromArray(values), best, 0, vocab);
        assertThat(best.get(0)).isZero();
        values[0] = Float.NaN;
        values[11] = Float.NaN;
        values[17] = -3f;
        values[12] = -4f;
        set.argMax().apply(step, FloatArray.fromArray(values), best, 0, vocab);
        assertThat(best.get(0)).isEqualTo(17);
        IntArray ids = new IntArray(3);
        set.topK().apply(step, FloatArray.fromArray(values), ids, new FloatArray(3), 0, vocab, 3);
        assertThat(ids.toHeapArray()).containsExactly(17, 12, 1);
    }

    @Test
    void threadsAndNeighboursChangeNothing() {
        KernelSet set = KernelSet.simd();
        int vocab = 70_001;
        FloatArray logits = logits(vocab, false);
        FloatArray expected = new FloatArray(3);
        int threads = Workers.shared().threads();
        try {
            Workers.share(1);
            set.logSumExp().apply(IntArray.fromElements(3, 0), logits, expected, 0, vocab);
            for (int n = 1; n <= 3; n++) {
                Workers.share(n);
                for (int row = 0; row < 3; row++) {
                    FloatArray alone = new FloatArray(1);
                    set.logSumExp()
                            .apply(IntArray.fromElements(1, 0), logits.slice(row * vocab, vocab), alone, 0, vocab);
                    assertThat(alone.get(0)).isEqualTo(expected.get(row));
                }
            }
        } finally {
            Workers.share(threads);
        }
    }
}
