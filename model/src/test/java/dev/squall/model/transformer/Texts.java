package dev.squall.model.transformer;

import dev.squall.attention.KvCache;
import dev.squall.attention.Rows;

/** What the tests do with a transformer. */
final class Texts {
    private Texts() {}

    /** Logits after every token of a text that goes in by chunks of a given number of rows, [tokens][vocabulary]. */
    static float[][] logits(Transformer transformer, int[] text, int chunk) {
        try (KvCache.Sequence sequence = transformer.cache().open()) {
            return logits(transformer, sequence, text, 0, chunk);
        }
    }

    /** The same from some position on, in a sequence that holds what comes before. */
    static float[][] logits(Transformer transformer, KvCache.Sequence sequence, int[] text, int from, int chunk) {
        float[][] logits = new float[text.length][];
        Rows rows = transformer.newRows();
        for (int start = from; start < text.length; start += chunk) {
            int end = Math.min(text.length, start + chunk);
            sequence.ensure(end);
            rows.clear();
            for (int position = start; position < end; position++) {
                rows.addCausal(sequence, text[position], position, true);
            }
            transformer.forward(rows);
            for (int position = start; position < end; position++) {
                logits[position] = row(transformer, position - start);
            }
        }
        return logits;
    }

    /** The k-th row of logits of the last batch, [vocabulary]. */
    static float[] row(Transformer transformer, int k) {
        int vocabulary = transformer.spec().vocabulary();
        float[] out = new float[vocabulary];
        for (int i = 0; i < vocabulary; i++) {
            out[i] = transformer.logits().get(k * vocabulary + i);
        }
        return out;
    }

    static int argMax(float[] logits) {
        int best = 0;
        for (int i = 1; i < logits.length; i++) {
            best = logits[i] > logits[best] ? i : best;
        }
        return best;
    }
}
