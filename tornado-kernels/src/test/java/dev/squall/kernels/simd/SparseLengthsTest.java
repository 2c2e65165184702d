package dev.squall.kernels.simd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.BitSet;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;

/** Sparse attention with the sizes of MiniCPM4 at the lengths where something changes, judged in double. */
class SparseLengthsTest {
    private static final int[] LENGTHS = {1, 31, 32, 63, 64, 127, 128, 6144, 6145, 8191, 8192, 8193};
    private static final int BLOCK = 64;
    private static final int SLOTS = 96;
    private static final int WINDOW = 32; // blocks
    private static final int HEAD_DIM = 8;
    private static final float SCALE = 0.8f;

    @ParameterizedTest
    @CsvSource({"1,1,8192,0", "2,1,8192,0", "8,1,-1,0", "16,1,8192,1", "32,2,-1,0", "16,2,8192,0"})
    void everyLengthChoosesTheBestBlocksAndAttendsToThem(int heads, int kvHeads, int denseLength, int exact) {
        Text text = new Text(heads, kvHeads, denseLength, exact, LENGTHS);
        text.select();
        text.attend();
        float[] sparse = text.out.toHeapArray();
        for (int row = 0; row < LENGTHS.length; row++) {
            int length = LENGTHS[row];
            int blocks = (length + BLOCK - 1) / BLOCK;
            boolean all = length < denseLength || blocks <= SLOTS;
            for (int kvHead = 0; kvHead < kvHeads; kvHead++) {
                BitSet chosen = text.chosen(row, kvHead);
                assertThat(chosen.length()).as("last block of %d", length).isEqualTo(blocks);
                assertThat(chosen.cardinality()).as("blocks of %d", length).isEqualTo(all ? blocks : SLOTS);
                if (!all) {
                    assertBest(text, row, kvHead, blocks, chosen);
                }
            }
            text.assertMasked(row, sparse);
        }
        text.attendToAll(); // dense attention
        for (int row = 0; row < LENGTHS.length; row++) {
            if (LENGTHS[row] < denseLength || LENGTHS[row] <= SLOTS * BLOCK) {
                for (int i = row * heads * HEAD_DIM; i < (row + 1) * heads * HEAD_DIM; i++) {
                    assertThat(text.out.get(i)).as("length " + LENGTHS[row]).isEqualTo(sparse[i]);
                }
            }
        }
    }

    /** No block that was left out is better than one that was chosen; the first and the window's are in. */
    private static void assertBest(Text text, int row, int kvHead, int blocks, BitSet chosen) {
        assertThat(chosen.get(0)).isTrue();
        assertThat(chosen.nextClearBit(blocks - 1 - WINDOW)).isEqualTo(blocks);
        double[] scores = text.blockScores(row, kvHead, blocks);
        double worst = Double.POSITIVE_INFINITY;
        double best = 0;
        for (int b = 1; b < blocks - 1 - WINDOW; b++) {
            if (chosen.get(b)) {
                worst = Math.min(worst, scores[b]);
            } else {
                best = Math.max(best, scores[b]);
            }
        }
        assertThat(best).isPositive().isLessThanOrEqualTo(worst * (1 + 1e-4));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void anySelectionIsMaskedAttention(int seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int[] lengths = {1 + random.nextInt(8192), 1 + random.nextInt(2000), 1 + random.nextInt(100)};
        Text text = new Text(8, 2, -1, 0, lengths);
        for (int word = 0; word < text.selection.getSize(); word++) {
            text.selection.set(word, random.nextLong() & random.nextLong());
        }
        for (int item = 0; item < lengths.length * 2; item++) { // nothing chosen is not a selection
            text.selection.set(item * text.words(), text.selection.get(item * text.words()) | 1L);
        }
        text.attend();
        float[] fast = text.out.toHeapArray();
        dev.squall.kernels.reference.SparseAttention.attend(
                text.step,
                text.start,
                text.end,
                text.end,
                text.mask,
                text.pages,
                text.selection,
                text.q,
                text.keys,
                text.values,
                text.out,
                text.shape,
                SCALE);
        for (int row = 0; row < lengths.length; row++) {
            text.assertMasked(row, fast);
            text.assertMasked(row, text.out.toHeapArray());
        }
    }

    /** A key that is looked for is found among a million, and indexes do not overflow. */
    @Test
    void aMillionKeys() {
        int length = 1 << 20;
        Text text = new Text(2, 1, 8192, 0, length);
        int place = 765_432;
        for (int i = 0; i < HEAD_DIM; i++) {
            text.keys.set(text.at(place, 0) + i, 60 * text.q.get(i));
            text.values.set(text.at(place, 0) + i, i);
        }
        text.compress();
        text.select();
        assertThat(text.chosen(0, 0).cardinality()).isEqualTo(SLOTS);
        assertThat(text.chosen(0, 0).get(place / BLOCK)).isTrue();
        text.attend();
        for (int i = 0; i < HEAD_DIM; i++) {
            assertThat(text.out.get(i)).isCloseTo(i, within(1e-4f));
        }
        text.assertMasked(0, text.out.toHeapArray());
    }

    /** One text, of which every row sees a beginning; pages lie in any order. */
    private static final class Text {
        final int heads;
        final int kvHeads;
        final int[] lengths;
        final IntArray shape;
        final IntArray step;
        final IntArray start;
        final IntArray end;
        final LongArray mask;
        final IntArray pages;
        final FloatArray q; // [rows, heads, headDim]
        final FloatArray keys; // [pages, kvHeads, block, headDim]
        final FloatArray values;
        final FloatArray fine;
        final FloatArray coarse;
        final LongArray selection;
        final FloatArray out;

        Text(int heads, int kvHeads, int denseLength, int exact, int... lengths) {
            this.heads = heads;
            this.kvHeads = kvHeads;
            this.lengths = lengths;
            shape = IntArray.fromElements(
                    heads, kvHeads, HEAD_DIM, BLOCK, 32, 16, 1, WINDOW, SLOTS, denseLength, exact);
            int rows = lengths.length;
            step = IntArray.fromElements(rows, 0);
            start = new IntArray(rows);
            start.init(0);
            end = IntArray.fromArray(lengths);
            mask = new LongArray(rows);
            mask.init(0L);
            int longest = 0;
            for (int length : lengths) {
                longest = Math.max(longest, length);
            }
            pages = new IntArray((longest + BLOCK - 1) / BLOCK);
            for (int page = 0; page < pages.getSize(); page++) {
                pages.set(page, pages.getSize() - 1 - page);
            }
            int slots = pages.getSize() * BLOCK;
            SplittableRandom random = new SplittableRandom(heads + 7L * longest);
            q = numbers(rows * heads * HEAD_DIM, random);
            keys = numbers(slots * kvHeads * HEAD_DIM, random);
            values = numbers(slots * kvHeads * HEAD_DIM, random);
            fine = new FloatArray(slots / 16 * kvHeads * HEAD_DIM);
            coarse = new FloatArray(slots / 64 * kvHeads * HEAD_DIM);
            selection = new LongArray(rows * kvHeads * ((pages.getSize() + 63) / 64));
            out = new FloatArray(q.getSize());
            compress();
        }

        void compress() {
            int longest = pages.getSize() * BLOCK;
            for (int factor : new int[] {1, 4}) {
                int count = dev.squall.kernels.reference.SparseAttention.windows(longest, 32 * factor, 16 * factor);
                IntArray ends = new IntArray(Math.max(1, count));
                for (int j = 0; j < count; j++) {
                    ends.set(j, (16 * j + 32) * factor);
                }
                IntArray windows = IntArray.fromElements(count, 0);
                SparseAttention.compress(windows, ends, pages, keys, factor == 1 ? fine : coarse, shape, factor);
            }
        }

        void select() {
            SparseAttention.select(
                    step, start, end, end, mask, pages, q, keys, fine, coarse, selection, out, shape, SCALE);
        }

        void attend() {
            SparseAttention.attend(step, start, end, end, mask, pages, selection, q, keys, values, out, shape, SCALE);
        }

        void attendToAll() {
            Attention.attend(
                    step, start, end, end, mask, pages, q, keys, values, out, heads, kvHeads, HEAD_DIM, BLOCK, SCALE);
        }

        int words() {
            return selection.getSize() / (lengths.length * kvHeads);
        }

        BitSet chosen(int row, int kvHead) {
            long[] bits = new long[words()];
            for (int word = 0; word < bits.length; word++) {
                bits[word] = selection.get((row * kvHeads + kvHead) * bits.length + word);
            }
            return BitSet.valueOf(bits);
        }

        /** Where the key of a place begins. */
        int at(int place, int kvHead) {
            return ((pages.get(place / BLOCK) * kvHeads + kvHead) * BLOCK + place % BLOCK) * HEAD_DIM;
        }

        private double product(int query, FloatArray keys, int at) {
            double sum = 0;
            for (int i = 0; i < HEAD_DIM; i++) {
                sum += (double) q.get(query + i) * keys.get(at + i);
            }
            return sum * SCALE;
        }

        /** The scores of blocks, as the definition has them, in double. */
        double[] blockScores(int row, int kvHead, int blocks) {
            int visible = (lengths[row] - 32) / 16 + 1;
            int visibleCoarse = (lengths[row] - 128) / 64 + 1;
            boolean exact = shape.get(10) == 1;
            double[] windows = new double[visible];
            for (int head = kvHead * (heads / kvHeads); head < (kvHead + 1) * (heads / kvHeads); head++) {
                int query = (row * heads + head) * HEAD_DIM;
                double sum = 0;
                for (int j = 0; j < (exact ? visible : visibleCoarse); j++) {
                    sum += Math.exp(product(query, exact ? fine : coarse, (j * kvHeads + kvHead) * HEAD_DIM));
                }
                for (int j = 0; j < visible; j++) {
                    windows[j] += Math.exp(product(query, fine, (j * kvHeads + kvHead) * HEAD_DIM)) / sum;
                }
            }
            double[] scores = new double[blocks];
            for (int j = 0; j < visible; j++) {
                for (int b = 16 * j / BLOCK; b <= Math.min(blocks - 1, (16 * j + 31) / BLOCK); b++) {
                    scores[b] = Math.max(scores[b], windows[j]);
                }
            }
            return scores;
        }

        /** Holds a row's outputs to softmax over the keys of the chosen blocks. */
        void assertMasked(int row, float[] found) {
            for (int head = 0; head < heads; head++) {
                int kvHead = head / (heads / kvHeads);
                BitSet chosen = chosen(row, kvHead);
                int query = (row * heads + head) * HEAD_DIM;
                double[] weighted = new double[HEAD_DIM];
                double sum = 0;
                for (int b = chosen.nextSetBit(0); b >= 0; b = chosen.nextSetBit(b + 1)) {
                    for (int place = b * BLOCK; place < Math.min(lengths[row], (b + 1) * BLOCK); place++) {
                        double weight = Math.exp(product(query, keys, at(place, kvHead)) - 100);
                        sum += weight;
                        for (int i = 0; i < HEAD_DIM; i++) {
                            weighted[i] += weight * values.get(at(place, kvHead) + i);
                        }
                    }
                }
                for (int i = 0; i < HEAD_DIM; i++) {
                    assertThat((double) found[query + i])
                            .as("length %d, head %d, element %d", lengths[row], head, i)
                            .isCloseTo(weighted[i] / sum, within(5e-5));
                }
            }
        }

        private static FloatArray numbers(int size, SplittableRandom random) {
            FloatArray array = new FloatArray(size);
            for (int i = 0; i < size; i++) { // variance 1
                array.set(i, (float) ((random.nextDouble() + random.nextDouble() - 1) * Math.sqrt(6)));
            }
            return array;
        }
    }
}
