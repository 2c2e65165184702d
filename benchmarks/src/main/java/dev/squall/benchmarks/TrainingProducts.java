package dev.squall.benchmarks;

import dev.squall.kernels.simd.PackedProducts;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.AuxCounters;
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

/**
 * The three matrix products of a training step: a layer's outputs, the gradient of its inputs, the gradient of its weights.
 *
 * <p>{@code flop} is floating-point operations a second, to be held against {@code MachineBenchmark.peakFusedMultiplyAdd} of the
 * same run. Shapes are rows x outputs x inputs: the layers of the bundled model, and a chunk of rows before its vocabulary.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(
        value = 1,
        jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class TrainingProducts {
    @Param({"2048x256x256", "2048x704x256", "2048x256x704", "512x16384x256"})
    String shape;

    private int rows;
    private int outputs;
    private int inputs;
    private FloatArray x; // [rows, inputs]
    private FloatArray w; // [outputs, inputs]
    private FloatArray y; // [rows, outputs]
    private FloatArray gradient; // [outputs, inputs], which every call adds to, as a step's chunks of rows do

    /** What one call computes. */
    @AuxCounters(AuxCounters.Type.OPERATIONS)
    @State(Scope.Thread)
    public static class Work {
        public double flop;
    }

    @Setup
    public void fill() {
        String[] sizes = shape.split("x");
        rows = Integer.parseInt(sizes[0]);
        outputs = Integer.parseInt(sizes[1]);
        inputs = Integer.parseInt(sizes[2]);
        x = AttentionKernelBenchmark.numbers(rows * inputs);
        w = AttentionKernelBenchmark.numbers(outputs * inputs);
        y = AttentionKernelBenchmark.numbers(rows * outputs);
        gradient = new FloatArray(outputs * inputs);
    }

    private double flop() {
        return 2.0 * rows * outputs * inputs;
    }

    @Benchmark
    public void outputs(Work work) {
        PackedProducts.timesTransposed(y, 0, x, 0, w, rows, outputs, inputs, false);
        work.flop += flop();
    }

    @Benchmark
    public void inputGradient(Work work) {
        PackedProducts.times(x, 0, y, 0, w, rows, inputs, outputs, false);
        work.flop += flop();
    }

    @Benchmark
    public void weightGradient(Work work) {
        PackedProducts.addTransposedTimes(gradient, y, 0, x, 0, outputs, inputs, rows);
        work.flop += flop();
    }
}
