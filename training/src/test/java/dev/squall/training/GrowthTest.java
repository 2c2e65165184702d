package dev.squall.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.squall.model.tokenizer.BpeTrainer;
import dev.squall.model.tokenizer.Tokenizer;
import dev.squall.model.tokenizer.TokenizerWriter;
import dev.squall.model.tokenizer.Tokenizers;
import dev.squall.model.tokenizer.WordCounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run that begins with a trained encoder knows what it knew. */
class GrowthTest {
    private static final String TEXT = "the cat sat on the mat and the dog ran to the cat. ";
    private static final String CONFIG = """
            {"kind": "encoder", "corpus": "corpus", "heldOut": "held.txt", "tokenizer": "%s", "output": "%s", "seed": %d,
             "model": {"layers": 2, "width": %d, "heads": %d, "headDim": 8, "feedForward": %d, "context": 20, "dropout": 0},
             "batches": {"sequences": 4, "length": 18, "headRows": 7},
             "optimiser": {"rate": 0.01, "decay": "linear", "epochs": 5},
             "rhythm": {"evaluate": 1000, "checkpoint": 1000},
             "masking": {"probability": 0.3%s}}
            """;
    private static final String START = ", \"start\": \"small/model\"";

    @TempDir
    Path directory;

    private double trained; // loss of the small encoder

    @BeforeEach
    void trainASmallOne() throws IOException {
        Path corpus = Files.createDirectory(directory.resolve("corpus"));
        Files.writeString(corpus.resolve("a.txt"), TEXT.repeat(40));
        Files.writeString(corpus.resolve("held.txt"), "the dog sat on the mat and the cat ran to the dog. ".repeat(6));
        writeTokenizer("few", 275);
        writeTokenizer("many", 285);
        TrainingConfig config = config("few", "small", 5, 16, 2, 24, "");
        MaskedLanguageModelling small = new MaskedLanguageModelling(config, tokenizer("few"));
        Trainer trainer = new Trainer(config, small);
        double before = small.evaluate().loss();
        trainer.run(new Trainer.Listener() {});
        trained = small.evaluate().loss();
        assertThat(trained).isLessThan(0.7 * before);
    }

    @Test
    void computesTheSameAtTheSameAndAtTwiceTheWidthAndGoesOn() throws IOException {
        TrainingConfig same = config("few", "same", 5, 16, 2, 24, START);
        MaskedLanguageModelling again = new MaskedLanguageModelling(same, tokenizer("few"));
        new Trainer(same, again);
        assertThat(again.evaluate().loss()).isCloseTo(trained, within(1e-6));

        TrainingConfig wide = config("few", "wide", 5, 32, 4, 48, START);
        MaskedLanguageModelling grown = new MaskedLanguageModelling(wide, tokenizer("few"));
        Trainer trainer = new Trainer(wide, grown);
        assertThat(grown.evaluate().loss()).isCloseTo(trained, within(1e-4));
        trainer.run(new Trainer.Listener() {});
        assertThat(grown.evaluate().loss()).isLessThan(1.05 * trained);
        float[] words = grown.network().words().value().toHeapArray();
        int row = 32 * tokenizer("few").id("Ġcat").orElseThrow();
        assertThat(words[row]).isNotEqualTo(words[row + 16]); // copies have gone their own ways
    }

    @Test
    void aNewTokenBeginsAsTheMeanOfItsPieces() throws IOException {
        Tokenizer few = tokenizer("few");
        Tokenizer many = tokenizer("many");
        TrainingConfig config = config("many", "other", 5, 16, 2, 24, START);
        MaskedLanguageModelling grown = new MaskedLanguageModelling(config, many);
        new Trainer(config, grown);
        TrainingConfig same = config("few", "same", 5, 16, 2, 24, START);
        MaskedLanguageModelling small = new MaskedLanguageModelling(same, few);
        new Trainer(same, small);
        int found = 0;
        for (int id = 0; id < many.vocabSize(); id++) {
            int[] pieces = few.id(many.piece(id)).isPresent()
                    ? new int[] {few.id(many.piece(id)).getAsInt()}
                    : few.encode(many.decode(id), false);
            found += pieces.length > 1 ? 1 : 0;
            for (int i = 0; i < 16; i++) {
                double sum = 0;
                for (int piece : pieces) {
                    sum += small.network().words().value().get(piece * 16 + i);
                }
                assertThat((double) grown.network().words().value().get(id * 16 + i))
                        .isCloseTo(sum / pieces.length, within(1e-6));
            }
        }
        assertThat(found).isGreaterThan(4);
    }

    @Test
    void anotherShapeIsRefusedWithBoth() throws IOException {
        assertRefused(config("few", "w", 5, 48, 6, 72, START), "width", "found 16", "expected 48");
        assertRefused(config("few", "h", 5, 32, 2, 48, START), "heads", "found 4", "expected 2");
        assertRefused(config("few", "f", 5, 16, 2, 32, START), "feedForward", "found 24", "expected 32");
    }

    private void assertRefused(TrainingConfig config, String... parts) {
        MaskedLanguageModelling objective = new MaskedLanguageModelling(config, tokenizer("few"));
        assertThatThrownBy(() -> new Trainer(config, objective))
                .isInstanceOf(TrainingException.class)
                .hasMessageContainingAll(parts)
                .hasMessageContaining("model");
    }

    private void writeTokenizer(String name, int size) throws IOException {
        WordCounts counts = new WordCounts();
        counts.addText(TEXT.repeat(40));
        TokenizerWriter.write(
                BpeTrainer.learn(counts, size, List.of(), TokenizerWriter.ENCODER, line -> {}),
                directory.resolve(name));
    }

    private Tokenizer tokenizer(String name) {
        return Tokenizers.open(directory.resolve(name), null, null);
    }

    private TrainingConfig config(
            String tokenizer, String output, int seed, int width, int heads, int feedForward, String start)
            throws IOException {
        String json = CONFIG.formatted(tokenizer, output, seed, width, heads, feedForward, start);
        return TrainingConfig.read(Files.writeString(directory.resolve(output + ".json"), json));
    }
}
