package dev.squall.app;

import dev.squall.kernels.DeviceKernels;
import dev.squall.kernels.Devices;
import dev.squall.kernels.Devices.Device;
import dev.squall.kernels.ReadBandwidth;
import dev.squall.kernels.SelfTest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import jdk.incubator.vector.FloatVector;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code squall doctor}: what this machine offers to Squall, and what is missing. */
@Command(
        name = "doctor",
        description = "Tells what Squall found on this machine, and measures its read bandwidth.",
        footer = {
            "",
            "'squall doctor --argfile [FILE]' writes the arguments with which Java runs your own application on a device."
        })
final class DoctorCommand implements Callable<Integer> {
    private static final String VECTOR_MODULE = "jdk.incubator.vector";

    private final Console console;

    @Option(names = "--json", description = "Print one JSON object.")
    private boolean json;

    @Option(
            names = "--device",
            paramLabel = "DEVICE",
            defaultValue = "${env:SQUALL_DEVICE:-jvm}",
            description = "Examine a device of 'squall devices' too, and run a kernel on it whose result is checked.")
    private String device;

    DoctorCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        Map<String, Object> findings = findings();
        boolean onJvm = device.equals("jvm") || device.equals("auto") && !Devices.present();
        String selfTest = onJvm ? "" : examine(Devices.find(device), findings);
        if (json) {
            console.json(findings);
        } else {
            findings.forEach((name, value) -> console.out().printf(Locale.ROOT, "%-16s %s%n", name, value));
        }
        return selfTest.startsWith("failed") ? Main.FAILED : 0;
    }

    /** Adds what a device is, and returns what it made of the self-test. */
    private static String examine(Device device, Map<String, Object> findings) {
        findings.put("device", device.label() + ", " + device.backend() + " " + device.type());
        findings.put("driver", device.driver());
        findings.put("fp16", device.fp16() ? "yes" : "no: 16-bit weights are decoded by arithmetic, which is slower");
        findings.put(
                "deviceMemory",
                gigabytes(device.memory()) + ", which weights and key/value cache of a model must fit in");
        findings.put(
                "workGroups",
                "at most " + device.workGroup() + " work-items, " + device.localMemory() / 1024
                        + " KB of local memory; " + device.computeUnits() + " compute units");
        findings.put("kernels", DeviceKernels.of(device).name());
        String selfTest = SelfTest.run(device);
        findings.put("selfTest", selfTest);
        return selfTest;
    }

    private static Map<String, Object> findings() {
        Map<String, Object> findings = new LinkedHashMap<>();
        findings.put("squall", Version.current());
        findings.put(
                "jdk",
                Runtime.version() + " (" + System.getProperty("java.vendor") + "), " + System.getProperty("java.home"));
        findings.put("system", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        findings.put("cores", Runtime.getRuntime().availableProcessors());
        findings.put("maxHeap", gigabytes(Runtime.getRuntime().maxMemory()));
        boolean vectors = ModuleLayer.boot().findModule(VECTOR_MODULE).isPresent();
        findings.put(
                "vectors", vectors ? VectorWidth.describe() : "none: start Java with --add-modules " + VECTOR_MODULE);
        findings.put("readBandwidth", gigabytes(ReadBandwidth.measure()) + "/s");
        findings.put("tornadoVM", tornadoVm(System.getenv()));
        return findings;
    }

    /** Where a TornadoVM SDK is, or why none was found; the places are those of {@code tornado-env.sh}. */
    static String tornadoVm(Map<String, String> environment) {
        String named = environment.get("TORNADOVM_HOME");
        Path candidates = environment.containsKey("SDKMAN_CANDIDATES_DIR")
                ? Path.of(environment.get("SDKMAN_CANDIDATES_DIR"))
                : Path.of(environment.getOrDefault("HOME", "."), ".sdkman", "candidates");
        Path sdk =
                named != null ? Path.of(named) : candidates.resolve("tornadovm").resolve("current");
        if (Files.isRegularFile(sdk.resolve("tornado-argfile"))) {
            return "found in " + sdk + "; 'squall devices' lists its devices";
        }
        return named != null
                ? "not found: TORNADOVM_HOME is " + named + ", which has no file tornado-argfile"
                : "not found: TORNADOVM_HOME is not set and there is no " + sdk;
    }

    private static String gigabytes(double bytes) {
        return String.format(Locale.ROOT, "%.1f GB", bytes / 1e9);
    }

    /** Apart, because its classes load only where the incubator module is present. */
    private static final class VectorWidth {
        static String describe() {
            var species = FloatVector.SPECIES_PREFERRED;
            return species.vectorBitSize() + " bits (" + species.length() + " floats)";
        }
    }
}
