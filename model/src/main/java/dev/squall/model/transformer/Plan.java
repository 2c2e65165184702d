package dev.squall.model.transformer;

import dev.squall.kernels.Devices.Device;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.stream.Collectors;
import uk.ac.manchester.tornado.api.DataRange;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.ImmutableTaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.TornadoExecutionResult;
import uk.ac.manchester.tornado.api.enums.ProfilerMode;
import uk.ac.manchester.tornado.api.exceptions.TornadoExecutionPlanException;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * The graphs of a model, or of a draft, executed one at a time, on the JVM or on a device. What a device makes of one that
 * fails names graph and device.
 */
final class Plan implements AutoCloseable {
    private final List<Part> parts;
    private final TornadoExecutionPlan plan;
    private final Device device; // null on the JVM
    private final BitSet executed = new BitSet(); // parts
    private final int[] tasks; // of each part, once a device has executed it
    private StartTimes start = StartTimes.NONE;
    private TornadoExecutionResult last;

    /**
     * @param label what a graph is, for messages: layers of one kind share the graph's own name
     */
    record Part(String label, ImmutableTaskGraph graph) {}

    Plan(List<Part> parts, GridScheduler grids, Device device) {
        this.parts = parts;
        this.device = device;
        tasks = new int[parts.size()];
        plan = new TornadoExecutionPlan(parts.stream().map(Part::graph).toArray(ImmutableTaskGraph[]::new));
        if (!grids.keySet().isEmpty()) {
            plan.withGridScheduler(grids);
        }
        if (device != null) {
            plan.withDevice(device.handle());
        }
    }

    /** What a graph is, for messages. */
    String label(int part) {
        return parts.get(part).label();
    }

    /** Executes the graph of an index in the list of parts. */
    void execute(int part) {
        try {
            boolean first = device != null && !executed.get(part);
            executed.set(part);
            if (first) {
                plan.withProfiler(ProfilerMode.SILENT);
            }
            last = plan.withGraph(part).execute();
            if (first) {
                start = start.plus(last.getProfilerResult());
                tasks[part] = tasks(last.getProfilerResult().getProfileLog());
                plan.withoutProfiler();
            }
        } catch (RuntimeException | Error failure) {
            if (device == null) {
                throw failure;
            }
            String cause = String.valueOf(failure.getMessage())
                    .lines()
                    .filter(line -> !line.startsWith("Bailout is disabled") && !line.startsWith("Stacktrace"))
                    .collect(Collectors.joining("; "));
            throw new IllegalStateException(
                    parts.get(part).label() + " on device " + device.label() + ": " + cause, failure);
        }
    }

    /**
     * Copies back the first numbers of an array that a graph has left on the device. TornadoVM takes the array of the graph
     * that is selected, and damages the JVM where that has no such array.
     */
    void toHost(int part, TornadoNativeArray array, long numbers) {
        plan.withGraph(part);
        last.transferToHost(new DataRange(array).withOffset(0).withSize(numbers));
    }

    /** A measured task has its method in the log. */
    private static int tasks(String log) {
        return log.split("\"METHOD\"", -1).length - 1;
    }

    /** Kernels of the first so many graphs, as far as a device has executed them. */
    int launches(int first) {
        return Arrays.stream(tasks, 0, first).sum();
    }

    /** What the first executions of the graphs took, all of them together. */
    StartTimes start() {
        return start;
    }

    /** Frees the memory of the device. */
    @Override
    public void close() {
        try {
            if (device == null) {
                plan.withAllGraphs().close();
            } else {
                executed.stream().forEach(this::free);
            }
        } catch (TornadoExecutionPlanException e) {
            throw new IllegalStateException("execution plan could not be closed", e);
        }
    }

    /**
     * A graph frees first what is its own, then what it hands on. TornadoVM takes it for an internal error that a graph before
     * has freed the latter.
     */
    private void free(int part) {
        try {
            plan.withGraph(part).close();
        } catch (TornadoExecutionPlanException e) {
            throw new IllegalStateException("execution plan could not be closed", e);
        } catch (Error error) {
            if (!String.valueOf(error.getMessage()).contains("trying to deallocate an invalid buffer")) {
                throw error;
            }
        }
    }
}
