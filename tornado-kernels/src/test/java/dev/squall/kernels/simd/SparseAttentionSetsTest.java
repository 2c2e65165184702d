package dev.squall.kernels.simd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.squall.kernels.Workers;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;

/** Sparse attention by vectors against its definition: rows of several sequences, long and short, and nodes of trees. */
class SparseAttentionSetsTest {
    private static final int BLOCK = 16;
    private static final int SLOTS_PER_SEQUENCE = 40 * BLOCK;
    private static final int ROWS = 6;

    @ParameterizedTest
    @CsvSource({"1,1,16,0", "2,2,8,1", "8,2,20,0", "16,2,32,1", "16,1,64,0"})
    void bothSetsChooseAndComputeTheSame(int heads, int kvHeads, int headDim, int exact) {
        SplittableRandom random = new SplittableRandom(heads * 31L + headDim);
        IntArray shape = IntArray.fromElements(heads, kvHeads, headDim, BLOCK, 8, 4, 1, 2, 9, 0, exact);
        int slots = 3 * SLOTS_PER_SEQUENCE;
        IntArray pages = pages(slots / BLOCK, random);
        FloatArray keys = numbers(slots * kvHeads * headDim, random);
        FloatArray values = numbers(slots * kvHeads * headDim, random);
        FloatArray q = numbers(ROWS * heads * headDim, random);
        IntArray step = IntArray.fromElements(ROWS, 0);
        IntArray start = IntArray.fromElements(0, 0, 0, SLOTS_PER_SEQUENCE, SLOTS_PER_SEQUENCE, 2 * SLOTS_PER_SEQUENCE);
        int[] lengths = {600, 601, 590, 300, 37, 500};
        IntArray end = new IntArray(ROWS);
        IntArray treeBase = new IntArray(ROWS);
        for (int row = 0; row < ROWS; row++) {
            end.set(row, start.get(row) + lengths[row]);
            treeBase.set(row, end.get(row));
        }
        LongArray mask = LongArray.fromElements(0, 0, 0b100110111010L, 0, 0, 0b11L);
        FloatArray fine = new FloatArray(slots / 4 * kvHeads * headDim);
        FloatArray coarse = new FloatArray(slots / 16 * kvHeads * headDim);
        float scale = (float) (1.5 / Math.sqrt(headDim));
        for (int factor : new int[] {1, 4}) {
            compress(pages, keys, factor == 1 ? fine : coarse, shape, factor);
        }
        int words = (SLOTS_PER_SEQUENCE / BLOCK + 63) / 64;
        LongArray expected = new LongArray(ROWS * kvHeads * words);
        LongArray found = new LongArray(ROWS * kvHeads * words);
        found.init(-1L);
        FloatArray scores = new FloatArray(ROWS * kvHeads * SLOTS_PER_SEQUENCE / 4);
        dev.squall.kernels.reference.BlockSelection.select(
                step, start, end, treeBase, mask, pages, q, keys, fine, coarse, expected, scores, shape, scale);
        SparseAttention.select(
                step, start, end, treeBase, mask, pages, q, keys, fine, coarse, found, scores, shape, scale);
        assertThat(found.toHeapArray()).isEqualTo(expected.toHeapArray());
        for (int item = 0; item < ROWS * kvHeads; item++) {
            int blocks = (lengths[item / kvHeads] + Long.bitCount(mask.get(item / kvHeads)) + BLOCK - 1) / BLOCK;
            assertThat(Long.bitCount(found.get(item * words))).isEqualTo(Math.min(9, blocks));
        }
        FloatArray plain = new FloatArray(ROWS * heads * headDim);
        FloatArray fast = new FloatArray(ROWS * heads * headDim);
        dev.squall.kernels.reference.SparseAttention.attend(
                step, start, end, treeBase, mask, pages, found, q, keys, values, plain, shape, scale);
        SparseAttention.attend(step, start, end, treeBase, mask, pages, found, q, keys, values, fast, shape, scale);
        for (int i = 0; i < plain.getSize(); i++) {
            assertThat(fast.get(i)).as("element " + i).isCloseTo(plain.get(i), within(2e-6f));
        }
    }

    @ParameterizedTest
    @CsvSource({"0", "1"})
    void threadsAndNeighboursChangeNoBit(int exact) {
        SplittableRandom random = new SplittableRandom(5);
        IntArray shape = IntArray.fromElements(4, 2, 16, BLOCK, 8, 4, 1, 2, 9, 0, exact);
        IntArray pages = pages(40, random);
        FloatArray keys = numbers(SLOTS_PER_SEQUENCE * 2 * 16, random);
        FloatArray fine = new FloatArray(SLOTS_PER_SEQUENCE / 4 * 2 * 16);
        FloatArray coarse = new FloatArray(SLOTS_PER_SEQUENCE / 16 * 2 * 16);
        compress(pages, keys, fine, shape, 1);
        compress(pages, keys, coarse, shape, 4);
        FloatArray q = numbers(3 * 4 * 16, random);
        int threads = Workers.shared().threads();
        float[][] bits = new float[2][];
        try {
            for (int way = 0; way < 2; way++) {
                Workers.share(way == 0 ? 1 : 3);
                FloatArray out = new FloatArray(3 * 4 * 16);
                for (int first = 0; first < 3; first += way == 0 ? 3 : 1) { // together, then alone
                    int rows = way == 0 ? 3 : 1;
                    FloatArray some = slice(q, first * 64, rows * 64);
                    IntArray end =
                            IntArray.fromArray(Arrays.copyOfRange(new int[] {600, 555, 611}, first, first + rows));
                    IntArray start = new IntArray(rows);
                    start.init(0);
                    LongArray none = new LongArray(rows);
                    none.init(0L);
                    LongArray selection = new LongArray(rows * 2);
                    FloatArray result = new FloatArray(rows * 64);
                    IntArray step = IntArray.fromElements(rows, 0);
                    SparseAttention.select(
                            step, start, end, end, none, pages, some, keys, fine, coarse, selection, some, shape, 0.4f);
                    SparseAttention.attend(
                            step, start, end, end, none, pages, selection, some, keys, keys, result, shape, 0.4f);
                    for (int i = 0; i < rows * 64; i++) {
                        out.set(first * 64 + i, result.get(i));
                    }
                }
                bits[way] = out.toHeapArray();
            }
        } finally {
            Workers.share(threads);
        }
        assertThat(bits[1]).isEqualTo(bits[0]);
    }

    private static void compress(IntArray pages, FloatArray keys, FloatArray compressed, IntArray shape, int factor) {
        int sequences = pages.getSize() * BLOCK / SLOTS_PER_SEQUENCE;
        int perSequence = (SLOTS_PER_SEQUENCE - 8 * factor) / (4 * factor) + 1;
        int[] ends = new int[sequences * perSequence];
        Arrays.setAll(ends, i -> i / perSequence * SLOTS_PER_SEQUENCE + i % perSequence * 4 * factor + 8 * factor);
        IntArray step = IntArray.fromElements(ends.length, 0);
        FloatArray plain = new FloatArray(compressed.getSize());
        SparseAttention.compress(step, IntArray.fromArray(ends), pages, keys, compressed, shape, factor);
        dev.squall.kernels.reference.SparseAttention.compress(
                step, IntArray.fromArray(ends), pages, keys, plain, shape, factor);
        assertThat(compressed.toHeapArray()).isEqualTo(plain.toHeapArray());
    }

    private static IntArray pages(int count, SplittableRandom random) {
        int[] pages = new int[count];
        Arrays.setAll(pages, i -> i);
        for (int i = count - 1; i > 0; i--) {
            int other = random.nextInt(i + 1);
            int kept = pages[i];
            pages[i] = pages[other];
            pages[other] = kept;
        }
        return IntArray.fromArray(pages);
    }

    private static FloatArray slice(FloatArray array, int from, int size) {
        return FloatArray.fromArray(Arrays.copyOfRange(array.toHeapArray(), from, from + size));
    }

    private static FloatArray numbers(int size, SplittableRandom random) {
        FloatArray array = new FloatArray(size);
        for (int i = 0; i < size; i++) {
            array.set(i, (float) random.nextGaussian());
        }
        return array;
    }
}
