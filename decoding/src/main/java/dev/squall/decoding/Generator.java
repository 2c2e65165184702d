package dev.squall.decoding;

import dev.squall.FinishReason;
import dev.squall.Generation;
import dev.squall.GenerationOptions;
import dev.squall.Token;
import dev.squall.attention.Rows;
import dev.squall.model.tokenizer.Tokenizer;
import dev.squall.model.transformer.Transformer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.DoubleSupplier;

/**
 * Decodes a set of requests together: {@link #step()} is one forward pass that moves every one of them on.
 *
 * <p>A pass takes one row of each request that generates, then fills up with chunks of prompts. Because the numbers of a
 * row do not depend on the rows beside it, each request gets the text that it would get alone.
 *
 * <p>Thread-safe: a caller who waits for a token makes steps himself, for all requests.
 */
public final class Generator implements AutoCloseable {
    private final Transformer transformer;
    private final Tokenizer tokenizer;
    private final int sequences;
    private final Rows rows;
    private final float[] logits; // [vocabulary], those of one row
    private final ReentrantLock lock = new ReentrantLock(true);
    private final Deque<Request> waiting = new ArrayDeque<>();
    private final List<Request> running = new ArrayList<>();
    private boolean closed;

    /** @param sequences most requests in one pass; the transformer's cache has room for as many */
    public Generator(Transformer transformer, Tokenizer tokenizer, int sequences) {
        this.transformer = transformer;
        this.tokenizer = tokenizer;
        this.sequences = sequences;
        this.rows = transformer.newRows();
        this.logits = new float[transformer.spec().vocabulary()];
    }

    /**
     * Adds a request.
     *
     * @param prompt the text, for the result; the ids are what counts
     * @throws IllegalArgumentException if the prompt is empty, does not fit in the context, or has an unknown id
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
        Request request = new Request(prompt, promptIds, options, tokenizer, vocabulary, context);
        lock.lock();
        try {
            checkOpen();
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
            running.remove(request);
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
            List<Request> asking = fill();
            if (rows.size() > 0) {
                transformer.forward(rows);
            }
            for (int k = 0; k < asking.size(); k++) {
                read(k);
                asking.get(k).accept(logits);
            }
        } catch (RuntimeException | InternalError error) {
            // A pass that failed has served none of its requests: each of them says so, the next ones may go on.
            RuntimeException failure =
                    error instanceof RuntimeException exception ? exception : new IllegalStateException(error);
            running.forEach(request -> request.fail(failure));
        }
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

    /** Fills the batch and returns the requests whose last row asks for logits, in the order of those rows. */
    private List<Request> fill() {
        List<Request> asking = new ArrayList<>();
        rows.clear();
        for (boolean generating : new boolean[] {true, false}) {
            for (Request request : running) {
                int room = rows.capacity() - rows.size();
                int count = Math.min(request.remaining(), room);
                boolean turn = generating ? count == 1 : count > 1;
                if (turn && rows.logitRows() < rows.logitCapacity()) {
                    if (request.addRows(rows, count)) {
                        asking.add(request);
                    }
                }
            }
        }
        return asking;
    }

    private void read(int k) {
        MemorySegment all = transformer.logits().getSegment();
        long offset = (long) k * logits.length * Float.BYTES;
        MemorySegment.copy(all, ValueLayout.JAVA_FLOAT_UNALIGNED, offset, logits, 0, logits.length);
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
        } finally {
            lock.unlock();
        }
    }
}
