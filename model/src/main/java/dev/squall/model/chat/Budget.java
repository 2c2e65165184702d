package dev.squall.model.chat;

/**
 * What one rendering may spend. A template comes with a model file, so it is somebody else's program: its work, its
 * output and its depth are bounded, whatever it says.
 */
final class Budget {
    /** Steps of one rendering: evaluated expressions, executed statements, visited elements, and text built by 64s. */
    static final long MAX_STEPS = 5_000_000;

    /** Longest text that a template may build, in UTF-16 units. */
    static final int MAX_TEXT = 1 << 24;

    /** Longest list that a template may build; Jinja's sandbox has the same bound for {@code range}. */
    static final int MAX_RANGE = 100_000;

    /** Nested evaluations: expressions, blocks and macro calls together. */
    static final int MAX_DEPTH = 400;

    private long steps;
    private int depth;

    void charge(long cost) {
        steps += cost;
        if (steps > MAX_STEPS) {
            throw new Fault("the template takes more than " + MAX_STEPS + " steps");
        }
    }

    void enter() {
        charge(1);
        if (++depth > MAX_DEPTH) {
            throw new Fault("nested more than " + MAX_DEPTH + " deep");
        }
    }

    void leave() {
        depth--;
    }

    /** Appends, unless the text would grow over the bound. */
    void append(StringBuilder text, CharSequence part) {
        if ((long) text.length() + part.length() > MAX_TEXT) {
            throw new Fault("the template builds a text of more than " + MAX_TEXT + " characters");
        }
        charge(part.length() >> 6);
        text.append(part);
    }
}
