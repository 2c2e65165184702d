package uk.ac.manchester.tornado.api;

import java.util.List;

/** A frozen graph, ready for a plan. */
public class ImmutableTaskGraph {
    private final String name;
    private final List<JvmTask> tasks;
    private final List<Transfer> transfers;

    ImmutableTaskGraph(TaskGraph graph) {
        this.name = graph.getTaskGraphName();
        this.tasks = List.copyOf(graph.tasks);
        this.transfers = List.copyOf(graph.transfers);
    }

    String name() {
        return name;
    }

    List<JvmTask> tasks() {
        return tasks;
    }

    List<Transfer> transfers() {
        return transfers;
    }
}
