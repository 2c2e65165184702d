package dev.squall;

/**
 * What a device costs besides computing.
 *
 * @param launches kernels of a pass, and so of a token where one comes after the other
 * @param launchSeconds what the host needs for one of them: a pass without rows, divided by their number
 * @param compilerSeconds from bytecode to the driver's language, at the first pass
 * @param driverSeconds in which the driver compiled that
 * @param copySeconds of copies to the device at the first pass, weights before all
 * @param copiedBytes of these copies
 */
public record DeviceFigures(
        int launches,
        double launchSeconds,
        double compilerSeconds,
        double driverSeconds,
        double copySeconds,
        long copiedBytes) {}
