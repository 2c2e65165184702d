package dev.squall.model.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Numbers into the blocks of files: Q8_0 as ggml quantises. */
class TensorValuesTest {

    /** The largest is 127, so the scale is 1 (0x3C00 in F16): halves go away from zero. */
    @Test
    void aBlockWithAScaleOfOne() {
        float[] block = new float[32];
        float[] some = {127, 0.5f, 1.5f, 2.5f, -0.5f, -2.5f, 0.49999997f, -126.6f, 3};
        System.arraycopy(some, 0, block, 0, some.length);
        byte[] expected = new byte[34];
        byte[] begin = {0, 0x3C, 127, 1, 2, 3, -1, -3, 0, -127, 3};
        System.arraycopy(begin, 0, expected, 0, begin.length);
        assertThat(TensorValues.encode(TensorType.Q8_0, block)).containsExactly(expected);
    }

    /** 254 gives a scale of 2 (0x4000), zeros one of 0; blocks know nothing of each other. */
    @Test
    void blocksHaveScalesOfTheirOwn() {
        float[] values = new float[96];
        Arrays.fill(values, 0, 32, -254);
        values[64] = 127;
        byte[] expected = new byte[102];
        Arrays.fill(expected, 2, 34, (byte) -127);
        expected[1] = 0x40;
        expected[69] = 0x3C;
        expected[70] = 127;
        assertThat(TensorValues.encode(TensorType.Q8_0, values)).containsExactly(expected);
    }

    @Test
    void whatIsNoNumberOrNoBlockIsRefused() {
        float[] values = new float[32];
        values[5] = Float.NaN;
        assertThatThrownBy(() -> TensorValues.encode(TensorType.Q8_0, values)).hasMessageContaining("finite");
        assertThatThrownBy(() -> TensorValues.encode(TensorType.Q8_0, new float[31]))
                .isInstanceOf(RuntimeException.class);
        assertThatThrownBy(() -> TensorValues.encode(TensorType.Q4_K, new float[256]))
                .hasMessageContaining("Q4_K");
    }
}
