package dev.squall.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.squall.model.format.Checkpoint;
import dev.squall.model.format.Checkpoints;
import dev.squall.model.spec.LayerSpec;
import dev.squall.model.spec.LayerSpec.Activation;
import dev.squall.model.spec.LayerSpec.AttentionSpec;
import dev.squall.model.spec.LayerSpec.FeedForwardSpec;
import dev.squall.model.spec.LayerSpec.NormSpec;
import dev.squall.model.spec.LayerSpec.Placement;
import dev.squall.model.spec.ModelSpec;
import dev.squall.model.spec.RopeSpec;
import dev.squall.model.spec.RopeSpec.Pairing;
import dev.squall.model.tokenizer.BpeTrainer;
import dev.squall.model.tokenizer.Tokenizer;
import dev.squall.model.tokenizer.TokenizerWriter;
import dev.squall.model.tokenizer.Tokenizers;
import dev.squall.model.tokenizer.WordCounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** A draft's losses: their slopes, and that they make it agree with its target. */
class DraftDistillationTest {
    private static final String CONFIG = """
            {"kind": "%s", "corpus": "corpus", "heldOut": "held.txt", "tokenizer": "tokenizer", "output": "run", "seed": 5,
             "model": {"layers": %d, "width": 16, "heads": 2, "kvHeads": 1, "headDim": 8, "feedForward": 24,
                       "context": 32, "dropout": 0},
             "batches": {"sequences": 4, "length": 12, "headRows": 7},
             "optimiser": {"rate": 0.01, "warmup": 4, "decay": "linear", "epochs": %d},
             "rhythm": {"evaluate": 20, "checkpoint": 100}%s}
            """;

    @TempDir
    Path directory;

    @Test
    void everyGradientIsTheSlopeOfTheLoss() {
        int rows = 10;
        int dim = 6;
        Batch batch = new Batch(2, 5);
        batch.set(0, new int[] {3, 1, 4, 1, 5}, new int[] {1, 1, 1, 1, -1});
        batch.set(1, new int[] {2, 7, 1}, new int[] {1, 1, -1});
        SplittableRandom random = new SplittableRandom(3);
        Tensor table = constant("table", 11, dim, random);
        Tensor states = constant("states", rows, dim, random);
        Tensor next = constant("next", rows, dim, random);
        IntArray ranks = new IntArray(rows);
        Tape tape = new Tape(batch);
        LayerSpec layer = new LayerSpec(
                null,
                new AttentionSpec(2, 1, 4, false, false, null, RopeSpec.plain(Pairing.HALVES, 100, 4), 0, 0.5f),
                NormSpec.rms(1e-5),
                new FeedForwardSpec(8, Activation.SILU_GATED, false),
                Placement.BEFORE,
                1f);
        ModelSpec spec = new ModelSpec("llama", dim, 11, 5, 1.3f, List.of(layer), null, 0.7f, true);
        Network network = Network.draft(spec, tape, 0f, table, states);
        tape.losses().smoothL1(network.hidden(), next, 0.8f);
        tape.losses().distil(network.hidden(), next, table, 0.7f, 4, 0.6f, ranks);
        network.initialize(3, 0.5);
        assertThat(network.parameters().keySet())
                .contains("fc.weight", "model.layers.0.post_attention_layernorm.weight")
                .noneMatch(name -> name.contains("input_layernorm") || name.contains("embed"));

        tape.forward(1, 1, true, 1f);
        tape.backward();
        for (Tensor parameter : network.parameters().values()) {
            float[] gradient = parameter.gradient().toHeapArray();
            FloatArray value = parameter.value();
            double slope = 0;
            double[] loss = new double[2];
            float[] kept = value.toHeapArray();
            double length = 0;
            for (float g : gradient) {
                length += g * g;
            }
            for (int side = 0; side < 2; side++) {
                for (int i = 0; i < kept.length; i++) {
                    value.set(i, (float) (kept[i] + (2 * side - 1) * 2e-3 * gradient[i] / Math.sqrt(length)));
                    slope += (2 * side - 1) * (double) value.get(i) * gradient[i];
                }
                loss[side] = tape.forward(1, 1, false, 1f);
            }
            for (int i = 0; i < kept.length; i++) {
                value.set(i, kept[i]);
            }
            assertThat(loss[1] - loss[0]).as(parameter.name()).isCloseTo(slope, within(3e-3 * Math.abs(slope) + 2e-6));
            assertThat(slope).as(parameter.name()).isGreaterThan(1e-5);
        }
    }

    @Test
    void aDraftLearnsToAgreeWithItsTarget() throws IOException {
        Path corpus = Files.createDirectory(directory.resolve("corpus"));
        Files.writeString(corpus.resolve("a.txt"), "the cat sat on the mat and the dog ran to the cat. ".repeat(60));
        Files.writeString(corpus.resolve("held.txt"), "the dog sat on the mat and the cat ran to the dog. ".repeat(6));
        WordCounts counts = new WordCounts();
        counts.addFile(corpus.resolve("a.txt"));
        TokenizerWriter.write(
                BpeTrainer.learn(counts, 280, List.of(), TokenizerWriter.DECODER, line -> {}),
                directory.resolve("tokenizer"));
        Tokenizer tokenizer = Tokenizers.open(directory.resolve("tokenizer"), null, null);
        TrainingConfig decoder = config(CONFIG.formatted("decoder", 2, 4, ""), "target");
        new Trainer(decoder, new LanguageModelling(decoder, tokenizer)).run(new Trainer.Listener() {});

        TrainingConfig draft = config(
                CONFIG.formatted(
                        "draft", 1, 8, ", \"distillation\": {\"target\": \"target/model\", \"tokenWeight\": 1}"),
                "draft");
        DraftDistillation objective = new DraftDistillation(draft, tokenizer);
        Trainer trainer = new Trainer(draft, objective);
        Objective.Evaluation before = objective.evaluate();
        trainer.run(new Trainer.Listener() {});
        Objective.Evaluation after = objective.evaluate();
        assertThat(after.loss()).isLessThan(0.8 * before.loss());
        assertThat(after.top1()).isGreaterThan(before.top1() + 0.3).isLessThanOrEqualTo(after.top5());
        try (Checkpoint checkpoint = Checkpoints.open(directory.resolve("draft/model"))) {
            assertThat(checkpoint.tensors().get("fc.weight").shape()).containsExactly(16, 32);
            assertThat(checkpoint.tensors())
                    .containsKeys("layers.0.self_attn.q_proj.weight", "layers.0.post_attention_layernorm.weight")
                    .hasSize(9);
        }
        TrainingConfig wide = config(
                CONFIG.formatted("draft", 1, 8, ", \"distillation\": {\"target\": \"target/model\"}")
                        .replace("\"width\": 16", "\"width\": 18"),
                "other");
        assertThatThrownBy(() -> new DraftDistillation(wide, tokenizer))
                .isInstanceOf(TrainingException.class)
                .hasMessageContainingAll("model.width", "18", "16");
    }

    private TrainingConfig config(String json, String output) throws IOException {
        Path file = Files.writeString(directory.resolve(output + ".json"), json);
        return TrainingConfig.read(file).with(null, null, null, directory.resolve(output));
    }

    private static Tensor constant(String name, int rows, int width, SplittableRandom random) {
        Tensor tensor = Tensor.constant(name, rows, width);
        for (int i = 0; i < rows * width; i++) {
            tensor.value().set(i, (float) random.nextGaussian());
        }
        return tensor;
    }
}
