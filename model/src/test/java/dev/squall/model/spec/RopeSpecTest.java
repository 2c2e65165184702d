package dev.squall.model.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.squall.model.spec.RopeSpec.Pairing;
import org.junit.jupiter.api.Test;

class RopeSpecTest {
    private final RopeSpec plain = RopeSpec.plain(Pairing.HALVES, 500_000, 64);

    @Test
    void plainFrequenciesAreAGeometricSeries() {
        assertThat(plain.rotaryDim()).isEqualTo(64);
        assertThat(plain.frequencies()[0]).isEqualTo(1f);
        assertThat(plain.frequencies()[16]).isEqualTo((float) (1 / Math.sqrt(500_000)));
        assertThat(plain.magnitude()).isEqualTo(1f);
    }

    @Test
    void linearScalingSlowsEveryPair() {
        float[] slower = plain.linear(4).frequencies();
        for (int i = 0; i < slower.length; i++) {
            assertThat(slower[i]).isEqualTo(plain.frequencies()[i] / 4);
        }
    }

    @Test
    void llama3ScalingKeepsShortWavesAndSlowsLongOnes() {
        float[] scaled = plain.llama3(32, 1, 4, 8192).frequencies();
        for (int i = 0; i < scaled.length; i++) {
            double wave = 2 * Math.PI / plain.frequencies()[i];
            if (wave < 8192 / 4.0) {
                assertThat(scaled[i]).isEqualTo(plain.frequencies()[i]);
            } else if (wave > 8192) {
                assertThat(scaled[i]).isEqualTo(plain.frequencies()[i] / 32);
            } else {
                assertThat(scaled[i]).isBetween(plain.frequencies()[i] / 32, plain.frequencies()[i]);
            }
        }
    }

    @Test
    void aTableOfDivisorsGivesTheSameAsTheFormulaItWasMadeFrom() {
        RopeSpec formula = plain.llama3(8, 1, 4, 8192);
        float[] divisors = new float[32];
        for (int i = 0; i < divisors.length; i++) {
            divisors[i] = plain.frequencies()[i] / formula.frequencies()[i];
        }
        float[] found = plain.dividedBy(divisors).frequencies();
        for (int i = 0; i < found.length; i++) {
            assertThat(found[i]).isCloseTo(formula.frequencies()[i], within(formula.frequencies()[i] * 1e-6f));
        }
        assertThatThrownBy(() -> plain.dividedBy(new float[31])).hasMessageContaining("found 31, expected 32");
    }

    @Test
    void yarnKeepsTheFirstPairAndSlowsTheLast() {
        RopeSpec scaled = plain.yarn(500_000, 4, 32, 1, 32_768);
        assertThat(scaled.frequencies()[0]).isEqualTo(plain.frequencies()[0]);
        assertThat(scaled.frequencies()[31]).isEqualTo(plain.frequencies()[31] / 4);
        assertThat(scaled.magnitude()).isCloseTo(1.1386294f, within(1e-6f));
    }

    @Test
    void equalRotationsAreEqual() {
        assertThat(RopeSpec.plain(Pairing.HALVES, 500_000, 64)).isEqualTo(plain).hasSameHashCodeAs(plain);
        assertThat(plain.withPairing(Pairing.ADJACENT)).isNotEqualTo(plain);
        assertThat(plain.withMagnitude(2)).isNotEqualTo(plain);
    }
}
