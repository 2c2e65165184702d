package dev.squall.model.transformer;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squall.attention.KvCache;
import org.junit.jupiter.api.Test;

class RefusalsTest {
    /** MiniCPM4-8B: 32 layers of 2 heads of 128 elements take 64 KiB a token. */
    private static final KvCache.Shape LONG = KvCache.Shape.full(32, 2, 128, 64, 4, 131_072);

    @Test
    void aCacheThatDoesNotFitIsRefusedWithWhatWouldFit() {
        assertThatThrownBy(() -> Refusals.memory(LONG, LONG.bytes() / 4))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("found 8.59 GB, expected at least 34.36 GB")
                .hasMessageContaining("4 sequences of 131072 tokens")
                .hasMessageContaining("a context of at most 32768 tokens");
        assertThatCode(() -> Refusals.memory(LONG, LONG.bytes())).doesNotThrowAnyException();
    }
}
