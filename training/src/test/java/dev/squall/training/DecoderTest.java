package dev.squall.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.squall.kernels.Workers;
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
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** The decoder's gradients against central differences of its loss along random directions; the same weights with any threads. */
class DecoderTest {
    private static final NormSpec NORM = NormSpec.rms(1e-5);
    private final int threads = Workers.shared().threads();

    @AfterEach
    void restore() {
        Workers.share(threads);
    }

    @ParameterizedTest
    @EnumSource(Pairing.class)
    void everyGradientIsTheSlopeOfTheLoss(Pairing pairing) {
        Batch batch = batch();
        Tape tape = new Tape(batch);
        Network network = network(tape, pairing);
        tape.forward(7, 1, true, 1f);
        tape.backward();
        SplittableRandom random = new SplittableRandom(5);
        for (Tensor parameter : network.parameters().values()) {
            FloatArray value = parameter.value();
            float[] kept = value.toHeapArray();
            float[] gradient = parameter.gradient().toHeapArray(); // passes add to that of the head
            double slope = 0;
            double size = 0;
            double[] direction = new double[kept.length];
            for (int i = 0; i < kept.length; i++) {
                double g = gradient[i];
                direction[i] = g + 0.3 * Math.abs(g) * random.nextGaussian();
                size += direction[i] * direction[i];
            }
            double[] loss = new double[2];
            for (int side = 0; side < 2; side++) {
                for (int i = 0; i < kept.length; i++) {
                    float moved = (float) (kept[i] + (2 * side - 1) * 1e-3 * direction[i] / Math.sqrt(size));
                    value.set(i, moved);
                    slope += (2 * side - 1) * (double) moved * gradient[i];
                }
                loss[side] = tape.forward(7, 1, true, 1f);
            }
            for (int i = 0; i < kept.length; i++) {
                value.set(i, kept[i]);
            }
            // The forward passes round to float: some 3e-7 of the loss.
            assertThat(loss[1] - loss[0]).as(parameter.name()).isCloseTo(slope, within(2e-3 * Math.abs(slope) + 2e-6));
            assertThat(Math.abs(slope)).as(parameter.name()).isGreaterThan(1e-5);
            network.parameters().values().forEach(each -> each.gradient().clear());
            tape.forward(7, 1, true, 1f);
            tape.backward();
        }
    }

    @Test
    void threadsChangeNoWeight() {
        float[][] weights = new float[2][];
        for (int run = 0; run < 2; run++) {
            Workers.share(1 + 2 * run);
            Tape tape = new Tape(batch());
            Network network = network(tape, Pairing.HALVES);
            AdamW optimiser =
                    new AdamW(network.groups(0.1), new AdamW.Settings(AdamW.Convention.TORCH, 0.9, 0.95, 1e-8, 1));
            double first = 0;
            double last = 0;
            for (int step = 0; step < 20; step++) {
                last = tape.forward(7, step, true, 1f);
                first = step == 0 ? last : first;
                tape.backward();
                optimiser.step(0.01, optimiser.gradientNorm());
            }
            assertThat(last).isLessThan(first - 0.5);
            weights[run] = network.parameters()
                    .get("model.embed_tokens.weight")
                    .value()
                    .toHeapArray();
        }
        assertThat(weights[1]).isEqualTo(weights[0]);
    }

    private static Batch batch() {
        Batch batch = new Batch(2, 6);
        batch.set(0, new int[] {3, 1, 4, 1, 5, 9}, new int[] {1, 4, 1, 5, 9, 2});
        batch.set(1, new int[] {2, 7, 1, 8}, new int[] {7, 1, 8, -1});
        return batch;
    }

    private static Network network(Tape tape, Pairing pairing) {
        LayerSpec layer = new LayerSpec(
                NORM,
                new AttentionSpec(4, 2, 4, false, false, null, RopeSpec.plain(pairing, 100, 4), 0, 0.5f),
                NORM,
                new FeedForwardSpec(24, Activation.SILU_GATED, false),
                Placement.BEFORE,
                0.7f);
        ModelSpec spec = new ModelSpec("llama", 16, 11, 6, 1.5f, Collections.nCopies(2, layer), NORM, 0.8f, true);
        Network network = Network.decoder(spec, tape, 0.1f, 5);
        network.initialize(3, 0.4);
        return network;
    }
}
