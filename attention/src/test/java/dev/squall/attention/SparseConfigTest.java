package dev.squall.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Hyper-parameters: what follows from them, and which are impossible. */
class SparseConfigTest {
    @Test
    void defaultsHaveRoomForSixThousandKeys() {
        SparseConfig config = SparseConfig.defaults();
        assertThat(config.windowBlocks()).isEqualTo(32);
        assertThat(config.slots()).isEqualTo(96);
        assertThat(config.slots() * config.blockSize()).isEqualTo(6144);
        assertThat(config.shape(32, 2, 128).toHeapArray()).containsExactly(32, 2, 128, 64, 32, 16, 1, 32, 96, 8192, 0);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "32|0|1|64|2048|64|8192|kernel_stride: found 0",
                "32|16|1|96|2048|64|8192|block_size: found 96",
                "32|16|1|128|2048|64|8192|block_size: found 128",
                "48|16|1|64|2048|64|8192|kernel_size: found 48",
                "32|16|-1|64|2048|64|8192|init_blocks: found -1",
                "32|16|1|64|2000|64|8192|window_size: found 2000, expected a multiple of block_size, 64",
                "32|16|1|64|2048|0|8192|topk: found 0",
                "32|16|1|64|2048|64|-2|dense_len: found -2",
                "32|16|64|64|2048|64|8192|init_blocks: found 64"
            })
    void impossibleOnesAreNamed(
            int size, int stride, int init, int block, int window, int topk, int dense, String message) {
        assertThatThrownBy(() -> new SparseConfig(size, stride, init, block, window, topk, dense, false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }
}
