package dev.squall.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.kernels.device.CacheTasks;
import dev.squall.kernels.reference.SparseAttention;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * Sparse attention of the device set against its definition, to the bit: three sequences, rows of a chunk and nodes of trees,
 * with many windows that are kept, with few, and with none.
 */
class DeviceSparseTest {
    private static final int[] SEQUENCE = {0, 0, 0, 1, 1, 1, 1, 2, 2};
    private static final int[] PREFIX = {597, 598, 599, 290, 290, 290, 290, 37, 8};
    private static final long[] MASK = {0, 0, 0, 0b1, 0b11, 0b101, 0x00F0_0000_0001_0205L, 0b1L, 0};
    private static final int[] FIRST = {0, 3, 8}; // the row of each sequence that sees least
    private static final int[] KEEPER = {2, 3, 7}; // and one that sees most of the prefix
    private static final int ROWS = SEQUENCE.length + 2; // some of which are not live
    private static final int BLOCKS = 40; // of a sequence

    @ParameterizedTest
    @CsvSource({"1,1,16,16,0", "2,2,8,8,1", "8,2,20,16,0", "6,2,32,16,1", "16,1,16,16,0"})
    void theBitsOfReference(int heads, int kvHeads, int headDim, int block, int exact) {
        for (KvType type : KvType.values()) {
            for (int missing : new int[] {0, 20, 1000}) {
                check(
                        type,
                        IntArray.fromElements(heads, kvHeads, headDim, block, block / 2, block / 4, 1, 2, 9, 0, exact),
                        missing);
            }
            check(
                    type,
                    IntArray.fromElements(heads, kvHeads, headDim, block, block / 2, block / 4, 1, 0, 3, 290, exact),
                    20);
        }
    }

    /** @param missing tokens before each prefix whose windows are not kept, at most all of them */
    static void check(KvType type, IntArray shape, int missing) {
        int heads = shape.get(SparseAttention.HEADS);
        int kvHeads = shape.get(SparseAttention.KV_HEADS);
        int headDim = shape.get(SparseAttention.HEAD_DIM);
        int block = shape.get(SparseAttention.BLOCK);
        int slots = 3 * BLOCKS * block;
        Random random = new Random(heads * 31L + headDim);
        IntArray pages = pages(random);
        FloatArray keys = numbers(type, random, slots * kvHeads * headDim);
        FloatArray values = numbers(type, random, slots * kvHeads * headDim);
        TornadoNativeArray storedKeys = HalfCacheTest.stored(type, keys);
        TornadoNativeArray storedValues = HalfCacheTest.stored(type, values);
        FloatArray q = numbers(KvType.F32, random, ROWS * heads * headDim);
        IntArray step = IntArray.fromElements(SEQUENCE.length, 0);
        IntArray start = new IntArray(ROWS);
        IntArray end = new IntArray(ROWS);
        LongArray mask = new LongArray(ROWS);
        IntArray kept = new IntArray(2 * ROWS);
        kept.init(0);
        int[] done = new int[SEQUENCE.length];
        for (int row = 0; row < SEQUENCE.length; row++) {
            int prefix = PREFIX[row] * block / 16;
            int least = PREFIX[FIRST[SEQUENCE[row]]] * block / 16;
            start.set(row, SEQUENCE[row] * BLOCKS * block);
            end.set(row, start.get(row) + prefix);
            mask.set(row, MASK[row]);
            done[row] = Math.max(0, least - missing);
            kept.set(2 * row, done[row]);
            kept.set(2 * row + 1, row == KEEPER[SEQUENCE[row]] ? 1 : 0);
        }
        int size = (slots / (block / 4) + slots / block) * kvHeads * headDim;
        FloatArray complete = compressed(pages, keys, shape, size, row -> end.get(row) - start.get(row));
        FloatArray compressed = compressed(pages, keys, shape, size, row -> done[row]);
        int fine = slots / (block / 4) * kvHeads * headDim;
        LongArray expected = new LongArray(ROWS * kvHeads);
        FloatArray scores = new FloatArray(ROWS * kvHeads * BLOCKS * 4);
        float scale = (float) (1.5 / Math.sqrt(headDim));
        dev.squall.kernels.reference.BlockSelection.select(
                step,
                start,
                end,
                end,
                mask,
                pages,
                q,
                keys,
                complete.slice(0, fine),
                complete.slice(fine, size - fine),
                expected,
                scores,
                shape,
                scale);
        LongArray found = new LongArray(ROWS * kvHeads);
        found.init(0L);
        FloatArray later = new FloatArray(ROWS * kvHeads * (BLOCKS * 5) * headDim);
        KernelContext c = new KernelContext();
        int group = heads / kvHeads;
        DeviceTask.run(
                ROWS * kvHeads,
                4,
                graph -> graph.task(
                        DeviceTask.NAME,
                        CacheTasks.of(type).selectBlocks(),
                        c,
                        step,
                        start,
                        end,
                        end,
                        mask,
                        kept,
                        pages,
                        q,
                        storedKeys,
                        compressed,
                        later,
                        scores,
                        found,
                        shape,
                        group,
                        headDim,
                        scale),
                new Object[] {
                    step, start, end, mask, kept, pages, q, storedKeys, compressed, later, scores, found, shape
                },
                compressed,
                found);
        int live = SEQUENCE.length * kvHeads;
        assertThat(Arrays.copyOf(found.toHeapArray(), live)).isEqualTo(Arrays.copyOf(expected.toHeapArray(), live));
        assertThat(compressed.toHeapArray()).isEqualTo(complete.toHeapArray());

        FloatArray plain = new FloatArray(ROWS * heads * headDim);
        FloatArray out = new FloatArray(ROWS * heads * headDim);
        plain.init(0f);
        out.init(0f);
        SparseAttention.attend(step, start, end, end, mask, pages, found, q, keys, values, plain, shape, scale);
        DeviceTask.run(
                ROWS * heads,
                4,
                graph -> graph.task(
                        DeviceTask.NAME,
                        CacheTasks.of(type).attend(),
                        c,
                        step,
                        start,
                        end,
                        end,
                        mask,
                        pages,
                        found,
                        1,
                        q,
                        storedKeys,
                        storedValues,
                        out,
                        heads,
                        kvHeads,
                        headDim,
                        block,
                        scale),
                new Object[] {step, start, end, mask, pages, found, q, storedKeys, storedValues, out},
                out);
        assertThat(Arrays.copyOf(out.toHeapArray(), SEQUENCE.length * heads * headDim))
                .isEqualTo(Arrays.copyOf(plain.toHeapArray(), SEQUENCE.length * heads * headDim));
    }

    private interface Length {
        int of(int row);
    }

    /** Windows of the first tokens of each sequence, fine ones, then coarse ones; zeros for others. */
    private static FloatArray compressed(IntArray pages, FloatArray keys, IntArray shape, int size, Length length) {
        int block = shape.get(SparseAttention.BLOCK);
        int width = shape.get(SparseAttention.KV_HEADS) * shape.get(SparseAttention.HEAD_DIM);
        FloatArray compressed = new FloatArray(size);
        compressed.init(0f);
        for (int factor : new int[] {1, SparseAttention.COARSE}) {
            int from = factor == 1 ? 0 : 3 * BLOCKS * 4 * width;
            int count = 3 * BLOCKS * 4 / factor * width;
            FloatArray windows = FloatArray.fromArray(new float[count]);
            for (int keeper : KEEPER) {
                int base = SEQUENCE[keeper] * BLOCKS * block;
                int windowsOfSequence =
                        SparseAttention.windows(length.of(keeper), factor * block / 2, factor * block / 4);
                int[] ends = new int[windowsOfSequence + 1];
                Arrays.setAll(ends, j -> base + factor * (j * block / 4 + block / 2));
                IntArray step = IntArray.fromElements(windowsOfSequence, 0);
                SparseAttention.compress(step, IntArray.fromArray(ends), pages, keys, windows, shape, factor);
            }
            for (int i = 0; i < count; i++) {
                compressed.set(from + i, windows.get(i));
            }
        }
        return compressed;
    }

    private static IntArray pages(Random random) {
        int[] pages = new int[3 * BLOCKS];
        for (int i = 0; i < pages.length; i++) {
            int other = random.nextInt(i + 1);
            pages[i] = pages[other];
            pages[other] = i;
        }
        return IntArray.fromArray(pages);
    }

    /** Numbers that a cache of a type can hold. */
    private static FloatArray numbers(KvType type, Random random, int n) {
        float[] numbers = AttentionCase.numbers(random, n);
        if (type == KvType.F16) {
            HalfCacheTest.round(numbers);
        }
        return FloatArray.fromArray(numbers);
    }
}
