package dev.squall.model.transformer;

import uk.ac.manchester.tornado.api.TornadoProfilerResult;

/**
 * What a device does when it executes graphs for the first time. The driver of a CPU compiles some more when it launches a
 * kernel for the first time, which it does not tell.
 *
 * @param compiler seconds from bytecode to the driver's language
 * @param driver seconds in which the driver compiled that
 * @param copies seconds of copies to the device
 * @param copied bytes of these copies
 */
public record StartTimes(double compiler, double driver, double copies, long copied) {
    static final StartTimes NONE = new StartTimes(0, 0, 0, 0);

    StartTimes plus(TornadoProfilerResult graph) {
        return new StartTimes(
                compiler + graph.getTornadoCompilerTime() / 1e9,
                driver + graph.getDriverInstallTime() / 1e9,
                copies + graph.getDeviceWriteTime() / 1e9,
                copied + graph.getTotalBytesCopyIn());
    }
}
