package uk.ac.manchester.tornado.api.exceptions;

/** A graph, a task or a plan that cannot run; the message names the graph and the task. */
public class TornadoRuntimeException extends RuntimeException {
    public TornadoRuntimeException(String message) {
        super(message);
    }
}
