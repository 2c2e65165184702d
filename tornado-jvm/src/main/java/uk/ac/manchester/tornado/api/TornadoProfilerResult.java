package uk.ac.manchester.tornado.api;

/** Times of an execution that only a device has, in nanoseconds: the JVM compiles as it goes and copies nothing. */
public class TornadoProfilerResult {
    TornadoProfilerResult() {}

    /** What turning bytecode into a device's source took. */
    public long getTornadoCompilerTime() {
        return 0;
    }

    /** What the driver took to compile that. */
    public long getDriverInstallTime() {
        return 0;
    }

    /** Copies to the device. */
    public long getDeviceWriteTime() {
        return 0;
    }

    /** Bytes that were copied to the device. */
    public long getTotalBytesCopyIn() {
        return 0;
    }

    /** A JSON object for the graph, with one for each of its tasks; empty where nothing was measured. */
    public String getProfileLog() {
        return "";
    }
}
