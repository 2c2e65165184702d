package uk.ac.manchester.tornado.api;

/** The back-ends of a process. */
public interface TornadoRuntime {
    TornadoBackend getBackend(int index);

    int getNumBackends();
}
