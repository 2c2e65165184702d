package dev.squall.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.model.fixtures.BigramModel;
import dev.squall.model.ranking.TokenRanking;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code squall rank}: texts in; a ranking, lists and a plot out. */
class RankCommandTest {
    @TempDir
    Path directory;

    private Path corpus;
    private Path model;
    private Path output;

    @BeforeEach
    void write() throws IOException {
        corpus = Files.createDirectory(directory.resolve("corpus"));
        Files.writeString(corpus.resolve("one.txt"), "aaaa bbb cc d");
        Files.writeString(corpus.resolve("two.txt"), "dd");
        model = BigramModel.write(directory.resolve("bigrams.gguf"), 64);
        output = directory.resolve("made/ranking.json");
    }

    @Test
    void writesARankingItsListsAndACurve() throws IOException {
        Run all = Run.of("rank", "-m", model, "--corpus", corpus, "-o", output);
        assertThat(all.exitCode()).as(all.err()).isZero(); // no size fits so small a vocabulary
        TokenRanking ranking = TokenRanking.read(output);
        int size = ranking.largest();
        Run run = Run.of(
                "rank",
                "-m",
                model,
                "--corpus",
                corpus,
                "--held-out",
                "two.txt",
                "--sizes",
                size,
                "--force",
                3,
                "-o",
                output);
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.out()).contains("tokens counted", "of the tokens of two.txt", "%");
        assertThat(TokenRanking.read(output).forced()).contains(3);
        assertThat(directory.resolve("made/freq_" + size + ".pt")).isNotEmptyFile();
        assertThat(ImageIO.read(directory.resolve("made/ranking.json.png").toFile()))
                .isNotNull();
    }

    @Test
    void whatCannotBeIsRefusedBeforeAnythingIsWritten() {
        Run run = Run.of("rank", "-m", model, "--corpus", corpus, "--sizes", 4000, "-o", output);
        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).contains("4000");
        Run forced = Run.of("rank", "-m", model, "--corpus", corpus, "--force", 4000, "-o", output);
        assertThat(forced.exitCode()).isEqualTo(1);
        assertThat(forced.err()).contains("4000");
        assertThat(output).doesNotExist();
    }
}
