package uk.ac.manchester.tornado.api;

import uk.ac.manchester.tornado.api.types.collections.CollectionViews;

/**
 * A task as the JVM keeps it.
 *
 * @param name unique in its graph
 * @param body calls the kernel with an array of arguments
 * @param arguments as captured when the task was added
 */
record JvmTask(String name, Body body, Object[] arguments) {
    @FunctionalInterface
    interface Body {
        void run(Object[] arguments);
    }

    /** Whether an argument has a copy on the device, as opposed to a scalar or the kernel's context. */
    static boolean livesOnDevice(Object argument) {
        return CollectionViews.array(argument) != null;
    }

    /** The position of the kernel's context among the arguments, or -1. */
    int contextAt() {
        for (int i = 0; i < arguments.length; i++) {
            if (arguments[i] instanceof KernelContext) {
                return i;
            }
        }
        return -1;
    }
}
