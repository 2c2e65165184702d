package dev.squall.tornado;

/** The TornadoVM API on a plain JVM: what it can be told that TornadoVM itself cannot. */
public final class TornadoJvm {
    private static volatile boolean checking;

    private TornadoJvm() {}

    /**
     * Switches the checking mode for the plans made from now on: kernels see copies of the arrays, which follow
     * TornadoVM's transfer rules to the letter, instead of the host's own arrays. Slow; for tests.
     */
    public static void setChecking(boolean on) {
        checking = on;
    }

    public static boolean isChecking() {
        return checking;
    }
}
