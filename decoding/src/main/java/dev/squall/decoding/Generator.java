package dev.squall.decoding;

import dev.squall.FinishReason;
import dev.squall.Generation;
import dev.squall.GenerationOptions;
import dev.squall.Speculation;
import dev.squall.Speculation.Draft;
import dev.squall.Token;
import dev.squall.attention.Rows;
import dev.squall.model.tokenizer.Tokenizer;
import dev.squall.model.transformer.DraftModel;
import dev.squall.model.transformer.Transformer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.DoubleSupplier;
import java.util.function.Supplier;

/**
 * Decodes a set of requests together: {@link #step()} is one forward pass that moves every one of them on.
 *
 * <p>A pass takes the last token of each request that generates, with the guesses that hang on it, then fills up with
 * chunks of prompts. Because the numbers of a row do not depend on the rows beside it, each request gets the text that it
 * would get alone, and without guesses.
 *
 * <p>Thread-safe: a caller who waits for a token makes steps himself, for all requests.
 */
public final class Generator implements AutoCloseable {
    private final Transformer transformer;
    private final Tokenizer tokenizer;
    private final int sequences;
    private final Speculator speculator;
    private final Rows rows;
    private final Scores scores;
    private final ReentrantLock lock = new ReentrantLock(true);
    private final Deque<Request> waiting = new ArrayDeque<>();
    private final List<Request> running = new ArrayList<>();
    private boolean closed;

    /** @param sequences most requests in one pass; the transformer's cache has room for as many */
    public Generator(Transformer transformer, Tokenizer tokenizer, int sequences) {
        this(transformer, tokenizer, sequences, (Drafter) null);
    }

    /** @param draft guesses for the requests that ask for it; it belongs to this transformer, and is closed with this */
    public Generator(Transformer transformer, Tokenizer tokenizer, int sequences, DraftModel draft) {
        this(transformer, tokenizer, sequences, new EagleDrafter(transformer, draft));
    }

    /**
     * As {@link #Generator(Transformer, Tokenizer, int, DraftModel)}, with a draft that is loaded once its guesses are wanted.
     *
     * @param draft loads it; if it fails, the text itself is asked for guesses
     * @param executor where it is loaded
     */
    public Generator(
            Transformer transformer,
            Tokenizer tokenizer,
            int sequences,
            Supplier<DraftModel> draft,
            Executor executor) {
        this(
                transformer,
                tokenizer,
                sequences,
                new LateDrafter(() -> new EagleDrafter(transformer, draft.get()), executor));
    }

    /** @param drafter guesses for the requests that ask for a draft model; null if there is none */
    Generator(Transformer transformer, Tokenizer tokenizer, int sequences, Drafter drafter) {
        this(transformer, tokenizer, sequences, drafter == null ? null : LateDrafter.of(drafter));
    }

    private Generator(Transformer transformer, Tokenizer tokenizer, int sequences, LateDrafter drafter) {
        this.transformer = transformer;
        this.tokenizer = tokenizer;
        this.sequences = sequences;
        this.speculator = new Speculator(transformer.spec(), drafter);
        this.rows = transformer.newRows();
        this.scores = new Scores(transformer);
    }

    /**
     * Adds a request.
     *
     * @param prompt the text, for the result; the ids are what counts
     * @throws IllegalArgumentException if the prompt is empty, does not fit in the context, or has an unknown id, or if
     *     nobody can guess as the options ask
     */
    public Request submit(String prompt, int[] promptIds, GenerationOptions options) {
        int context = transformer.contextLength();
        int vocabulary = transformer.spec().vocabulary();
        if (promptIds.length == 0) {
            throw new IllegalArgumentException(
                    "prompt: found no tokens, expected at least one; this model has no beginning-of-sequence token");
        }
        if (promptIds.length >= context) {
            throw new IllegalArgumentException("prompt: found " + promptIds.length + " tokens, expected at most "
                    + (context - 1) + ", one less than the context length");
        }
        for (int id : promptIds) {
            if (id < 0 || id >= vocabulary) {
                throw new IllegalArgumentException("prompt: found token " + id + ", expected 0 to " + (vocabulary - 1));
            }
        }
        Speculation speculation = speculator.resolve(options.speculation());
        Request request = new Request(prompt, promptIds, options, speculation, tokenizer, vocabulary, context);
        lock.lock();
        try {
            checkOpen();
            speculator.advance(options.speculation());
            waiting.add(request);
        } finally {
            lock.unlock();
        }
        return request;
    }

    /** Waits for the next token of a request, making steps; null once it has ended. */
    public Token next(Request request) {
        while (true) {
            lock.lock();
            try {
                Token token = request.poll();
                if (token != null || !request.isRunning()) {
                    return token;
                }
                checkOpen();
                admit();
                step();
            } finally {
                lock.unlock();
            }
        }
    }

    /** The result of a request that has ended and whose tokens have all been taken. */
    public Generation result(Request request) {
        lock.lock();
        try {
            return request.result();
        } finally {
            lock.unlock();
        }
    }

    /** Ends a request early; what is certain of its text can still be taken. */
    public void cancel(Request request) {
        lock.lock();
        try {
            waiting.remove(request);
            if (running.remove(request)) {
                speculator.forget(request);
            }
            request.finish(FinishReason.CANCELLED);
        } finally {
            lock.unlock();
        }
    }

    /** Does something with the transformer, and with one sequence of its cache, while no request is served. */
    public double alone(DoubleSupplier work) {
        lock.lock();
        try {
            checkOpen();
            while (running.size() >= sequences) {
                step(); // until a sequence is free
            }
            return work.getAsDouble();
        } finally {
            lock.unlock();
        }
    }

    /** One forward pass over the rows of all running requests. */
    private void step() {
        try {
            long begin = System.nanoTime();
            List<Turn> turns = fill();
            long start = System.nanoTime();
            if (rows.size() > 0) {
                transformer.forward(rows);
            }
            long verify = System.nanoTime() - start;
            boolean rounds = !turns.isEmpty()
                    && turns.stream()
                            .allMatch(turn -> turn.isRound() && turn.request().hasBegun());
            for (Turn turn : turns) {
                if (turn.asks()) {
                    finish(turn, verify);
                }
            }
            if (rounds) {
                speculator.observe(turns, rows.size(), verify / 1e9, (System.nanoTime() - begin) / 1e9);
            } else {
                speculator.spent((System.nanoTime() - begin) / 1e9);
            }
            speculator.follow(
                    turns.stream().filter(turn -> turn.request().isRunning()).toList());
        } catch (RuntimeException | InternalError error) {
            // A pass that failed has served none of its requests: each of them says so, the next ones may go on.
            RuntimeException failure =
                    error instanceof RuntimeException exception ? exception : new IllegalStateException(error);
            running.forEach(request -> request.fail(failure));
        }
        running.stream().filter(request -> !request.isRunning()).forEach(speculator::forget);
        running.removeIf(request -> !request.isRunning());
    }

    private void admit() {
        while (running.size() < sequences && !waiting.isEmpty()) {
            Request request = waiting.remove();
            request.begin(transformer.cache().open());
            if (request.isRunning()) {
                running.add(request);
            }
        }
    }

    /** Fills the batch: a tree of each request that generates, then chunks of prompts. */
    private List<Turn> fill() {
        List<Turn> turns = new ArrayList<>();
        rows.clear();
        List<Request> generating =
                running.stream().filter(request -> request.remaining() == 1).toList();
        List<DraftTree> trees = speculator.trees(generating);
        for (int i = 0; i < generating.size(); i++) {
            int share = roomForLogits() / (generating.size() - i);
            if (roomForLogits() > 0) {
                turns.add(generating.get(i).add(rows, trees.get(i).first(Math.max(1, share))));
            }
        }
        for (Request request : running) {
            int count = Math.min(request.remaining(), rows.capacity() - rows.size());
            if (request.remaining() > 1 && count > 0 && roomForLogits() > 0) {
                turns.add(request.add(rows, count));
            }
        }
        return turns;
    }

    private int roomForLogits() {
        return Math.min(rows.capacity() - rows.size(), rows.logitCapacity() - rows.logitRows());
    }

    /** Gives a request the tokens of its turn. */
    private void finish(Turn turn, long verify) {
        Request request = turn.request();
        boolean guessed =
                request.hasBegun() || turn.tree().size() > 1; // the last token of a prompt may have guesses too
        boolean round = guessed && request.speculation().draft() != Draft.NONE;
        turn.verify(scores);
        long start = System.nanoTime();
        request.commit(turn);
        if (round) {
            request.counts().commitTime(System.nanoTime() - start);
            request.counts().verifyTime(verify);
            request.counts().round(turn.tree().size() - 1, turn.path().length);
            if (request.isRunning() && !speculator.canGuess(request, request.tokens()[request.length() - 1])) {
                request.counts().bonusOutside();
            }
        }
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("the model is closed");
        }
    }

    /** Waits for the pass that runs, then cancels all requests. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            waiting.forEach(request -> request.finish(FinishReason.CANCELLED));
            running.forEach(request -> request.finish(FinishReason.CANCELLED));
            waiting.clear();
            running.clear();
            speculator.close();
        } finally {
            lock.unlock();
        }
    }
}
