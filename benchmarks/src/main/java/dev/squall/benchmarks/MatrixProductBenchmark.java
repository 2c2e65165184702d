package dev.squall.benchmarks;

import dev.squall.kernels.WeightType;
import dev.squall.kernels.simd.MatrixProducts;
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
import uk.ac.manchester.tornado.api.types.arrays.ByteArray;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.ShortArray;

/**
 * Matrix products in the shape of Llama 3.2 1B's feed-forward block, [8192, 2048], over several matrices in turn, so that
 * weights come from memory and not from a cache. Bytes a second are those of {@code type} over the time.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(
        value = 1,
        jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class MatrixProductBenchmark {
    private static final int OUTPUTS = 8_192;
    private static final int INPUTS = 2_048;
    /** More than the last cache of most machines. */
    private static final long BYTES = 256L << 20;

    @Param({"Q8_0", "Q4_0", "F16", "BF16", "F32"})
    WeightType type;

    @Param({"1", "2", "8", "32", "128"})
    int rows;

    private Product[] products; // one a matrix
    private int next;

    private interface Product {
        void run();
    }

    @Setup
    public void fill() {
        IntArray step = IntArray.fromElements(rows);
        FloatArray x = AttentionKernelBenchmark.numbers(rows * INPUTS);
        FloatArray out = new FloatArray(rows * OUTPUTS);
        long size = type.byteSize((long) OUTPUTS * INPUTS);
        products = new Product[(int) Math.ceilDiv(BYTES, size)];
        for (int i = 0; i < products.length; i++) {
            products[i] = product(step, x, out, (int) size);
        }
    }

    /** Random bits of numbers below 2, so that nothing overflows. */
    private Product product(IntArray step, FloatArray x, FloatArray out, int size) {
        Random random = new Random(7);
        switch (type) {
            case F32 -> {
                FloatArray w = new FloatArray(size / 4);
                for (int i = 0; i < w.getSize(); i++) {
                    w.set(i, random.nextFloat() - 0.5f);
                }
                return () -> MatrixProducts.f32(step, x, w, out, 0, OUTPUTS, INPUTS);
            }
            case F16, BF16 -> {
                ShortArray w = new ShortArray(size / 2);
                for (int i = 0; i < w.getSize(); i++) {
                    w.set(i, (short) (random.nextInt() & 0x3BFF));
                }
                return type == WeightType.F16
                        ? () -> MatrixProducts.f16(step, x, w, out, 0, OUTPUTS, INPUTS)
                        : () -> MatrixProducts.bf16(step, x, w, out, 0, OUTPUTS, INPUTS);
            }
            case Q8_0, Q4_0 -> {
                ByteArray w = new ByteArray(size);
                for (int i = 0; i < size; i++) {
                    int scaleByte = i % type.blockBytes();
                    w.set(i, scaleByte == 1 ? 0x1C : (byte) random.nextInt());
                }
                return type == WeightType.Q8_0
                        ? () -> MatrixProducts.q8_0(step, x, w, out, 0, OUTPUTS, INPUTS)
                        : () -> MatrixProducts.q4_0(step, x, w, out, 0, OUTPUTS, INPUTS);
            }
        }
        throw new AssertionError(type);
    }

    @Benchmark
    public void product() {
        products[next++ % products.length].run();
    }
}
