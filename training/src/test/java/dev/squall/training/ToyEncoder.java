package dev.squall.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.squall.model.spec.LayerSpec;
import dev.squall.model.spec.LayerSpec.Activation;
import dev.squall.model.spec.LayerSpec.AttentionSpec;
import dev.squall.model.spec.LayerSpec.FeedForwardSpec;
import dev.squall.model.spec.LayerSpec.Norm;
import dev.squall.model.spec.LayerSpec.NormSpec;
import dev.squall.model.spec.LayerSpec.Placement;
import dev.squall.model.spec.ModelSpec;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.assertj.core.data.Offset;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * An encoder of two layers, whose every weight is a formula, and two examples of prompt tuning with rules: label words at two
 * masks, and classes that are pairs of them. The specification has its numbers, computed in double and checked by central
 * differences.
 */
final class ToyEncoder {
    static final int WIDTH = 8;
    static final int[][] IDS = {{0, 5, 6, 12, 7, 12, 2}, {0, 8, 12, 9, 12, 2}}; // of each example, its tokens
    static final int[][] MASKS = {{-1, -1, -1, 0, -1, 1, -1}, {-1, -1, 0, -1, 1, -1}}; // of each token, its mask
    static final int[][] WORDS = {{3, 4, 6}, {5, 10}}; // label words of each mask
    static final int[][] CLASSES = {{0, 0}, {1, 0}, {2, 1}}; // of each class, the word of each mask
    static final int[] TARGETS = {2, 0}; // the class of each example
    static final int PADDING = 1;
    static final double LOSS = 2.998345532293;
    static final Offset<Double> CLOSE = within(2e-6);

    final Batch batch;
    final Tape tape;
    final Network network;
    final Map<String, Tensor> parameters; // before a loss is recorded, without the head that it may ask for

    /** With a batch of the two examples. */
    ToyEncoder() {
        this(new Batch(2, 7, 2), 0);
        batch.set(0, IDS[0], MASKS[0]);
        batch.set(1, IDS[1], MASKS[1]);
        batch.ids.set(13, PADDING);
    }

    /**
     * @param batch empty
     * @param promptTokens how many tokens of the prompt are learned
     */
    ToyEncoder(Batch batch, int promptTokens) {
        this.batch = batch;
        tape = new Tape(batch);
        network = Network.encoder(spec(), tape, 0f, PADDING, promptTokens);
        parameters = network.parameters();
    }

    /** Scores masks by their hidden states, or by what the head of masked language modelling makes of them. */
    RuleLoss loss(boolean head) {
        Tensor x = head ? network.maskHead(network.hidden()) : network.hidden();
        return loss(x, head ? network.maskBias() : null, WORDS, CLASSES, 0);
    }

    /**
     * Records the loss and fills the weights.
     *
     * @param consistency the weight of what two readings differ by
     */
    RuleLoss loss(Tensor x, Tensor bias, int[][] words, int[][] classes, double consistency) {
        fill(parameters.values());
        RuleLoss.Rules rules = new RuleLoss.Rules(words, classes, 1, 1, consistency);
        RuleLoss loss = RuleLoss.record(tape, x, network.words(), bias, rules, batch.lengths.getSize());
        loss.want(0, TARGETS[0]);
        loss.want(1, TARGETS[1]);
        return loss;
    }

    /** Gives each tensor, numbered by its place, the numbers of the specification's formula. */
    private static void fill(Collection<Tensor> tensors) {
        int k = 0;
        for (Tensor each : tensors) {
            if (PromptTokens.owns(each.name())) {
                continue;
            }
            boolean sharp = each.name().endsWith("query.weight") || each.name().endsWith("key.weight");
            boolean norm = each.name().toLowerCase(Locale.ROOT).contains("norm");
            boolean vector = norm || each.name().endsWith("bias");
            for (int i = 0; i < each.size(); i++) {
                double value = (vector ? 0.05 : sharp ? 0.8 : 0.2) * wave(k, i);
                each.value().set(i, (float) (norm && each.name().endsWith(".weight") ? 1 + value : value));
            }
            k++;
        }
    }

    /** Number i of tensor k, between -1 and 1. */
    static double wave(int k, int i) {
        return Math.sin((0.37 + 0.11 * k) * (i + 1) + 1.3 * k);
    }

    /** The loss, with gradients added to those that are there. */
    double pass() {
        double loss = tape.forward(0, 0, true, 1f);
        tape.backward();
        return loss;
    }

    /**
     * @param norm of the gradient of a parameter
     * @param first its first number
     */
    void assertGradient(String name, double norm, double first) {
        FloatArray gradient = parameters.get(name).gradient();
        assertThat(norm(gradient)).as(name).isCloseTo(norm, within(2e-6 * Math.max(1, norm)));
        assertThat((double) gradient.get(0)).as(name).isCloseTo(first, CLOSE);
    }

    static double norm(FloatArray x) {
        return norm(x, 0, x.getSize());
    }

    static double norm(FloatArray x, int from, int count) {
        double sum = 0;
        for (int i = from; i < from + count; i++) {
            sum += (double) x.get(i) * x.get(i);
        }
        return Math.sqrt(sum);
    }

    static AdamW.Settings settings() {
        return new AdamW.Settings(AdamW.Convention.TRANSFORMERS, 0.9, 0.999, 1e-6, 1.0);
    }

    private static ModelSpec spec() {
        NormSpec norm = new NormSpec(Norm.LAYER, 1e-5f);
        LayerSpec layer = new LayerSpec(
                norm,
                new AttentionSpec(2, 2, 4, true, true, null, null, 0, 0.5f),
                norm,
                new FeedForwardSpec(16, Activation.GELU, true),
                Placement.AFTER,
                1f);
        List<LayerSpec> layers = Collections.nCopies(2, layer);
        return new ModelSpec("roberta", WIDTH, 13, 12, 1f, layers, null, 1f, true);
    }
}
