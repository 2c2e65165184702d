package uk.ac.manchester.tornado.api;

import dev.squall.tornado.TornadoJvm;

/** Where a plan's kernels find their arrays. */
interface DeviceMemory {
    static DeviceMemory forNewPlan() {
        return TornadoJvm.isChecking() ? new CheckedMemory() : new SharedMemory();
    }

    void beforeTasks(ImmutableTaskGraph graph);

    /** The arguments of a task, arrays as the device has them. */
    Object[] arguments(ImmutableTaskGraph graph, JvmTask task);

    void afterTasks(ImmutableTaskGraph graph);

    /** Copies at most so many bytes of an array of a graph to the host; false if the graph has no such array. */
    boolean copyToHost(ImmutableTaskGraph graph, Object array, long offset, long bytes);

    /** The fast mode: kernels work on the host's own arrays. */
    final class SharedMemory implements DeviceMemory {
        @Override
        public void beforeTasks(ImmutableTaskGraph graph) {}

        @Override
        public Object[] arguments(ImmutableTaskGraph graph, JvmTask task) {
            return task.arguments();
        }

        @Override
        public void afterTasks(ImmutableTaskGraph graph) {}

        @Override
        public boolean copyToHost(ImmutableTaskGraph graph, Object array, long offset, long bytes) {
            for (Transfer transfer : graph.transfers()) {
                if (transfer.object() == array) {
                    return true;
                }
            }
            return false;
        }
    }
}
