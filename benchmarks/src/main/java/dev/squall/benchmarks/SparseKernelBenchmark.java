package dev.squall.benchmarks;

import dev.squall.attention.SparseConfig;
import dev.squall.kernels.KernelSet;
import dev.squall.kernels.reference.SparseAttention;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;

/**
 * The kernels of sparse attention in one layer of MiniCPM4-8B: 32 heads over 2 key/value heads of 128 elements, 96 blocks of 64.
 *
 * <p>One row is a step of decoding, 512 a chunk of a prompt; context is the length after the step. Compressing is measured for
 * the windows of 512 new keys. One layer's keys may lie in the processor's cache from one call to the next, where those of a
 * model do not: {@code squall bench --attention} compares ways under that condition.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class SparseKernelBenchmark {
    private static final int HEADS = 32;
    private static final int KV_HEADS = 2;
    private static final int HEAD_DIM = 128;
    private static final int NEW_KEYS = 512;

    @Param({"1", "512"})
    int rows;

    @Param({"16384", "65536"})
    int context;

    private final KernelSet kernels = KernelSet.simd();
    private final SparseConfig config = SparseConfig.defaults();
    private final IntArray shape = config.shape(HEADS, KV_HEADS, HEAD_DIM);
    private final float scale = (float) (1 / Math.sqrt(HEAD_DIM));
    private IntArray step; // [2]
    private IntArray windowStart; // [rows]
    private IntArray prefixEnd; // [rows]
    private LongArray mask; // [rows]
    private IntArray pageTable; // [pages]
    private FloatArray q; // [rows, heads, headDim]
    private FloatArray keys; // [pages, kvHeads, block, headDim]
    private FloatArray values; // [pages, kvHeads, block, headDim]
    private FloatArray fine; // [context / stride, kvHeads, headDim]
    private FloatArray coarse; // [context / (4 stride), kvHeads, headDim]
    private LongArray selection; // [rows, kvHeads, words]
    private FloatArray scores; // [rows, kvHeads, windows]
    private FloatArray out; // [rows, heads, headDim]
    private IntArray newest; // [windows of the new keys], the slot after a window

    @Setup
    public void fill() {
        int pages = context / config.blockSize();
        step = IntArray.fromElements(rows, 1);
        windowStart = new IntArray(rows);
        prefixEnd = new IntArray(rows);
        mask = new LongArray(rows);
        for (int row = 0; row < rows; row++) {
            windowStart.set(row, 0);
            prefixEnd.set(row, context - rows + row + 1);
            mask.set(row, 0L);
        }
        pageTable = new IntArray(pages);
        for (int page = 0; page < pages; page++) {
            pageTable.set(page, pages - 1 - page);
        }
        q = AttentionKernelBenchmark.numbers(rows * HEADS * HEAD_DIM);
        keys = AttentionKernelBenchmark.numbers(context * KV_HEADS * HEAD_DIM);
        values = AttentionKernelBenchmark.numbers(context * KV_HEADS * HEAD_DIM);
        fine = new FloatArray(context / config.kernelStride() * KV_HEADS * HEAD_DIM);
        coarse = new FloatArray(fine.getSize() / SparseAttention.COARSE);
        compress(ends(context, 1), fine, 1);
        compress(ends(context, SparseAttention.COARSE), coarse, SparseAttention.COARSE);
        newest = ends(NEW_KEYS, 1);
        selection = new LongArray(rows * KV_HEADS * Math.ceilDiv(pages, 64));
        scores = new FloatArray(rows * KV_HEADS * context / config.kernelStride());
        out = new FloatArray(rows * HEADS * HEAD_DIM);
        select();
    }

    private IntArray ends(int length, int factor) {
        int size = config.kernelSize() * factor;
        int stride = config.kernelStride() * factor;
        IntArray ends = new IntArray(SparseAttention.windows(length, size, stride));
        for (int j = 0; j < ends.getSize(); j++) {
            ends.set(j, j * stride + size);
        }
        return ends;
    }

    private void compress(IntArray ends, FloatArray means, int factor) {
        kernels.cacheF32()
                .compressKeys()
                .apply(IntArray.fromElements(ends.getSize(), 0), ends, pageTable, keys, means, shape, factor);
    }

    @Benchmark
    public void compress() {
        compress(newest, fine, 1);
    }

    @Benchmark
    public void select() {
        kernels.cacheF32()
                .selectBlocks()
                .apply(
                        step,
                        windowStart,
                        prefixEnd,
                        prefixEnd,
                        mask,
                        pageTable,
                        q,
                        keys,
                        fine,
                        coarse,
                        selection,
                        scores,
                        shape,
                        scale);
    }

    @Benchmark
    public void attendToBlocks() {
        kernels.cacheF32()
                .attendToBlocks()
                .apply(
                        step,
                        windowStart,
                        prefixEnd,
                        prefixEnd,
                        mask,
                        pageTable,
                        selection,
                        q,
                        keys,
                        values,
                        out,
                        shape,
                        scale);
    }
}
