package dev.squall.decoding;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PromptLookupTest {
    private static int[] guesses(int most, int... text) {
        DraftTree tree = PromptLookup.guess(text, text.length, most);
        assertThat(tree.token(0)).isEqualTo(text[text.length - 1]);
        return IntStream.range(1, tree.size()).map(tree::token).toArray();
    }

    @Test
    void whatFollowedTheLongestEqualStretchComesFirst() {
        // "2 3" stood before 9, "1 2 3" before 4; the longer one counts though it is farther away.
        assertThat(guesses(3, 1, 2, 3, 4, 5, 6, 7, 2, 3, 9, 1, 2, 3)).containsExactly(4, 5, 6);
    }

    @Test
    void ofEquallyLongStretchesTheLastOneCounts() {
        assertThat(guesses(2, 2, 3, 8, 8, 2, 3, 9, 7, 2, 3)).containsExactly(9, 7);
    }

    @Test
    void aStretchThatRunsIntoTheEndGoesOnInACircle() {
        assertThat(guesses(7, 5, 1, 2, 3, 1, 2, 3)).containsExactly(1, 2, 3, 1, 2, 3, 1);
        assertThat(guesses(3, 4, 4, 4)).containsExactly(4, 4, 4);
    }

    @Test
    void oneEqualTokenIsNoReason() {
        assertThat(guesses(5, 1, 2, 3, 4, 2)).isEmpty();
        assertThat(guesses(5, 1)).isEmpty();
        assertThat(guesses(0, 1, 2, 1, 2)).isEmpty();
    }
}
