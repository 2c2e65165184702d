package dev.squall.decoding;

import dev.squall.Speculation;

/**
 * What a pass of the model costs on this machine by its number of rows, as measured while texts are generated: the mean of
 * the last measurements of a size, because it is the mean that texts have to wait for, whatever else the machine does. The
 * first few are made by code that is being compiled, so of those the fastest counts. Between sizes that were measured it is
 * interpolated, beyond them the line goes on.
 */
final class PassCosts {
    private static final int FIRST = 4; // measurements of a size of which the fastest counts
    private static final int MEMORY = 32; // measurements of a size that the mean is taken of, about
    private static final double LONGEST = 8; // means; what took longer is taken for that: it says nothing about passes
    private static final int STALE = 256; // passes after which a measurement is old

    /** What a further row costs in passes of one row, where nothing is known: some value between 0 and 1. */
    private static final double USUAL_SLOPE = 0.5;

    private final int most = Speculation.MOST_NODES;
    private final int[] measured = new int[most + 1]; // [rows], measurements since the size was last forgotten
    private final long[] last = new long[most + 1]; // [rows], the pass of the last one
    private final double[] mean = new double[most + 1]; // [rows], seconds
    private long passes;

    /** Takes the time of a pass. */
    void observe(int rows, double seconds) {
        passes++;
        if (rows > most) {
            return;
        }
        int count = isStale(rows) ? 1 : measured[rows] + 1; // what is old tells nothing beside what is new
        if (count == 1) {
            mean[rows] = seconds;
        } else if (count <= FIRST) {
            mean[rows] = Math.min(mean[rows], seconds);
        } else {
            mean[rows] += (Math.min(seconds, LONGEST * mean[rows]) - mean[rows]) / Math.min(count, MEMORY);
        }
        measured[rows] = count;
        last[rows] = passes;
    }

    private boolean known(int rows) {
        return measured[rows] > 0;
    }

    /** The largest size that was measured, 0 for none. */
    int largest() {
        int rows = most;
        while (rows > 0 && !known(rows)) {
            rows--;
        }
        return rows;
    }

    /** Passes since a size was measured, {@link Long#MAX_VALUE} if it never was. */
    long age(int rows) {
        return known(rows) ? passes - last[rows] : Long.MAX_VALUE;
    }

    /** Whether a size was measured so long ago that it is worth looking again. */
    boolean isStale(int rows) {
        return age(rows) > STALE;
    }

    /**
     * Whether it is time to measure a pass without guesses, against which all others are held.
     *
     * @param rows of such a pass, one for each request
     */
    boolean wantsPlainPass(int rows) {
        int plain = Math.min(rows, most);
        int age = measured[plain] < 3 ? 4 : measured[plain] < MEMORY ? 16 : STALE / 2;
        return measured[plain] == 0 || passes - last[plain] >= age;
    }

    /** Seconds of a pass, never more than those of a larger one; 0 if nothing is known at all. */
    double seconds(int rows) {
        double seconds = onTheLine(rows);
        for (int more = rows + 1; more <= most; more++) {
            if (!isStale(more)) {
                seconds = Math.min(seconds, mean[more]);
            }
        }
        return seconds;
    }

    private double onTheLine(int rows) {
        int below = Math.min(rows, most);
        while (below > 0 && !known(below)) {
            below--;
        }
        int above = rows;
        while (above <= most && !known(above)) {
            above++;
        }
        if (below == rows) {
            return mean[rows];
        }
        if (below > 0 && above <= most) {
            double part = (double) (rows - below) / (above - below);
            return mean[below] + part * (mean[above] - mean[below]);
        }
        if (below > 0) {
            boolean sloped = below > 1 && known(1);
            double slope = sloped ? (mean[below] - mean[1]) / (below - 1) : USUAL_SLOPE * one(below);
            return mean[below] + Math.max(0, slope) * (rows - below);
        }
        return above <= most ? one(above) * (1 + USUAL_SLOPE * (rows - 1)) : 0;
    }

    /** A pass of one row, from a larger one and the usual slope. */
    private double one(int rows) {
        return mean[rows] / (1 + USUAL_SLOPE * (rows - 1));
    }
}
