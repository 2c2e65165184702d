package dev.squall.kernels;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The one pool of threads that computes in parallel: the caller and n − 1 daemon threads.
 *
 * <p>A small model has some 45 kernels a token and half a millisecond of work, so handing out work must cost single
 * microseconds: a worker spins a short while for the next piece before it parks. The items are cut into one contiguous
 * range a thread, always the same; who computes an item never changes its value.
 *
 * <p>One call at a time has the threads; a call from inside a range runs in its own thread alone.
 */
public final class Workers {
    /** Spins before a worker parks: some 50 microseconds. */
    private static final int SPINS = 2_000;

    private static volatile Workers shared = new Workers(Runtime.getRuntime().availableProcessors());

    /** Work on the items from (inclusive) to (exclusive). */
    @FunctionalInterface
    public interface Range {
        void run(int from, int to);
    }

    private final int threads;
    private final Worker[] workers;
    private final ReentrantLock turn = new ReentrantLock();
    private final AtomicInteger running = new AtomicInteger();
    private volatile Throwable failure;

    // Written by the caller before a worker's ticket, read by the workers after it.
    private Range body;
    private int items;
    private int parts;

    private Workers(int threads) {
        this.threads = threads;
        this.workers = new Worker[threads - 1];
        for (int i = 0; i < workers.length; i++) {
            workers[i] = new Worker(i + 1);
        }
    }

    /** The pool of this process. */
    public static Workers shared() {
        return shared;
    }

    /** A pool of its own; its threads end when nobody refers to it any more than the process does. */
    public static Workers of(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("threads: found " + threads + ", expected at least 1");
        }
        return new Workers(threads);
    }

    /** Makes the shared pool one of so many threads. Kernels that run already finish on the old one. */
    public static void share(int threads) {
        if (threads != shared.threads) {
            Workers old = shared;
            shared = of(threads);
            old.stop();
        }
    }

    public int threads() {
        return threads;
    }

    /**
     * Runs a body over the items [0, items), in parallel.
     *
     * @param minItems the fewest items that are worth a thread
     */
    public void parallelFor(int items, int minItems, Range body) {
        int parts = Math.min(threads, items / Math.max(1, minItems));
        if (parts <= 1 || turn.isHeldByCurrentThread() || Thread.currentThread() instanceof Worker) {
            if (items > 0) {
                body.run(0, items);
            }
            return;
        }
        turn.lock();
        try {
            this.body = body;
            this.items = items;
            this.parts = parts;
            failure = null;
            running.set(parts - 1);
            for (int i = 0; i < parts - 1; i++) {
                workers[i].wake();
            }
            try {
                body.run(0, end(0));
            } finally {
                awaitWorkers();
                this.body = null;
            }
            rethrow(failure);
        } finally {
            turn.unlock();
        }
    }

    private void awaitWorkers() {
        for (int spins = 0; running.get() > 0; spins++) {
            if (spins < SPINS) {
                Thread.onSpinWait();
            } else {
                Thread.yield();
            }
        }
    }

    private int end(int part) {
        return (int) ((long) items * (part + 1) / parts);
    }

    private static void rethrow(Throwable error) {
        if (error instanceof RuntimeException exception) {
            throw exception;
        }
        if (error instanceof Error fatal) {
            throw fatal;
        }
    }

    private void stop() {
        for (Worker worker : workers) {
            worker.stopped = true;
            LockSupport.unpark(worker);
        }
    }

    private final class Worker extends Thread {
        private final int part;
        private volatile int tickets;
        private volatile boolean parked;
        private volatile boolean stopped;

        Worker(int part) {
            super("squall-worker-" + part);
            this.part = part;
            setDaemon(true);
            start();
        }

        /** Called by the one thread that has the turn. */
        @SuppressWarnings("NonAtomicOperationOnVolatileField")
        void wake() {
            tickets = tickets + 1;
            if (parked) {
                LockSupport.unpark(this);
            }
        }

        @Override
        public void run() {
            int done = 0;
            while (awaitTicket(done)) {
                done++;
                try {
                    body.run(end(part - 1), end(part));
                } catch (Throwable error) {
                    failure = error;
                } finally {
                    running.decrementAndGet();
                }
            }
        }

        private boolean awaitTicket(int done) {
            for (int spins = 0; tickets == done; spins++) {
                if (spins < SPINS) {
                    Thread.onSpinWait();
                    continue;
                }
                if (stopped) {
                    return false;
                }
                parked = true;
                if (tickets == done && !stopped) {
                    LockSupport.park(Workers.this);
                }
                parked = false;
            }
            return true;
        }
    }
}
