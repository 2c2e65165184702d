package dev.squall.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.kernels.simd.LongSums;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** That memory is read, all of it; how fast is not for a test. */
class ReadBandwidthTest {
    @Test
    void everyNumberIsAdded() {
        Random random = new Random(1);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(128 * 33, 8);
            long sum = 0;
            for (int i = 0; i < 16 * 33; i++) {
                memory.setAtIndex(ValueLayout.JAVA_LONG, i, random.nextLong());
                sum += memory.getAtIndex(ValueLayout.JAVA_LONG, i);
            }
            assertThat(LongSums.sum(memory)).isEqualTo(sum);
            assertThat(LongSums.sum(memory.asSlice(0, 0))).isZero();
        }
    }

    @Test
    void aMeasureChecksItsSums() {
        assertThat(ReadBandwidth.measure(4L << 20, 2)).isPositive().isFinite();
    }

    @Test
    void multiplyAddsAreCountedToo() {
        assertThat(MultiplyAddPeak.measure()).isPositive().isFinite();
    }
}
