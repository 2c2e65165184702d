package dev.squall.app;

import dev.squall.kernels.Devices;
import dev.squall.kernels.Devices.Device;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code squall devices}: the devices that {@code --device} can name. */
@Command(name = "devices", description = "Lists the devices of TornadoVM, for --device.")
final class DevicesCommand implements Callable<Integer> {
    private final Console console;

    @Option(names = "--json", description = "Print one JSON array.")
    private boolean json;

    DevicesCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        List<Device> devices = Devices.all();
        if (json) {
            console.json(devices.stream().map(DevicesCommand::describe).toList());
            return 0;
        }
        for (Device device : devices) {
            console.out().println(line(device));
        }
        if (devices.isEmpty()) {
            throw new IllegalStateException(
                    Devices.present()
                            ? "TornadoVM found no device; is a driver for OpenCL, CUDA or Metal installed?"
                            : "this process computes on the JVM, which has no devices; 'sh tornado-env.sh' tells why");
        }
        return 0;
    }

    /** Kernels of the reference set compute a row by itself, so no device changes its numbers with the batch. */
    static String line(Device device) {
        return String.format(
                Locale.ROOT,
                "%d  %s  [%s %s, %s]  %.1f GB, %d compute units, local memory %d KB, work-groups of %d, %s, batch-invariant",
                device.index(),
                device.name(),
                device.backend(),
                device.type(),
                device.driver(),
                device.memory() / 1e9,
                device.computeUnits(),
                device.localMemory() / 1024,
                device.workGroup(),
                device.fp16() ? "fp16" : "no fp16");
    }

    private static Map<String, Object> describe(Device device) {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("index", device.index());
        object.put("name", device.name());
        object.put("backend", device.backend());
        object.put("type", device.type());
        object.put("driver", device.driver());
        object.put("memory", device.memory());
        object.put("localMemory", device.localMemory());
        object.put("computeUnits", device.computeUnits());
        object.put("workGroup", device.workGroup());
        object.put("fp16", device.fp16());
        object.put("batchInvariant", true);
        return object;
    }
}
