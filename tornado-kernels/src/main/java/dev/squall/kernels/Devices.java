package dev.squall.kernels;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoBackend;
import uk.ac.manchester.tornado.api.TornadoRuntime;
import uk.ac.manchester.tornado.api.TornadoTargetDevice;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.TornadoDeviceType;
import uk.ac.manchester.tornado.api.runtime.TornadoRuntimeProvider;

/**
 * The devices of this process, and the one place that knows whether it has any. A process is either JVM or device,
 * decided before Java starts: by whether the TornadoVM API is that of tornado-jvm, on the class path, or the SDK's own
 * module.
 */
public final class Devices {
    private static final String MODULE = "tornado.api";

    private Devices() {}

    /**
     * A device of a TornadoVM back-end.
     *
     * @param index its place in {@link #all()}
     * @param name as its driver has it
     * @param backend what kernels are compiled to, such as OPENCL
     * @param type CPU, GPU, ...
     * @param driver platform and version of the driver
     * @param memory bytes
     * @param localMemory bytes that the work-items of a group share
     * @param computeUnits work-groups that run at a time
     * @param workGroup most work-items of a group
     * @param fp16 whether it computes with 16-bit floats; others decode them by arithmetic
     * @param handle what a plan is run with
     */
    public record Device(
            int index,
            String name,
            String backend,
            String type,
            String driver,
            long memory,
            long localMemory,
            int computeUnits,
            long workGroup,
            boolean fp16,
            TornadoDevice handle) {
        /** Index and name, for messages. */
        public String label() {
            return index + " (" + name + ")";
        }
    }

    private static final class Holder {
        static final List<Device> ALL = list();
    }

    /** Whether this process computes on devices: then arrays and graphs are TornadoVM's own. */
    public static boolean present() {
        return MODULE.equals(TaskGraph.class.getModule().getName());
    }

    /** All devices, back-end by back-end; none in a process that computes on the JVM. */
    public static List<Device> all() {
        return Holder.ALL;
    }

    /**
     * The device that a user means.
     *
     * @param selector an index, a part of a name, or {@code auto} for the first GPU, else the first device
     * @throws IllegalStateException if this process computes on the JVM
     * @throws IllegalArgumentException if there is no such device, or the part belongs to several names
     */
    public static Device find(String selector) {
        if (!present()) {
            throw new IllegalStateException("device '" + selector + "': this process computes on the JVM; start Java "
                    + "with the argument file that './squall doctor --argfile FILE' writes, and without "
                    + "squall-tornado-jvm on the class path");
        }
        return choose(selector, all());
    }

    static Device choose(String selector, List<Device> devices) {
        if (devices.isEmpty()) {
            throw new IllegalArgumentException("device '" + selector + "': TornadoVM found no device; "
                    + "is the driver of an OpenCL, CUDA or Metal device installed?");
        }
        if (selector.equals("auto")) {
            return devices.stream()
                    .filter(device -> device.type().equals(TornadoDeviceType.GPU.name()))
                    .findFirst()
                    .orElse(devices.getFirst());
        }
        String part = selector.toLowerCase(Locale.ROOT);
        List<Device> found = devices.stream()
                .filter(device -> selector.matches("\\d+")
                        ? selector.equals(String.valueOf(device.index()))
                        : device.name().toLowerCase(Locale.ROOT).contains(part))
                .toList();
        if (found.size() != 1) {
            throw new IllegalArgumentException("device: found '" + selector + "', "
                    + (found.isEmpty() ? "expected one of " : "which may be any of ")
                    + (found.isEmpty() ? devices : found)
                            .stream().map(Device::label).collect(Collectors.joining(", ")));
        }
        return found.getFirst();
    }

    private static List<Device> list() {
        List<Device> devices = new ArrayList<>();
        TornadoRuntime runtime;
        try {
            runtime = TornadoRuntimeProvider.getTornadoRuntime();
        } catch (ExceptionInInitializerError noDriver) { // how TornadoVM says that there is no platform at all
            System.getLogger(Devices.class.getName())
                    .log(System.Logger.Level.DEBUG, "TornadoVM did not start", noDriver.getCause());
            return List.of();
        }
        for (int index = 0; index < runtime.getNumBackends(); index++) {
            TornadoBackend backend = runtime.getBackend(index);
            for (TornadoDevice device : backend.getAllDevices()) {
                devices.add(describe(devices.size(), backend, device));
            }
        }
        return List.copyOf(devices);
    }

    private static Device describe(int index, TornadoBackend backend, TornadoDevice device) {
        TornadoTargetDevice physical = device.getPhysicalDevice();
        String info = physical.getDeviceInfo();
        boolean openCl = backend.getBackendType().name().equals("OPENCL");
        return new Device(
                index,
                physical.getDeviceName().strip(),
                backend.getBackendType().name(),
                device.getDeviceType().name(),
                (device.getPlatformName() + " " + field(info, "Driver version")).strip(),
                physical.getDeviceGlobalMemorySize(),
                physical.getDeviceLocalMemorySize(),
                physical.getDeviceMaxComputeUnits(),
                Arrays.stream(physical.getDeviceMaxWorkGroupSize()).max().orElse(1),
                !openCl || info.contains("cl_khr_fp16"), // every GPU of the other back-ends has them
                device);
    }

    private static String field(String info, String name) {
        return info.lines()
                .map(String::strip)
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse("");
    }
}
