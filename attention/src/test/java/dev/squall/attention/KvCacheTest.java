package dev.squall.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squall.kernels.KvType;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

class KvCacheTest {
    private static final int PAGE = 4;
    private static final int KV_HEADS = 2;
    private static final int HEAD_DIM = 3;

    private static KvCache cache(int sequences, int length, int pages) {
        return new KvCache(new KvCache.Shape(2, KV_HEADS, HEAD_DIM, PAGE, sequences, length, pages, KvType.F32));
    }

    @Test
    void aSequenceTakesPagesAsItGrowsAndGivesThemBack() {
        KvCache cache = cache(2, 16, 5);
        KvCache.Sequence sequence = cache.open();
        sequence.ensure(1);
        assertThat(cache.freePages()).isEqualTo(4);
        sequence.ensure(4);
        assertThat(cache.freePages()).isEqualTo(4);
        sequence.ensure(5);
        assertThat(cache.freePages()).isEqualTo(3);
        assertThat(sequence.allocated()).isEqualTo(8);
        sequence.truncate(4);
        assertThat(cache.freePages()).isEqualTo(4);
        assertThat(cache.pageTable().get(1)).isEqualTo(-1);
        assertThatThrownBy(() -> sequence.slot(4)).isInstanceOf(IndexOutOfBoundsException.class);
        sequence.close();
        sequence.close();
        assertThat(cache.freePages()).isEqualTo(5);
        assertThatThrownBy(() -> sequence.ensure(1)).hasMessageContaining("closed");
    }

    @Test
    void aFullCacheIsRefusedAndNothingIsTaken() {
        KvCache cache = cache(2, 16, 5);
        KvCache.Sequence first = cache.open();
        KvCache.Sequence second = cache.open();
        assertThatThrownBy(cache::open)
                .isInstanceOf(KvCacheFullException.class)
                .hasMessageContaining("all 2 sequences");
        first.ensure(16);
        assertThatThrownBy(() -> second.ensure(8))
                .isInstanceOf(KvCacheFullException.class)
                .hasMessageContaining("needs 2 more pages of 4 tokens, and 1 are free");
        assertThat(second.allocated()).isZero();
        assertThatThrownBy(() -> first.ensure(17)).hasMessageContaining("at most 16");
        first.close();
        second.ensure(8);
        assertThat(cache.open().base()).isZero();
    }

    @Test
    void sequencesNeverShareAPageWhateverTheOrder() {
        KvCache cache = cache(4, 32, 20);
        Random random = new Random(5);
        List<KvCache.Sequence> open = new ArrayList<>();
        for (int step = 0; step < 2000; step++) {
            int choice = random.nextInt(4);
            if (choice == 0 && open.size() < 4) {
                open.add(cache.open());
            } else if (choice == 1 && !open.isEmpty() && random.nextInt(5) == 0) {
                open.remove(random.nextInt(open.size())).close();
            } else if (!open.isEmpty()) {
                KvCache.Sequence sequence = open.get(random.nextInt(open.size()));
                if (choice == 2) {
                    sequence.truncate(random.nextInt(33));
                } else {
                    int length = random.nextInt(33);
                    try {
                        sequence.ensure(length);
                    } catch (KvCacheFullException full) {
                        assertThat(length).isGreaterThan(sequence.allocated());
                    }
                }
            }
            int used = 0;
            Set<Integer> pages = new HashSet<>();
            for (int i = 0; i < cache.pageTable().getSize(); i++) {
                if (cache.pageTable().get(i) >= 0) {
                    used++;
                    pages.add(cache.pageTable().get(i));
                }
            }
            assertThat(pages).hasSize(used);
            assertThat(cache.freePages()).isEqualTo(20 - used);
        }
    }

    @Test
    void compactionMovesTheAcceptedPathInEveryLayer() {
        KvCache cache = cache(2, 16, 8);
        cache.open().ensure(4); // page 0 goes elsewhere, so the second sequence does not start at slot 0
        KvCache.Sequence sequence = cache.open();
        sequence.ensure(12);
        for (int layer = 0; layer < 2; layer++) {
            for (int slot = 0; slot < 12; slot++) {
                write(cache, cache.keys(layer), sequence, slot, 100 * layer + slot);
                write(cache, cache.values(layer), sequence, slot, 1000 + 100 * layer + slot);
            }
        }
        sequence.compact(3, 3, 5, 6, 10);
        int[] expected = {0, 1, 2, 3, 5, 6, 10};
        for (int layer = 0; layer < 2; layer++) {
            for (int slot = 0; slot < expected.length; slot++) {
                assertThat(read(cache, cache.keys(layer), sequence, slot)).containsOnly(100 * layer + expected[slot]);
                assertThat(read(cache, cache.values(layer), sequence, slot))
                        .containsOnly(1000 + 100 * layer + expected[slot]);
            }
        }
        assertThatThrownBy(() -> sequence.compact(3, 2)).hasMessageContaining("slot 2");
        assertThatThrownBy(() -> sequence.compact(3, 6, 5)).hasMessageContaining("ascending");
    }

    @Test
    void compactionMovesHalvesToo() {
        KvCache cache = new KvCache(new KvCache.Shape(1, KV_HEADS, HEAD_DIM, PAGE, 1, 8, 2, KvType.F16));
        KvCache.Sequence sequence = cache.open();
        sequence.ensure(8);
        for (int i = 0; i < cache.keysF16(0).getSize(); i++) {
            cache.keysF16(0).set(i, (short) i);
            cache.valuesF16(0).set(i, (short) (1000 + i));
        }
        int from = place(cache, sequence, 6, 0);
        int to = place(cache, sequence, 2, 0);
        sequence.compact(2, 6);
        for (int head = 0; head < KV_HEADS; head++) {
            for (int i = 0; i < HEAD_DIM; i++) {
                int element = head * PAGE * HEAD_DIM + i;
                assertThat(cache.keysF16(0).get(to + element)).isEqualTo((short) (from + element));
                assertThat(cache.valuesF16(0).get(to + element)).isEqualTo((short) (1000 + from + element));
            }
        }
        assertThat(cache.keysF16(0).get(to + HEAD_DIM)).isEqualTo((short) (to + HEAD_DIM)); // the next slot's
        assertThatThrownBy(() -> cache.keys(0)).hasMessage("key/value cache: found F16, expected F32");
    }

    @Test
    void sizesAreKnownBeforeMemoryIsTakenAndTooLargeOnesRefused() {
        assertThat(KvCache.Shape.full(32, 8, 128, 64, 1, 8192).bytes()).isEqualTo(2L * 32 * 8 * 128 * 8192 * 4);
        assertThat(KvCache.Shape.full(32, 8, 128, 64, 1, 8192)
                        .withType(KvType.F16)
                        .bytes())
                .isEqualTo(2L * 32 * 8 * 128 * 8192 * 2);
        assertThatThrownBy(() -> KvCache.Shape.full(1, 8, 128, 64, 8, 1 << 20))
                .hasMessageContaining("keys of a layer")
                .hasMessageContaining("2^31-1");
        assertThatThrownBy(() -> KvCache.Shape.full(1, 1, 1, 48, 1, 64)).hasMessageContaining("pageSize: found 48");
        assertThatThrownBy(() -> KvCache.Shape.full(0, 1, 1, 64, 1, 64)).hasMessageContaining("layers: found 0");
    }

    private static int place(KvCache cache, KvCache.Sequence sequence, int slot, int head) {
        int global = sequence.slot(slot);
        return ((cache.pageTable().get(global / PAGE) * KV_HEADS + head) * PAGE + global % PAGE) * HEAD_DIM;
    }

    private static void write(KvCache cache, FloatArray array, KvCache.Sequence sequence, int slot, float value) {
        for (int head = 0; head < KV_HEADS; head++) {
            for (int i = 0; i < HEAD_DIM; i++) {
                array.set(place(cache, sequence, slot, head) + i, value);
            }
        }
    }

    private static Set<Integer> read(KvCache cache, FloatArray array, KvCache.Sequence sequence, int slot) {
        Set<Integer> found = new HashSet<>();
        for (int head = 0; head < KV_HEADS; head++) {
            for (int i = 0; i < HEAD_DIM; i++) {
                found.add((int) array.get(place(cache, sequence, slot, head) + i));
            }
        }
        return found;
    }
}
