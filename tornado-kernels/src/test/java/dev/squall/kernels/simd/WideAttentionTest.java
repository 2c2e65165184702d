package dev.squall.kernels.simd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.squall.kernels.Lanes;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The tiles of attention for wide vectors have the bits of the sums as they are written in Java. */
class WideAttentionTest {
    private static final int SLOTS = 48;
    private static final int QUERIES = 4;

    private final Random random = new Random(11);

    @ParameterizedTest
    @ValueSource(ints = {16, 48, 80, 128})
    void scoresAddInTheOrderOfLanes(int headDim) {
        assumeThat(Memory.WHOLE).isTrue();
        int apart = headDim + 16; // as keys of several heads lie
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment q = numbers(arena, QUERIES * headDim);
            MemorySegment keys = numbers(arena, SLOTS * apart);
            MemorySegment scores = numbers(arena, QUERIES * SLOTS);
            MemorySegment room = numbers(arena, WideScores.ROOM);
            long[] query = new long[QUERIES];
            long[] to = new long[QUERIES];
            for (int i = 0; i < QUERIES; i++) {
                query[i] = q.address() + 4L * headDim * i;
                to[i] = scores.address() + 4L * SLOTS * i;
            }
            WideScores.score(
                    query[0],
                    query[1],
                    query[2],
                    query[3],
                    to[0],
                    to[1],
                    to[2],
                    to[3],
                    4L * headDim,
                    keys.address(),
                    4L * apart,
                    SLOTS,
                    0.3f,
                    room.address());
            for (int i = 0; i < QUERIES; i++) {
                for (int t = 0; t < SLOTS; t++) {
                    float[] lanes = new float[Lanes.COUNT];
                    for (int e = 0; e < headDim; e++) {
                        lanes[e % Lanes.COUNT] =
                                Math.fma(at(q, i * headDim + e), at(keys, t * apart + e), lanes[e % Lanes.COUNT]);
                    }
                    assertThat(at(scores, i * SLOTS + t))
                            .as("query %d, key %d", i, t)
                            .isEqualTo(Lanes.sum(lanes, 0) * 0.3f);
                }
            }
        }
    }

    @Test
    void valuesAddInTheOrderOfSlotsAlsoForAQueryThatIsThereTwice() {
        assumeThat(Memory.WHOLE).isTrue();
        int width = WideValues.WIDTH;
        int apart = width + 32;
        float[] shrink = {0.5f, 0.25f, 0.9f, 0.1f};
        float[] share = {1f, 0.3f, 0.7f, 0.01f};
        for (int last : new int[] {0, 1, 2, 3}) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment values = numbers(arena, SLOTS * apart);
                MemorySegment weights = numbers(arena, QUERIES * SLOTS);
                MemorySegment sums = numbers(arena, QUERIES * width);
                float[] expected = new float[(last + 1) * width];
                for (int i = 0; i <= last; i++) {
                    for (int e = 0; e < width; e++) {
                        float sum = 0f;
                        for (int t = 0; t < SLOTS; t++) {
                            sum = Math.fma(at(weights, i * SLOTS + t), at(values, t * apart + e), sum);
                        }
                        expected[i * width + e] = Math.fma(sum, share[i], at(sums, i * width + e) * shrink[i]);
                    }
                }
                int[] query = {0, Math.min(1, last), Math.min(2, last), last};
                long[] p = new long[QUERIES];
                long[] s = new long[QUERIES];
                for (int i = 0; i < QUERIES; i++) {
                    p[i] = weights.address() + 4L * SLOTS * query[i];
                    s[i] = sums.address() + 4L * width * query[i];
                }
                WideValues.add(
                        values.address(),
                        4L * apart,
                        SLOTS,
                        p[0],
                        p[1],
                        p[2],
                        p[3],
                        s[0],
                        s[1],
                        s[2],
                        s[3],
                        shrink,
                        share,
                        query[0],
                        query[1],
                        query[2],
                        query[3]);
                for (int i = 0; i < expected.length; i++) {
                    assertThat(at(sums, i))
                            .as("element %d of %d queries", i, last + 1)
                            .isEqualTo(expected[i]);
                }
            }
        }
    }

    private MemorySegment numbers(Arena arena, int count) {
        MemorySegment numbers = arena.allocate(4L * count, 64);
        for (int i = 0; i < count; i++) {
            numbers.setAtIndex(Memory.FLOAT, i, (float) random.nextGaussian());
        }
        return numbers;
    }

    private static float at(MemorySegment numbers, int i) {
        return numbers.getAtIndex(Memory.FLOAT, i);
    }
}
