package dev.squall.model.tokenizer;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Turns text into the numbers of tokens, and back. Immutable and thread-safe.
 *
 * <p>{@link Tokenizers} reads one from a model's files.
 */
public final class Tokenizer {
    private final Vocabulary vocabulary;
    private final TokenModel model;
    private final SpecialTokens special;
    private final int bos; // -1 for none
    private final boolean addBos;
    private final Set<Integer> endOfSequence;
    private final boolean prefixSpace;

    /**
     * @param bos the beginning-of-sequence token, or -1
     * @param addBos whether prompts begin with it
     * @param endOfSequence all tokens that end a text
     * @param prefixSpace whether encoding puts a space in front, which decoding takes away
     */
    Tokenizer(
            Vocabulary vocabulary,
            TokenModel model,
            int bos,
            boolean addBos,
            Set<Integer> endOfSequence,
            boolean prefixSpace) {
        this(vocabulary, model, bos, addBos, endOfSequence, prefixSpace, Set.of());
    }

    /** @param stripLeft special tokens that swallow the white space in front of them */
    Tokenizer(
            Vocabulary vocabulary,
            TokenModel model,
            int bos,
            boolean addBos,
            Set<Integer> endOfSequence,
            boolean prefixSpace,
            Set<Integer> stripLeft) {
        this.vocabulary = vocabulary;
        this.model = model;
        this.special = new SpecialTokens(vocabulary, stripLeft);
        this.bos = bos;
        this.addBos = addBos && bos >= 0;
        this.endOfSequence = Set.copyOf(new LinkedHashSet<>(endOfSequence));
        this.prefixSpace = prefixSpace;
    }

    /**
     * The tokens of a text, without a beginning-of-sequence token of its own.
     *
     * @param parseSpecial whether special tokens that are spelled out in the text are read as such
     */
    public int[] encode(String text, boolean parseSpecial) {
        Ids out = new Ids();
        special.encode(text, parseSpecial, model, out);
        return out.toArray();
    }

    /** The tokens of a prompt: with the beginning-of-sequence token where the model wants one, but never twice. */
    public int[] encodePrompt(String text, boolean parseSpecial) {
        int[] ids = encode(text, parseSpecial);
        boolean there = ids.length > 0 && ids[0] == bos;
        return addBos && !there
                ? IntStream.concat(IntStream.of(bos), IntStream.of(ids)).toArray()
                : ids;
    }

    /** The text of tokens; control tokens have none. A space that encoding put in front is gone again. */
    public String decode(int... ids) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int id : ids) {
            bytes.writeBytes(bytes(id));
        }
        String text = bytes.toString(StandardCharsets.UTF_8);
        return prefixSpace && text.startsWith(" ") ? text.substring(1) : text;
    }

    /** The bytes that a token stands for; none for a control token. */
    public byte[] bytes(int id) {
        check(id);
        return vocabulary.bytes(id);
    }

    /** A decoder for tokens that come one by one, as the continuation of a text: it keeps every space. */
    public StreamDecoder streamDecoder() {
        return new StreamDecoder(vocabulary);
    }

    public int vocabSize() {
        return vocabulary.size();
    }

    /** How the vocabulary writes a token. */
    public String piece(int id) {
        check(id);
        return vocabulary.pieces()[id] == null ? "" : vocabulary.pieces()[id];
    }

    /** The token that the vocabulary writes so. */
    public OptionalInt id(String piece) {
        int id = vocabulary.id(piece);
        return id < 0 ? OptionalInt.empty() : OptionalInt.of(id);
    }

    /** Whether a token means something to the model and is no text. */
    public boolean isSpecial(int id) {
        check(id);
        return vocabulary.kinds()[id] == Vocabulary.Kind.CONTROL;
    }

    /** The beginning-of-sequence token. */
    public OptionalInt bos() {
        return bos < 0 ? OptionalInt.empty() : OptionalInt.of(bos);
    }

    /** Whether prompts begin with it. */
    public boolean addBos() {
        return addBos;
    }

    /** All tokens that end a text. */
    public Set<Integer> endOfSequence() {
        return endOfSequence;
    }

    private void check(int id) {
        if (id < 0 || id >= vocabulary.size()) {
            throw new IllegalArgumentException("token: found " + id + ", expected 0 to " + (vocabulary.size() - 1));
        }
    }
}
