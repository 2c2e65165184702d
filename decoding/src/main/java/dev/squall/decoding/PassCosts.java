package dev.squall.decoding;

import dev.squall.Speculation;
import java.util.Arrays;

/**
 * What a pass of the model costs on this machine by its number of rows, as measured while texts are generated. Between sizes
 * that were measured it is interpolated, beyond them the line goes on; what was measured long ago is forgotten, because
 * machines change, and a virtual machine that has just started is slow.
 */
final class PassCosts {
    private static final int RECENT = 7; // measurements of a size, of which the median counts
    private static final int FORGOTTEN = 256; // passes after which a size counts as not measured

    /** What a further row costs in passes of one row, where nothing is known: some value between 0 and 1. */
    private static final double USUAL_SLOPE = 0.5;

    private final int most = Speculation.MOST_NODES;
    private final double[][] recent = new double[most + 1][RECENT]; // [rows][measurement], seconds
    private final int[] measured = new int[most + 1]; // [rows], measurements so far
    private final long[] last = new long[most + 1]; // [rows], the pass of the last one
    private final double[] median = new double[most + 1]; // [rows], seconds
    private long passes;

    /** Takes the time of a pass. */
    void observe(int rows, double seconds) {
        passes++;
        if (rows > most) {
            return;
        }
        if (!known(rows)) {
            measured[rows] = 0;
        }
        recent[rows][measured[rows]++ % RECENT] = seconds;
        last[rows] = passes;
        double[] sorted = Arrays.copyOf(recent[rows], Math.min(measured[rows], RECENT));
        Arrays.sort(sorted);
        median[rows] = sorted[sorted.length / 2];
    }

    private boolean known(int rows) {
        return measured[rows] > 0 && passes - last[rows] <= FORGOTTEN;
    }

    /**
     * Whether it is time to measure a pass without guesses, against which all others are held.
     *
     * @param rows of such a pass, one for each request
     */
    boolean wantsPlainPass(int rows) {
        int plain = Math.min(rows, most);
        int age = measured[plain] < 3 ? 4 : measured[plain] < RECENT ? 16 : FORGOTTEN / 2;
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
            return median[rows];
        }
        if (below > 0 && above <= most) {
            double part = (double) (rows - below) / (above - below);
            return median[below] + part * (median[above] - median[below]);
        }
        if (below > 0) {
            boolean sloped = below > 1 && known(1);
            double slope = sloped ? (median[below] - median[1]) / (below - 1) : USUAL_SLOPE * one(below);
            return median[below] + Math.max(0, slope) * (rows - below);
        }
        return above <= most ? one(above) * (1 + USUAL_SLOPE * (rows - 1)) : 0;
    }

    /** A pass of one row, from a larger one and the usual slope. */
    private double one(int rows) {
        return median[rows] / (1 + USUAL_SLOPE * (rows - 1));
    }
}
