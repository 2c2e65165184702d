package dev.squall.training;

import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * Fills batches from a text: sequences of one length, each opened by the beginning-of-sequence token, with the token after each
 * as its target. Every epoch cuts the text at another place and has an order of its own.
 */
final class TextWindows {
    private final int[] ids;
    private final int beginning;
    private final long seed;
    private final int sequences;
    private final int length;
    private long shuffled = -1; // the epoch of order
    private int[] order; // [sequences of an epoch]
    private int offset; // of an epoch's first sequence

    TextWindows(TrainingText text, int beginning, long seed, Batch batch) {
        ids = text.ids();
        this.beginning = beginning;
        this.seed = seed;
        sequences = batch.sequences;
        length = batch.length;
    }

    /** Passes of an epoch. */
    int passes() {
        return (ids.length / length - 1) / sequences;
    }

    /** Fills a batch for a pass of a whole run. */
    void fill(Batch batch, long pass) {
        shuffle(pass / passes());
        for (int i = 0; i < sequences; i++) {
            int sequence = order[(int) (pass % passes()) * sequences + i];
            fill(batch, i, offset + sequence * length, length);
        }
    }

    /**
     * Fills a batch with the text in its order.
     *
     * @param from the first token
     * @return how many tokens there are from it on, at most a batch
     */
    int fillInOrder(Batch batch, int from) {
        for (int i = 0; i < sequences; i++) {
            int at = Math.min(ids.length, from + i * length);
            fill(batch, i, at, Math.min(length, ids.length - at));
        }
        return Math.min(ids.length - from, sequences * length);
    }

    /** Sequence i: the tokens before each of ids[at, at + size), and these. */
    private void fill(Batch batch, int i, int at, int size) {
        int[] targets = Arrays.copyOfRange(ids, at, at + size);
        int[] inputs = new int[size];
        if (size > 0) {
            inputs[0] = beginning;
            System.arraycopy(targets, 0, inputs, 1, size - 1);
        }
        batch.set(i, inputs, targets);
    }

    private void shuffle(long epoch) {
        if (shuffled == epoch) {
            return;
        }
        shuffled = epoch;
        SplittableRandom random = new SplittableRandom(seed + 0x5851F42D4C957F2DL * (epoch + 1));
        offset = random.nextInt(length);
        order = new int[passes() * sequences];
        Arrays.setAll(order, i -> i);
        for (int i = order.length - 1; i > 0; i--) {
            int other = random.nextInt(i + 1);
            int kept = order[i];
            order[i] = order[other];
            order[other] = kept;
        }
    }
}
