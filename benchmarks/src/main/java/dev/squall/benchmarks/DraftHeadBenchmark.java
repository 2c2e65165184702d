package dev.squall.benchmarks;

import dev.squall.kernels.KernelSet;
import dev.squall.kernels.WeightType;
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

/**
 * The head of a draft that scores V tokens (Zhao et al. 2025, FR-Spec): its product in Q8_0, and what ranks the logits. The
 * first size of each width is the whole vocabulary: of Llama 3.2 1B, and of the bundled model. Several heads lie side by side
 * in memory and are taken in turn, as the layers of a model push the head out of the caches between two tokens.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(
        value = 1,
        jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class DraftHeadBenchmark {
    private static final int TOP_K = 10;
    /** More than the last cache of most machines. */
    private static final long BYTES = 256L << 20;

    /** Tokens x width. */
    @Param({
        "128256x2048",
        "32768x2048",
        "16384x2048",
        "8192x2048",
        "16384x256",
        "8192x256",
        "4096x256",
        "2048x256",
        "1024x256"
    })
    String head;

    @Param({"1", "8"})
    int rows;

    private final KernelSet kernels = KernelSet.simd();
    private int vocabulary;
    private int width;
    private IntArray step;
    private FloatArray features; // [rows, width]
    private FloatArray logits; // [rows, vocabulary]
    private IntArray ids; // [rows, TOP_K]
    private FloatArray values; // [rows, TOP_K]
    private FloatArray normaliser; // [rows]
    private ByteArray[] heads; // of [vocabulary, width] in Q8_0
    private int next;

    @Setup
    public void fill() {
        String[] sides = head.split("x");
        vocabulary = Integer.parseInt(sides[0]);
        width = Integer.parseInt(sides[1]);
        step = IntArray.fromElements(rows, rows);
        features = AttentionKernelBenchmark.numbers(rows * width);
        logits = new FloatArray(rows * vocabulary);
        ids = new IntArray(rows * TOP_K);
        values = new FloatArray(rows * TOP_K);
        normaliser = new FloatArray(rows);
        int size = (int) WeightType.Q8_0.byteSize((long) vocabulary * width);
        heads = new ByteArray[(int) Math.ceilDiv(BYTES, (long) size)];
        byte[] block = new byte[WeightType.Q8_0.blockBytes()];
        for (int i = 0; i < heads.length; i++) {
            heads[i] = new ByteArray(size);
            Random random = new Random(i);
            for (int at = 0; at < size; at += block.length) {
                random.nextBytes(block);
                block[1] = 0x1C; // scales of about 2^-8
                for (int b = 0; b < block.length; b++) {
                    heads[i].set(at + b, block[b]);
                }
            }
        }
        product(); // logits to rank
    }

    @Benchmark
    public void product() {
        ByteArray weights = heads[next++ % heads.length];
        kernels.matrixProductQ8_0().apply(step, features, weights, logits, 0, vocabulary, width);
    }

    @Benchmark
    public void logSumExp() {
        kernels.logSumExp().apply(step, logits, normaliser, 1, vocabulary);
    }

    @Benchmark
    public void topK() {
        kernels.topK().apply(step, logits, ids, values, 1, vocabulary, TOP_K);
    }

    /** All three, as a draft does behind its layer. */
    @Benchmark
    public void head() {
        product();
        logSumExp();
        topK();
    }
}
