package dev.squall.training;

import static dev.squall.training.ToyEncoder.CLASSES;
import static dev.squall.training.ToyEncoder.CLOSE;
import static dev.squall.training.ToyEncoder.IDS;
import static dev.squall.training.ToyEncoder.LOSS;
import static dev.squall.training.ToyEncoder.MASKS;
import static dev.squall.training.ToyEncoder.TARGETS;
import static dev.squall.training.ToyEncoder.WORDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The loss of rules in batches and orders that its golden numbers, which {@link ToyEncoderTest} has, do not show. */
class RuleLossTest {
    /** Two samples that differ stand for two readings of one. */
    @Test
    void whatTwoReadingsDifferByIsAddedAndDifferentiated() {
        ToyEncoder toy = new ToyEncoder();
        RuleLoss loss = toy.loss(toy.network.hidden(), null, WORDS, CLASSES, 3);
        double found = toy.pass();
        double[] q = softmax(loss.scores(0));
        double[] r = softmax(loss.scores(1));
        double divergences = 0;
        for (int y = 0; y < q.length; y++) {
            divergences += (q[y] - r[y]) * Math.log(q[y] / r[y]);
        }
        assertThat(divergences).isGreaterThan(0.1);
        assertThat(found).isCloseTo(LOSS + 3.0 / 4 * divergences, CLOSE);
        assertThat(toy.tape.forward(0, 0, false, 1f)).as("read once").isCloseTo(LOSS, CLOSE);
        for (String name : List.of(
                "roberta.embeddings.word_embeddings.weight",
                "roberta.encoder.layer.0.attention.self.value.weight",
                "roberta.encoder.layer.1.output.LayerNorm.bias")) {
            Tensor each = toy.parameters.get(name);
            double norm = ToyEncoder.norm(each.gradient());
            float[] direction = each.gradient().toHeapArray();
            double step = 0.01 / norm;
            double ahead = lossAt(toy, each, direction, step);
            double behind = lossAt(toy, each, direction, -2 * step);
            assertThat((ahead - behind) / (2 * step)).as(name).isCloseTo(norm * norm, withinPercentage(0.5));
            lossAt(toy, each, direction, step);
        }
        toy.batch.resize(1, 7);
        toy.batch.set(0, IDS[0], MASKS[0]);
        assertThatThrownBy(() -> toy.tape.forward(0, 0, true, 1f)).hasMessageContaining("found 1, expected each");
    }

    /** The loss where a parameter has moved by a step along a direction. */
    private static double lossAt(ToyEncoder toy, Tensor parameter, float[] direction, double step) {
        for (int i = 0; i < direction.length; i++) {
            parameter.value().set(i, (float) (parameter.value().get(i) + step * direction[i]));
        }
        return toy.tape.forward(0, 0, true, 1f);
    }

    private static double[] softmax(double[] x) {
        double sum = Arrays.stream(x).map(Math::exp).sum();
        return Arrays.stream(x).map(each -> Math.exp(each) / sum).toArray();
    }

    /** Masks whose words and classes are told in the other order, with rows that say so. */
    @Test
    void rowsMayStandInAnotherOrderThanMasks() {
        ToyEncoder toy = new ToyEncoder();
        int[][] words = {WORDS[1], WORDS[0]};
        int[][] classes =
                Arrays.stream(CLASSES).map(each -> new int[] {each[1], each[0]}).toArray(int[][]::new);
        RuleLoss loss = toy.loss(toy.network.hidden(), null, words, classes, 0);
        loss.want(0, TARGETS[0], 1, 0);
        loss.want(1, TARGETS[1], 1, 0);
        assertThat(toy.pass()).isCloseTo(LOSS, CLOSE);
        toy.assertGradient("roberta.embeddings.word_embeddings.weight", 2.9150936621, 0.0031599636);
        toy.assertGradient("roberta.encoder.layer.1.attention.self.value.bias", 0.0419078603, -0.0059457423);
    }

    @Test
    void aShorterBatchOfAnotherOrderHasTheSameLossAndGradients() {
        ToyEncoder toy = new ToyEncoder(new Batch(3, 10, 2), 0);
        RuleLoss loss = toy.loss(false);
        for (int[] shape : new int[][] {{3, 10}, {2, 7}, {2, 9}}) {
            toy.batch.resize(shape[0], shape[1]);
            for (int sample = 0; sample < 2; sample++) {
                int from = 1 - sample; // in reverse
                toy.batch.set(sample, IDS[from], MASKS[from]);
                loss.want(sample, TARGETS[from]);
            }
            if (shape[0] == 3) {
                toy.batch.set(2, new int[0], new int[0]);
            }
            toy.parameters.values().forEach(each -> each.gradient().clear());
            assertThat(toy.pass()).isCloseTo(LOSS, CLOSE);
            toy.assertGradient("roberta.embeddings.word_embeddings.weight", 2.9150936621, 0.0031599636);
            toy.assertGradient("roberta.encoder.layer.1.attention.self.value.bias", 0.0419078603, -0.0059457423);
            toy.assertGradient("roberta.encoder.layer.0.intermediate.dense.weight", 0.2296224577, -0.0275069408);
        }
        assertThatThrownBy(() -> toy.batch.resize(2, 11))
                .hasMessageContainingAll("2 sequences of 11", "1 to 3 of 1 to 10");
    }
}
