package dev.squall.decoding;

import java.util.Arrays;

/**
 * How eagerly a draft model guesses: not at all, or going on with one, two, four or eight nodes of a level. Each way has the
 * rate that it was measured to have lately, in tokens a second with everything counted; the fastest one is taken, and the
 * others get a trial from time to time, ever more rarely as long as they lose. It begins with none: the first guesses of a
 * process are made by code that is not compiled yet, and a short text would never get back what they cost.
 */
final class Pace {
    private static final int[] WIDTHS = {0, 1, 2, 4, 8}; // nodes of a level that are continued, 0 for no guesses
    private static final int TRIAL = 5; // rounds; the first one pays for what was left undone, and does not count
    private static final int[] FIRST_TRIALS = {0, 16, 48, 112, 240}; // [way], rounds
    private static final int FIRST_PAUSE = 40; // rounds between trials of a way
    private static final int LONGEST_PAUSE = 5120;
    private static final double KEPT = 0.97; // of what is known, a round

    private final double[] tokens = new double[WIDTHS.length]; // [way], decayed sums over its rounds
    private final double[] seconds = new double[WIDTHS.length]; // [way]
    private final long[] due = new long[WIDTHS.length]; // [way], the round from which on it may have a trial
    private final long[] pause = new long[WIDTHS.length]; // [way]
    private int way; // none to begin with
    private int trial = TRIAL; // rounds of the trial that are left
    private long rounds;

    Pace() {
        Arrays.fill(pause, FIRST_PAUSE);
        Arrays.setAll(due, way -> FIRST_TRIALS[way]);
    }

    /** Nodes of a level that are continued in this round, 0 for no guesses. */
    int width() {
        return WIDTHS[way];
    }

    /**
     * Takes what a round came to.
     *
     * @param accepted tokens that the requests got, on average
     * @param took seconds with everything
     */
    void observe(double accepted, double took) {
        rounds++;
        if (trial != TRIAL) {
            tokens[way] = tokens[way] * KEPT + accepted;
            seconds[way] = seconds[way] * KEPT + took;
        }
        if (--trial > 0) {
            return;
        }
        int best = best();
        if (way != best) {
            pause[way] = Math.min(2 * pause[way], LONGEST_PAUSE);
            due[way] = rounds + pause[way];
            way = best;
        }
        for (int other = 0; other < WIDTHS.length; other++) {
            if (other != best && rounds >= due[other]) {
                way = other;
                forget(other);
                break;
            }
        }
        trial = way == best ? 1 : TRIAL;
    }

    /** A trial that lasts some rounds only must not be outweighed by what was long ago. */
    private void forget(int other) {
        tokens[other] *= 0.2;
        seconds[other] *= 0.2;
    }

    private int best() {
        int best = way;
        for (int other = 0; other < WIDTHS.length; other++) {
            if (rate(other) > rate(best)) {
                best = other;
            }
        }
        return best;
    }

    private double rate(int which) {
        return seconds[which] == 0 ? 0 : tokens[which] / seconds[which];
    }
}
