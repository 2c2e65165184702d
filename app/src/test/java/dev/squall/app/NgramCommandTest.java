package dev.squall.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code squall ngram}: the held-out text is never among those that are counted. */
class NgramCommandTest {
    @TempDir
    Path directory;

    /** Of "aaa" counted with order 1: P(a) = (3 + 1/256) / 4 and P(b) = 1/256 / 4, so "ab" costs 10.413 bits. */
    @Test
    void theHeldOutTextIsNotCounted() throws IOException {
        Files.writeString(directory.resolve("counted.txt"), "aaa");
        Path held = Files.writeString(directory.resolve("held.txt"), "ab");
        Run run = Run.of("ngram", "--corpus", directory, "--file", held, "--order", 1);
        assertThat(run.exitCode()).as(run.err()).isZero();
        double bits = -(Math.log((3 + 1 / 256.0) / 4) + Math.log(1 / 256.0 / 4)) / Math.log(2) / 2;
        assertThat(run.out()).startsWith(String.format(java.util.Locale.ROOT, "%.4f bits per byte (2 bytes", bits));
        Files.delete(directory.resolve("counted.txt"));
        Run alone = Run.of("ngram", "--corpus", directory, "--file", held);
        assertThat(alone.exitCode()).isEqualTo(1);
        assertThat(alone.err()).contains("held.txt", "no .txt file besides");
    }
}
