package dev.squall.decoding;

import dev.squall.attention.KvCache;
import dev.squall.attention.Rows;
import dev.squall.model.transformer.Transformer;
import java.util.Arrays;

/**
 * Measures what a pass costs by its number of rows: what speculative decoding lives from. Passes of all sizes take turns, so
 * that a machine that grows slow is slow for all of them; the median counts. Nothing else may use the transformer meanwhile.
 */
public final class PassTimer {
    private static final int PREFIX = 64; // tokens before the rows, fewer in a short context

    private PassTimer() {}

    /**
     * Measures passes.
     *
     * @param sizes [n], rows of a pass, all of which ask for logits
     * @param repeats passes of each size
     * @return [n], seconds
     * @throws IllegalArgumentException if a pass of a size does not fit
     */
    public static double[] seconds(Transformer transformer, int[] sizes, int repeats) {
        Rows rows = transformer.newRows();
        int most = Arrays.stream(sizes).max().orElse(1);
        int fitting = Math.min(rows.logitCapacity(), transformer.contextLength() - 1);
        if (most > fitting) {
            throw new IllegalArgumentException("rows of a pass: found " + most + ", expected at most " + fitting);
        }
        int prefix = Math.min(PREFIX, transformer.contextLength() - most);
        double[][] all = new double[sizes.length][repeats];
        try (KvCache.Sequence sequence = transformer.cache().open()) {
            sequence.ensure(prefix + most);
            for (int from = 0; from < prefix; from += rows.logitCapacity()) {
                pass(transformer, rows, sequence, from, Math.min(rows.logitCapacity(), prefix - from));
            }
            for (int repeat = -1; repeat < repeats; repeat++) { // the first turn is not counted
                for (int i = 0; i < sizes.length; i++) {
                    long start = System.nanoTime();
                    pass(transformer, rows, sequence, prefix, sizes[i]);
                    all[i][Math.max(0, repeat)] = (System.nanoTime() - start) / 1e9;
                }
            }
        }
        return Arrays.stream(all)
                .mapToDouble(times -> Arrays.stream(times).sorted().toArray()[repeats / 2])
                .toArray();
    }

    /** Measures passes without rows: the median, in seconds. */
    public static double launchSeconds(Transformer transformer, int repeats) {
        double[] all = new double[repeats];
        for (int repeat = -1; repeat < repeats; repeat++) { // the first turn is not counted
            long start = System.nanoTime();
            transformer.launch();
            all[Math.max(0, repeat)] = (System.nanoTime() - start) / 1e9;
        }
        Arrays.sort(all);
        return all[repeats / 2];
    }

    private static void pass(Transformer transformer, Rows rows, KvCache.Sequence sequence, int from, int count) {
        rows.clear();
        int vocabulary = transformer.spec().vocabulary();
        for (int position = from; position < from + count; position++) {
            rows.addCausal(sequence, (int) (position * 7919L % vocabulary), position, true);
        }
        transformer.forward(rows);
    }
}
