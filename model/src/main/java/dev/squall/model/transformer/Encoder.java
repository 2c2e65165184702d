package dev.squall.model.transformer;

import dev.squall.attention.KvCache;
import dev.squall.attention.Rows;
import dev.squall.kernels.Kernels;
import dev.squall.model.format.Checkpoint;
import dev.squall.model.format.ModelFileException;
import dev.squall.model.spec.EncoderSpec.Head;
import dev.squall.model.spec.Families;
import dev.squall.model.spec.ModelSpec;
import java.util.Arrays;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * A model that reads a whole sentence at once: one batch of rows, each of which sees them all, through the same
 * {@link Transformer} as any other model.
 *
 * <pre>{@code
 * try (Checkpoint checkpoint = Checkpoints.open(directory);
 *         Encoder encoder = Encoder.load(checkpoint, KernelSet.best(), Encoder.Options.defaults())) {
 *     encoder.encode(ids, new int[] {mask});
 *     encoder.logit(0, word); // how well the word fits at the mask
 * }
 * }</pre>
 *
 * Not thread-safe.
 */
public final class Encoder implements AutoCloseable {
    private final Transformer transformer;
    private final KvCache.Sequence sequence;
    private final Rows rows;
    private int asked;
    private int length;

    /**
     * @param tokens most tokens of a sentence, special ones included; 0 for as many as the model has positions for
     * @param masks most tokens of a sentence whose logits are computed
     * @param head what makes logits, null for the head of the checkpoint, or the words where it has none
     */
    public record Options(int tokens, int masks, Head head) {
        /** All positions of the model, 8 masks, the checkpoint's head. */
        public static Options defaults() {
            return new Options(0, 8, null);
        }
    }

    private Encoder(Transformer transformer) {
        this.transformer = transformer;
        sequence = transformer.cache().open();
        rows = transformer.newRows();
    }

    /**
     * Loads an encoder; its weights are views of the checkpoint, which stays open as long.
     *
     * @throws ModelFileException if the checkpoint is no encoder, a tensor is missing or of another shape, or the head is
     *     asked for and missing
     * @throws IllegalArgumentException if it has fewer positions than tokens are asked for
     */
    public static Encoder load(Checkpoint checkpoint, Kernels kernels, Options options) {
        ModelSpec spec = Families.spec(checkpoint);
        if (spec.encoder() == null) {
            throw new ModelFileException(checkpoint.path(), "family", spec.family(), "an encoder, such as roberta");
        }
        if (options.head() == Head.MASKED_LANGUAGE_MODEL && spec.encoder().head() == Head.WORDS) {
            throw new ModelFileException(
                    checkpoint.path(), "head", "none", "lm_head.dense.weight, as the head MASKED_LANGUAGE_MODEL needs");
        }
        int positions = spec.contextLength() - spec.encoder().firstPosition();
        int tokens = options.tokens() == 0 ? positions : options.tokens();
        if (tokens < 1 || tokens > positions) {
            throw new IllegalArgumentException("tokens of a sentence: found " + tokens + ", expected 1 to " + positions
                    + ", the model's positions");
        }
        if (options.head() != null) {
            spec = spec.withEncoder(spec.encoder().withHead(options.head()));
        }
        TransformerOptions sizes =
                TransformerOptions.defaults().withRows(tokens, options.masks()).withContextLength(tokens);
        return new Encoder(Transformer.load(spec, checkpoint, kernels, sizes));
    }

    /**
     * Reads a sentence.
     *
     * @param ids all tokens, with those that begin and end a sentence; no padding
     * @param masks indices of the tokens whose logits are wanted, ascending
     * @throws IllegalArgumentException if the sentence is empty or longer than the encoder was loaded for, a token does not
     *     exist, or masks are too many, out of range or not ascending
     */
    public void encode(int[] ids, int... masks) {
        if (ids.length < 1 || ids.length > rows.capacity()) {
            throw new IllegalArgumentException(
                    "sentence: found " + ids.length + " tokens, expected 1 to " + rows.capacity());
        }
        if (masks.length > rows.logitCapacity()) {
            throw new IllegalArgumentException(
                    "masks: found " + masks.length + ", expected at most " + rows.logitCapacity());
        }
        for (int k = 0; k < masks.length; k++) {
            if (masks[k] <= (k == 0 ? -1 : masks[k - 1]) || masks[k] >= ids.length) {
                throw new IllegalArgumentException(
                        "masks: found " + Arrays.toString(masks) + ", expected ascending indices below " + ids.length);
            }
        }
        sequence.ensure(ids.length);
        rows.clear();
        int base = sequence.base();
        int first = spec().encoder().firstPosition();
        for (int t = 0, k = 0; t < ids.length; t++) {
            boolean wanted = k < masks.length && masks[k] == t;
            k += wanted ? 1 : 0;
            rows.add(ids[t], t + first, sequence.slot(t), base, base + ids.length, base, 0L, wanted);
        }
        transformer.forward(rows);
        length = ids.length;
        asked = masks.length;
    }

    /** The hidden states of the last sentence, [tokens, dim]; rows past its length mean nothing. */
    public FloatArray hidden() {
        return transformer.hidden();
    }

    /**
     * The logit of a word at a mask of the last sentence.
     *
     * @param mask number of the mask, from 0
     */
    public float logit(int mask, int word) {
        if (mask < 0 || mask >= asked || word < 0 || word >= spec().vocabulary()) {
            throw new IllegalArgumentException("logit: found mask " + mask + " and word " + word
                    + ", expected masks below " + asked + " and words below " + spec().vocabulary());
        }
        return transformer.logits().get(mask * spec().vocabulary() + word);
    }

    /** Tokens of the last sentence. */
    public int length() {
        return length;
    }

    /** Most tokens of a sentence. */
    public int capacity() {
        return rows.capacity();
    }

    /** Most tokens of a sentence whose logits are computed. */
    public int masks() {
        return rows.logitCapacity();
    }

    public ModelSpec spec() {
        return transformer.spec();
    }

    @Override
    public void close() {
        transformer.close();
    }
}
