package dev.squall.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;

/** A node of a draft tree has the bits that it has in a linear text, wherever its ancestors lie. */
class AttentionTreeTest {
    private static final int HEADS = 4;
    private static final int KV_HEADS = 2;
    private static final int HEAD_DIM = 24;
    private static final int PAGES = 8;

    private final Random random = new Random(17);

    @ParameterizedTest
    @ValueSource(ints = {4, 16, 64})
    void scatteredAncestorsAddUpAsIfTheyFollowedOneAnother(int pageSize) {
        for (KernelSet kernels : new KernelSet[] {KernelSet.reference(), KernelSet.simd()}) {
            for (int trial = 0; trial < 40; trial++) {
                scattered(kernels, pageSize);
            }
        }
    }

    private void scattered(KernelSet kernels, int pageSize) {
        int slots = PAGES * pageSize;
        int prefixEnd = random.nextInt(slots - pageSize);
        int windowStart = random.nextBoolean() ? 0 : random.nextInt(prefixEnd + 1);
        int room = Math.min(64, slots - prefixEnd);
        long mask = random.nextLong() & random.nextLong() & (room == 64 ? -1L : (1L << room) - 1) | 1L;
        FloatArray tree = random(slots * KV_HEADS * HEAD_DIM);
        FloatArray treeValues = random(slots * KV_HEADS * HEAD_DIM);
        FloatArray linear = copy(tree);
        FloatArray linearValues = copy(treeValues);
        int place = prefixEnd;
        for (int bit = 0; bit < room; bit++) {
            if (((mask >> bit) & 1) != 0) {
                move(tree, prefixEnd + bit, linear, place, pageSize);
                move(treeValues, prefixEnd + bit, linearValues, place, pageSize);
                place++;
            }
        }
        FloatArray q = random(HEADS * HEAD_DIM);
        float[] found = attend(kernels, q, tree, treeValues, windowStart, prefixEnd, mask, pageSize);
        float[] expected = attend(kernels, q, linear, linearValues, windowStart, place, 0, pageSize);
        assertThat(found).as(kernels.name()).isEqualTo(expected);
    }

    private static float[] attend(
            KernelSet kernels,
            FloatArray q,
            FloatArray keys,
            FloatArray values,
            int windowStart,
            int prefixEnd,
            long mask,
            int pageSize) {
        IntArray pageTable = new IntArray(PAGES);
        for (int page = 0; page < PAGES; page++) {
            pageTable.set(page, PAGES - 1 - page); // physical pages in another order
        }
        FloatArray out = new FloatArray(HEADS * HEAD_DIM);
        LongArray masks = new LongArray(1);
        masks.set(0, mask);
        kernels.cacheF32()
                .attend()
                .apply(
                        IntArray.fromElements(1, 0),
                        IntArray.fromElements(windowStart),
                        IntArray.fromElements(prefixEnd),
                        IntArray.fromElements(prefixEnd),
                        masks,
                        pageTable,
                        q,
                        keys,
                        values,
                        out,
                        HEADS,
                        KV_HEADS,
                        HEAD_DIM,
                        pageSize,
                        0.3f);
        return out.toHeapArray();
    }

    private static void move(FloatArray from, int fromSlot, FloatArray to, int toSlot, int pageSize) {
        for (int head = 0; head < KV_HEADS; head++) {
            for (int i = 0; i < HEAD_DIM; i++) {
                to.set(at(toSlot, head, pageSize) + i, from.get(at(fromSlot, head, pageSize) + i));
            }
        }
    }

    private static int at(int slot, int head, int pageSize) {
        int page = PAGES - 1 - slot / pageSize;
        return ((page * KV_HEADS + head) * pageSize + slot % pageSize) * HEAD_DIM;
    }

    private FloatArray random(int size) {
        FloatArray array = new FloatArray(size);
        for (int i = 0; i < size; i++) {
            array.set(i, (float) random.nextGaussian());
        }
        return array;
    }

    private static FloatArray copy(FloatArray array) {
        return FloatArray.fromArray(array.toHeapArray());
    }
}
