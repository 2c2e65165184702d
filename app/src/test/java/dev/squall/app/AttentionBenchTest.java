package dev.squall.app;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class AttentionBenchTest {
    @Test
    void everyShapeAndPhaseIsThere() {
        JsonNode results =
                Run.of("bench", "--attention", "--lengths", "70", "--json").json();
        assertThat(results.size()).isEqualTo(2 * 2);
        for (JsonNode result : results) {
            assertThat(result.propertyNames())
                    .containsExactly("shape", "phase", "length", "denseMs", "sparseMs", "selectionMs", "speedup");
            assertThat(result.get("sparseMs").asDouble())
                    .isGreaterThan(result.get("selectionMs").asDouble());
            assertThat(result.get("speedup").asDouble()).isPositive();
        }
        assertThat(results.get(1).get("phase").asString()).isEqualTo("prefill");
        assertThat(results.get(1).get("length").asInt()).isEqualTo(70);
    }

    @Test
    void impossibleLengthsAreWrongUsage() {
        assertThat(Run.of("bench", "--attention", "--lengths", "0").err()).contains("--lengths: found 0");
        assertThat(Run.of("bench", "--attention", "--lengths", "70,3000000").err())
                .contains("--lengths: found 3000000, expected 1 to");
    }
}
