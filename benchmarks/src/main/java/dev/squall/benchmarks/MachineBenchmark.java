package dev.squall.benchmarks;

import dev.squall.kernels.Workers;
import java.util.concurrent.TimeUnit;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What the machine can do at most, and what handing out work costs: the yardsticks for the other figures. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(
        value = 1,
        jvmArgsAppend = {"--add-modules=jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED"})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class MachineBenchmark {
    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    private static final int ROUNDS = 1 << 18;

    private final float[] results = new float[4096];

    /** A range whose body does nothing, handed to all threads. */
    @Benchmark
    public void emptyRange() {
        Workers.shared().parallelFor(Workers.shared().threads(), 1, (from, to) -> {});
    }

    /** 2^18 rounds of twelve fused multiply-adds of the machine's vectors on every thread: 6,291,456 · lanes flops a thread. */
    @Benchmark
    public void peakFusedMultiplyAdd() {
        int threads = Workers.shared().threads();
        Workers.shared().parallelFor(threads, 1, (from, to) -> {
            for (int i = from; i < to; i++) {
                results[i * 64 % results.length] = chains(i);
            }
        });
    }

    /** Twelve sums: four cycles of latency by two multipliers are eight, and sixteen registers hold twelve and two factors. */
    private static float chains(float start) {
        FloatVector x = FloatVector.broadcast(FLOATS, 0.5f);
        FloatVector y = FloatVector.broadcast(FLOATS, 0.25f);
        FloatVector a = FloatVector.broadcast(FLOATS, start);
        FloatVector b = FloatVector.broadcast(FLOATS, start + 1);
        FloatVector c = FloatVector.broadcast(FLOATS, start + 2);
        FloatVector d = FloatVector.broadcast(FLOATS, start + 3);
        FloatVector e = FloatVector.broadcast(FLOATS, start + 4);
        FloatVector f = FloatVector.broadcast(FLOATS, start + 5);
        FloatVector g = FloatVector.broadcast(FLOATS, start + 6);
        FloatVector h = FloatVector.broadcast(FLOATS, start + 7);
        FloatVector i = FloatVector.broadcast(FLOATS, start + 8);
        FloatVector j = FloatVector.broadcast(FLOATS, start + 9);
        FloatVector k = FloatVector.broadcast(FLOATS, start + 10);
        FloatVector l = FloatVector.broadcast(FLOATS, start + 11);
        for (int round = 0; round < ROUNDS; round++) {
            a = a.fma(x, y);
            b = b.fma(x, y);
            c = c.fma(x, y);
            d = d.fma(x, y);
            e = e.fma(x, y);
            f = f.fma(x, y);
            g = g.fma(x, y);
            h = h.fma(x, y);
            i = i.fma(x, y);
            j = j.fma(x, y);
            k = k.fma(x, y);
            l = l.fma(x, y);
        }
        return a.add(b)
                .add(c)
                .add(d)
                .add(e)
                .add(f)
                .add(g)
                .add(h)
                .add(i)
                .add(j)
                .add(k)
                .add(l)
                .lane(0);
    }
}
