package dev.squall.kernels.simd;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.kernels.Lanes;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import uk.ac.manchester.tornado.api.types.arrays.ShortArray;

class CacheNumbersTest {
    /** Of all numbers of 16 bits, by vectors and by number; what is not a number comes out infinite, at least. */
    @Test
    void halvesAreDecodedExactly() {
        int count = 1 << 16;
        ShortArray halves = new ShortArray(count);
        for (int i = 0; i < count; i++) {
            halves.set(i, (short) i);
        }
        MemorySegment out = Memory.scratch(4L * count);
        for (int rest : new int[] {0, 3}) {
            CacheNumbers.of(halves).copy(0, count - rest, out.address());
            for (int i = 0; i < count - rest; i++) {
                float expected = Float.float16ToFloat((short) i);
                float found = out.getAtIndex(Memory.FLOAT, i);
                if (Float.isNaN(expected)) {
                    assertThat(Float.isFinite(found)).isFalse();
                    assertThat(Lanes.halfOrInfinity((short) i)).isInfinite();
                } else {
                    assertThat(Float.floatToRawIntBits(found)).isEqualTo(Float.floatToRawIntBits(expected));
                    assertThat(Float.floatToRawIntBits(Lanes.halfOrInfinity((short) i)))
                            .isEqualTo(Float.floatToRawIntBits(expected));
                }
            }
        }
    }
}
