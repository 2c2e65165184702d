package dev.squall.training;

import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * What one pass reads: sequences of one length, padded at their ends. Its arrays are filled anew for every pass.
 */
public final class Batch {
    final int sequences;
    final int length;
    final IntArray ids; // [sequences * length]
    final IntArray positions; // [sequences * length]
    final IntArray lengths; // [sequences], rows that are no padding
    final IntArray targets; // [sequences * length], −1 where a row has none

    public Batch(int sequences, int length) {
        this(sequences, length, 0);
    }

    /**
     * @param firstPosition of every sequence: 2 for RoBERTa, whose table begins with two rows that no token uses
     */
    public Batch(int sequences, int length, int firstPosition) {
        this.sequences = sequences;
        this.length = length;
        ids = new IntArray(sequences * length);
        positions = new IntArray(sequences * length);
        lengths = new IntArray(sequences);
        targets = new IntArray(sequences * length);
        targets.init(-1);
        for (int row = 0; row < rows(); row++) {
            positions.set(row, firstPosition + row % length);
        }
        lengths.init(length);
    }

    public int rows() {
        return sequences * length;
    }

    /**
     * Fills a sequence and its targets.
     *
     * @param tokens [up to length]
     * @param wanted [as many], −1 for none
     */
    public void set(int sequence, int[] tokens, int[] wanted) {
        if (tokens.length > length || wanted.length != tokens.length) {
            throw new IllegalArgumentException("sequence: found " + tokens.length + " tokens and " + wanted.length
                    + " targets, expected as many of both, at most " + length);
        }
        lengths.set(sequence, tokens.length);
        for (int i = 0; i < length; i++) {
            ids.set(sequence * length + i, i < tokens.length ? tokens[i] : 0);
            targets.set(sequence * length + i, i < tokens.length ? wanted[i] : -1);
        }
    }

    int countTargets() {
        int count = 0;
        for (int row = 0; row < rows(); row++) {
            count += targets.get(row) >= 0 ? 1 : 0;
        }
        return count;
    }
}
