package dev.squall.decoding;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * A drafter that is loaded when somebody wants its guesses: beside the generation, which goes on without them meanwhile, so
 * that a text that ends soon never waits for it. One that nobody named and that cannot be loaded is a warning, no error.
 */
final class LateDrafter {
    private static final System.Logger LOG = System.getLogger(LateDrafter.class.getName());

    private final Supplier<Drafter> load;
    private final Executor executor;
    private CompletableFuture<Drafter> loading; // null before somebody wants it
    private boolean failed;

    /** @param executor where it is loaded: a thread of its own, or the caller's where a device allows one only */
    LateDrafter(Supplier<Drafter> load, Executor executor) {
        this.load = load;
        this.executor = executor;
    }

    /** One that has been loaded. */
    static LateDrafter of(Drafter drafter) {
        LateDrafter late = new LateDrafter(() -> drafter, Runnable::run);
        late.loading = CompletableFuture.completedFuture(drafter);
        return late;
    }

    /** Begins to load it, if nobody has. */
    synchronized void begin() {
        if (loading == null) {
            loading = CompletableFuture.supplyAsync(load, executor);
        }
    }

    /** The drafter, null before it has been loaded or if that failed. */
    synchronized Drafter orNull() {
        return loading != null && loading.isDone() && !failed() ? loading.join() : null;
    }

    /**
     * The drafter, for which the caller waits.
     *
     * @throws RuntimeException what kept it from being loaded
     */
    Drafter await() {
        begin();
        try {
            return loading.join();
        } catch (CompletionException failure) {
            throw failure.getCause() instanceof RuntimeException cause ? cause : failure;
        }
    }

    /** Whether it has turned out that there is none. */
    synchronized boolean failed() {
        if (!failed && loading != null && loading.isCompletedExceptionally()) {
            failed = true;
            LOG.log(
                    System.Logger.Level.WARNING,
                    "goes on without the draft: " + loading.exceptionNow().getMessage());
        }
        return failed;
    }

    /** Waits if it is being loaded, and closes it. */
    void close() {
        CompletableFuture<Drafter> begun;
        synchronized (this) {
            begun = loading;
            loading = begun == null ? CompletableFuture.failedFuture(new IllegalStateException("closed")) : begun;
        }
        if (begun != null) {
            begun.handle((drafter, failure) -> drafter)
                    .thenAccept(drafter -> {
                        if (drafter != null) {
                            drafter.close();
                        }
                    })
                    .join();
        }
    }
}
