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
            plan.transferToHost(object, 0, Long.MAX_VALUE);
        }
        return this;
    }

    /** Copies a part of an array of the selected graph back to the host. */
    public TornadoExecutionResult transferToHost(DataRange dataRange) {
        plan.transferToHost(dataRange.getArray(), dataRange.firstByte(), dataRange.bytes());
        return this;
    }

    /** Times that only a device has. */
    public TornadoProfilerResult getProfilerResult() {
        return new TornadoProfilerResult();
    }

    /** Always: the JVM executes at once. */
    public boolean isReady() {
        return true;
    }
}
