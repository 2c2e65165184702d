package dev.squall.classification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squall.classification.CompiledRules.Prompt;
import dev.squall.model.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where markers go, what is left out of long texts, and which rows of the layer belong to a class. */
class MarkersTest {
    @TempDir
    Path folder;

    private Tokenizer tokenizer;

    private Markers markers(boolean entities) throws Exception {
        tokenizer = Words.of(folder, "_a", "_b", "_c", "_d");
        return new Markers(List.of("r", "s", "t"), "t", entities, tokenizer);
    }

    /** Its tokens; what begins and ends it decodes to nothing. */
    private String read(Prompt prompt) {
        return IntStream.of(prompt.ids()).mapToObj(id -> tokenizer.decode(id)).collect(Collectors.joining("|"));
    }

    @Test
    void markersStandAroundTheTwoThings() throws Exception {
        Markers markers = markers(true);
        Prompt prompt = markers.prompt(new Relation("a b c d", "b", "d"), 20);
        assertThat(read(prompt)).isEqualTo("|a|@| b|@| c|#| d|#|");
        assertThat(prompt.masks()).containsExactly(2, 6);
        prompt = markers.prompt(new Relation("c b a", "a", "c"), 20);
        assertThat(read(prompt)).isEqualTo("|#| c|#| b|@| a|@|");
        assertThat(prompt.masks()).containsExactly(1, 5);
        prompt = markers.prompt(new Relation("c-d a", "c", "a"), 20);
        assertThat(read(prompt)).isEqualTo("|@| c|@| |-|d|#| a|#|");
        prompt = markers.prompt(new Relation("a b a b", "a", "b", 4, 2), 20);
        assertThat(read(prompt)).isEqualTo("|a|#| b|#|@| a|@| b|");
    }

    @Test
    void theBeginningAndThenTheEndAreLeftOut() throws Exception {
        Markers markers = markers(true);
        Relation input = new Relation("a a a b c d d d", "b", "c", 6, 8);
        assertThat(read(markers.prompt(input, 14))).isEqualTo("|a| a| a|@| b|@|#| c|#| d| d| d|");
        assertThat(read(markers.prompt(input, 12))).isEqualTo("| a|@| b|@|#| c|#| d| d| d|");
        Prompt least = markers.prompt(input, 8);
        assertThat(read(least)).isEqualTo("|@| b|@|#| c|#|");
        assertThat(least.masks()).containsExactly(1, 4);
        assertThatThrownBy(() -> markers.prompt(input, 7)).hasMessageContainingAll("6 tokens", "at most 5");
    }

    @Test
    void aClassHasARowForEveryMarker() throws Exception {
        Markers two = markers(true);
        assertThat(two.rows()).isEqualTo(6);
        assertThat(two.words()).isDeepEqualTo(new int[][] {{0, 1, 2}, {3, 4, 5}});
        assertThat(two.choices()).isDeepEqualTo(new int[][] {{0, 0}, {1, 1}, {2, 2}});
        assertThatThrownBy(() -> two.prompt(Relation.ofText("a b"), 9)).hasMessageContaining("expected both");
        Markers none = markers(false);
        assertThat(none.words()).isDeepEqualTo(new int[][] {{0, 1, 2}});
        Prompt prompt = none.prompt(Relation.ofText("a b c d"), 4);
        assertThat(prompt.masks()).containsExactly(0);
        assertThat(read(prompt)).isEqualTo("|a| b|");
        assertThatThrownBy(() -> none.prompt(new Relation("a b", "a", "b"), 9)).hasMessageContaining("text alone");
    }
}
