package dev.squall.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.squall.model.spec.LayerSpec;
import dev.squall.model.spec.LayerSpec.Activation;
import dev.squall.model.spec.LayerSpec.AttentionSpec;
import dev.squall.model.spec.LayerSpec.FeedForwardSpec;
import dev.squall.model.spec.LayerSpec.NormSpec;
import dev.squall.model.spec.LayerSpec.Placement;
import dev.squall.model.spec.ModelSpec;
import dev.squall.model.spec.RopeSpec;
import dev.squall.model.spec.RopeSpec.Pairing;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Losses and gradients of all kinds of models, element by element, against central differences of formulas in double. */
class DoubleDifferencesTest {
    private static final double STEP = 1e-5;
    private static final int PROBES = 12; // elements of a parameter

    @ParameterizedTest
    @CsvSource({"ADJACENT, true", "HALVES, false"})
    void decoder(Pairing pairing, boolean tied) {
        int[][] ids = {{3, 1, 4, 1, 5, 9}, {2, 7, 1, 8}};
        int[][] targets = {{1, 4, -1, 5, 9, 2}, {7, 1, 8, -1}};
        LayerSpec layer = new LayerSpec(
                NormSpec.rms(1e-5),
                new AttentionSpec(4, 2, 4, true, false, null, RopeSpec.plain(pairing, 100, 4), 0, 0.5f),
                NormSpec.rms(1e-5),
                new FeedForwardSpec(24, Activation.SILU_GATED, false),
                Placement.BEFORE,
                0.7f);
        ModelSpec spec =
                new ModelSpec("llama", 16, 11, 6, 1.5f, Collections.nCopies(2, layer), NormSpec.rms(1e-5), 0.8f, tied);
        Batch batch = batch(0, ids, targets);
        Tape tape = new Tape(batch);
        Network network = Network.decoder(spec, tape, 0f, 5);
        network.initialize(3, 0.4);
        check(tape, network.parameters(), new DoubleModel(spec, true, network.parameters()), model -> {
            double sum = 0;
            for (int i = 0; i < ids.length; i++) {
                double[] table = model.weight(tied ? "model.embed_tokens.weight" : "lm_head.weight");
                sum += crossEntropy(model.decoder(ids[i]), table, null, 0.8, targets[i]);
            }
            return sum / 8;
        });
    }

    @Test
    void encoderWithTheHeadOfMaskedLanguageModelling() {
        int[][] ids = {{3, 1, 4, 10, 5, 9}, {2, 7, 1, 8}};
        int[][] targets = {{-1, 4, -1, -1, 9, 2}, {7, -1, -1, 3}};
        ModelSpec spec = new TrainingConfig.Shape(2, 8, 2, 2, 4, 12, 8, 1e4, 1e-5, 0).encoderSpec(11);
        Batch batch = batch(2, ids, targets);
        Tape tape = new Tape(batch);
        Network network = Network.maskedLanguageModel(spec, tape, 0f, 0, 2);
        network.initialize(3, 0.5);
        check(tape, network.parameters(), new DoubleModel(spec, false, network.parameters()), model -> {
            double sum = 0;
            for (int i = 0; i < ids.length; i++) {
                sum += crossEntropy(
                        model.maskHead(model.encoder(ids[i])),
                        model.weight("roberta.embeddings.word_embeddings.weight"),
                        model.weight("lm_head.bias"),
                        1,
                        targets[i]);
            }
            return sum / 5;
        });
    }

    @Test
    void draft() {
        int[][] ids = {{3, 1, 4, 1, 5}, {2, 7, 1}};
        int[][] targets = {{1, 1, 1, 1, -1}, {1, 1, -1}};
        int dim = 6;
        SplittableRandom random = new SplittableRandom(3);
        Tensor table = constant("table", 11, dim, random);
        Tensor states = constant("states", 10, dim, random);
        Tensor next = constant("next", 10, dim, random);
        LayerSpec layer = new LayerSpec(
                null,
                new AttentionSpec(2, 1, 4, false, false, null, RopeSpec.plain(Pairing.HALVES, 100, 4), 0, 0.5f),
                NormSpec.rms(1e-5),
                new FeedForwardSpec(8, Activation.SILU_GATED, false),
                Placement.BEFORE,
                1f);
        ModelSpec spec = new ModelSpec("llama", dim, 11, 5, 1.3f, List.of(layer), null, 0.7f, true);
        Batch batch = batch(0, ids, targets);
        Tape tape = new Tape(batch);
        Network network = Network.draft(spec, tape, 0f, table, states);
        tape.losses().smoothL1(network.hidden(), next, 0.8f);
        tape.losses().distil(network.hidden(), next, table, 0.7f, 4, 0.6f, new IntArray(10));
        network.initialize(3, 0.5);
        double[] words = doubles(table, 0, 11 * dim);
        check(tape, network.parameters(), new DoubleModel(spec, true, network.parameters()), model -> {
            double sum = 0;
            for (int i = 0; i < ids.length; i++) {
                double[][] in = new double[ids[i].length][];
                for (int row = 0; row < in.length; row++) {
                    in[row] = doubles(states, (i * 5 + row) * dim, dim);
                }
                double[][] out = model.draft(words, ids[i], in);
                for (int row = 0; row < in.length; row++) {
                    if (targets[i][row] >= 0) {
                        double[] wanted = doubles(next, (i * 5 + row) * dim, dim);
                        sum += 0.8f * smoothL1(out[row], wanted)
                                + 0.6f * softCrossEntropy(out[row], wanted, words, 0.7f);
                    }
                }
            }
            return sum / 6;
        });
    }

    /** The loss, and gradients at elements all over every parameter. */
    private static void check(
            Tape tape, Map<String, Tensor> parameters, DoubleModel model, ToDoubleFunction<DoubleModel> loss) {
        assertThat(tape.forward(1, 1, true, 1f)).isCloseTo(loss.applyAsDouble(model), within(2e-6));
        tape.backward();
        double largest = 0;
        for (Tensor parameter : parameters.values()) {
            for (float g : parameter.gradient().toHeapArray()) {
                largest = Math.max(largest, Math.abs(g));
            }
        }
        for (Tensor parameter : parameters.values()) {
            double[] values = model.weight(parameter.name());
            for (int probe = 0; probe < Math.min(PROBES, values.length); probe++) {
                int i = (int) ((long) probe * values.length / Math.min(PROBES, values.length));
                double kept = values[i];
                values[i] = kept + STEP;
                double above = loss.applyAsDouble(model);
                values[i] = kept - STEP;
                double below = loss.applyAsDouble(model);
                values[i] = kept;
                double slope = (above - below) / (2 * STEP);
                assertThat((double) parameter.gradient().get(i))
                        .as(parameter.name() + "[" + i + "]")
                        .isCloseTo(slope, within(2e-5 * Math.abs(slope) + 1e-6 * largest));
            }
        }
    }

    private static double crossEntropy(double[][] x, double[] table, double[] bias, double scale, int[] targets) {
        double sum = 0;
        for (int row = 0; row < x.length; row++) {
            if (targets[row] >= 0) {
                sum -= Math.log(DoubleModel.softmax(logits(x[row], table, bias, scale))[targets[row]]);
            }
        }
        return sum;
    }

    private static double[] logits(double[] x, double[] table, double[] bias, double scale) {
        double[] logits = new double[table.length / x.length];
        for (int i = 0; i < logits.length; i++) {
            logits[i] = scale * DoubleModel.dot(x, table, i) + (bias == null ? 0 : bias[i]);
        }
        return logits;
    }

    private static double softCrossEntropy(double[] x, double[] wanted, double[] table, double scale) {
        double[] q = DoubleModel.softmax(logits(x, table, null, scale));
        double[] p = DoubleModel.softmax(logits(wanted, table, null, scale));
        double sum = 0;
        for (int i = 0; i < p.length; i++) {
            sum -= p[i] * Math.log(q[i]);
        }
        return sum;
    }

    private static double smoothL1(double[] x, double[] wanted) {
        double sum = 0;
        for (int i = 0; i < x.length; i++) {
            double d = Math.abs(x[i] - wanted[i]);
            sum += d < 1 ? d * d / 2 : d - 0.5;
        }
        return sum / x.length;
    }

    private static Batch batch(int firstPosition, int[][] ids, int[][] targets) {
        Batch batch = new Batch(ids.length, ids[0].length, firstPosition);
        for (int i = 0; i < ids.length; i++) {
            batch.set(i, ids[i], targets[i]);
        }
        return batch;
    }

    private static Tensor constant(String name, int rows, int width, SplittableRandom random) {
        Tensor tensor = Tensor.constant(name, rows, width);
        for (int i = 0; i < rows * width; i++) {
            tensor.value().set(i, (float) random.nextGaussian());
        }
        return tensor;
    }

    private static double[] doubles(Tensor tensor, int from, int count) {
        double[] values = new double[count];
        for (int i = 0; i < count; i++) {
            values[i] = tensor.value().get(from + i);
        }
        return values;
    }
}
