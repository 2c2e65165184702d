package dev.squall.benchmarks;

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
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.TornadoExecutionResult;
import uk.ac.manchester.tornado.api.WorkerGrid1D;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * What a work-group of 256 costs as the JVM runs it: items pass a value around a ring in local memory, with a barrier each
 * time. Nine barriers are those of a sum of 256 by halves.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class WorkGroupBenchmark {
    private static final int GROUP = 256;

    @Param({"0", "1", "9"})
    int barriers;

    private TornadoExecutionPlan plan;

    static void ring(KernelContext c, IntArray times, FloatArray out) {
        float[] local = c.allocateFloatLocalArray(2 * GROUP);
        float value = c.localIdx;
        int half = 0;
        for (int i = 0; i < times.get(0); i++) {
            local[half + c.localIdx] = value;
            c.localBarrier();
            value = local[half + (c.localIdx + 1) % GROUP];
            half = GROUP - half;
        }
        out.set(c.globalIdx, value);
    }

    @Setup
    public void plan() {
        IntArray times = IntArray.fromElements(barriers);
        FloatArray out = new FloatArray(GROUP);
        WorkerGrid1D grid = new WorkerGrid1D(GROUP);
        grid.setLocalWork(GROUP, 1, 1);
        plan = new TornadoExecutionPlan(new TaskGraph("g")
                        .transferToDevice(DataTransferMode.EVERY_EXECUTION, times)
                        .task("ring", WorkGroupBenchmark::ring, new KernelContext(), times, out)
                        .transferToHost(DataTransferMode.EVERY_EXECUTION, out)
                        .snapshot())
                .withGridScheduler(new GridScheduler("g.ring", grid));
    }

    @Benchmark
    public TornadoExecutionResult group() {
        return plan.execute();
    }
}
