package dev.squall.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code squall train-tokenizer}: files in, a tokenizer out that {@code squall tokenize} reads. */
class TrainTokenizerCommandTest {
    @TempDir
    Path directory;

    private Path corpus;
    private Path output;

    @BeforeEach
    void write() throws IOException {
        corpus = Files.createDirectory(directory.resolve("corpus"));
        output = directory.resolve("made/tokenizer");
        Files.writeString(corpus.resolve("one.txt"), "one river and one bridge and one river");
        Files.writeString(corpus.resolve("two.txt"), "qqqq qqqq qqqq qqqq");
    }

    @Test
    void writesATokenizerWithTheRequiredWords() throws IOException {
        Path words = Files.writeString(directory.resolve("words.txt"), "boat\n\n's\n");
        Run run = Run.of(
                "train-tokenizer",
                "--corpus",
                corpus,
                "--vocab",
                280,
                "--require",
                words,
                "--special",
                "encoder",
                "-o",
                output);
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).contains("280 tokens");
        assertThat(run.err()).contains("file 2 of 2", "'s").doesNotContain("boat");
        assertThat(Run.of("tokenize", "-m", output, "-p", "one boat", "--json")
                        .json()
                        .path("pieces")
                        .toString())
                .contains("\"\u0120boat\"");
    }

    @Test
    void leavesOutTheHeldOutFile() {
        Run.of("train-tokenizer", "--corpus", corpus, "--vocab", 262, "--exclude", "two.txt", "-o", output);
        assertThat(Run.of("tokenize", "-m", output, "-p", "qq").out().strip()).hasSize("115 115".length());
        Run unknown =
                Run.of("train-tokenizer", "--corpus", corpus, "--vocab", 262, "--exclude", "three.txt", "-o", output);
        assertThat(unknown.exitCode()).isEqualTo(1);
        assertThat(unknown.err()).contains("three.txt");
    }

    @Test
    void saysWhatIsWrong() throws IOException {
        Run small = Run.of("train-tokenizer", "--corpus", corpus, "--vocab", 200, "-o", output);
        assertThat(small.exitCode()).isEqualTo(1);
        assertThat(small.err()).contains("found 200", "at least 258");
        Run poor = Run.of("train-tokenizer", "--corpus", corpus, "--vocab", 5000, "-o", output);
        assertThat(poor.exitCode()).isZero();
        assertThat(poor.err()).contains("5000 were asked for");
        Path none = Files.createDirectory(directory.resolve("none"));
        assertThat(Run.of("train-tokenizer", "--corpus", none, "--vocab", 300, "-o", output)
                        .err())
                .contains("none", "no .txt file");
    }
}
