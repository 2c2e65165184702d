package dev.squall.kernels;

import dev.squall.kernels.Devices.Device;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.WorkerGrid1D;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.exceptions.TornadoExecutionPlanException;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * A small kernel with what the kernels of models are made of: transfers both ways, work-groups, local memory, barriers and
 * floating-point arithmetic whose order counts. What a device makes of it is held against the same sums in Java.
 */
public final class SelfTest {
    private static final int GROUP = 64;
    private static final int GROUPS = 32;

    private SelfTest() {}

    /**
     * Runs the kernel.
     *
     * @param device what runs it; null for the default one, or the emulation on the JVM
     * @return what is wrong in one line, or {@code passed}
     */
    public static String run(Device device) {
        FloatArray x = new FloatArray(GROUP * GROUPS);
        for (int i = 0; i < x.getSize(); i++) {
            x.set(i, (float) Math.sin(i) * (1 + i % 7));
        }
        FloatArray sums = new FloatArray(GROUPS);
        WorkerGrid1D grid = new WorkerGrid1D(GROUP * GROUPS);
        grid.setLocalWork(GROUP, 1, 1);
        TaskGraph graph = new TaskGraph("doctor")
                .transferToDevice(DataTransferMode.EVERY_EXECUTION, x)
                .task("selfTest", SelfTest::sums, new KernelContext(), x, sums)
                .transferToHost(DataTransferMode.EVERY_EXECUTION, sums);
        try (TornadoExecutionPlan plan = new TornadoExecutionPlan(graph.snapshot())) {
            if (device != null) {
                plan.withDevice(device.handle());
            }
            plan.withGridScheduler(new GridScheduler("doctor.selfTest", grid)).execute();
        } catch (TornadoExecutionPlanException | RuntimeException failure) {
            return "failed: "
                    + failure.getMessage()
                            .lines()
                            .limit(3)
                            .reduce((a, b) -> a + "; " + b)
                            .orElse("");
        }
        return judge(x, sums);
    }

    /**
     * The sum of 2x² + 0.1 over a work-group, by halving.
     *
     * @param x [groups * 64]
     * @param sums [groups]
     */
    static void sums(KernelContext context, FloatArray x, FloatArray sums) {
        float[] shared = context.allocateFloatLocalArray(GROUP);
        int item = context.localIdx;
        float value = x.get(context.globalIdx);
        shared[item] = 2f * value * value + 0.1f;
        for (int half = GROUP / 2; half > 0; half >>= 1) {
            context.localBarrier();
            if (item < half) {
                shared[item] = shared[item] + shared[item + half];
            }
        }
        if (item == 0) {
            sums.set(context.groupIdx, shared[0]);
        }
    }

    static String judge(FloatArray x, FloatArray sums) {
        int otherBits = 0;
        for (int group = 0; group < GROUPS; group++) {
            float[] values = new float[GROUP];
            for (int i = 0; i < GROUP; i++) {
                float value = x.get(group * GROUP + i);
                values[i] = 2f * value * value + 0.1f;
            }
            for (int half = GROUP / 2; half > 0; half /= 2) {
                for (int i = 0; i < half; i++) {
                    values[i] += values[i + half];
                }
            }
            float found = sums.get(group);
            if (!(Math.abs(found - values[0]) <= 1e-5f * values[0])) {
                return "failed: sum of work-group " + group + ": found " + found + ", expected " + values[0];
            }
            otherBits += found == values[0] ? 0 : 1;
        }
        return otherBits == 0
                ? "passed, with the bits of the JVM"
                : "passed, but " + otherBits + " of " + GROUPS + " sums have other bits than on the JVM";
    }
}
