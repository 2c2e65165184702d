package uk.ac.manchester.tornado.api.exceptions;

/** Declared by {@code TornadoExecutionPlan.close()}. */
public class TornadoExecutionPlanException extends Exception {
    public TornadoExecutionPlanException(String message) {
        super(message);
    }
}
