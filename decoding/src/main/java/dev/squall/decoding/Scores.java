package dev.squall.decoding;

import dev.squall.model.transformer.Transformer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The scores of a pass: whole, or only the token that has the largest, which is all that comes from a device then. */
final class Scores {
    private final Transformer transformer;
    private final float[] logits; // [vocabulary], those of one row

    Scores(Transformer transformer) {
        this.transformer = transformer;
        this.logits = new float[transformer.spec().vocabulary()];
    }

    /** The k-th logits of the batch, [vocabulary], until the next ones are asked for. */
    float[] logits(int k) {
        MemorySegment all = transformer.logits().getSegment();
        long offset = (long) k * logits.length * Float.BYTES;
        MemorySegment.copy(all, ValueLayout.JAVA_FLOAT_UNALIGNED, offset, logits, 0, logits.length);
        return logits;
    }

    /** The token of the largest of them, of equal ones the lowest. */
    int best(int k) {
        return transformer.best(k);
    }
}
