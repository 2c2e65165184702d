package dev.squall.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.squall.model.spec.LayerSpec;
import dev.squall.model.spec.LayerSpec.Activation;
import dev.squall.model.spec.LayerSpec.AttentionSpec;
import dev.squall.model.spec.LayerSpec.FeedForwardSpec;
import dev.squall.model.spec.LayerSpec.Norm;
import dev.squall.model.spec.LayerSpec.NormSpec;
import dev.squall.model.spec.LayerSpec.Placement;
import dev.squall.model.spec.ModelSpec;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * A whole encoder of two layers, whose every weight is a formula, against numbers that were computed in double and checked
 * by central differences: hidden states, loss, gradients, five steps of the optimiser.
 *
 * <p>The loss is that of prompt tuning with rules: label words at two masks, and classes that are pairs of them.
 */
class ToyEncoderTest {
    private static final int[][] IDS = {{0, 5, 6, 12, 7, 12, 2}, {0, 8, 12, 9, 12, 2, 1}};
    private static final int[][] MASKS = {{3, 5}, {2, 4}};
    private static final int[][] WORDS = {{3, 4, 6}, {5, 10}}; // label words of each mask
    private static final int[][] CLASSES = {{0, 0}, {1, 0}, {2, 1}};
    private static final int[] TARGETS = {2, 0};
    private static final int WIDTH = 8;
    private static final Offset<Double> CLOSE = within(2e-6);

    private final Batch batch = new Batch(2, 7, 2);
    private final Tape tape = new Tape(batch);
    private final Network network = Network.encoder(spec(), tape, 0f, 1);
    private final Map<String, Tensor> parameters = network.parameters();

    ToyEncoderTest() {
        for (int sample = 0; sample < 2; sample++) {
            int[] masks = new int[7 - sample];
            Arrays.fill(masks, -1);
            masks[MASKS[sample][0]] = 0;
            masks[MASKS[sample][1]] = 1;
            batch.set(sample, Arrays.copyOf(IDS[sample], 7 - sample), masks);
        }
        batch.ids.set(13, 1);
    }

    /** Scores masks by their hidden states, or by what the masked-language-model head makes of them. */
    private RuleLoss loss(boolean head) {
        return loss(head, 0);
    }

    private RuleLoss loss(boolean head, double consistency) {
        Tensor x = network.hidden();
        Tensor bias = null;
        if (head) {
            x = network.maskHead(x);
            bias = network.maskBias();
        }
        fill();
        RuleLoss.Rules rules = new RuleLoss.Rules(WORDS, CLASSES, 1, 1, consistency);
        RuleLoss loss = RuleLoss.record(tape, x, network.words(), bias, rules, 2);
        loss.want(0, TARGETS[0]);
        loss.want(1, TARGETS[1]);
        return loss;
    }

    private void fill() {
        int k = 0;
        for (Tensor each : parameters.values()) {
            boolean sharp = each.name().endsWith("query.weight") || each.name().endsWith("key.weight");
            boolean norm = each.name().toLowerCase(Locale.ROOT).contains("norm");
            boolean vector = norm || each.name().endsWith("bias");
            for (int i = 0; i < each.size(); i++) {
                double u = Math.sin((0.37 + 0.11 * k) * (i + 1) + 1.3 * k);
                double value = vector ? 0.05 * u : (sharp ? 0.8 : 0.2) * u;
                each.value().set(i, (float) (norm && each.name().endsWith(".weight") ? 1 + value : value));
            }
            k++;
        }
    }

    @Test
    void hiddenStatesAreTheGoldenOnes() {
        loss(false);
        assertThat(parameters).hasSize(37);
        tape.forward(0, 0, true, 1f);
        assertRow(network.hidden().value(), 0, 0.780905080, -0.138049425, -0.904349118, -1.170273482);
        assertRow(network.hidden().value(), 2, -0.755754092, -1.020062698, -1.049472403, -0.684812264);
    }

    @Test
    void lossAndGradientsAreTheGoldenOnes() {
        RuleLoss loss = loss(false);
        assertThat(pass()).isCloseTo(2.998345532293, CLOSE);
        assertThat(loss.scores(0)).containsExactly(new double[] {-0.2773090523, -0.5413947945, 1.0308410138}, CLOSE);
        assertThat(loss.scores(1)).containsExactly(new double[] {-1.0572660206, -0.2371235264, 1.8481013722}, CLOSE);
        double[] words = loss.words(0, 1);
        assertThat(words[0] + words[1]).isCloseTo(1, within(1e-12));
        assertThat(Math.log(words[1] / words[0])).isCloseTo(0.9029609242 + 0.4604283268, CLOSE);
        assertThat(new AdamW(network.groups(0.01), settings()).gradientNorm()).isCloseTo(3.585895096324, within(1e-5));
        assertGradient("roberta.embeddings.word_embeddings.weight", 2.9150936621, 0.0031599636);
        assertGradient("roberta.embeddings.position_embeddings.weight", 1.1381144494, 0);
        assertGradient("roberta.embeddings.token_type_embeddings.weight", 0.8558565854, -0.1525874717);
        assertGradient("roberta.embeddings.LayerNorm.weight", 0.3905084191, 0.2464848975);
        assertGradient("roberta.embeddings.LayerNorm.bias", 0.2579150438, -0.0932741951);
        assertGradient("roberta.encoder.layer.0.attention.self.query.weight", 0.0087924458, -0.0016592737);
        assertGradient("roberta.encoder.layer.0.attention.self.key.weight", 0.0481581880, 0.0153882615);
        assertGradient("roberta.encoder.layer.0.attention.self.key.bias", 0, 0);
        assertGradient("roberta.encoder.layer.0.attention.self.value.weight", 0.0287634330, 0.0062931888);
        assertGradient("roberta.encoder.layer.0.attention.output.dense.weight", 0.1492407606, 0.0028061680);
        assertGradient("roberta.encoder.layer.0.attention.output.LayerNorm.weight", 0.3832709239, 0.2490036712);
        assertGradient("roberta.encoder.layer.0.intermediate.dense.weight", 0.2296224577, -0.0275069408);
        assertGradient("roberta.encoder.layer.0.output.dense.bias", 0.2450264036, -0.0979743752);
        assertGradient("roberta.encoder.layer.1.attention.self.query.weight", 0.0021838223, -0.0002168908);
        assertGradient("roberta.encoder.layer.1.attention.self.value.bias", 0.0419078603, -0.0059457423);
        assertGradient("roberta.encoder.layer.1.output.dense.weight", 0.0972961772, -0.0148609332);
        assertGradient("roberta.encoder.layer.1.output.LayerNorm.weight", 0.7849508093, 0.3145214299);
        assertGradient("roberta.encoder.layer.1.output.LayerNorm.bias", 0.6593541097, -0.1944470786);
        Tensor table = parameters.get("roberta.embeddings.word_embeddings.weight");
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
            assertThat(norm(table.gradient(), row * WIDTH, WIDTH))
                    .as("word " + row)
                    .isCloseTo(rows[row], CLOSE);
        }
    }

    /** Two samples that differ stand for two readings of one. */
    @Test
    void whatTwoReadingsDifferByIsAddedAndDifferentiated() {
        RuleLoss loss = loss(false, 3);
        double found = pass();
        double[] q = softmax(loss.scores(0));
        double[] r = softmax(loss.scores(1));
        double divergences = 0;
        for (int y = 0; y < q.length; y++) {
            divergences += (q[y] - r[y]) * Math.log(q[y] / r[y]);
        }
        assertThat(divergences).isGreaterThan(0.1);
        assertThat(found).isCloseTo(2.998345532293 + 3.0 / 4 * divergences, CLOSE);
        assertThat(tape.forward(0, 0, false, 1f)).as("read once").isCloseTo(2.998345532293, CLOSE);
        for (String name : List.of(
                "roberta.embeddings.word_embeddings.weight",
                "roberta.encoder.layer.0.attention.self.value.weight",
                "roberta.encoder.layer.1.output.LayerNorm.bias")) {
            Tensor each = parameters.get(name);
            double norm = norm(each.gradient(), 0, each.size());
            float[] direction = each.gradient().toHeapArray();
            double step = 0.01 / norm;
            double ahead = lossAt(each, direction, step);
            double behind = lossAt(each, direction, -2 * step);
            assertThat((ahead - behind) / (2 * step)).as(name).isCloseTo(norm * norm, withinPercentage(0.5));
            lossAt(each, direction, step);
        }
        batch.resize(1, 7);
        batch.set(0, IDS[0], new int[] {-1, -1, -1, 0, -1, 1, -1});
        assertThatThrownBy(() -> tape.forward(0, 0, true, 1f)).hasMessageContaining("found 1, expected each");
    }

    /** The loss where a parameter has moved by a step along a direction. */
    private double lossAt(Tensor parameter, float[] direction, double step) {
        for (int i = 0; i < direction.length; i++) {
            parameter.value().set(i, (float) (parameter.value().get(i) + step * direction[i]));
        }
        return tape.forward(0, 0, true, 1f);
    }

    private static double[] softmax(double[] x) {
        double sum = Arrays.stream(x).map(Math::exp).sum();
        return Arrays.stream(x).map(each -> Math.exp(each) / sum).toArray();
    }

    /** Masks whose words and classes are told in the other order, with rows that say so. */
    @Test
    void rowsMayStandInAnotherOrderThanMasks() {
        Tensor x = network.hidden();
        fill();
        int[][] words = {WORDS[1], WORDS[0]};
        int[][] classes =
                Arrays.stream(CLASSES).map(each -> new int[] {each[1], each[0]}).toArray(int[][]::new);
        RuleLoss.Rules rules = new RuleLoss.Rules(words, classes, 1, 1, 0);
        RuleLoss loss = RuleLoss.record(tape, x, network.words(), null, rules, 2);
        loss.want(0, TARGETS[0], 1, 0);
        loss.want(1, TARGETS[1], 1, 0);
        assertThat(pass()).isCloseTo(2.998345532293, CLOSE);
        assertGradient("roberta.embeddings.word_embeddings.weight", 2.9150936621, 0.0031599636);
        assertGradient("roberta.encoder.layer.1.attention.self.value.bias", 0.0419078603, -0.0059457423);
    }

    @Test
    void fiveStepsOfTheOptimiserAreTheGoldenOnes() {
        loss(false);
        AdamW optimiser = new AdamW(network.groups(0.01), settings());
        Schedule schedule = new Schedule(0.01, 2, 5, Schedule.Decay.LINEAR, 0);
        double[] losses = {2.9983455323, 2.9983455323, 2.7561995256, 2.3035616774, 2.0756490805};
        for (int step = 0; step < 5; step++) {
            assertThat(pass()).as("loss before step " + step).isCloseTo(losses[step], within(2e-5));
            optimiser.step(schedule.at(step), optimiser.gradientNorm());
        }
        assertThat(pass()).isCloseTo(1.9874764763, within(2e-5));
        FloatArray words =
                parameters.get("roberta.embeddings.word_embeddings.weight").value();
        assertThat((double) words.get(12 * WIDTH)).isCloseTo(-0.1699849754, within(1e-4));
        assertThat((double) words.get(11 * WIDTH)).isCloseTo(0.1996284228, within(1e-7));
        assertThat((double) parameters
                        .get("roberta.encoder.layer.0.attention.self.query.weight")
                        .value()
                        .get(0))
                .isCloseTo(0.7475090533, within(1e-4));
    }

    @Test
    void theHeadOfMaskedLanguageModellingHasItsGoldenNumbers() {
        RuleLoss loss = loss(true);
        assertThat(parameters).hasSize(42);
        assertThat(pass()).isCloseTo(2.091946206774, CLOSE);
        assertThat(loss.scores(0)[1]).isCloseTo(-0.0867879115 + 0.1821324153, CLOSE);
        assertThat(new AdamW(network.groups(0.01), settings()).gradientNorm()).isCloseTo(7.311925230774, within(2e-5));
        assertGradient("roberta.embeddings.word_embeddings.weight", 3.2275362285, 0.0100517922);
        assertGradient("lm_head.dense.weight", 5.7410261873, 2.0780206024);
        assertGradient("lm_head.layer_norm.weight", 0.4382723968, 0.2101907032);
        assertGradient("lm_head.bias", 0.7284694110, 0);
        assertGradient("roberta.encoder.layer.1.attention.self.query.weight", 0.0081979302, -0.0002887220);
        assertGradient("roberta.encoder.layer.0.intermediate.dense.weight", 0.5967217031, -0.0614724131);
        parameters.values().forEach(each -> each.gradient().clear());
        AdamW optimiser = new AdamW(network.groups(0.01), settings());
        Schedule schedule = new Schedule(0.01, 2, 5, Schedule.Decay.LINEAR, 0);
        double[] losses = {2.0919462068, 2.0919462068, 1.8790667209, 1.6848444544, 1.5094299787};
        for (int step = 0; step < 5; step++) {
            assertThat(pass()).as("loss before step " + step).isCloseTo(losses[step], within(2e-5));
            optimiser.step(schedule.at(step), optimiser.gradientNorm());
        }
        assertThat(pass()).isCloseTo(1.3903670289, within(2e-5));
    }

    @Test
    void aShorterBatchOfAnotherOrderHasTheSameLossAndGradients() {
        Batch wide = new Batch(3, 10, 2);
        Tape other = new Tape(wide);
        Network same = Network.encoder(spec(), other, 0f, 1);
        RuleLoss loss = RuleLoss.record(
                other, same.hidden(), same.words(), null, new RuleLoss.Rules(WORDS, CLASSES, 1, 1, 0), 3);
        parameters.clear();
        parameters.putAll(same.parameters());
        fill();
        for (int[] shape : new int[][] {{3, 10}, {2, 7}, {2, 9}}) {
            wide.resize(shape[0], shape[1]);
            for (int sample = 0; sample < shape[0]; sample++) {
                int from = 1 - sample; // in reverse; the third is empty
                int[] ids = sample == 2 ? new int[0] : Arrays.copyOf(IDS[from], 7 - from);
                int[] masks = new int[ids.length];
                Arrays.fill(masks, -1);
                if (sample < 2) {
                    masks[MASKS[from][0]] = 0;
                    masks[MASKS[from][1]] = 1;
                    loss.want(sample, TARGETS[from]);
                }
                wide.set(sample, ids, masks);
            }
            parameters.values().forEach(each -> each.gradient().clear());
            assertThat(other.forward(0, 0, true, 1f)).isCloseTo(2.998345532293, CLOSE);
            other.backward();
            assertGradient("roberta.embeddings.word_embeddings.weight", 2.9150936621, 0.0031599636);
            assertGradient("roberta.encoder.layer.1.attention.self.value.bias", 0.0419078603, -0.0059457423);
            assertGradient("roberta.encoder.layer.0.intermediate.dense.weight", 0.2296224577, -0.0275069408);
        }
        assertThatThrownBy(() -> wide.resize(2, 11)).hasMessageContainingAll("2 sequences of 11", "1 to 3 of 1 to 10");
    }

    /**
     * Tokens of the prompt that are no words, at three places of the first sample and two of the second. The specification numbers
     * them from 1 and keeps a row 0 that nothing reads; here they are rows 0 and 1 of the table.
     */
    @Test
    void tokensOfThePromptHaveTheirGoldenNumbers() {
        Batch longer = new Batch(2, 8, 2);
        Tape other = new Tape(longer);
        Network prompted = Network.encoder(spec(), other, 0f, 1, 2);
        RuleLoss loss = RuleLoss.record(
                other, prompted.hidden(), prompted.words(), null, new RuleLoss.Rules(WORDS, CLASSES, 1, 1, 0), 2);
        parameters.clear();
        parameters.putAll(prompted.parameters());
        Map<String, Tensor> own = new LinkedHashMap<>(parameters);
        own.keySet().removeIf(name -> !PromptTokens.owns(name));
        parameters.keySet().removeAll(own.keySet());
        fill();
        double[] scales = {1, 0.3, 0.05, 0.3, 0.05};
        int k = 50;
        for (Tensor each : own.values()) {
            int from = k == 50 ? WIDTH : 0; // the row that nothing reads
            for (int i = 0; i < each.size(); i++) {
                double u = Math.sin((0.37 + 0.11 * k) * (i + from + 1) + 1.3 * k);
                each.value().set(i, (float) (scales[k - 50] * u));
            }
            k++;
        }
        parameters.putAll(own);
        longer.set(0, new int[] {0, 5, -1, 12, 7, 12, -2, 2}, new int[] {-1, -1, -1, 0, -1, 1, -1, -1});
        longer.set(1, new int[] {0, 8, -1, 12, 12, -2, 2}, new int[] {-1, -1, -1, 0, 1, -1, -1});
        longer.ids.set(15, 1);
        loss.want(0, TARGETS[0]);
        loss.want(1, TARGETS[1]);
        assertThat(other.forward(0, 0, true, 1f)).isCloseTo(2.258970280485, CLOSE);
        other.backward();
        float[] first = prompted.promptTokens().vectors();
        double[] golden = {-0.4498929196, -0.7622534670, -0.7299698877, -0.3665873041};
        for (int i = 0; i < golden.length; i++) {
            assertThat((double) first[i]).isCloseTo(golden[i], CLOSE);
        }
        FloatArray table = own.get("prompt_tokens.embeddings.weight").gradient();
        assertThat(norm(table, 0, WIDTH)).isCloseTo(0.00022351, within(1e-8));
        assertThat(norm(table, WIDTH, WIDTH)).isCloseTo(0.00032753, within(1e-8));
        String[] names = {"embeddings.weight", "dense.weight", "dense.bias", "out_proj.weight", "out_proj.bias"};
        double[] norms = {0.0003965204, 0.0011802103, 0.0005758408, 0.0097329343, 0.0076882109};
        for (int i = 0; i < names.length; i++) {
            FloatArray gradient = own.get("prompt_tokens." + names[i]).gradient();
            assertThat(norm(gradient, 0, gradient.getSize())).as(names[i]).isCloseTo(norms[i], within(1e-8));
        }
        FloatArray words = prompted.words().gradient();
        assertThat(norm(words, 0, words.getSize())).isCloseTo(2.4841196240, CLOSE);
        assertThat(norm(words, 3 * WIDTH, WIDTH)).isCloseTo(1.141162, CLOSE); // a label word; nothing else reads it
        FloatArray places =
                parameters.get("roberta.embeddings.position_embeddings.weight").gradient();
        assertThat(norm(places, 0, places.getSize())).isCloseTo(1.2895466695, CLOSE);
        AdamW optimiser = new AdamW(prompted.groups(0.01, 0.5, 1), settings());
        assertThat(optimiser.gradientNorm()).isCloseTo(3.2046304588, CLOSE);
    }

    private double pass() {
        double loss = tape.forward(0, 0, true, 1f);
        tape.backward();
        return loss;
    }

    private void assertGradient(String name, double norm, double first) {
        FloatArray gradient = parameters.get(name).gradient();
        assertThat(norm(gradient, 0, gradient.getSize())).as(name).isCloseTo(norm, within(2e-6 * Math.max(1, norm)));
        assertThat((double) gradient.get(0)).as(name).isCloseTo(first, CLOSE);
    }

    private static void assertRow(FloatArray x, int row, double... values) {
        for (int i = 0; i < values.length; i++) {
            assertThat((double) x.get(row * WIDTH + i)).isCloseTo(values[i], CLOSE);
        }
    }

    private static double norm(FloatArray x, int from, int count) {
        double sum = 0;
        for (int i = from; i < from + count; i++) {
            sum += (double) x.get(i) * x.get(i);
        }
        return Math.sqrt(sum);
    }

    private static AdamW.Settings settings() {
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
