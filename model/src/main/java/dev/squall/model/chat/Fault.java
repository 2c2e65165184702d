package dev.squall.model.chat;

/** Something went wrong at a place that only the caller knows: {@link Frame} and the parsers add line and column. */
final class Fault extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Fault(String problem) {
        super(problem, null, false, false);
    }
}
