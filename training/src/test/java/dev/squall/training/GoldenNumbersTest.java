package dev.squall.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.squall.kernels.gradient.Activations;
import dev.squall.kernels.gradient.Attention;
import dev.squall.kernels.gradient.Norms;
import dev.squall.kernels.simd.SequenceAttention;
import dev.squall.kernels.simd.TrainingActivations;
import dev.squall.training.AdamW.Convention;
import dev.squall.training.AdamW.Group;
import dev.squall.training.AdamW.Settings;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Single operations against numbers that were computed in double: GELU, LayerNorm, attention, the schedule, the optimiser. */
class GoldenNumbersTest {
    @Test
    void gelu() {
        float[] u = {-3, -1, -0.5f, 0, 0.5f, 1, 2, 3};
        double[] values = {
            -0.004049694, -0.158655254, -0.154268769, 0, 0.345731231, 0.841344746, 1.954499736, 2.995950306
        };
        double[] slopes = {
            -0.011945647, -0.083315471, 0.132504875, 0.5, 0.867495125, 1.083315471, 1.085231801, 1.011945647
        };
        for (boolean fast : new boolean[] {false, true}) {
            FloatArray x = FloatArray.fromArray(u);
            FloatArray y = new FloatArray(u.length);
            FloatArray dx = new FloatArray(u.length);
            FloatArray dy = new FloatArray(u.length);
            dx.init(0f);
            dy.init(1f);
            if (fast) {
                TrainingActivations.gelu(y, x, u.length);
                TrainingActivations.geluBackward(dx, dy, x, u.length);
            } else {
                Activations.gelu(y, x, u.length);
                Activations.geluBackward(dx, dy, x, u.length);
            }
            assertClose(y, 5e-7, values);
            assertClose(dx, 5e-7, slopes);
        }
    }

    @Test
    void layerNorm() {
        FloatArray x = FloatArray.fromElements(1f, 2f, 3f, 6f);
        FloatArray weight = FloatArray.fromElements(1f, 0.5f, 2f, 1f);
        FloatArray bias = FloatArray.fromElements(0f, 0.1f, -0.1f, 0f);
        FloatArray dy = FloatArray.fromElements(0.1f, -0.2f, 0.3f, 0.4f);
        FloatArray y = new FloatArray(4);
        FloatArray statistics = new FloatArray(2);
        Norms.forward(y, x, weight, bias, statistics, 1, 4, 1e-5f);
        assertClose(y, 1e-6, -1.06904344, -0.16726086, -0.1, 1.60356516);
        FloatArray dx = zeros(4);
        FloatArray dWeight = zeros(4);
        FloatArray dBias = zeros(4);
        Norms.backward(dx, dWeight, dBias, dy, x, weight, statistics, 1, 4);
        assertClose(dx, 1e-6, 0.00381777, -0.14508459, 0.18708260, -0.04581579);
        assertClose(dWeight, 1e-6, -0.10690434, 0.10690434, 0, 0.64142606);
        assertClose(dBias, 0, 0.1f, -0.2f, 0.3f, 0.4f);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void attentionWithAPaddedKey(boolean fast) {
        Attention plain = new Attention(1, 3, 1, 1, 2, (float) Math.sqrt(0.5), false, 0f, 0);
        FloatArray q = FloatArray.fromElements(1f, 0f, 0f, 1f, 0f, 0f);
        FloatArray k = FloatArray.fromElements(1f, 0f, 1f, 1f, 2f, -1f);
        FloatArray v = FloatArray.fromElements(1f, 2f, 3f, 4f, 100f, 100f);
        FloatArray dOut = FloatArray.fromElements(1f, 0.5f, 0.5f, 2f, 0f, 0f);
        IntArray lengths = IntArray.fromElements(2);
        FloatArray out = new FloatArray(6);
        FloatArray weights = new FloatArray(9);
        FloatArray dq = zeros(6);
        FloatArray dk = zeros(6);
        FloatArray dv = zeros(6);
        if (fast) {
            new SequenceAttention(plain).forward(out, weights, q, k, v, lengths);
            new SequenceAttention(plain).backward(dq, dk, dv, dOut, weights, q, k, v, lengths);
        } else {
            plain.forward(out, weights, q, k, v, lengths);
            plain.backward(dq, dk, dv, dOut, weights, q, k, v, lengths);
        }
        assertClose(weights, 1e-6, 0.5, 0.5, 0, 0.33023845, 0.66976155, 0);
        assertClose(out, 1e-5, 2, 3, 2.3395231, 3.3395231);
        assertClose(dv, 1e-6, 0.66511923, 0.91047690, 0.83488077, 1.58952310, 0, 0);
        assertClose(dq, 1e-6, 0, 0.53033009, 0, 0.78199298);
        assertClose(dk, 1e-6, -0.53033009, -0.78199298, 0.53033009, 0.78199298, 0, 0);
    }

    @ParameterizedTest
    @CsvSource({
        "510, 0, 0",
        "510, 1, 6e-8",
        "510, 250, 1.5e-5",
        "510, 499, 2.994e-5",
        "510, 500, 3e-5",
        "510, 505, 1.5e-5",
        "510, 509, 3e-6",
        "5325, 505, 2.9968911917e-5",
        "5325, 5324, 6.2176e-9"
    })
    void warmUpAndLinearDecay(int steps, int step, double rate) {
        assertThat(new Schedule(3e-5, 500, steps, Schedule.Decay.LINEAR, 0).at(step))
                .isCloseTo(rate, within(1e-4 * rate + 1e-15));
    }

    @ParameterizedTest
    @CsvSource({
        "TRANSFORMERS, 0.5, 0.01, 0.989901632352",
        "TORCH, 0.5, 0.01, 0.989900020000",
        "TRANSFORMERS, 1e-7, 0, 0.9999684770",
        "TORCH, 1e-7, 0, 0.99909091"
    })
    void oneStepOfBothConventions(Convention convention, float gradient, double decay, double expected) {
        Tensor p = scalar(gradient);
        optimiser(convention, p, decay, 1e9).step(0.01, 0);
        assertThat((double) p.value().get(0)).isCloseTo(expected, within(6e-8));
    }

    @Test
    void threeStepsOfWarmUp() {
        Tensor p = scalar(0);
        AdamW optimiser = optimiser(Convention.TRANSFORMERS, p, 0.01, 1e9);
        double[] gradients = {0.5, -0.2, 0.1};
        double[] rates = {0, 1.5e-5, 3e-5};
        double[] values = {1, 0.999994666218, 0.999982985127};
        double[] m = {0.05, 0.025, 0.0325};
        double[] v = {2.5e-4, 2.8975e-4, 2.9946025e-4};
        for (int step = 0; step < 3; step++) {
            p.gradient().set(0, (float) gradients[step]);
            optimiser.step(rates[step], 0);
            assertThat((double) p.value().get(0)).isCloseTo(values[step], within(6e-8));
            assertThat((double) optimiser.state().get(0).get(0)).isCloseTo(m[step], within(1e-8));
            assertThat((double) optimiser.state().get(1).get(0)).isCloseTo(v[step], within(1e-10));
        }
    }

    /** The factor of a gradient is what its first moment shows: a tenth of it. */
    @ParameterizedTest
    @CsvSource({"0.5, 1", "1, 0.999999", "4, 0.2499999375"})
    void clipping(double norm, double factor) {
        Tensor p = scalar((float) norm);
        AdamW optimiser = optimiser(Convention.TORCH, p, 0, 1);
        assertThat(optimiser.gradientNorm()).isEqualTo(norm);
        optimiser.step(0, norm);
        assertThat(optimiser.state().get(0).get(0) * 10 / norm).isCloseTo(factor, within(2e-7));
        assertThat(p.gradient().get(0)).isZero();
    }

    private static AdamW optimiser(Convention convention, Tensor p, double decay, double clip) {
        return new AdamW(List.of(new Group(List.of(p), decay, 1)), new Settings(convention, 0.9, 0.999, 1e-6, clip));
    }

    private static Tensor scalar(float gradient) {
        Tensor p = new Tensor("p", 1, 1);
        p.value().set(0, 1f);
        p.gradient().set(0, gradient);
        return p;
    }

    private static FloatArray zeros(int size) {
        FloatArray array = new FloatArray(size);
        array.init(0f);
        return array;
    }

    private static void assertClose(FloatArray found, double tolerance, double... expected) {
        for (int i = 0; i < expected.length; i++) {
            assertThat((double) found.get(i)).as("element " + i).isCloseTo(expected[i], within(tolerance));
        }
    }
}
