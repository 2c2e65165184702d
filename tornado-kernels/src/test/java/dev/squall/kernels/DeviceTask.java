package dev.squall.kernels;

import java.util.function.UnaryOperator;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.WorkerGrid;
import uk.ac.manchester.tornado.api.WorkerGrid1D;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.exceptions.TornadoExecutionPlanException;

/** Runs one kernel as a task with a grid: by the emulation on the JVM, compiled where there is a device. */
final class DeviceTask {
    static final String NAME = "kernel";

    private DeviceTask() {}

    /**
     * @param items work-items that the kernel needs; the grid has them in whole groups
     * @param task adds the task, of the name {@link #NAME}
     * @param inputs arrays that the kernel reads
     * @param outputs arrays that come back; what the kernel does not write is undefined unless they are inputs too
     */
    static void run(int items, int group, UnaryOperator<TaskGraph> task, Object[] inputs, Object... outputs) {
        WorkerGrid1D grid = new WorkerGrid1D((items + group - 1) / group * group);
        grid.setLocalWork(group, 1, 1);
        run(grid, task, inputs, outputs);
    }

    static void run(WorkerGrid grid, UnaryOperator<TaskGraph> task, Object[] inputs, Object... outputs) {
        TaskGraph graph = new TaskGraph("check").transferToDevice(DataTransferMode.EVERY_EXECUTION, inputs);
        task.apply(graph).transferToHost(DataTransferMode.EVERY_EXECUTION, outputs);
        try (TornadoExecutionPlan plan = new TornadoExecutionPlan(graph.snapshot())) {
            plan.withGridScheduler(new GridScheduler("check." + NAME, grid)).execute();
        } catch (TornadoExecutionPlanException e) {
            throw new AssertionError(e);
        }
    }
}
