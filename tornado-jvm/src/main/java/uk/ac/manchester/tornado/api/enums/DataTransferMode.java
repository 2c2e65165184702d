package uk.ac.manchester.tornado.api.enums;

/** When an array is copied between host and device. */
public class DataTransferMode {
    /** Once, at the first execution of the graph; later writes of the host are not seen. */
    public static final int FIRST_EXECUTION = 0;

    /** At every execution of the graph. */
    public static final int EVERY_EXECUTION = 1;

    /** Only when a result is asked for it; for outputs. */
    public static final int UNDER_DEMAND = 2;
}
