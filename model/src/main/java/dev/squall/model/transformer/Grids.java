package dev.squall.model.transformer;

import dev.squall.kernels.DeviceKernels;
import java.util.LinkedHashMap;
import java.util.Map;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.WorkerGrid1D;

/**
 * The grids of a forward pass. Those of products are of one size, for a work-item or group loops over the live rows; those
 * over rows change with their number, and nothing is compiled again for that.
 */
final class Grids {
    /** Grids over rows have room for one of these numbers of rows, the least that is enough: few sizes, few idle items. */
    private static final int[] CAPACITIES = {1, 64, 512};

    private final DeviceKernels kernels;
    private final GridScheduler scheduler;
    private final Map<WorkerGrid1D, Integer> overRows = new LinkedHashMap<>(); // and their work-items a row

    Grids(DeviceKernels kernels) {
        this(kernels, new GridScheduler());
    }

    /** @param scheduler that may have grids of others too */
    Grids(DeviceKernels kernels, GridScheduler scheduler) {
        this.kernels = kernels;
        this.scheduler = scheduler;
    }

    GridScheduler scheduler() {
        return scheduler;
    }

    /** Gives a task a grid that stays as it is. */
    void add(TaskGraph graph, String task, WorkerGrid1D grid) {
        scheduler.addWorkerGrid(name(graph, task), grid);
    }

    /** Gives a task a grid of so many work-items a row. */
    void addOverRows(TaskGraph graph, String task, int itemsOfRow) {
        if (scheduler.get(name(graph, task)) == null) { // else a layer of the same name has added it
            WorkerGrid1D grid = kernels.items(itemsOfRow);
            add(graph, task, grid);
            overRows.put(grid, itemsOfRow);
        }
    }

    private static String name(TaskGraph graph, String task) {
        return graph.getTaskGraphName() + "." + task;
    }

    /** Sees to it that the grids over rows have room for so many. */
    void resize(int live) {
        int room = live;
        for (int i = CAPACITIES.length - 1; i >= 0 && CAPACITIES[i] >= live; i--) {
            room = CAPACITIES[i];
        }
        int capacity = room;
        overRows.forEach((grid, itemsOfRow) -> kernels.resize(grid, (long) capacity * itemsOfRow));
    }
}
