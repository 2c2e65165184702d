package dev.squall.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** The kernel of {@code squall doctor} passes where work-groups work, and says what it found where they do not. */
class SelfTestTest {
    @Test
    void theEmulationHasTheBits() {
        assertThat(SelfTest.run(null)).isEqualTo("passed, with the bits of the JVM");
    }

    @Test
    void oneWrongSumIsFound() {
        FloatArray x = new FloatArray(2048);
        x.init(1f);
        FloatArray sums = new FloatArray(32);
        sums.init(64 * 2.1f);
        assertThat(SelfTest.judge(x, sums)).startsWith("passed");
        sums.set(17, Math.nextUp(64 * 2.1f));
        assertThat(SelfTest.judge(x, sums)).isEqualTo("passed, but 1 of 32 sums have other bits than on the JVM");
        sums.set(17, 134f);
        assertThat(SelfTest.judge(x, sums)).isEqualTo("failed: sum of work-group 17: found 134.0, expected 134.4");
        sums.set(17, Float.NaN);
        assertThat(SelfTest.judge(x, sums)).startsWith("failed: sum of work-group 17: found NaN");
    }
}
