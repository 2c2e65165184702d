package dev.squall.model.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.squall.model.spec.RopeSpec.Pairing;
import java.util.List;
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
    void longRopeDividesEachPairAndKnowsItsMagnitude() {
        float[] longs = new float[32];
        float[] shorts = new float[32];
        java.util.Arrays.fill(longs, 8f);
        java.util.Arrays.fill(shorts, 2f);
        RopeSpec extended = plain.longRope(longs, shorts, 131_072, 32_768);
        assertThat(extended.magnitude()).isCloseTo(1.0645812948f, within(1e-7f));
        assertThat(plain.longRope(longs, shorts, 131_072, 65_536).magnitude()).isCloseTo(1.0307764064f, within(1e-7f));
        assertThat(extended.frequencies()[5]).isEqualTo(plain.frequencies()[5] / 8);
        RopeSpec same = plain.longRope(longs, shorts, 32_768, 32_768);
        assertThat(same.magnitude()).isEqualTo(1f);
        assertThat(same.frequencies()[5]).isEqualTo(plain.frequencies()[5] / 2);
        assertThatThrownBy(() -> plain.longRope(longs, new float[31], 8, 8)).hasMessageContaining("found 31");
    }

    @Test
    void presetsAreLongerThanTheListsTheyReplace() {
        LayerSpec layer = new LayerSpec(
                null,
                new LayerSpec.AttentionSpec(
                        2, 2, 128, false, false, null, RopeSpec.plain(Pairing.ADJACENT, 10_000, 128), 0, 1f),
                null,
                null,
                LayerSpec.Placement.BEFORE,
                1f);
        ModelSpec spec = new ModelSpec("minicpm", 8, 8, 32_768, 1f, List.of(layer), null, 1f, false);
        for (RopePreset preset : RopePreset.values()) {
            assertThat(RopePreset.of(preset.label())).isEqualTo(preset);
            ModelSpec extended = preset.apply(spec);
            RopeSpec rope = extended.layers().getFirst().attention().rope();
            assertThat(extended.contextLength()).isEqualTo(131_072);
            assertThat(rope.pairing()).isEqualTo(Pairing.ADJACENT);
            assertThat(rope.magnitude()).isEqualTo(1f);
            float last = layer.attention().rope().frequencies()[63] / rope.frequencies()[63];
            assertThat(last).isBetween(124f, 126.1f);
        }
        // The first 21 factors of MiniCPM4's list are those of the model: position 5 turns pair 0 by 5.011 radians.
        RopeSpec rope = RopePreset.MINICPM4_128K
                .apply(spec)
                .layers()
                .getFirst()
                .attention()
                .rope();
        assertThat(5 * rope.frequencies()[0]).isCloseTo(5.011025659f, within(1e-6f));
        assertThat(5 * rope.frequencies()[1]).isCloseTo(4.267270700f, within(1e-6f));
        assertThatThrownBy(() -> RopePreset.of("minicpm5")).hasMessageContaining("minicpm4-128k, minicpm4.1-128k");
        ModelSpec llama = new ModelSpec("llama", 8, 8, 32_768, 1f, List.of(layer), null, 1f, false);
        assertThatThrownBy(() -> RopePreset.MINICPM4_128K.apply(llama)).hasMessageContaining("found llama");
    }

    @Test
    void equalRotationsAreEqual() {
        assertThat(RopeSpec.plain(Pairing.HALVES, 500_000, 64)).isEqualTo(plain).hasSameHashCodeAs(plain);
        assertThat(plain.withPairing(Pairing.ADJACENT)).isNotEqualTo(plain);
        assertThat(plain.withMagnitude(2)).isNotEqualTo(plain);
    }
}
