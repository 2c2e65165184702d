package dev.squall.benchmarks;

import dev.squall.kernels.KernelSet;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** What a sampler asks of one row of logits over the vocabulary of Llama 3. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(value = 1, jvmArgsAppend = "--add-modules=jdk.incubator.vector")
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class VocabularyKernelBenchmark {
    private static final int VOCAB = 128_256;
    private static final int K = 40;

    private final KernelSet kernels = KernelSet.simd();
    private final IntArray step = IntArray.fromElements(1, 1);
    private final FloatArray logits = AttentionKernelBenchmark.numbers(VOCAB); // [1, vocab]
    private final IntArray ids = new IntArray(K); // [1, k]
    private final FloatArray values = new FloatArray(K); // [1, k]

    @Benchmark
    public void argMax() {
        kernels.argMax().apply(step, logits, ids, 1, VOCAB);
    }

    @Benchmark
    public void logSumExp() {
        kernels.logSumExp().apply(step, logits, values, 1, VOCAB);
    }

    @Benchmark
    public void topK() {
        kernels.topK().apply(step, logits, ids, values, 1, VOCAB, K);
    }
}
