package dev.squall.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.squall.kernels.device.Vocabulary;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Rankings and log-sum-exp of the device set, in two stages, with parts that are short or empty. */
class DeviceVocabularyTest {
    private static final int ROWS = 4;
    private static final int LIVE = 3;

    private final KernelContext c = new KernelContext();
    private final IntArray step = IntArray.fromElements(9, LIVE);

    /** Row 0 has ties, row 1 numbers of both signs, row 2 infinities and what is no number. */
    private static FloatArray logits(int vocab) {
        Random random = new Random(vocab);
        FloatArray logits = new FloatArray(ROWS * vocab);
        for (int i = 0; i < vocab; i++) {
            logits.set(i, random.nextInt(5) - 2);
            logits.set(vocab + i, (float) random.nextGaussian() * 8);
            logits.set(2 * vocab + i, i % 3 == 0 ? Float.NaN : i % 5 == 0 ? -4f : Float.NEGATIVE_INFINITY);
            logits.set(3 * vocab + i, 1f);
        }
        return logits;
    }

    @ParameterizedTest
    @CsvSource({"1,1", "1,4", "7,3", "16,16", "100,7", "1003,64", "4099,5"})
    void argMax(int vocab, int parts) {
        FloatArray logits = logits(vocab);
        FloatArray values = new FloatArray(ROWS * parts);
        IntArray ids = new IntArray(ROWS * parts);
        IntArray out = IntArray.fromElements(-7, -7, -7, -7);
        IntArray expected = IntArray.fromElements(-7, -7, -7, -7);
        KernelSet.reference().argMax().apply(step, logits, expected, 1, vocab);
        DeviceTask.run(
                ROWS * parts,
                4,
                g -> g.task(DeviceTask.NAME, Vocabulary::argMaxParts, c, step, logits, values, ids, 1, vocab, parts),
                new Object[] {step, logits, values, ids},
                values,
                ids);
        DeviceTask.run(
                ROWS,
                4,
                g -> g.task(DeviceTask.NAME, Vocabulary::argMax, c, step, values, ids, out, 1, parts),
                new Object[] {step, values, ids, out},
                out);
        assertThat(out.toHeapArray()).isEqualTo(expected.toHeapArray());
    }

    @ParameterizedTest
    @CsvSource({"1,1,1", "1,4,3", "7,3,5", "16,16,4", "100,7,40", "1003,64,10", "4099,5,8"})
    void topK(int vocab, int parts, int k) {
        FloatArray logits = logits(vocab);
        IntArray partIds = new IntArray(ROWS * parts * k);
        FloatArray partValues = new FloatArray(ROWS * parts * k);
        IntArray ids = new IntArray(ROWS * k);
        FloatArray values = new FloatArray(ROWS * k);
        IntArray expectedIds = new IntArray(ROWS * k);
        FloatArray expectedValues = new FloatArray(ROWS * k);
        KernelSet.reference().topK().apply(step, logits, expectedIds, expectedValues, 1, vocab, k);
        DeviceTask.run(
                ROWS * parts,
                4,
                g -> g.task(
                        DeviceTask.NAME,
                        Vocabulary::topKParts,
                        c,
                        step,
                        logits,
                        partIds,
                        partValues,
                        1,
                        vocab,
                        parts,
                        k),
                new Object[] {step, logits, partIds, partValues},
                partIds,
                partValues);
        DeviceTask.run(
                ROWS,
                4,
                g -> g.task(DeviceTask.NAME, Vocabulary::topK, c, step, partIds, partValues, ids, values, 1, parts, k),
                new Object[] {step, partIds, partValues, ids, values},
                ids,
                values);
        int live = step.get(1) * k;
        assertThat(Arrays.copyOf(ids.toHeapArray(), live)).isEqualTo(Arrays.copyOf(expectedIds.toHeapArray(), live));
        assertThat(Arrays.copyOf(values.toHeapArray(), live))
                .isEqualTo(Arrays.copyOf(expectedValues.toHeapArray(), live));
    }

    @ParameterizedTest
    @CsvSource({"1,1", "1,4", "7,3", "16,16", "100,7", "1003,64", "4099,5"})
    void logSumExp(int vocab, int parts) {
        FloatArray logits = logits(vocab);
        for (int i = 2 * vocab; i < 3 * vocab; i++) { // one finite logit, alone in its part
            logits.set(i, i == 3 * vocab - 1 ? -300f : Float.NEGATIVE_INFINITY);
        }
        FloatArray largest = new FloatArray(ROWS * parts);
        FloatArray sums = new FloatArray(ROWS * parts);
        FloatArray out = new FloatArray(ROWS);
        DeviceTask.run(
                ROWS * parts,
                4,
                g -> g.task(
                        DeviceTask.NAME, Vocabulary::logSumExpParts, c, step, logits, largest, sums, 1, vocab, parts),
                new Object[] {step, logits, largest, sums},
                largest,
                sums);
        DeviceTask.run(
                ROWS,
                4,
                g -> g.task(DeviceTask.NAME, Vocabulary::logSumExp, c, step, largest, sums, out, 1, parts),
                new Object[] {step, largest, sums, out},
                out);
        for (int row = 0; row < LIVE; row++) {
            float[] values = Arrays.copyOfRange(logits.toHeapArray(), row * vocab, (row + 1) * vocab);
            double most = Float.NEGATIVE_INFINITY;
            for (float value : values) {
                most = Math.max(most, value);
            }
            double sum = 0;
            for (float value : values) {
                sum += Math.exp(value - most);
            }
            double expected = most + Math.log(sum);
            // a part adds one number after the other; exp and log have two units in the last place each
            double error = ((double) vocab / parts + parts + 8) * 0x1p-24 + Math.abs(expected) * 0x1p-22 + 2e-7;
            assertThat((double) out.get(row)).as("row " + row).isCloseTo(expected, within(error));
        }
    }
}
