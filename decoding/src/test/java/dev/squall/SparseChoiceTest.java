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
        assertThat(SparseChoice.of(Optional.of(TRAINED), auto, false)).isEqualTo(TRAINED);
        assertThat(SparseChoice.of(Optional.empty(), auto, false)).isNull();
        LoadOptions dense =
                LoadOptions.builder().attention(LoadOptions.Attention.DENSE).build();
        assertThat(SparseChoice.of(Optional.of(TRAINED), dense, false)).isNull();
        LoadOptions.Builder sparse = LoadOptions.builder().attention(LoadOptions.Attention.SPARSE);
        assertThat(SparseChoice.of(Optional.empty(), sparse.build(), false)).isEqualTo(SparseConfig.defaults());
        assertThat(SparseChoice.of(Optional.of(TRAINED), sparse.sparse(ASKED).build(), false))
                .isEqualTo(ASKED);
    }

    /** What reference kernels lack on a device is left out where nobody asked for it; where somebody did, loading refuses it. */
    @Test
    void referenceKernelsOfADeviceAttendToAllKeysUnlessToldOtherwise() {
        assertThat(SparseChoice.of(Optional.of(TRAINED), LoadOptions.builder().build(), true))
                .isNull();
        LoadOptions.Builder asked = LoadOptions.builder().sparse(ASKED);
        assertThat(SparseChoice.of(Optional.of(TRAINED), asked.build(), true)).isEqualTo(ASKED);
        asked.attention(LoadOptions.Attention.SPARSE);
        assertThat(SparseChoice.of(Optional.of(TRAINED), asked.build(), true)).isEqualTo(ASKED);
    }
}
