package dev.squall.model.transformer;

import dev.squall.attention.Rows;
import dev.squall.kernels.reference.Elementwise;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * For whoever looks for a fault: behind every task of a model another one that looks whether what it has written is finite.
 * They stand in the same graphs, so that nothing but what they find comes back from a device.
 */
final class FiniteChecks {
    private static final int MOST_TASKS = 40; // of a graph

    private final int rows; // R
    private final IntArray found; // [tasks, R], 1 + the place of what is not finite; null where nothing is checked
    private final Map<String, List<Check>> checks = new LinkedHashMap<>(); // label of a graph -> in order
    private List<Check> open; // those of the graph that is being made

    /** @param count entry of the step's counts that has the rows of the task's output */
    private record Check(String task, int count) {}

    /** @param rows most rows of a pass; 0 where nothing is to be checked */
    FiniteChecks(int rows) {
        this.rows = rows;
        found = rows == 0 ? null : new IntArray(MOST_TASKS * rows);
    }

    /** Has the tasks that are added next belong to a graph. */
    void begin(TaskGraph graph, String label) {
        if (found != null) {
            open = new ArrayList<>();
            checks.put(label, open);
            graph.transferToDevice(DataTransferMode.FIRST_EXECUTION, found);
        }
    }

    /**
     * Adds a look at the output of the task before.
     *
     * @param x [any, width], its output
     * @param count entry of the step's counts that has the number of rows
     */
    void add(TaskGraph graph, String task, Rows batch, FloatArray x, int count, int width) {
        if (found != null) {
            int capacity = Math.min(rows, x.getSize() / width);
            graph.task(
                    "finite" + open.size(),
                    Elementwise::firstNotFinite,
                    batch.step(),
                    x,
                    found,
                    count,
                    width,
                    capacity,
                    rows,
                    open.size());
            open.add(new Check(task, count));
        }
    }

    /** Has what was found come back. */
    void end(TaskGraph graph) {
        if (found != null) {
            graph.transferToHost(DataTransferMode.EVERY_EXECUTION, found);
        }
    }

    /**
     * Looks at what a graph has found.
     *
     * @throws IllegalStateException if something is not finite
     */
    void verify(String label, Rows batch) {
        List<Check> done = checks.getOrDefault(label, List.of());
        for (int task = 0; task < done.size(); task++) {
            for (int row = 0; row < batch.step().get(done.get(task).count()); row++) {
                int place = found.get(task * rows + row);
                if (place != 0) {
                    throw new IllegalStateException(
                            label + ", task " + done.get(task).task() + ", row " + row + ": found element "
                                    + (place - 1) + " infinite or not a number, expected finite results");
                }
            }
        }
    }
}
