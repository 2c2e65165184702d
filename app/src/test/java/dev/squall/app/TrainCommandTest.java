package dev.squall.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** From books to a model that guesses ahead of itself, with the commands of the README. */
class TrainCommandTest {
    private static final String CONFIG = """
            {"kind": "%s", "corpus": "nowhere", "heldOut": "held.txt", "tokenizer": "nowhere", "output": "nowhere", "seed": 5,
             "model": {"layers": %d, "width": 32, "heads": 2, "kvHeads": 1, "headDim": 16, "feedForward": 32,
                       "context": 64, "dropout": 0},
             "batches": {"sequences": 4, "length": 16},
             "optimiser": {"rate": 0.01, "warmup": 4, "decay": "linear", "epochs": %d},
             "rhythm": {"evaluate": 20, "checkpoint": 100}%s}
            """;

    @TempDir
    Path directory;

    private Path corpus;
    private Path tokenizer;
    private Path target;

    @BeforeEach
    void write() throws IOException {
        corpus = Files.createDirectory(directory.resolve("books"));
        tokenizer = directory.resolve("tokenizer");
        target = directory.resolve("target");
        Files.writeString(corpus.resolve("a.txt"), "the cat sat on the mat and the dog ran to the cat. ".repeat(60));
        Files.writeString(corpus.resolve("held.txt"), "the dog sat on the mat and the cat ran to the dog. ".repeat(6));
    }

    @Test
    void booksBecomeAModelWithADraft() throws IOException {
        run("train-tokenizer", "--corpus", corpus, "--vocab", 280, "-o", tokenizer);
        Path config = Files.writeString(directory.resolve("target.json"), CONFIG.formatted("decoder", 2, 3, ""));
        Run first = run("train", "--config", config, "--corpus", corpus, "--tokenizer", tokenizer, "-o", target);
        assertThat(first.out()).contains("finished", "model");
        assertThat(first.err()).contains("a decoder of", "tokens an epoch", "bits per byte, the best so far");
        Run again = run("train", "--config", config, "--corpus", corpus, "--tokenizer", tokenizer, "-o", target);
        assertThat(again.err()).containsPattern("step (\\d+) of \\1"); // nothing is left to do

        Path gguf = directory.resolve("target.gguf");
        run("convert", "-m", target.resolve("model"), "--type", "q8_0", "-o", gguf);
        Path draft = directory.resolve("draft");
        Path draftConfig = Files.writeString(
                directory.resolve("draft.json"),
                CONFIG.formatted("draft", 1, 6, ", \"distillation\": {\"target\": \"nowhere\", \"tokenWeight\": 1}"));
        Run trained = run(
                "train",
                "--config",
                draftConfig,
                "--corpus",
                corpus,
                "--tokenizer",
                tokenizer,
                "--target",
                target.resolve("model"),
                "-o",
                draft);
        assertThat(trained.err()).contains("a draft for", "first choice right");
        Path ranking = draft.resolve("model/ranking.json");
        Run ranked =
                run("rank", "--corpus", corpus, "--held-out", "held.txt", "-m", gguf, "--sizes", 266, "-o", ranking);
        assertThat(ranked.out()).contains("freq_266.pt", "% of the tokens of held.txt");

        for (Path model : new Path[] {gguf, target.resolve("model")}) {
            JsonNode plain = run("generate", "-m", model, "-p", "the cat", "--max-tokens", 30, "--json")
                    .json();
            JsonNode guessed = run(
                            "generate",
                            "-m",
                            model,
                            "-p",
                            "the cat",
                            "--max-tokens",
                            30,
                            "--json",
                            "--draft",
                            draft.resolve("model"),
                            "--draft-vocab",
                            266,
                            "--tree-size",
                            12,
                            "--depth",
                            3,
                            "--topk",
                            3)
                    .json();
            assertThat(guessed.get("tokens")).isEqualTo(plain.get("tokens"));
            assertThat(guessed.get("speculation").get("acceptedLength").doubleValue())
                    .as("a draft that has learned, beside " + model)
                    .isGreaterThan(1.4);
        }
    }

    @Test
    void whatIsWrongIsOneLine() throws IOException {
        run("train-tokenizer", "--corpus", corpus, "--vocab", 280, "-o", tokenizer);
        Path config = Files.writeString(
                directory.resolve("wrong.json"),
                CONFIG.formatted("decoder", 2, 3, "").replace("0.01", "\"fast\""));
        Run run = Run.of("train", "--config", config, "--corpus", corpus, "--tokenizer", tokenizer, "-o", target);
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err())
                .contains("wrong.json", "optimiser.rate", "\"fast\"")
                .hasLineCount(1);
        Run absent = Run.of("train", "--config", directory.resolve("absent.json"));
        assertThat(absent.exitCode()).isEqualTo(1);
        assertThat(absent.err()).contains("absent.json").hasLineCount(1);
    }

    private static Run run(Object... arguments) {
        Run run = Run.of(arguments);
        assertThat(run.exitCode()).as(run.err()).isZero();
        return run;
    }
}
