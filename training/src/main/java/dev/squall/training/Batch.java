package dev.squall.training;

import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * What one pass reads: sequences of one length, padded at their ends. Its arrays are filled anew for every pass, and may be
 * filled with fewer and shorter sequences than there is room for.
 */
public final class Batch {
    int sequences;
    int length;
    private final int longest; // most tokens of a sequence
    private final int firstPosition;
    final IntArray ids; // [sequences * length]
    final IntArray promptTokens; // [sequences * length], which token of the prompt that is no word, −1 for words
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
        longest = length;
        this.firstPosition = firstPosition;
        ids = new IntArray(sequences * length);
        promptTokens = new IntArray(sequences * length);
        promptTokens.init(-1);
        positions = new IntArray(sequences * length);
        lengths = new IntArray(sequences);
        targets = new IntArray(sequences * length);
        resize(sequences, length);
    }

    /**
     * Begins a batch of another shape.
     *
     * @param sequences at most as many as there is room for
     * @param length of each, padding included, at most that for which there is room
     */
    public void resize(int sequences, int length) {
        if (sequences < 1 || sequences > lengths.getSize() || length < 1 || length > longest) {
            throw new IllegalArgumentException("batch: found " + sequences + " sequences of " + length
                    + ", expected 1 to " + lengths.getSize() + " of 1 to " + longest);
        }
        this.sequences = sequences;
        this.length = length;
        targets.init(-1);
        lengths.init(length);
        for (int row = 0; row < rows(); row++) {
            positions.set(row, firstPosition + row % length);
        }
    }

    /** Rows of the batch as it is now, padding included. */
    public int rows() {
        return sequences * length;
    }

    /** Most rows. */
    int capacity() {
        return lengths.getSize() * longest;
    }

    /**
     * Fills a sequence and its targets.
     *
     * @param tokens [up to length]; −1 − i is the i-th of the {@link PromptTokens}
     * @param wanted [as many], −1 for none
     */
    public void set(int sequence, int[] tokens, int[] wanted) {
        if (tokens.length > length || wanted.length != tokens.length) {
            throw new IllegalArgumentException("sequence: found " + tokens.length + " tokens and " + wanted.length
                    + " targets, expected as many of both, at most " + length);
        }
        lengths.set(sequence, tokens.length);
        for (int i = 0; i < length; i++) {
            int token = i < tokens.length ? tokens[i] : 0;
            ids.set(sequence * length + i, Math.max(0, token));
            promptTokens.set(sequence * length + i, token < 0 ? -1 - token : -1);
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
