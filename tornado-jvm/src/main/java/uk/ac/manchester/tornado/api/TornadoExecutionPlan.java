package uk.ac.manchester.tornado.api;

import java.util.HashSet;
import java.util.Set;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.ProfilerMode;
import uk.ac.manchester.tornado.api.exceptions.TornadoExecutionPlanException;
import uk.ac.manchester.tornado.api.exceptions.TornadoRuntimeException;

/**
 * Runs graphs, on the JVM: the tasks of the selected graphs one after the other on the calling thread.
 *
 * <p>A plan can be executed any number of times, by one thread at a time. Host and "device" share memory, unless the
 * checking mode was on when the plan was made ({@code dev.squall.tornado.TornadoJvm}): then every array has a copy that
 * follows the transfer rules of TornadoVM, so that a missing transfer shows.
 */
public class TornadoExecutionPlan implements AutoCloseable {
    private static final int ALL = -1;

    private final ImmutableTaskGraph[] graphs;
    private final DeviceMemory memory;
    private final Grid[][] grids; // [graphs, tasks], null for a task without a context
    private int selected = ALL;
    private boolean closed;

    public TornadoExecutionPlan(ImmutableTaskGraph... immutableTaskGraphs) {
        this.graphs = immutableTaskGraphs.clone();
        this.memory = DeviceMemory.forNewPlan();
        this.grids = new Grid[graphs.length][];
        for (int g = 0; g < graphs.length; g++) {
            grids[g] = new Grid[graphs[g].tasks().size()];
        }
    }

    /** Selects one graph for the calls that follow. */
    public TornadoExecutionPlan withGraph(int graphIndex) {
        if (graphIndex < 0 || graphIndex >= graphs.length) {
            throw new TornadoRuntimeException("graph " + graphIndex + " of a plan with " + graphs.length + " graphs");
        }
        selected = graphIndex;
        return this;
    }

    /** Selects all graphs, in order. */
    public TornadoExecutionPlan withAllGraphs() {
        selected = ALL;
        return this;
    }

    /** Gives grids to tasks; every name must be a task of this plan that takes a {@link KernelContext}. */
    public TornadoExecutionPlan withGridScheduler(GridScheduler gridScheduler) {
        Set<String> unknown = new HashSet<>(gridScheduler.keySet());
        for (int g = 0; g < graphs.length; g++) {
            for (int t = 0; t < grids[g].length; t++) {
                JvmTask task = graphs[g].tasks().get(t);
                String name = graphs[g].name() + "." + task.name();
                WorkerGrid grid = gridScheduler.get(name);
                if (grid != null && task.contextAt() >= 0) {
                    grids[g][t] = new Grid(name, grid);
                    unknown.remove(name);
                }
            }
        }
        if (!unknown.isEmpty()) {
            throw new TornadoRuntimeException("the grid of '"
                    + unknown.iterator().next() + "' belongs to no task of this plan that takes a KernelContext");
        }
        return this;
    }

    /** Never succeeds: a process with devices has TornadoVM's own class in place of this one. */
    public TornadoExecutionPlan withDevice(TornadoDevice device) {
        throw new TornadoRuntimeException("the JVM has no devices");
    }

    /** There is nothing to compile ahead on the JVM. */
    public TornadoExecutionPlan withPreCompilation() {
        return this;
    }

    /** There is nothing to measure but what the caller can measure himself. */
    public TornadoExecutionPlan withProfiler(ProfilerMode profilerMode) {
        return this;
    }

    public TornadoExecutionPlan withoutProfiler() {
        return this;
    }

    public TornadoExecutionResult execute() {
        checkOpen();
        if (selected == ALL) {
            for (int g = 0; g < graphs.length; g++) {
                execute(g);
            }
        } else {
            execute(selected);
        }
        return new TornadoExecutionResult(this);
    }

    private void execute(int g) {
        ImmutableTaskGraph graph = graphs[g];
        memory.beforeTasks(graph);
        var tasks = graph.tasks();
        for (int t = 0; t < tasks.size(); t++) {
            JvmTask task = tasks.get(t);
            Object[] arguments = memory.arguments(graph, task);
            int context = task.contextAt();
            if (context < 0) {
                task.body().run(arguments);
            } else if (grids[g][t] == null) {
                throw new TornadoRuntimeException(
                        "task '" + graph.name() + "." + task.name() + "' takes a KernelContext but has no grid");
            } else {
                grids[g][t].run(task, context, arguments);
            }
        }
        memory.afterTasks(graph);
    }

    void transferToHost(Object array, long offset, long bytes) {
        checkOpen();
        if (selected == ALL) {
            for (ImmutableTaskGraph graph : graphs) {
                if (memory.copyToHost(graph, array, offset, bytes)) {
                    return;
                }
            }
        } else if (memory.copyToHost(graphs[selected], array, offset, bytes)) {
            return;
        }
        throw new TornadoRuntimeException("transferToHost of " + array + ", which is no output of "
                + (selected == ALL ? "any graph" : "the selected graph '" + graphs[selected].name() + "'"));
    }

    private void checkOpen() {
        if (closed) {
            throw new TornadoRuntimeException(
                    "the plan of graph '" + (graphs.length == 0 ? "" : graphs[0].name()) + "' is used after close");
        }
    }

    /** Nothing of a device is left running. */
    public TornadoExecutionPlan freeDeviceMemory() {
        return this;
    }

    @Override
    public void close() throws TornadoExecutionPlanException {
        closed = true;
    }
}
