package dev.squall.kernels.simd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.squall.kernels.gradient.Activations;
import dev.squall.kernels.gradient.Attention;
import dev.squall.kernels.gradient.Dropout;
import dev.squall.kernels.gradient.Losses;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import uk.ac.manchester.tornado.api.types.arrays.DoubleArray;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** The vector forms of training's kernels against their plain loops. */
class TrainingKernelsTest {
    private final SplittableRandom random = new SplittableRandom(11);

    @ParameterizedTest
    @CsvSource({"true,70,4,2,8,0.1", "false,70,2,2,5,0.2", "true,3,1,1,3,0", "true,130,6,2,16,0", "false,64,2,1,64,0"})
    void attentionAndItsGradient(boolean causal, int length, int heads, int kvHeads, int headDim, float dropout) {
        int sequences = 3;
        int rows = sequences * length;
        Attention plain =
                new Attention(sequences, length, heads, kvHeads, headDim, 0.37f, causal, dropout, Dropout.key(3, 1, 4));
        FloatArray q = numbers(rows * heads * headDim);
        FloatArray k = numbers(rows * kvHeads * headDim);
        FloatArray v = numbers(rows * kvHeads * headDim);
        FloatArray dOut = numbers(rows * heads * headDim);
        IntArray lengths = new IntArray(sequences);
        lengths.set(0, length);
        lengths.set(1, Math.max(1, length - 9));
        lengths.set(2, 1);
        FloatArray[][] results = new FloatArray[2][];
        for (int way = 0; way < 2; way++) {
            FloatArray out = new FloatArray(rows * heads * headDim);
            FloatArray weights = new FloatArray(rows * heads * length);
            FloatArray dq = new FloatArray(q.getSize());
            FloatArray dk = new FloatArray(k.getSize());
            FloatArray dv = new FloatArray(v.getSize());
            dq.init(0.5f); // gradients are added to
            dk.init(0f);
            dv.init(0f);
            if (way == 0) {
                plain.forward(out, weights, q, k, v, lengths);
                plain.backward(dq, dk, dv, dOut, weights, q, k, v, lengths);
            } else {
                SequenceAttention fast = new SequenceAttention(plain);
                fast.forward(out, weights, q, k, v, lengths);
                fast.backward(dq, dk, dv, dOut, weights, q, k, v, lengths);
            }
            results[way] = new FloatArray[] {out, weights, dq, dk, dv};
        }
        for (int i = 0; i < results[0].length; i++) {
            assertClose(results[1][i], results[0][i]);
        }
    }

    @Test
    void crossEntropyAndItsGradient() {
        int rows = 7;
        int n = 133;
        FloatArray logits = numbers(rows * n);
        FloatArray same = FloatArray.fromArray(logits.toHeapArray());
        IntArray targets = IntArray.fromArray(new int[] {9, 9, 0, 132, -1, 7, 8, 9, 10});
        DoubleArray losses = new DoubleArray(rows);
        DoubleArray expected = new DoubleArray(rows);
        Losses.crossEntropy(expected, same, targets, 2, rows, n, 0.3f);
        TrainingLosses.crossEntropy(losses, logits, targets, 2, rows, n, 0.3f);
        assertClose(logits, same);
        for (int row = 0; row < rows; row++) {
            assertThat(losses.get(row)).isCloseTo(expected.get(row), within(1e-5));
        }
        assertThat(losses.get(2)).isZero(); // no target
        assertThat(losses.get(0)).isPositive();
    }

    @Test
    void crossEntropyAgainstADistributionAndItsGradient() {
        int rows = 5;
        int n = 133;
        FloatArray logits = numbers(rows * n);
        FloatArray same = FloatArray.fromArray(logits.toHeapArray());
        FloatArray wanted = numbers(rows * n);
        FloatArray again = FloatArray.fromArray(wanted.toHeapArray());
        IntArray targets = IntArray.fromArray(new int[] {1, 1, 0, -1, 3, 0});
        IntArray ranks = new IntArray(6);
        IntArray expectedRanks = new IntArray(6);
        DoubleArray losses = new DoubleArray(rows);
        DoubleArray expected = new DoubleArray(rows);
        Losses.softCrossEntropy(expected, expectedRanks, same, again, targets, 1, rows, n, 0.3f);
        TrainingLosses.softCrossEntropy(losses, ranks, logits, wanted, targets, 1, rows, n, 0.3f);
        assertClose(logits, same);
        for (int row = 0; row < rows; row++) {
            assertThat(losses.get(row)).isCloseTo(expected.get(row), within(1e-5));
            assertThat(ranks.get(1 + row)).isEqualTo(expectedRanks.get(1 + row));
        }
        assertThat(ranks.get(3)).isEqualTo(-1); // no target
        assertThat(ranks.get(1)).isBetween(0, n - 1);
        assertThat(losses.get(2)).isZero();
    }

    @Test
    void activationsAndTheirGradients() {
        int size = 2500;
        FloatArray x = numbers(size);
        FloatArray up = numbers(size);
        FloatArray dy = numbers(size);
        FloatArray[] plain = {ones(size), ones(size), ones(size), ones(size), ones(size)};
        FloatArray[] fast = {ones(size), ones(size), ones(size), ones(size), ones(size)};
        Activations.siluGate(plain[0], x, up, size);
        Activations.siluGateBackward(plain[1], plain[2], dy, x, up, size);
        Activations.gelu(plain[3], x, size);
        Activations.geluBackward(plain[4], dy, x, size);
        TrainingActivations.siluGate(fast[0], x, up, size);
        TrainingActivations.siluGateBackward(fast[1], fast[2], dy, x, up, size);
        TrainingActivations.gelu(fast[3], x, size);
        TrainingActivations.geluBackward(fast[4], dy, x, size);
        for (int i = 0; i < plain.length; i++) {
            assertClose(fast[i], plain[i]);
        }
    }

    private FloatArray numbers(int size) {
        FloatArray array = new FloatArray(size);
        for (int i = 0; i < size; i++) {
            array.set(i, (float) (2 * random.nextGaussian()));
        }
        return array;
    }

    private static FloatArray ones(int size) {
        FloatArray array = new FloatArray(size);
        array.init(1f);
        return array;
    }

    private static void assertClose(FloatArray found, FloatArray expected) {
        float[] a = found.toHeapArray();
        float[] b = expected.toHeapArray();
        double largest = 0;
        for (float each : b) {
            largest = Math.max(largest, Math.abs(each));
        }
        assertThat(largest).isPositive();
        for (int i = 0; i < b.length; i++) {
            assertThat(a[i]).as("element " + i).isCloseTo(b[i], within((float) (3e-6 * largest + 1e-7)));
        }
    }
}
