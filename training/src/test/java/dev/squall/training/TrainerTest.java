package dev.squall.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.squall.attention.KvCache;
import dev.squall.attention.Rows;
import dev.squall.kernels.Kernels;
import dev.squall.model.format.Checkpoint;
import dev.squall.model.format.Checkpoints;
import dev.squall.model.tokenizer.BpeTrainer;
import dev.squall.model.tokenizer.Tokenizer;
import dev.squall.model.tokenizer.TokenizerWriter;
import dev.squall.model.tokenizer.Tokenizers;
import dev.squall.model.tokenizer.WordCounts;
import dev.squall.model.transformer.Transformer;
import dev.squall.model.transformer.TransformerOptions;
import dev.squall.training.Objective.Evaluation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A run from text to weights: it learns, can be interrupted without a trace, stops when it must, and refuses what it cannot do. */
class TrainerTest {
    private static final String CONFIG = """
            {"corpus": "corpus", "heldOut": "held.txt", "tokenizer": "tokenizer", "output": "run", "seed": 5,
             "model": {"layers": 2, "width": 16, "heads": 2, "kvHeads": 1, "headDim": 8, "feedForward": 24,
                       "context": 32, "dropout": 0.1},
             "batches": {"sequences": 4, "length": 12, "accumulate": 2, "headRows": 7},
             "optimiser": {"rate": 0.02, "warmup": 4, "decay": "cosine", "floor": 0.1, "epochs": 3},
             "rhythm": {"evaluate": 10, "checkpoint": 4, "patience": 0}}
            """;

    @TempDir
    Path directory;

    @BeforeEach
    void write() throws IOException {
        Path corpus = Files.createDirectory(directory.resolve("corpus"));
        Files.writeString(corpus.resolve("a.txt"), "the cat sat on the mat and the dog ran to the cat. ".repeat(40));
        Files.writeString(corpus.resolve("b.txt"), "a dog sat on a mat, and a cat ran to a dog. ".repeat(40));
        Files.writeString(corpus.resolve("held.txt"), "the dog sat on the mat and the cat ran to a dog. ".repeat(5));
        WordCounts counts = new WordCounts();
        counts.addFile(corpus.resolve("a.txt"));
        TokenizerWriter.write(
                BpeTrainer.learn(counts, 280, List.of(), TokenizerWriter.DECODER, line -> {}),
                directory.resolve("tokenizer"));
        Files.writeString(directory.resolve("run.json"), CONFIG);
    }

    @Test
    void anInterruptedRunEndsWithTheWeightsOfOneThatIsNot() throws IOException {
        Session whole = new Session(config("whole"));
        assertThat(whole.trainer.run(new Trainer.Listener() {})).isEqualTo(Trainer.End.FINISHED);
        assertThat(whole.trainer.step()).isGreaterThan(20);

        Session first = new Session(config("parts"));
        Trainer.Listener stopAtSeven = new Trainer.Listener() {
            @Override
            public void step(Trainer.Step step) {
                if (step.number() == 7) {
                    first.trainer.stop();
                }
            }
        };
        assertThat(first.trainer.run(stopAtSeven)).isEqualTo(Trainer.End.STOPPED);
        Session second = new Session(config("parts"));
        assertThat(second.trainer.step()).isEqualTo(7);
        assertThat(second.trainer.run(new Trainer.Listener() {})).isEqualTo(Trainer.End.FINISHED);

        whole.parameters()
                .forEach((name, tensor) -> assertThat(
                                second.parameters().get(name).value().toHeapArray())
                        .as(name)
                        .isEqualTo(tensor.value().toHeapArray()));
        assertThat(directory.resolve("parts/curve.csv")).hasSameTextualContentAs(directory.resolve("whole/curve.csv"));
    }

    @Test
    void learnsAndInferenceReadsWhatItWrites() throws IOException {
        Session session = new Session(config("run"));
        double before = session.objective.evaluate().bitsPerByte();
        Path model = directory.resolve("run/model");
        List<Double> best = new ArrayList<>();
        Trainer.Listener remember = new Trainer.Listener() {
            @Override
            public void evaluated(int step, Evaluation evaluation, boolean better) {
                if (better) {
                    best.add(evaluation.loss());
                }
            }
        };
        session.trainer.run(remember);
        assertThat(session.objective.evaluate().bitsPerByte()).isLessThan(0.6 * before);
        assertThat(Files.readAllLines(directory.resolve("run/curve.csv")))
                .hasSize(1 + session.trainer.steps() + (session.trainer.steps() + 9) / 10);
        assertThat(ImageIO.read(directory.resolve("run/curve.png").toFile()).getWidth())
                .isEqualTo(900);
        double inferred = inferredLoss(model, Files.readString(directory.resolve("corpus/held.txt")), 12);
        assertThat(inferred).isCloseTo(best.getLast(), within(2e-5));
    }

    /** The mean loss of a text's tokens by the transformer that users run, in windows as long as the training's. */
    private static double inferredLoss(Path model, String text, int window) {
        Tokenizer tokenizer = Tokenizers.open(model, null, null);
        int[] tokens = tokenizer.encode(text, false);
        int[] ids = Arrays.copyOf(tokens, tokens.length + 1);
        ids[tokens.length] = tokenizer.endOfSequence().iterator().next();
        double sum = 0;
        try (Checkpoint checkpoint = Checkpoints.open(model);
                Transformer transformer =
                        Transformer.load(checkpoint, Kernels.best(null), TransformerOptions.defaults())) {
            Rows rows = transformer.newRows();
            for (int i = 0; i < ids.length; i += window) {
                try (KvCache.Sequence sequence = transformer.cache().open()) {
                    int size = Math.min(window, ids.length - i);
                    sequence.ensure(size);
                    for (int j = 0; j < size; j++) {
                        rows.clear();
                        int token = j == 0 ? tokenizer.bos().orElseThrow() : ids[i + j - 1];
                        rows.addCausal(sequence, token, j, true);
                        transformer.forward(rows);
                        double normal = 0;
                        for (int k = 0; k < transformer.spec().vocabulary(); k++) {
                            normal += Math.exp(transformer.logits().get(k));
                        }
                        sum += Math.log(normal) - transformer.logits().get(ids[i + j]);
                    }
                }
            }
        }
        return sum / ids.length;
    }

    @Test
    void aLossThatIsNoNumberStopsAndKeepsTheCheckpoint() throws IOException {
        Session session = new Session(config("run"));
        Trainer.Listener poison = new Trainer.Listener() {
            @Override
            public void step(Trainer.Step step) {
                if (step.number() == 6) {
                    session.parameters().values().iterator().next().value().set(3, Float.NaN);
                }
            }
        };
        assertThatThrownBy(() -> session.trainer.run(poison))
                .isInstanceOf(TrainingException.class)
                .hasMessageContainingAll("step 7", "NaN", "learning rate", "gradient norm", "checkpoint.bin");
        Session again = new Session(config("run"));
        assertThat(again.trainer.step()).isEqualTo(4);
        assertThat(again.objective.evaluate().loss()).isFinite();
    }

    @Test
    void stopsWhenTheHeldOutTextIsNoLongerPredictedBetter() throws IOException {
        String config = CONFIG.replace("\"rate\": 0.02", "\"rate\": 9")
                .replace("\"epochs\": 3", "\"epochs\": 30")
                .replace("\"patience\": 0", "\"patience\": 2")
                .replace("\"evaluate\": 10", "\"evaluate\": 3");
        Session session = new Session(config(Files.writeString(directory.resolve("slow.json"), config), "run"));
        AtomicInteger best = new AtomicInteger();
        Trainer.Listener count = new Trainer.Listener() {
            @Override
            public void evaluated(int step, Evaluation evaluation, boolean better) {
                if (better) {
                    best.set(step);
                }
            }
        };
        Trainer.End end = session.trainer.run(count);
        assertThat(end).isEqualTo(Trainer.End.NO_LONGER_BETTER);
        assertThat(session.trainer.step()).isEqualTo(best.get() + 6).isLessThan(session.trainer.steps());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"seed\": 5|\"seed\": 5, \"sede\": 6|sede: found 6, expected no such field",
                "\"heads\": 2|\"heads\": 0|model.heads: found 0, expected an integer from 1",
                "\"kvHeads\": 1|\"kvHeads\": 3|model.kvHeads: found 3",
                "\"length\": 12|\"length\": 33|batches.length: found 33, expected at most model.context, 32",
                "\"cosine\"|\"cubic\"|optimiser.decay: found \"cubic\", expected one of [linear, cosine]",
                "\"rate\": 0.02|\"rate\": \"fast\"|optimiser.rate: found \"fast\", expected a number",
                "\"seed\": 5,||seed: found nothing, expected a value"
            })
    void aWrongFieldIsNamed(String old, String wrong, String message) throws IOException {
        Path file = Files.writeString(directory.resolve("wrong.json"), CONFIG.replace(old, wrong == null ? "" : wrong));
        assertThatThrownBy(() -> TrainingConfig.read(file))
                .isInstanceOf(TrainingException.class)
                .hasMessageContainingAll("wrong.json", message);
    }

    @Test
    void whatAnotherKindReadsIsRefused() {
        TrainingConfig config = TrainingConfig.read(directory.resolve("run.json"));
        assertThatThrownBy(() -> config.with(null, null, directory, List.of(), null, null))
                .isInstanceOf(TrainingException.class)
                .hasMessageContainingAll("found decoder", "a draft where a target is named");
        assertThatThrownBy(() -> config.with(null, null, null, List.of(directory), null, null))
                .hasMessageContaining("an encoder where sentences or a start are");
    }

    @Test
    void textThatIsNoTextIsRefused() throws IOException {
        Path a = directory.resolve("corpus/a.txt");
        Files.write(a, new byte[] {'a', 0, 'b'});
        assertThatThrownBy(() -> new Session(config("run"))).hasMessageContainingAll("a.txt", "zero byte");
        Files.write(a, new byte[] {'a', (byte) 0xff, 'b'});
        assertThatThrownBy(() -> new Session(config("run"))).hasMessageContainingAll("a.txt", "UTF-8");
        Files.writeString(a, " \n");
        assertThatThrownBy(() -> new Session(config("run"))).hasMessageContainingAll("a.txt", "no text");
        Files.writeString(a, "short");
        Files.writeString(directory.resolve("corpus/b.txt"), "too");
        assertThatThrownBy(() -> new Session(config("run"))).hasMessageContainingAll("tokens", "48 of a batch");
        Files.delete(directory.resolve("corpus/held.txt"));
        assertThatThrownBy(() -> new Session(config("run"))).hasMessageContainingAll("held.txt");
    }

    @Test
    void aCheckpointOfAnotherShapeIsRefusedWithBothShapes() throws IOException {
        Session session = new Session(config("run"));
        session.trainer.stop();
        session.trainer.run(new Trainer.Listener() {});
        Path wide = Files.writeString(directory.resolve("wide.json"), CONFIG.replace("\"width\": 16", "\"width\": 20"));
        assertThatThrownBy(() -> new Session(config(wide, "run")))
                .isInstanceOf(TrainingException.class)
                .hasMessageContainingAll("checkpoint.bin", "[279, 16]", "[279, 20]");
        Path seed = Files.writeString(directory.resolve("seed.json"), CONFIG.replace("\"seed\": 5", "\"seed\": 6"));
        assertThatThrownBy(() -> new Session(config(seed, "run"))).hasMessageContaining("seed: found 5, expected 6");
        Path file = directory.resolve("run/checkpoint.bin");
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(bytes, bytes.length - 5));
        assertThatThrownBy(() -> new Session(config("run"))).hasMessageContaining("bytes of numbers");
        Files.write(file, new byte[] {1, 2, 3});
        assertThatThrownBy(() -> new Session(config("run"))).hasMessageContaining("a file of 3 bytes");
    }

    private TrainingConfig config(String output) {
        return config(directory.resolve("run.json"), output);
    }

    private TrainingConfig config(Path file, String output) {
        return TrainingConfig.read(file).with(null, null, null, List.of(), null, directory.resolve(output));
    }

    /** A run with all that it stands on. */
    private static final class Session {
        final TrainingConfig config;
        final Tokenizer tokenizer;
        final LanguageModelling objective;
        final Trainer trainer;

        Session(TrainingConfig config) throws IOException {
            this.config = config;
            tokenizer = Tokenizers.open(config.tokenizer(), null, null);
            objective = new LanguageModelling(config, tokenizer);
            trainer = new Trainer(config, objective);
        }

        Map<String, Tensor> parameters() {
            return objective.network().parameters();
        }
    }
}
