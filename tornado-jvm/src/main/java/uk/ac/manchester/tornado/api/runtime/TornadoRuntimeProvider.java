package uk.ac.manchester.tornado.api.runtime;

import uk.ac.manchester.tornado.api.TornadoBackend;
import uk.ac.manchester.tornado.api.TornadoRuntime;

/** The process's back-ends: none on the JVM, so that an application finds no device and not a missing class. */
public class TornadoRuntimeProvider {
    private static final TornadoRuntime JVM = new TornadoRuntime() {
        @Override
        public TornadoBackend getBackend(int index) {
            throw new IndexOutOfBoundsException("back-end " + index + ", and the JVM has none");
        }

        @Override
        public int getNumBackends() {
            return 0;
        }
    };

    private TornadoRuntimeProvider() {}

    public static TornadoRuntime getTornadoRuntime() {
        return JVM;
    }
}
