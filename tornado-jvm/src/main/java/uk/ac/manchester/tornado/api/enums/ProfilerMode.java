package uk.ac.manchester.tornado.api.enums;

/** Where times that a device has measured go. */
public enum ProfilerMode {
    /** Printed after each execution. */
    CONSOLE,

    /** Into the result of an execution only. */
    SILENT
}
