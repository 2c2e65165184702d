package uk.ac.manchester.tornado.api;

/**
 * One array's way between host and device in one graph.
 *
 * @param mode one of {@link uk.ac.manchester.tornado.api.enums.DataTransferMode}
 * @param source the graph that an array is consumed from, null for the one executed before
 */
record Transfer(Direction direction, int mode, String source, Object object) {
    enum Direction {
        TO_DEVICE,
        CONSUME,
        TO_HOST
    }
}
