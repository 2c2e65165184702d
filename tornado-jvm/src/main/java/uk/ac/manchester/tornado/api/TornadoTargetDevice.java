package uk.ac.manchester.tornado.api;

/** What a device's driver says about it. */
public interface TornadoTargetDevice {
    String getDeviceName();

    /** Bytes. */
    long getDeviceGlobalMemorySize();

    /** Bytes that the work-items of a group share. */
    long getDeviceLocalMemorySize();

    int getDeviceMaxComputeUnits();

    /** Most work-items of a group. */
    long[] getDeviceMaxWorkGroupSize();

    /** Everything else, as text for people. */
    String getDeviceInfo();
}
