package dev.squall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.squall.model.fixtures.BigramModel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Perplexity of a model whose probabilities are known, in windows shorter than the text. */
class PerplexityTest {
    private static final int CONTEXT = 16;
    private static final String TEXT = "the quick brown fox, it is said, jumps over the lazy dogs caf\u00e9.";

    @TempDir
    Path directory;

    @ParameterizedTest
    @EnumSource(
            value = LoadOptions.Kernels.class,
            names = {"SIMD", "REFERENCE"})
    void isThatOfTheTable(LoadOptions.Kernels kernels) {
        int[] ids = ids();
        double expected = 0;
        for (int i = 0; i < ids.length; i++) {
            // A window has room for 15 tokens after its beginning-of-sequence token.
            int previous = i % (CONTEXT - 1) == 0 ? BigramModel.BOS : ids[i - 1];
            double sum = 0;
            for (int next = 0; next < BigramModel.VOCABULARY; next++) {
                sum += Math.exp(BigramModel.score(previous, next));
            }
            expected += Math.log(sum) - BigramModel.score(previous, ids[i]);
        }
        List<double[]> progress = new ArrayList<>();
        try (Squall squall = Squall.load(
                BigramModel.write(directory.resolve("bigrams.gguf"), CONTEXT),
                LoadOptions.builder().kernels(kernels).build())) {
            Perplexity measured = squall.perplexity(TEXT, progress::add);
            assertThat(measured.window()).isEqualTo(CONTEXT);
            assertThat(measured.tokens()).isEqualTo(ids.length);
            assertThat(measured.bytes()).isEqualTo(TEXT.length() + 1); // one character has two bytes
            assertThat(measured.perplexity()).isCloseTo(Math.exp(expected / ids.length), withinPercentage(0.001));
            assertThat(measured.bitsPerByte())
                    .isCloseTo(expected / Math.log(2) / TEXT.getBytes(StandardCharsets.UTF_8).length, within(1e-5));
        }
        assertThat(progress).hasSize((ids.length + CONTEXT - 2) / (CONTEXT - 1));
        assertThat(progress.getLast()).containsExactly(ids.length, ids.length);
    }

    /** The text as the table's tokens: a space in front, one token a character. */
    private static int[] ids() {
        return (" " + TEXT)
                .chars()
                .map(c -> switch (c) {
                    case ' ' -> BigramModel.SPACE;
                    case '.' -> BigramModel.STOP;
                    case ',' -> BigramModel.COMMA;
                    case '\u00e9' -> BigramModel.UNKNOWN;
                    default -> BigramModel.A + c - 'a';
                })
                .toArray();
    }

    @Test
    void anEmptyTextHasNone() {
        try (Squall squall = Squall.load(BigramModel.write(directory.resolve("bigrams.gguf"), CONTEXT))) {
            assertThatThrownBy(() -> squall.perplexity("", progress -> {}))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("found 0 tokens");
        }
    }
}
