package dev.squall.app;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.util.Locale;

/** What a measurement needs, against what this machine has. */
final class MachineMemory {
    private MachineMemory() {}

    /**
     * Refuses a length before anything is allocated.
     *
     * @param bytes what keys and values of so many tokens take
     * @throws IllegalArgumentException if the machine has not as many
     */
    static void require(int length, long bytes) {
        if (ManagementFactory.getOperatingSystemMXBean() instanceof OperatingSystemMXBean machine) {
            require(length, bytes, machine.getTotalMemorySize());
        }
    }

    static void require(int length, long bytes, long memory) {
        if (bytes > memory) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "--lengths: found %d, whose keys and values take %.2f GB, expected at most the %.2f GB of memory of "
                            + "this machine; %d tokens would fit",
                    length,
                    bytes / 1e9,
                    memory / 1e9,
                    (long) ((double) length * memory / bytes)));
        }
    }
}
