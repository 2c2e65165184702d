package dev.squall.benchmarks;

import dev.squall.kernels.KernelSet;
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

/** The kernels between the matrix products, in the shape of Llama 3.2 1B: dim 2048, hidden dim 8192, 32 heads of 64. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class SmallKernelBenchmark {
    private static final int DIM = 2_048;
    private static final int HIDDEN = 8_192;
    private static final int HEADS = 32;
    private static final int HEAD_DIM = 64;

    @Param({"1", "512"})
    int rows;

    private final KernelSet kernels = KernelSet.simd();
    private IntArray step; // [2]
    private IntArray position; // [rows]
    private FloatArray frequencies; // [headDim / 2]
    private FloatArray cosSin; // [rows, headDim]
    private FloatArray x; // [rows, dim]
    private FloatArray weight; // [dim]
    private FloatArray out; // [rows, dim]
    private FloatArray gate; // [rows, hidden]
    private FloatArray up; // [rows, hidden]

    @Setup
    public void fill() {
        step = IntArray.fromElements(rows, 1);
        position = new IntArray(rows);
        frequencies = new FloatArray(HEAD_DIM / 2);
        for (int i = 0; i < HEAD_DIM / 2; i++) {
            frequencies.set(i, (float) Math.pow(500_000, -2.0 * i / HEAD_DIM));
        }
        for (int row = 0; row < rows; row++) {
            position.set(row, 1_000 + row);
        }
        cosSin = new FloatArray(rows * HEAD_DIM);
        x = AttentionKernelBenchmark.numbers(rows * DIM);
        weight = AttentionKernelBenchmark.numbers(DIM);
        out = new FloatArray(rows * DIM);
        gate = AttentionKernelBenchmark.numbers(rows * HIDDEN);
        up = new FloatArray(rows * HIDDEN);
        up.init(1f);
        rotaryAngles();
    }

    @Benchmark
    public void rmsNorm() {
        kernels.rmsNorm().apply(step, x, weight, out, 0, 1, DIM, 1e-5f);
    }

    @Benchmark
    public void rotaryAngles() {
        kernels.rotaryAngles().apply(step, position, frequencies, cosSin, HEAD_DIM, 1f);
    }

    @Benchmark
    public void rotateAdjacent() {
        kernels.rotateAdjacent().apply(step, cosSin, x, HEADS, HEAD_DIM, HEAD_DIM);
    }

    @Benchmark
    public void rotateHalves() {
        kernels.rotateHalves().apply(step, cosSin, x, HEADS, HEAD_DIM, HEAD_DIM);
    }

    @Benchmark
    public void siluGate() {
        kernels.siluGate().apply(step, gate, up, HIDDEN);
    }

    @Benchmark
    public void residual() {
        kernels.residual().apply(step, out, x, DIM, 1e-9f);
    }
}
