package uk.ac.manchester.tornado.api;

import java.util.List;
import uk.ac.manchester.tornado.api.common.TornadoDevice;
import uk.ac.manchester.tornado.api.enums.TornadoVMBackendType;

/** What compiles kernels for a kind of devices, such as OpenCL. The JVM has none. */
public interface TornadoBackend {
    List<TornadoDevice> getAllDevices();

    TornadoVMBackendType getBackendType();
}
