package dev.squall.decoding;

import dev.squall.attention.KvCache;
import dev.squall.attention.Rows;
import dev.squall.kernels.Workers;
import dev.squall.model.transformer.Transformer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.LongConsumer;

/** Sums how improbable a text is to a model. Not thread-safe; nothing else may use the transformer meanwhile. */
public final class Scorer {
    private final Transformer transformer;
    private final Rows rows;

    public Scorer(Transformer transformer) {
        this.transformer = transformer;
        this.rows = transformer.newRows();
    }

    /**
     * Σ −ln p of tokens, cut into windows that do not overlap and each begin with the same token.
     *
     * @param tokens the text
     * @param first begins every window and is not predicted itself, such as the beginning-of-sequence token; negative for
     *     none, and then the first token of a window is not predicted
     * @param window tokens of a window, the first counted
     * @param progress told how many tokens are done, from time to time
     */
    public double negativeLogLikelihood(int[] tokens, int first, int window, LongConsumer progress) {
        int step = first >= 0 ? window - 1 : window;
        double sum = 0;
        for (int from = 0; from < tokens.length; from += step) {
            int count = Math.min(step, tokens.length - from);
            sum += window(tokens, from, count, first);
            progress.accept(from + count);
        }
        return sum;
    }

    private double window(int[] tokens, int from, int count, int first) {
        int shift = first >= 0 ? 1 : 0; // place of tokens[from] in the window
        int inputs = count + shift - 1; // the last token is predicted only
        double sum = 0;
        try (KvCache.Sequence sequence = transformer.cache().open()) {
            sequence.ensure(inputs + 1);
            for (int at = 0; at < inputs; at += rows.logitCapacity()) {
                int chunk = Math.min(rows.logitCapacity(), inputs - at);
                rows.clear();
                int[] targets = new int[chunk];
                for (int i = 0; i < chunk; i++) {
                    int place = at + i;
                    int input = place < shift ? first : tokens[from + place - shift];
                    rows.addCausal(sequence, input, place, true);
                    targets[i] = tokens[from + place + 1 - shift];
                }
                transformer.forward(rows);
                sum += score(targets);
            }
        }
        return sum;
    }

    private double score(int[] targets) {
        int vocabulary = transformer.spec().vocabulary();
        MemorySegment all = transformer.logits().getSegment();
        double[] losses = new double[targets.length];
        Workers.shared().parallelFor(targets.length, 1, (from, to) -> {
            float[] logits = new float[vocabulary];
            for (int k = from; k < to; k++) {
                long offset = (long) k * vocabulary * Float.BYTES;
                MemorySegment.copy(all, ValueLayout.JAVA_FLOAT_UNALIGNED, offset, logits, 0, vocabulary);
                losses[k] = LogProbabilities.logSumExp(logits, 0, vocabulary) - logits[targets[k]];
            }
        });
        double sum = 0;
        for (double loss : losses) {
            sum += loss;
        }
        return sum;
    }
}
