package dev.squall.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.squall.model.convert.GgufConverter;
import dev.squall.model.format.Checkpoint;
import dev.squall.model.format.Checkpoints;
import dev.squall.model.format.TensorType;
import dev.squall.model.tokenizer.BpeTrainer;
import dev.squall.model.tokenizer.Tokenizer;
import dev.squall.model.tokenizer.TokenizerWriter;
import dev.squall.model.tokenizer.Tokenizers;
import dev.squall.model.tokenizer.WordCounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A draft learns to agree with its target, and is written as published drafts are. */
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
        Path gguf = directory.resolve("target.gguf");
        GgufConverter.convert(directory.resolve("target/model"), TensorType.F32, gguf);
        TrainingConfig again = config(
                CONFIG.formatted(
                        "draft", 1, 8, ", \"distillation\": {\"target\": \"target.gguf\", \"tokenWeight\": 1}"),
                "again");
        DraftDistillation ofGguf =
                new DraftDistillation(again, tokenizer); // whose queries and keys lie in another order
        new Trainer(again, ofGguf);
        assertThat(ofGguf.evaluate().loss()).isCloseTo(before.loss(), within(1e-5));
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
        return TrainingConfig.read(file).with(null, null, null, List.of(), null, directory.resolve(output));
    }
}
