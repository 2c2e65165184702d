package dev.squall.decoding;

import dev.squall.Speculation;
import java.util.Arrays;

/**
 * What a pass of the model costs on this machine by its number of rows, as measured while texts are generated: of the last
 * measurements of a size the second fastest counts, because whatever disturbs a pass makes it slower. Between sizes that
 * were measured it is interpolated, beyond them the line goes on.
 */
final class PassCosts {
    private static final int RECENT = 7; // measurements of a size that are kept
    private static final int STALE = 256; // passes after which a measurement is old

    /** What a further row costs in passes of one row, where nothing is known: some value between 0 and 1. */
    private static final double USUAL_SLOPE = 0.5;

    private final int most = Speculation.MOST_NODES;
    private final double[][] recent = new double[most + 1][RECENT]; // [rows][measurement], seconds
    private final int[] measured = new int[most + 1]; // [rows], measurements so far
    private final long[] last = new long[most + 1]; // [rows], the pass of the last one
    private final double[] fast = new double[most + 1]; // [rows], seconds
    private long passes;

    /** Takes the time of a pass. */
    void observe(int rows, double seconds) {
        passes++;
        if (rows > most) {
            return;
        }
        recent[rows][measured[rows]++ % RECENT] = seconds;
        last[rows] = passes;
        double[] sorted = Arrays.copyOf(recent[rows], Math.min(measured[rows], RECENT));
        Arrays.sort(sorted);
        fast[rows] = sorted[sorted.length / 4];
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
        int age = measured[plain] < 3 ? 4 : measured[plain] < RECENT ? 16 : STALE / 2;
        return measured[plain] == 0 || passes - last[plain] >= age;
    }

    /** Seconds of a pass; 0 if nothing is known at all. */
    double seconds(int rows) {
        int below = Math.min(rows, most);
        while (below > 0 && !known(below)) {
            below--;
        }
        int above = rows;
        while (above <= most && !known(above)) {
            above++;
        }
        if (below == rows) {
            return fast[rows];
        }
        if (below > 0 && above <= most) {
            double part = (double) (rows - below) / (above - below);
            return fast[below] + part * (fast[above] - fast[below]);
        }
        if (below > 0) {
            boolean sloped = below > 1 && known(1);
            double slope = sloped ? (fast[below] - fast[1]) / (below - 1) : USUAL_SLOPE * one(below);
            return fast[below] + Math.max(0, slope) * (rows - below);
        }
        return above <= most ? one(above) * (1 + USUAL_SLOPE * (rows - 1)) : 0;
    }

    /** A pass of one row, from a larger one and the usual slope. */
    private double one(int rows) {
        return fast[rows] / (1 + USUAL_SLOPE * (rows - 1));
    }
}
