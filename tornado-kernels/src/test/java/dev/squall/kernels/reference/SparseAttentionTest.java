package dev.squall.kernels.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;

/** The definition of sparse attention against numbers that were computed in double, stage by stage. */
class SparseAttentionTest {
    @ParameterizedTest
    @CsvSource({
        "0,0,0",
        "31,0,0",
        "32,1,0",
        "47,1,0",
        "48,2,0",
        "64,3,0",
        "127,6,0",
        "128,7,1",
        "191,10,1",
        "192,11,2",
        "200,11,2",
        "255,14,2",
        "256,15,3",
        "1000,61,14",
        "2048,127,31",
        "6144,383,95",
        "8191,510,126",
        "8192,511,127",
        "8193,511,127",
        "32768,2047,511",
        "131072,8191,2047"
    })
    void windowsOfALength(int length, int fine, int coarse) {
        assertThat(SparseAttention.windows(length, 32, 16)).isEqualTo(fine);
        assertThat(SparseAttention.windows(length, 128, 64)).isEqualTo(coarse);
    }

    @Test
    void compressedKeysAreMeansOfWholeWindows() {
        IntArray shape = IntArray.fromElements(1, 1, 4, 64, 32, 16, 1, 32, 96, 0, 0);
        FloatArray keys = new FloatArray(256 * 4);
        for (int t = 0; t < 256; t++) {
            for (int i = 0; i < 4; i++) {
                keys.set(t * 4 + i, (float) Math.sin(0.1 * t + 0.7 * i));
            }
        }
        IntArray pages = IntArray.fromElements(0, 1, 2, 3);
        FloatArray fine = new FloatArray(16 * 4);
        IntArray ends = new IntArray(11);
        for (int j = 0; j < 11; j++) {
            ends.set(j, 16 * j + 32);
        }
        SparseAttention.compress(IntArray.fromElements(11, 0), ends, pages, keys, fine, shape, 1);
        assertRow(fine, 0, 2e-7, 0.62485874, 0.48629099, 0.11901299, -0.30423868);
        assertRow(fine, 10 * 4, 2e-7, -0.60214367, -0.35266899, 0.06267143, 0.44853649);
        FloatArray coarse = new FloatArray(4 * 4);
        SparseAttention.compress(
                IntArray.fromElements(2, 0), IntArray.fromElements(128, 192), pages, keys, coarse, shape, 4);
        assertRow(coarse, 0, 2e-7, 0.00121635, 0.01264075, 0.01812000, 0.01507714);
        assertRow(coarse, 4, 2e-7, 0.00332666, 0.01408367, 0.01821690, 0.01378244);
    }

    @ParameterizedTest
    @CsvSource({"1,1,3,d", "1,0,2,9", "1,0,3,b", "0,0,2,a"})
    void fourBlocksOfTwoHundredKeys(int init, int window, int slots, String mask) {
        float[] scores = {0.02f, 0.05f, 0.11f, 0.08f, 0.30f, 0.04f, 0.07f, 0.09f, 0.20f, 0.03f, 0.01f};
        IntArray shape = IntArray.fromElements(1, 1, 1, 64, 32, 16, init, window, slots, 0, 0);
        assertThat(chosen(scores, 4, 11, shape)).containsExactly(Long.parseLong(mask, 16));
    }

    @ParameterizedTest
    @CsvSource({"639,39,3b5", "400,24,7f"})
    void tenBlocks(int position, int visible, String mask) {
        float[] scores = new float[39];
        for (int j = 0; j < visible; j++) {
            scores[j] = 37 * j % 101 / 1000f;
        }
        IntArray shape = IntArray.fromElements(1, 1, 1, 64, 32, 16, 1, 2, 7, 0, 0);
        assertThat(chosen(scores, position / 64 + 1, visible, shape)).containsExactly(Long.parseLong(mask, 16));
    }

    @Test
    void defaultsAtSixteenThousandKeys() {
        float[] scores = new float[1023];
        for (int j = 0; j < scores.length; j++) {
            scores[j] = 7919 * j % 1009 / 1009f;
        }
        IntArray shape = IntArray.fromElements(1, 1, 1, 64, 32, 16, 1, 32, 96, 8192, 0);
        assertThat(chosen(scores, 256, 1023, shape))
                .containsExactly(0x0642424263212121L, 0x80c848484c642424L, 0x90190909098c8484L, 0xffffffffa1319090L);
    }

    @Test
    void ofEqualsTheLowerBlockComesFirst() {
        // One window a block: 0.5 0.25 0.5 0.25 0.25 0.1, and a last block that is forced.
        float[] scores = new float[27];
        float[] blocks = {0.5f, 0.25f, 0.5f, 0.25f, 0.25f, 0.1f};
        for (int b = 0; b < blocks.length; b++) {
            scores[4 * b + 1] = blocks[b];
        }
        IntArray shape = IntArray.fromElements(1, 1, 1, 64, 32, 16, 0, 0, 5, 0, 0);
        assertThat(chosen(scores, 7, 27, shape)).containsExactly(0b1001111L);
    }

    private static long[] chosen(float[] scores, int blocks, int visible, IntArray shape) {
        LongArray selection = new LongArray((blocks + 63) / 64);
        selection.init(0L);
        BlockSelection.choose(selection, 0, FloatArray.fromArray(scores), 0, blocks, visible, shape);
        return selection.toHeapArray();
    }

    /** The whole way from keys to outputs on a model of two dimensions, with windows of 4 and blocks of 8. */
    @ParameterizedTest
    @CsvSource({
        // length, exact, init, slots, mask, head 0, head 1
        "32,1,0,2,9,0.393855990,0.178981307",
        "32,0,0,2,9,0.393855990,0.178981307",
        "32,1,1,3,b,0.382757849,0.185782182",
        "32,1,1,4,f,0.397582001,0.189256824",
        "21,1,0,2,5,0.136315321,0.070076855",
        "21,1,0,3,7,0.162080127,0.084294344",
        "14,0,0,2,3,0.150948303,0.079996766"
    })
    void aTinyPipeline(int length, int exact, int init, int slots, String mask, double head0, double head1) {
        Tiny tiny = new Tiny(length, IntArray.fromElements(2, 1, 2, 8, 4, 2, init, 0, slots, 0, exact));
        tiny.select();
        assertThat(tiny.selection.get(0)).isEqualTo(Long.parseLong(mask, 16));
        tiny.attend();
        assertRow(tiny.out, 0, 5e-7, head0, 1 - head0, head1, 1 - head1);
    }

    @Test
    void scoresOfBothNormalisers() {
        Tiny exact = new Tiny(32, IntArray.fromElements(2, 1, 2, 8, 4, 2, 0, 0, 2, 0, 1));
        assertRow(exact.fine, 0, 5e-7, 0.410872397, 0.950270985, 0.819375864, 0.813263759);
        assertRow(exact.coarse, 4, 5e-7, 0.196012016, -0.473266161);
        exact.select();
        assertRow(
                exact.scores,
                0,
                1e-6,
                0.527548620,
                0.422151338,
                0.300891843,
                0.164824767,
                0.070779185,
                0.028862131,
                0.013656194,
                0.008521947,
                0.007817276,
                0.011421351,
                0.023993232,
                0.054028815,
                0.097687469,
                0.125834094,
                0.141981739);
        Tiny approximate = new Tiny(32, IntArray.fromElements(2, 1, 2, 8, 4, 2, 0, 0, 2, 0, 0));
        approximate.select();
        assertRow(approximate.scores, 0, 1e-5, 7.219968883, 5.460807571, 3.705758142, 1.993615249, 0.863051829);
        Tiny few = new Tiny(21, IntArray.fromElements(2, 1, 2, 8, 4, 2, 0, 0, 2, 0, 1));
        few.select();
        assertRow(few.scores, 0, 1e-6, 0.634692803, 0.546151375, 0.411802554, 0.229972062, 0.097914913);
    }

    @Test
    void rowsThatSeeLittleAttendToAll() {
        Tiny tiny = new Tiny(32, IntArray.fromElements(2, 1, 2, 8, 4, 2, 1, 0, 2, 33, 1));
        tiny.select();
        assertThat(tiny.selection.get(0)).isEqualTo(0xf); // below the dense length
        tiny = new Tiny(32, IntArray.fromElements(2, 1, 2, 8, 4, 2, 1, 0, 2, 32, 1));
        tiny.select();
        assertThat(tiny.selection.get(0)).isEqualTo(0x9);
        tiny = new Tiny(3, IntArray.fromElements(2, 1, 2, 8, 4, 2, 0, 0, 1, -1, 1));
        tiny.select();
        assertThat(tiny.selection.get(0)).isEqualTo(0x1);
    }

    /** With all blocks chosen the bits are those of dense attention. */
    @ParameterizedTest
    @CsvSource({"32", "29", "8", "1"})
    void allBlocksAreDenseAttention(int length) {
        Tiny tiny = new Tiny(length, IntArray.fromElements(2, 1, 2, 8, 4, 2, 1, 0, 4, 0, 1));
        tiny.select();
        tiny.attend();
        float[] sparse = tiny.out.toHeapArray();
        Attention.attend(
                tiny.step,
                tiny.start,
                tiny.end,
                tiny.treeBase,
                tiny.mask,
                tiny.pages,
                tiny.q,
                tiny.keys,
                tiny.values,
                tiny.out,
                2,
                1,
                2,
                8,
                Tiny.SCALE);
        assertThat(tiny.out.toHeapArray()).isEqualTo(sparse);
    }

    /** A node of a draft tree chooses and computes what the last token of a linear text does, wherever its ancestors lie. */
    @ParameterizedTest
    @CsvSource({"0", "1"})
    void aNodeIsATokenOfALinearText(int exact) {
        IntArray shape = IntArray.fromElements(2, 1, 2, 8, 4, 2, 1, 0, 3, 0, exact);
        for (int path = 1; path <= 9; path++) {
            Tiny linear = new Tiny(31, shape);
            linear.select();
            linear.attend();
            Tiny tree = new Tiny(31, shape);
            tree.scatter(path, new SplittableRandom(path));
            tree.select();
            tree.attend();
            assertThat(tree.selection.get(0)).as("path of " + path).isEqualTo(linear.selection.get(0));
            assertThat(tree.out.toHeapArray()).as("path of " + path).isEqualTo(linear.out.toHeapArray());
        }
    }

    /** The keys, values and queries of the pipeline; its one row is the last token. */
    private static final class Tiny {
        static final float SCALE = (float) Math.sqrt(0.5);
        static final int CAPACITY = 96; // slots

        final int length;
        final IntArray shape;
        final IntArray step = IntArray.fromElements(1, 1);
        final IntArray start = IntArray.fromElements(0);
        final IntArray end;
        final IntArray treeBase;
        final LongArray mask = LongArray.fromElements(0L);
        final IntArray pages = new IntArray(CAPACITY / 8);
        final FloatArray q = FloatArray.fromElements(2f, 1f, -0.5f, 4f);
        final FloatArray keys = new FloatArray(CAPACITY * 2);
        final FloatArray values = new FloatArray(CAPACITY * 2);
        final FloatArray fine = new FloatArray(CAPACITY / 2 * 2);
        final FloatArray coarse = new FloatArray(CAPACITY / 8 * 2);
        final LongArray selection = new LongArray(1);
        final FloatArray scores = new FloatArray(CAPACITY / 2);
        final FloatArray out = new FloatArray(4);

        Tiny(int length, IntArray shape) {
            this.length = length;
            this.shape = shape;
            end = IntArray.fromElements(length);
            treeBase = IntArray.fromElements(length);
            for (int page = 0; page < pages.getSize(); page++) {
                pages.set(page, pages.getSize() - 1 - page); // pages lie anywhere
            }
            for (int t = 0; t < length; t++) {
                put(t, t);
            }
            compress(length);
        }

        private void put(int slot, int t) {
            int at = (pages.get(slot / 8) * 8 + slot % 8) * 2;
            keys.set(at, (float) Math.sin(0.3 * t));
            keys.set(at + 1, (float) Math.cos(0.17 * t));
            values.set(at, t / 32f);
            values.set(at + 1, 1 - t / 32f);
        }

        /** Moves the last tokens to slots behind the prefix with others between them. */
        void scatter(int path, SplittableRandom random) {
            int prefix = length - path;
            List<Integer> nodes = new ArrayList<>();
            for (int node = 0; nodes.size() < path; node += 1 + random.nextInt(3)) {
                nodes.add(node);
            }
            fine.init(Float.NaN);
            coarse.init(Float.NaN);
            for (int slot = prefix; slot < CAPACITY; slot++) {
                put(slot, 1000 + slot);
            }
            long bits = 0;
            for (int i = 0; i < path; i++) {
                put(prefix + nodes.get(i), prefix + i);
                bits |= 1L << nodes.get(i);
            }
            end.set(0, prefix);
            treeBase.set(0, prefix);
            mask.set(0, bits);
            compress(prefix);
        }

        private void compress(int upTo) {
            for (int factor : new int[] {1, SparseAttention.COARSE}) {
                int count = SparseAttention.windows(upTo, 4 * factor, 2 * factor);
                int[] ends = new int[Math.max(1, count)];
                Arrays.setAll(ends, j -> j * 2 * factor + 4 * factor);
                SparseAttention.compress(
                        IntArray.fromElements(count, 0),
                        IntArray.fromArray(ends),
                        pages,
                        keys,
                        factor == 1 ? fine : coarse,
                        shape,
                        factor);
            }
        }

        void select() {
            BlockSelection.select(
                    step, start, end, treeBase, mask, pages, q, keys, fine, coarse, selection, scores, shape, SCALE);
        }

        void attend() {
            SparseAttention.attend(
                    step, start, end, treeBase, mask, pages, selection, q, keys, values, out, shape, SCALE);
        }
    }

    private static void assertRow(FloatArray found, int at, double tolerance, double... expected) {
        for (int i = 0; i < expected.length; i++) {
            assertThat((double) found.get(at + i)).as("element " + i).isCloseTo(expected[i], within(tolerance));
        }
    }
}
