package dev.squall.kernels;

/**
 * The kernels that graphs are wired with: one kernel a step of the formulas ({@link KernelSet}), or few fused ones, as
 * devices want them ({@link DeviceKernels}).
 */
public sealed interface Kernels permits KernelSet, DeviceKernels {
    /** For logs and reports. */
    String name();

    /**
     * The fastest that this process can run, on the device that a selector names ({@link Devices#find}); null for the
     * first GPU or else device, or the JVM.
     */
    static Kernels best(String device) {
        return Devices.present() ? DeviceKernels.of(Devices.find(device == null ? "auto" : device)) : KernelSet.best();
    }
}
