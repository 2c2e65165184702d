package dev.squall.decoding;

import dev.squall.FinishReason;
import dev.squall.Generation;
import dev.squall.GenerationOptions;
import dev.squall.Speculation;
import dev.squall.Timings;
import dev.squall.Token;
import dev.squall.attention.KvCache;
import dev.squall.attention.Rows;
import dev.squall.model.tokenizer.StreamDecoder;
import dev.squall.model.tokenizer.Tokenizer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/**
 * One text on its way: the prompt, what has been generated, and how far the key/value cache has come.
 *
 * <p>Tokens that are certain wait in a queue for whoever asked for them. Guarded by the lock of its {@link Generator}.
 */
public final class Request {
    private final String prompt;
    private final int promptTokens;
    private final GenerationOptions options;
    private final Speculation speculation;
    private final Tokenizer tokenizer;
    private final Sampler sampler;
    private final StopMatcher stops;
    private final StreamDecoder decoder;
    private final int contextLength;
    private final int vocabulary;
    private final long started = System.nanoTime();

    private KvCache.Sequence sequence;
    private int[] tokens; // [length] and room: prompt and completion
    private int length;
    private int computed; // tokens whose keys and values are in the cache
    private int generated;
    private final Deque<Token> ready = new ArrayDeque<>();
    private final List<Token> delivered = new ArrayList<>();
    private final RoundCounts counts = new RoundCounts();
    private FinishReason finishReason;
    private RuntimeException failure;
    private long firstToken;
    private long lastToken;

    Request(
            String prompt,
            int[] promptIds,
            GenerationOptions options,
            Speculation speculation,
            Tokenizer tokenizer,
            int vocabulary,
            int contextLength) {
        this.prompt = prompt;
        this.promptTokens = promptIds.length;
        this.options = options;
        this.speculation = speculation;
        this.tokenizer = tokenizer;
        this.vocabulary = vocabulary;
        this.contextLength = contextLength;
        this.sampler = new Sampler(options, vocabulary);
        this.stops = new StopMatcher(options.stop());
        this.decoder = tokenizer.streamDecoder();
        this.tokens = Arrays.copyOf(promptIds, promptIds.length + 64);
        this.length = promptIds.length;
        for (int token : promptIds) {
            sampler.observe(token);
        }
    }

    // ---- what the generator does with it

    /** Who guesses, never AUTO. */
    Speculation speculation() {
        return speculation;
    }

    /** Prompt and completion, [{@link #length}] and room. */
    int[] tokens() {
        return tokens;
    }

    int length() {
        return length;
    }

    /** Whether the first token has been generated. */
    boolean hasBegun() {
        return generated > 0;
    }

    RoundCounts counts() {
        return counts;
    }

    void begin(KvCache.Sequence sequence) {
        this.sequence = sequence;
        sequence.ensure(length);
        if (options.maxTokens() == 0) {
            finish(FinishReason.LENGTH);
        }
    }

    boolean isRunning() {
        return finishReason == null && failure == null;
    }

    /** Tokens that have not been through the model. */
    int remaining() {
        return length - computed;
    }

    /** Adds the next so many tokens to a batch; the last of all asks for logits. */
    Turn add(Rows rows, int count) {
        sequence.ensure(computed + count);
        boolean asks = count == remaining();
        Turn turn = new Turn(this, asks ? root() : null, computed, rows.size(), count, rows.logitRows());
        for (int i = 0; i < count; i++) {
            rows.addCausal(sequence, tokens[computed + i], computed + i, asks && i == count - 1);
        }
        computed += count;
        return turn;
    }

    /** Adds the last token and the guesses that hang on it to a batch; all of them ask for logits. */
    Turn add(Rows rows, DraftTree tree) {
        if (tree.size() == 1) {
            return add(rows, 1);
        }
        sequence.ensure(computed + tree.size());
        Turn turn = new Turn(this, tree, computed, rows.size(), tree.size(), rows.logitRows());
        for (int node = 0; node < tree.size(); node++) {
            int at = computed + tree.depth(node);
            rows.addTreeNode(sequence, tree.token(node), at, computed, node, tree.mask(node), true);
        }
        return turn;
    }

    /** The last token without guesses. */
    DraftTree root() {
        return DraftTree.root(tokens[length - 1]);
    }

    /** Most levels of guesses that can still be of use. */
    int usefulDepth() {
        return Math.min(options.maxTokens() - generated, contextLength - length) - 1;
    }

    /** Most nodes of a tree that the cache has slots for. */
    int usefulNodes() {
        return sequence.maxLength() - computed;
    }

    /**
     * Takes the scores of the token that comes next.
     *
     * @param k the scores of the batch that were computed at a node of the guesses
     * @param tree guesses
     * @return the child of the node that guessed the token right; -1 if there is none, or the request has ended
     */
    int accept(Scores scores, int k, DraftTree tree, int node) {
        int position = length;
        boolean bestIsEnough = sampler.takesTheBest() && !options.logProbabilities();
        float[] logits = bestIsEnough ? null : scores.logits(k);
        int id = bestIsEnough ? scores.best(k) : sampler.sample(logits, position);
        lastToken = System.nanoTime();
        if (generated == 0) {
            firstToken = lastToken;
        }
        if (tokenizer.endOfSequence().contains(id) && !options.ignoreEndOfSequence()) {
            finish(FinishReason.END_OF_SEQUENCE);
            return -1;
        }
        int child = tree.child(node, id);
        append(id);
        generated++;
        ready.addAll(stops.accept(describe(id, position, logits, child >= 0)));
        if (stops.matched()) {
            finish(FinishReason.STOP_STRING);
        } else if (generated == options.maxTokens()) {
            finish(FinishReason.LENGTH);
        } else if (length == contextLength) {
            finish(FinishReason.CONTEXT_FULL);
        }
        return isRunning() ? child : -1;
    }

    /** Moves the keys and values of right guesses behind those of the text. */
    void commit(Turn turn) {
        if (turn.isRound() && isRunning() && turn.tree().size() > 1) {
            int[] slots = turn.path().clone(); // node n lies n slots behind the root
            for (int i = 0; i < slots.length; i++) {
                slots[i] += computed;
            }
            sequence.compact(computed, slots);
            computed += slots.length;
        }
    }

    private void append(int id) {
        if (length == tokens.length) {
            tokens = Arrays.copyOf(tokens, 2 * length);
        }
        tokens[length++] = id;
        sampler.observe(id);
    }

    /** @param logits [vocabulary], null where no log-probabilities were asked for */
    private Token describe(int id, int position, float[] logits, boolean guessed) {
        double logProbability = Double.NaN;
        List<Token.Alternative> alternatives = new ArrayList<>();
        if (options.logProbabilities()) {
            double normaliser = LogProbabilities.logSumExp(logits, 0, vocabulary);
            logProbability = logits[id] - normaliser;
            for (int other : LogProbabilities.top(logits, options.alternatives())) {
                alternatives.add(new Token.Alternative(other, tokenizer.piece(other), logits[other] - normaliser));
            }
        }
        return new Token(id, decoder.accept(id), position, logProbability, alternatives, guessed);
    }

    void finish(FinishReason reason) {
        if (!isRunning()) {
            return;
        }
        finishReason = reason;
        ready.addAll(stops.flush(stops.matched() ? "" : decoder.flush()));
        release();
    }

    void fail(RuntimeException error) {
        if (isRunning()) {
            failure = error;
            release();
        }
    }

    private void release() {
        if (sequence != null) {
            sequence.close();
        }
    }

    // ---- what the caller gets

    /** The next token that is certain, or null if there is none yet or none any more. */
    Token poll() {
        Token token = ready.poll();
        if (token != null) {
            delivered.add(token);
        } else if (failure != null) {
            throw failure;
        }
        return token;
    }

    /** The result, once the request has ended and all tokens were polled. */
    Generation result() {
        StringBuilder text = new StringBuilder();
        delivered.forEach(token -> text.append(token.text()));
        double promptSeconds = firstToken == 0 ? 0 : (firstToken - started) / 1e9;
        double generationSeconds = firstToken == 0 ? 0 : (lastToken - firstToken) / 1e9;
        return new Generation(
                prompt,
                text.toString(),
                delivered,
                finishReason,
                promptTokens,
                new Timings(promptSeconds, generationSeconds),
                counts.statistics());
    }
}
