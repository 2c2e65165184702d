package dev.squall;

/** Why a generation ended. */
public enum FinishReason {
    /** The model produced an end-of-sequence token. */
    END_OF_SEQUENCE("stop"),
    /** One of the stop strings came up. */
    STOP_STRING("stop"),
    /** As many tokens as were asked for. */
    LENGTH("length"),
    /** The context is full. */
    CONTEXT_FULL("context"),
    /** The caller cancelled. */
    CANCELLED("cancelled");

    private final String label;

    FinishReason(String label) {
        this.label = label;
    }

    /** The word for it in JSON: stop, length, context or cancelled. */
    public String label() {
        return label;
    }
}
