package dev.squall.training;

import static dev.squall.training.ToyEncoder.CLOSE;
import static dev.squall.training.ToyEncoder.LOSS;
import static dev.squall.training.ToyEncoder.WIDTH;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** A whole encoder against golden numbers: hidden states, loss, gradients, five steps of the optimiser. */
class ToyEncoderTest {
    private final ToyEncoder toy = new ToyEncoder();

    @Test
    void hiddenStatesAreTheGoldenOnes() {
        toy.loss(false);
        assertThat(toy.parameters).hasSize(37);
        toy.tape.forward(0, 0, true, 1f);
        assertRow(toy.network.hidden().value(), 0, 0.780905080, -0.138049425, -0.904349118, -1.170273482);
        assertRow(toy.network.hidden().value(), 2, -0.755754092, -1.020062698, -1.049472403, -0.684812264);
    }

    @Test
    void lossAndGradientsAreTheGoldenOnes() {
        RuleLoss loss = toy.loss(false);
        assertThat(toy.pass()).isCloseTo(LOSS, CLOSE);
        assertThat(loss.scores(0)).containsExactly(new double[] {-0.2773090523, -0.5413947945, 1.0308410138}, CLOSE);
        assertThat(loss.scores(1)).containsExactly(new double[] {-1.0572660206, -0.2371235264, 1.8481013722}, CLOSE);
        double[] words = loss.words(0, 1);
        assertThat(words[0] + words[1]).isCloseTo(1, within(1e-12));
        assertThat(Math.log(words[1] / words[0])).isCloseTo(0.9029609242 + 0.4604283268, CLOSE);
        assertThat(new AdamW(toy.network.groups(0.01), ToyEncoder.settings()).gradientNorm())
                .isCloseTo(3.585895096324, within(1e-5));
        toy.assertGradient("roberta.embeddings.word_embeddings.weight", 2.9150936621, 0.0031599636);
        toy.assertGradient("roberta.embeddings.position_embeddings.weight", 1.1381144494, 0);
        toy.assertGradient("roberta.embeddings.token_type_embeddings.weight", 0.8558565854, -0.1525874717);
        toy.assertGradient("roberta.embeddings.LayerNorm.weight", 0.3905084191, 0.2464848975);
        toy.assertGradient("roberta.embeddings.LayerNorm.bias", 0.2579150438, -0.0932741951);
        toy.assertGradient("roberta.encoder.layer.0.attention.self.query.weight", 0.0087924458, -0.0016592737);
        toy.assertGradient("roberta.encoder.layer.0.attention.self.key.weight", 0.0481581880, 0.0153882615);
        toy.assertGradient("roberta.encoder.layer.0.attention.self.key.bias", 0, 0);
        toy.assertGradient("roberta.encoder.layer.0.attention.self.value.weight", 0.0287634330, 0.0062931888);
        toy.assertGradient("roberta.encoder.layer.0.attention.output.dense.weight", 0.1492407606, 0.0028061680);
        toy.assertGradient("roberta.encoder.layer.0.attention.output.LayerNorm.weight", 0.3832709239, 0.2490036712);
        toy.assertGradient("roberta.encoder.layer.0.intermediate.dense.weight", 0.2296224577, -0.0275069408);
        toy.assertGradient("roberta.encoder.layer.0.output.dense.bias", 0.2450264036, -0.0979743752);
        toy.assertGradient("roberta.encoder.layer.1.attention.self.query.weight", 0.0021838223, -0.0002168908);
        toy.assertGradient("roberta.encoder.layer.1.attention.self.value.bias", 0.0419078603, -0.0059457423);
        toy.assertGradient("roberta.encoder.layer.1.output.dense.weight", 0.0972961772, -0.0148609332);
        toy.assertGradient("roberta.encoder.layer.1.output.LayerNorm.weight", 0.7849508093, 0.3145214299);
        toy.assertGradient("roberta.encoder.layer.1.output.LayerNorm.bias", 0.6593541097, -0.1944470786);
        Tensor table = toy.parameters.get("roberta.embeddings.word_embeddings.weight");
        double[] rows = {
            0.00676114,
            0,
            0.08969214,
            1.63483400,
            0.71892356,
            1.28476500,
            1.15274256,
            0.07904162,
            0.02844121,
            0.01596866,
            1.28844835,
            0,
            0.80826990
        };
        for (int row = 0; row < rows.length; row++) {
            assertThat(ToyEncoder.norm(table.gradient(), row * WIDTH, WIDTH))
                    .as("word " + row)
                    .isCloseTo(rows[row], CLOSE);
        }
    }

    @Test
    void fiveStepsOfTheOptimiserAreTheGoldenOnes() {
        toy.loss(false);
        assertSteps(2.9983455323, 2.9983455323, 2.7561995256, 2.3035616774, 2.0756490805, 1.9874764763);
        FloatArray words =
                toy.parameters.get("roberta.embeddings.word_embeddings.weight").value();
        assertThat((double) words.get(12 * WIDTH)).isCloseTo(-0.1699849754, within(1e-4));
        assertThat((double) words.get(11 * WIDTH)).isCloseTo(0.1996284228, within(1e-7));
        assertThat((double) toy.parameters
                        .get("roberta.encoder.layer.0.attention.self.query.weight")
                        .value()
                        .get(0))
                .isCloseTo(0.7475090533, within(1e-4));
    }

    @Test
    void theHeadOfMaskedLanguageModellingHasItsGoldenNumbers() {
        RuleLoss loss = toy.loss(true);
        assertThat(toy.parameters).hasSize(42);
        assertThat(toy.pass()).isCloseTo(2.091946206774, CLOSE);
        assertThat(loss.scores(0)[1]).isCloseTo(-0.0867879115 + 0.1821324153, CLOSE);
        assertThat(new AdamW(toy.network.groups(0.01), ToyEncoder.settings()).gradientNorm())
                .isCloseTo(7.311925230774, within(2e-5));
        toy.assertGradient("roberta.embeddings.word_embeddings.weight", 3.2275362285, 0.0100517922);
        toy.assertGradient("lm_head.dense.weight", 5.7410261873, 2.0780206024);
        toy.assertGradient("lm_head.layer_norm.weight", 0.4382723968, 0.2101907032);
        toy.assertGradient("lm_head.bias", 0.7284694110, 0);
        toy.assertGradient("roberta.encoder.layer.1.attention.self.query.weight", 0.0081979302, -0.0002887220);
        toy.assertGradient("roberta.encoder.layer.0.intermediate.dense.weight", 0.5967217031, -0.0614724131);
        toy.parameters.values().forEach(each -> each.gradient().clear());
        assertSteps(2.0919462068, 2.0919462068, 1.8790667209, 1.6848444544, 1.5094299787, 1.3903670289);
    }

    /** @param losses before each step of the optimiser, and behind the last */
    private void assertSteps(double... losses) {
        AdamW optimiser = new AdamW(toy.network.groups(0.01), ToyEncoder.settings());
        Schedule schedule = new Schedule(0.01, 2, 5, Schedule.Decay.LINEAR, 0);
        for (int step = 0; step < losses.length; step++) {
            assertThat(toy.pass()).as("loss before step " + step).isCloseTo(losses[step], within(2e-5));
            if (step < losses.length - 1) {
                optimiser.step(schedule.at(step), optimiser.gradientNorm());
            }
        }
    }

    private static void assertRow(FloatArray x, int row, double... values) {
        for (int i = 0; i < values.length; i++) {
            assertThat((double) x.get(row * WIDTH + i)).isCloseTo(values[i], CLOSE);
        }
    }
}
