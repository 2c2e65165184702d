package uk.ac.manchester.tornado.api;

import uk.ac.manchester.tornado.api.exceptions.TornadoRuntimeException;

/** Runs a task with a {@link KernelContext} over its grid, group after group. */
final class Grid {
    /** Work-items of a group where the grid leaves the choice to the device. */
    private static final long DEFAULT_GROUP = 64;

    private final String task;
    private final WorkerGrid grid; // its sizes may change between executions
    private long[] global;
    private long[] local;

    Grid(String task, WorkerGrid grid) {
        this.task = task;
        this.grid = grid;
        readSizes();
    }

    private void readSizes() {
        global = grid.getGlobalWork();
        local = grid.getLocalWork() == null ? chooseLocal(global) : grid.getLocalWork();
        for (int d = 0; d < 3; d++) {
            if (local[d] <= 0 || global[d] <= 0 || global[d] % local[d] != 0) {
                throw new TornadoRuntimeException("task '" + task + "': local size " + local[d]
                        + " does not divide global size " + global[d] + " in dimension " + d);
            }
        }
    }

    private static long[] chooseLocal(long[] global) {
        long x = Math.min(DEFAULT_GROUP, global[0]);
        while (global[0] % x != 0) {
            x--;
        }
        return new long[] {x, 1, 1};
    }

    void run(JvmTask kernel, int contextAt, Object[] arguments) {
        readSizes();
        int groupSize = Math.toIntExact(local[0] * local[1] * local[2]);
        for (long z = 0; z < global[2] / local[2]; z++) {
            for (long y = 0; y < global[1] / local[1]; y++) {
                for (long x = 0; x < global[0] / local[0]; x++) {
                    int[] group = {(int) x, (int) y, (int) z};
                    new WorkGroup(groupSize, items -> {
                                Object[] own = arguments.clone();
                                own[contextAt] = context(items, group, items.itemOfThisRunner());
                                kernel.body().run(own);
                            })
                            .run();
                }
            }
        }
    }

    private KernelContext context(WorkGroup items, int[] group, int item) {
        KernelContext context = new KernelContext(items);
        context.localIdx = item % (int) local[0];
        context.localIdy = item / (int) local[0] % (int) local[1];
        context.localIdz = item / (int) (local[0] * local[1]);
        context.groupIdx = group[0];
        context.groupIdy = group[1];
        context.groupIdz = group[2];
        context.globalIdx = group[0] * (int) local[0] + context.localIdx;
        context.globalIdy = group[1] * (int) local[1] + context.localIdy;
        context.globalIdz = group[2] * (int) local[2] + context.localIdz;
        context.localGroupSizeX = (int) local[0];
        context.localGroupSizeY = (int) local[1];
        context.localGroupSizeZ = (int) local[2];
        context.globalGroupSizeX = (int) global[0];
        context.globalGroupSizeY = (int) global[1];
        context.globalGroupSizeZ = (int) global[2];
        return context;
    }
}
