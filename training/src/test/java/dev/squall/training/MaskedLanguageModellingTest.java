package dev.squall.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squall.model.format.Checkpoint;
import dev.squall.model.format.Checkpoints;
import dev.squall.model.tokenizer.BpeTrainer;
import dev.squall.model.tokenizer.Tokenizer;
import dev.squall.model.tokenizer.TokenizerWriter;
import dev.squall.model.tokenizer.Tokenizers;
import dev.squall.model.tokenizer.WordCounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** An encoder learns to fill in masks, and is written as RoBERTa's are. */
class MaskedLanguageModellingTest {
    private static final String CONFIG = """
            {"kind": "encoder", "corpus": "corpus", "heldOut": "held.txt", "tokenizer": "tokenizer", "output": "run", "seed": 5,
             "model": {"layers": 2, "width": 16, "heads": 2, "headDim": 8, "feedForward": 24, "context": 20, "dropout": 0},
             "batches": {"sequences": 4, "length": 18, "headRows": 7},
             "optimiser": {"rate": 0.01, "warmup": 4, "decay": "linear", "epochs": 20},
             "rhythm": {"evaluate": 40, "checkpoint": 1000},
             "masking": {"probability": 0.3, "sentences": ["more.txt"]}}
            """;

    @TempDir
    Path directory;

    private Tokenizer tokenizer;
    private TrainingConfig config;

    @BeforeEach
    void write() throws IOException {
        Path corpus = Files.createDirectory(directory.resolve("corpus"));
        Files.writeString(corpus.resolve("a.txt"), "the cat sat on the mat and the dog ran to the cat. ".repeat(40));
        Files.writeString(corpus.resolve("held.txt"), "the dog sat on the mat and the cat ran to the dog. ".repeat(6));
        Files.writeString(
                directory.resolve("more.txt"),
                "{\"token\": [\"the\", \"mat\", \"ran\"], \"relation\": \"x\"}\n".repeat(20));
        WordCounts counts = new WordCounts();
        counts.addFile(corpus.resolve("a.txt"));
        TokenizerWriter.write(
                BpeTrainer.learn(counts, 280, List.of(), TokenizerWriter.ENCODER, line -> {}),
                directory.resolve("tokenizer"));
        tokenizer = Tokenizers.open(directory.resolve("tokenizer"), null, null);
        config = TrainingConfig.read(Files.writeString(directory.resolve("run.json"), CONFIG));
    }

    @Test
    void learnsToFillInMasksAndIsWrittenAsRoberta() throws IOException {
        MaskedLanguageModelling objective = new MaskedLanguageModelling(config, tokenizer);
        Trainer trainer = new Trainer(config, objective);
        double before = objective.evaluate().loss();
        assertThat(objective.evaluate().loss()).isEqualTo(before); // the same masks
        assertThat(before).isBetween(5.0, 6.5);
        trainer.run(new Trainer.Listener() {});
        assertThat(objective.evaluate().loss()).isLessThan(0.5 * before);
        try (Checkpoint checkpoint = Checkpoints.open(config.output().resolve("model"))) {
            assertThat(checkpoint.tensors())
                    .containsKeys(
                            "roberta.embeddings.word_embeddings.weight",
                            "roberta.embeddings.LayerNorm.bias",
                            "roberta.encoder.layer.1.attention.self.query.bias",
                            "roberta.encoder.layer.1.attention.output.LayerNorm.weight",
                            "roberta.encoder.layer.1.intermediate.dense.weight",
                            "roberta.encoder.layer.1.output.dense.bias",
                            "lm_head.dense.weight",
                            "lm_head.layer_norm.weight",
                            "lm_head.bias")
                    .hasSize(5 + 2 * 16 + 5);
            assertThat(checkpoint
                            .require("roberta.embeddings.position_embeddings.weight")
                            .shape())
                    .containsExactly(22, 16);
            assertThat(checkpoint
                            .require("roberta.embeddings.token_type_embeddings.weight")
                            .shape())
                    .containsExactly(1, 16);
        }
    }

    @Test
    void aTableOfOneRowIsNoVector() {
        Network network = new MaskedLanguageModelling(config, tokenizer).network();
        network.initialize(1, 0.02);
        FloatArray norm =
                network.parameters().get("roberta.embeddings.LayerNorm.weight").value();
        FloatArray types = network.parameters()
                .get("roberta.embeddings.token_type_embeddings.weight")
                .value();
        assertThat(norm.toHeapArray()).containsOnly(1f);
        float[] distinct = types.toHeapArray();
        Arrays.sort(distinct);
        assertThat(distinct[0]).isNegative();
    }

    @Test
    void whatIsNotThereIsNamed() throws IOException {
        Files.writeString(directory.resolve("more.txt"), "{\"token\": [\"the\"]}\n{\"words\": 3}\n");
        assertThatThrownBy(() -> new MaskedLanguageModelling(config, tokenizer))
                .isInstanceOf(TrainingException.class)
                .hasMessageContainingAll("more.txt", "line 2", "token");
        WordCounts counts = new WordCounts();
        counts.addText("the cat");
        Path other = directory.resolve("other");
        TokenizerWriter.write(BpeTrainer.learn(counts, 262, List.of(), TokenizerWriter.DECODER, line -> {}), other);
        assertThatThrownBy(() -> new MaskedLanguageModelling(config, Tokenizers.open(other, null, null)))
                .isInstanceOf(TrainingException.class)
                .hasMessageContainingAll("<mask>", "--special encoder");
    }
}
