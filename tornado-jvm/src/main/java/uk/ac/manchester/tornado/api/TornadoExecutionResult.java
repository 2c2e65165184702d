package uk.ac.manchester.tornado.api;

/** What an execution left: outputs that stayed on the device come back on request. */
public class TornadoExecutionResult {
    private final TornadoExecutionPlan plan;

    TornadoExecutionResult(TornadoExecutionPlan plan) {
        this.plan = plan;
    }

    /** Copies arrays of the selected graph back to the host. */
    public TornadoExecutionResult transferToHost(Object... objects) {
        for (Object object : objects) {
            plan.transferToHost(object);
        }
        return this;
    }

    /** Always: the JVM executes at once. */
    public boolean isReady() {
        return true;
    }
}
