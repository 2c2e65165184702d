package dev.squall.benchmarks;

import dev.squall.kernels.KernelSet;
import java.util.Random;
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
 * Attention of one layer in the shape of Llama 3.2 1B: 32 heads over 8 key/value heads of 64 elements, pages of 64.
 *
 * <p>One row is a step of decoding, 8 a draft, 512 a chunk of a prompt; context is the length after the step.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class AttentionKernelBenchmark {
    private static final int HEADS = 32;
    private static final int KV_HEADS = 8;
    private static final int HEAD_DIM = 64;
    private static final int PAGE_SIZE = 64;

    @Param({"1", "8", "512"})
    int rows;

    @Param({"512", "4096"})
    int context;

    private final KernelSet kernels = KernelSet.simd();
    private IntArray step; // [2]
    private IntArray windowStart; // [rows]
    private IntArray prefixEnd; // [rows]
    private IntArray treeBase; // [rows]
    private LongArray mask; // [rows]
    private IntArray pageTable; // [pages]
    private FloatArray q; // [rows, heads, headDim]
    private FloatArray keys; // [pages, kvHeads, pageSize, headDim]
    private FloatArray values; // [pages, kvHeads, pageSize, headDim]
    private FloatArray out; // [rows, heads, headDim]

    @Setup
    public void fill() {
        int pages = context / PAGE_SIZE;
        step = IntArray.fromElements(rows, 1);
        windowStart = new IntArray(rows);
        prefixEnd = new IntArray(rows);
        treeBase = new IntArray(rows);
        mask = new LongArray(rows);
        for (int row = 0; row < rows; row++) {
            prefixEnd.set(row, context - rows + row + 1);
            treeBase.set(row, context - rows + row + 1);
        }
        pageTable = new IntArray(pages);
        for (int page = 0; page < pages; page++) {
            pageTable.set(page, pages - 1 - page);
        }
        q = numbers(rows * HEADS * HEAD_DIM);
        keys = numbers(context * KV_HEADS * HEAD_DIM);
        values = numbers(context * KV_HEADS * HEAD_DIM);
        out = new FloatArray(rows * HEADS * HEAD_DIM);
    }

    static FloatArray numbers(int n) {
        Random random = new Random(n);
        FloatArray array = new FloatArray(n);
        for (int i = 0; i < n; i++) {
            array.set(i, (float) random.nextGaussian());
        }
        return array;
    }

    @Benchmark
    public void attend() {
        kernels.cacheF32()
                .attend()
                .apply(
                        step,
                        windowStart,
                        prefixEnd,
                        treeBase,
                        mask,
                        pageTable,
                        q,
                        keys,
                        values,
                        out,
                        HEADS,
                        KV_HEADS,
                        HEAD_DIM,
                        PAGE_SIZE,
                        0.125f);
    }
}
