package dev.squall.benchmarks;

import dev.squall.attention.KvCache;
import dev.squall.attention.Rows;
import dev.squall.kernels.KernelSet;
import dev.squall.kernels.ReadBandwidth;
import dev.squall.model.format.Checkpoint;
import dev.squall.model.format.Checkpoints;
import dev.squall.model.transformer.Transformer;
import dev.squall.model.transformer.TransformerOptions;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;

/**
 * What a forward pass of several rows costs, in passes of one row: the figure that speculative decoding lives from. Passes of
 * all sizes take turns, so that a machine that grows slow is slow for all of them; medians and their ratios are printed.
 *
 * <pre>{@code benchmarks/run Passes MODEL [REPEATS]}</pre>
 */
public final class Passes {
    private static final int[] SIZES = {1, 2, 4, 8, 16, 32, 64, 128};
    /** Passes of at most so many rows compute logits for every row, as trees of drafts need them; others for the last one. */
    private static final int LOGITS = 32;
    /** Tokens that are in the cache before the pass. */
    private static final int PREFIX = 64;

    private Passes() {}

    public static void main(String[] args) {
        int repeats = args.length > 1 ? Integer.parseInt(args[1]) : 11;
        TransformerOptions options =
                TransformerOptions.defaults().withContextLength(512).withRows(128, LOGITS);
        try (Checkpoint checkpoint = Checkpoints.open(Path.of(args[0]));
                Transformer transformer = Transformer.load(checkpoint, KernelSet.best(), options)) {
            KvCache.Sequence sequence = transformer.cache().open();
            sequence.ensure(PREFIX + 128);
            Rows rows = transformer.newRows();
            pass(transformer, rows, sequence, 0, PREFIX);
            double[][] seconds = new double[SIZES.length][repeats];
            for (int run = -3; run < repeats; run++) { // the first three compile
                for (int i = 0; i < SIZES.length; i++) {
                    double time = pass(transformer, rows, sequence, PREFIX, SIZES[i]);
                    if (run >= 0) {
                        seconds[i][run] = time;
                    }
                }
            }
            double one = median(seconds[0]);
            System.out.println("rows   median ms   in passes of one   rows/s");
            for (int i = 0; i < SIZES.length; i++) {
                double median = median(seconds[i]);
                System.out.printf(
                        Locale.ROOT,
                        "%4d %11.1f %18.2f %8.1f%n",
                        SIZES[i],
                        1e3 * median,
                        median / one,
                        SIZES[i] / median);
            }
            System.out.printf(Locale.ROOT, "read bandwidth %.1f GB/s%n", ReadBandwidth.measure() / 1e9);
        }
    }

    /** Seconds of a pass of so many rows. */
    private static double pass(Transformer transformer, Rows rows, KvCache.Sequence sequence, int from, int count) {
        rows.clear();
        for (int i = 0; i < count; i++) {
            rows.addCausal(sequence, 100 + i, from + i, count <= LOGITS || i == count - 1);
        }
        long start = System.nanoTime();
        transformer.forward(rows);
        return (System.nanoTime() - start) / 1e9;
    }

    private static double median(double[] runs) {
        double[] sorted = runs.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
