package dev.squall;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.attention.SparseConfig;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SparseChoiceTest {
    private static final SparseConfig TRAINED = SparseConfig.defaults();
    private static final SparseConfig ASKED = new SparseConfig(8, 4, 1, 16, 32, 4, 0, true);

    @Test
    void whatIsAskedForComesBeforeWhatTheFilesSay() {
        LoadOptions auto = LoadOptions.builder().build();
        assertThat(SparseChoice.of(Optional.of(TRAINED), auto)).isEqualTo(TRAINED);
        assertThat(SparseChoice.of(Optional.empty(), auto)).isNull();
        LoadOptions dense =
                LoadOptions.builder().attention(LoadOptions.Attention.DENSE).build();
        assertThat(SparseChoice.of(Optional.of(TRAINED), dense)).isNull();
        LoadOptions.Builder sparse = LoadOptions.builder().attention(LoadOptions.Attention.SPARSE);
        assertThat(SparseChoice.of(Optional.empty(), sparse.build())).isEqualTo(SparseConfig.defaults());
        assertThat(SparseChoice.of(Optional.of(TRAINED), sparse.sparse(ASKED).build()))
                .isEqualTo(ASKED);
    }
}
