package dev.squall.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WeightAverageTest {
    private static final double[] WALK = {1, 5, -2, 4, 0.5, 7, 3};

    private final Tensor weights = new Tensor("layer.weight", 2, 3);
    private final WeightAverage average = new WeightAverage(List.of(weights), 4);

    /** Element i at a step is i more than the walk. */
    private void step(int n) {
        for (int i = 0; i < weights.size(); i++) {
            weights.value().set(i, (float) (WALK[n - 1] + i));
        }
        average.add(n);
    }

    @Test
    void theFirstStepsAreAPlainMeanAndLaterOnesCountMore() {
        double judge = 0;
        double sum = 0;
        for (int n = 1; n <= WALK.length; n++) {
            step(n);
            sum += WALK[n - 1];
            judge = n <= 4 ? sum / n : 0.75 * judge + 0.25 * WALK[n - 1];
            Tensor mean = average.tensors().get("average.layer.weight");
            for (int i = 0; i < weights.size(); i++) {
                assertThat((double) mean.value().get(i)).isCloseTo(judge + i, within(1e-6 * (Math.abs(judge) + i + 1)));
            }
        }
    }

    @Test
    void anExchangePutsAveragesInPlaceAndASecondOneTheWeightsBack() {
        step(1);
        step(2);
        average.exchange();
        assertThat(weights.value().get(0)).isEqualTo(3f);
        average.exchange();
        assertThat(weights.value().get(0)).isEqualTo(5f);
        Map<String, Tensor> kept = average.tensors();
        assertThat(kept.get("average.layer.weight").value().get(1)).isEqualTo(4f);
    }

    @Test
    void anAverageOfNoStepIsRefused() {
        assertThatThrownBy(() -> new WeightAverage(List.of(weights), 0.5))
                .hasMessage("steps of an average: found 0.5, expected at least 1");
    }
}
