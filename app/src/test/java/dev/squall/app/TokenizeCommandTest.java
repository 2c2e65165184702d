package dev.squall.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.model.fixtures.BigramModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** {@code squall tokenize}: ids of a text or a file, and the text of ids. */
class TokenizeCommandTest {
    @TempDir
    static Path directory;

    private static Path model;

    @BeforeAll
    static void write() {
        model = BigramModel.write(directory.resolve("bigrams.gguf"), 64);
    }

    @Test
    void idsOfAText() {
        assertThat(fine("tokenize", "-m", model, "-p", "cab.")).isEqualTo("3 6 4 5 30");
        assertThat(fine("tokenize", "-m", model, "-p", "cab.", "--bos")).isEqualTo("1 3 6 4 5 30");
        assertThat(fine("tokenize", "-m", model, "-p", "<s>cab.", "--special", "--bos"))
                .as("never twice")
                .isEqualTo("1 3 6 4 5 30");
        assertThat(fine("tokenize", "-m", model, "-p", "")).isEmpty();
    }

    @Test
    void idsOfAFile() throws IOException {
        Path file = Files.writeString(directory.resolve("text.txt"), "ab,\u00e9");
        assertThat(fine("tokenize", "-m", model, "--file", file)).isEqualTo("3 4 5 31 0");
    }

    @Test
    void textOfIds() {
        assertThat(fine("tokenize", "-m", model, "--decode", 3, 6, 4, 5, 3, 30)).isEqualTo("cab .");
        assertThat(fine("tokenize", "-m", model, "--decode", 1, 3, 6, 2)).isEqualTo("c");
    }

    @Test
    void jsonNamesThePieces() {
        JsonNode json =
                Run.of("tokenize", "-m", model, "-p", "ab", "--bos", "--json").json();
        assertThat(json).isEqualTo(new JsonMapper().readTree("""
                                {"text": "ab", "ids": [1, 3, 4, 5], "pieces": ["<s>", "\u2581", "a", "b"], "count": 4}
                                """));
        JsonNode decoded =
                Run.of("tokenize", "-m", model, "--json", "--decode", 3, 4).json();
        assertThat(decoded).isEqualTo(new JsonMapper().readTree("""
                                {"text": "a", "ids": [3, 4], "pieces": ["\u2581", "a"], "count": 2}
                                """));
    }

    private static String fine(Object... arguments) {
        Run run = Run.of(arguments);
        assertThat(run.exitCode()).as(run.err()).isZero();
        assertThat(run.err()).isEmpty();
        assertThat(run.out()).endsWith(System.lineSeparator());
        return run.out().stripTrailing();
    }
}
