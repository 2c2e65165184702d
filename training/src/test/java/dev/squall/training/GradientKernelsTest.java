package dev.squall.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.squall.kernels.GradientKernels;
import dev.squall.model.spec.LayerSpec;
import dev.squall.model.spec.LayerSpec.Activation;
import dev.squall.model.spec.LayerSpec.AttentionSpec;
import dev.squall.model.spec.LayerSpec.FeedForwardSpec;
import dev.squall.model.spec.LayerSpec.NormSpec;
import dev.squall.model.spec.LayerSpec.Placement;
import dev.squall.model.spec.ModelSpec;
import dev.squall.model.spec.RopeSpec;
import dev.squall.model.spec.RopeSpec.Pairing;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import org.junit.jupiter.api.Test;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Both sets of kernels train the same models; the plain one where the vector module is missing. */
class GradientKernelsTest {
    private static final NormSpec NORM = NormSpec.rms(1e-5);
    private static final int STEPS = 15;

    @Test
    void theSetsTrainADecoderToTheSameLosses() {
        double[] plain = decoderLosses(GradientKernels.reference());
        double[] vectors = decoderLosses(GradientKernels.simd());
        assertThat(plain[STEPS - 1]).isLessThan(plain[0] - 0.5);
        assertThat(vectors).containsExactly(plain, within(1e-4));
        assertThat(vectors).isNotEqualTo(plain); // two sets, not one by two names
    }

    @Test
    void theSetsTrainAnEncoderToTheSameLosses() {
        double[][] losses = new double[2][];
        GradientKernels[] sets = {GradientKernels.reference(), GradientKernels.simd()};
        for (int i = 0; i < 2; i++) {
            ModelSpec spec = new TrainingConfig.Shape(2, 8, 2, 2, 4, 12, 8, 1e4, 1e-5, 0).encoderSpec(11);
            Tape tape = new Tape(batch(2), sets[i]);
            losses[i] = train(tape, Network.maskedLanguageModel(spec, tape, 0.1f, 0, 5));
        }
        assertThat(losses[0][STEPS - 1]).isLessThan(losses[0][0] - 0.5);
        assertThat(losses[1]).containsExactly(losses[0], within(1e-4));
    }

    @Test
    void theSetsDistilTheSameDraft() {
        double[][] losses = new double[2][];
        GradientKernels[] sets = {GradientKernels.reference(), GradientKernels.simd()};
        for (int i = 0; i < 2; i++) {
            Tape tape = new Tape(batch(0), sets[i]);
            Tensor table = constant("table", 11);
            Tensor wanted = constant("wanted", 12);
            Network network = Network.draft(spec(null, 0), tape, 0.1f, table, constant("states", 12));
            tape.losses().distil(network.hidden(), wanted, table, 0.7f, 5, 0.6f, new IntArray(12));
            losses[i] = train(tape, network);
        }
        assertThat(losses[0][STEPS - 1]).isLessThan(losses[0][0] - 0.05);
        assertThat(losses[1]).containsExactly(losses[0], within(1e-4));
    }

    @Test
    void withoutTheVectorModuleTrainingIsPlain() throws Exception {
        Process process = new ProcessBuilder(
                        System.getProperty("java.home") + "/bin/java",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Plain.class.getName())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        double last = decoderLosses(GradientKernels.reference())[STEPS - 1];
        assertThat(output).contains("--add-modules jdk.incubator.vector").contains("reference " + last);
    }

    /** Trains in a process of its own, with what it finds there. */
    static final class Plain {
        public static void main(String[] none) {
            GradientKernels best = GradientKernels.best();
            System.out.println(best.name() + " " + decoderLosses(best)[STEPS - 1]);
        }
    }

    @Test
    void whatTrainingCannotComputeIsRefusedByName() {
        Tape tape = new Tape(batch(0));
        assertThatThrownBy(() -> Network.decoder(spec(NORM, 0), tape, 0f, 5))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("layer 0: queryKeyNorm: found NormSpec")
                .hasMessageEndingWith("expected none in training");
        assertThatThrownBy(() -> Network.decoder(spec(null, 4), tape, 0f, 5))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("layer 0: slidingWindow: found 4, expected none in training");
    }

    private static double[] decoderLosses(GradientKernels kernels) {
        Tape tape = new Tape(batch(0), kernels);
        return train(tape, Network.decoder(spec(null, 0), tape, 0.1f, 5));
    }

    private static double[] train(Tape tape, Network network) {
        network.initialize(3, 0.4);
        AdamW optimiser =
                new AdamW(network.groups(0.1), new AdamW.Settings(AdamW.Convention.TORCH, 0.9, 0.95, 1e-8, 1));
        double[] losses = new double[STEPS];
        for (int step = 0; step < STEPS; step++) {
            losses[step] = tape.forward(7, step, true, 1f);
            tape.backward();
            optimiser.step(0.01, optimiser.gradientNorm());
        }
        return losses;
    }

    private static Batch batch(int firstPosition) {
        Batch batch = new Batch(2, 6, firstPosition);
        batch.set(0, new int[] {3, 1, 4, 1, 5, 9}, new int[] {1, 4, 1, 5, 9, 2});
        batch.set(1, new int[] {2, 7, 1, 8}, new int[] {7, 1, 8, -1});
        return batch;
    }

    private static ModelSpec spec(NormSpec heads, int window) {
        LayerSpec layer = new LayerSpec(
                NORM,
                new AttentionSpec(4, 2, 4, true, false, heads, RopeSpec.plain(Pairing.HALVES, 100, 4), window, 0.5f),
                NORM,
                new FeedForwardSpec(24, Activation.SILU_GATED, false),
                Placement.BEFORE,
                0.7f);
        return new ModelSpec("llama", 16, 11, 6, 1.5f, Collections.nCopies(2, layer), NORM, 0.8f, true);
    }

    private static Tensor constant(String name, int rows) {
        Tensor tensor = Tensor.constant(name, rows, 16);
        for (int i = 0; i < tensor.size(); i++) {
            tensor.value().set(i, (float) Math.sin(name.length() * 7 + i * 1.7));
        }
        return tensor;
    }
}
