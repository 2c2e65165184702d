package dev.squall.training;

import static dev.squall.training.ToyEncoder.CLOSE;
import static dev.squall.training.ToyEncoder.WIDTH;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * Tokens of the prompt that are no words, at three places of the first sample and two of the second. The specification numbers
 * them from 1 and keeps a row 0 that nothing reads; here they are rows 0 and 1 of the table.
 */
class PromptTokensTest {
    private static final List<String> NAMES =
            List.of("embeddings.weight", "dense.weight", "dense.bias", "out_proj.weight", "out_proj.bias");
    private static final double[] SCALES = {1, 0.3, 0.05, 0.3, 0.05};
    private static final double[] NORMS = {0.0003965204, 0.0011802103, 0.0005758408, 0.0097329343, 0.0076882109};

    private final ToyEncoder toy = new ToyEncoder(new Batch(2, 8, 2), 2);

    @Test
    void vectorsAndGradientsAreTheGoldenOnes() {
        toy.loss(false);
        fill();
        toy.batch.set(0, new int[] {0, 5, -1, 12, 7, 12, -2, 2}, new int[] {-1, -1, -1, 0, -1, 1, -1, -1});
        toy.batch.set(1, new int[] {0, 8, -1, 12, 12, -2, 2}, new int[] {-1, -1, -1, 0, 1, -1, -1});
        toy.batch.ids.set(15, ToyEncoder.PADDING);
        assertThat(toy.pass()).isCloseTo(2.258970280485, CLOSE);
        float[] first = toy.network.promptTokens().vectors();
        double[] golden = {-0.4498929196, -0.7622534670, -0.7299698877, -0.3665873041};
        for (int i = 0; i < golden.length; i++) {
            assertThat((double) first[i]).isCloseTo(golden[i], CLOSE);
        }
        FloatArray table = tensor("embeddings.weight").gradient();
        assertThat(ToyEncoder.norm(table, 0, WIDTH)).isCloseTo(0.00022351, within(1e-8));
        assertThat(ToyEncoder.norm(table, WIDTH, WIDTH)).isCloseTo(0.00032753, within(1e-8));
        for (int i = 0; i < NORMS.length; i++) {
            String name = NAMES.get(i);
            assertThat(ToyEncoder.norm(tensor(name).gradient())).as(name).isCloseTo(NORMS[i], within(1e-8));
        }
        FloatArray words = toy.network.words().gradient();
        assertThat(ToyEncoder.norm(words)).isCloseTo(2.4841196240, CLOSE);
        // a label word; nothing else reads it
        assertThat(ToyEncoder.norm(words, 3 * WIDTH, WIDTH)).isCloseTo(1.141162, CLOSE);
        FloatArray places = toy.parameters
                .get("roberta.embeddings.position_embeddings.weight")
                .gradient();
        assertThat(ToyEncoder.norm(places)).isCloseTo(1.2895466695, CLOSE);
        AdamW optimiser = new AdamW(toy.network.groups(0.01, 0.5, 1), ToyEncoder.settings());
        assertThat(optimiser.gradientNorm()).isCloseTo(3.2046304588, CLOSE);
    }

    /** The specification's tensors 50 to 54, the first without the row that nothing reads. */
    private void fill() {
        for (int i = 0; i < NAMES.size(); i++) {
            Tensor each = tensor(NAMES.get(i));
            int from = i == 0 ? WIDTH : 0;
            for (int j = 0; j < each.size(); j++) {
                each.value().set(j, (float) (SCALES[i] * ToyEncoder.wave(50 + i, from + j)));
            }
        }
    }

    private Tensor tensor(String name) {
        return toy.parameters.get("prompt_tokens." + name);
    }
}
