package dev.squall.kernels;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The pool that computes: the caller and n − 1 daemon threads, which spin for a moment and then park. It is the only
 * place that computes in parallel.
 *
 * <p>A range of items is cut into contiguous parts, some for every thread, and each thread takes the next one that is left:
 * one that is late, or shares its processor with other programs, leaves its work to the others. Where the cuts are depends
 * on the number of threads alone, and no number that a kernel computes depends on them. One range runs at a time, and
 * callers wait for their turn; a call from inside a range runs on its own thread.
 */
public final class Workers implements AutoCloseable {
    /** What a thread does with its part: the items {@code from <= item < to}. */
    @FunctionalInterface
    public interface Range {
        void run(int from, int to);
    }

    /**
     * How long a thread looks for work before it sleeps: longer than the gaps between the kernels of a token, as waking a
     * thread takes some 50 to 100 microseconds; shorter than anyone notices.
     */
    private static final long SPIN_NANOS = 1_000_000;

    /** Parts for each thread: at the end of a range a thread waits for at most one part. */
    private static final int PARTS = 8;

    private static final class Shared {
        static volatile Workers workers = new Workers(Runtime.getRuntime().availableProcessors());
    }

    /** One range; an object of its own, so that a thread that comes late can never take part in the next one. */
    private static final class Job {
        final Range body;
        final int items;
        final int parts;
        final Thread caller = Thread.currentThread();
        final AtomicInteger next = new AtomicInteger();
        final AtomicInteger unfinished;
        volatile boolean callerParked;
        volatile Throwable failure;

        Job(Range body, int items, int parts) {
            this.body = body;
            this.items = items;
            this.parts = parts;
            this.unfinished = new AtomicInteger(parts);
        }

        /** Runs parts until none is left. */
        void work() {
            for (int part = next.getAndIncrement(); part < parts; part = next.getAndIncrement()) {
                run(part);
                if (unfinished.decrementAndGet() == 0 && callerParked) {
                    LockSupport.unpark(caller);
                }
            }
        }

        /** Part p of n starts at item {@code items * p / n}: sizes differ by at most one. */
        private void run(int part) {
            try {
                body.run((int) ((long) items * part / parts), (int) ((long) items * (part + 1) / parts));
            } catch (RuntimeException | Error thrown) {
                failure = thrown;
            }
        }

        void awaitOthers() {
            long deadline = System.nanoTime() + SPIN_NANOS;
            while (unfinished.get() > 0) {
                if (System.nanoTime() < deadline) {
                    Thread.onSpinWait();
                } else {
                    callerParked = true;
                    if (unfinished.get() > 0) {
                        LockSupport.park(this);
                    }
                }
            }
        }
    }

    private final ReentrantLock turn = new ReentrantLock();
    private final Worker[] workers; // [threads - 1]
    private volatile Job job;
    private volatile boolean closed;

    private Workers(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("threads: found " + threads + ", expected at least 1");
        }
        workers = new Worker[threads - 1];
        for (int i = 0; i < workers.length; i++) {
            workers[i] = new Worker(i + 1);
            workers[i].start();
        }
    }

    /** The pool of the process: a thread a processor, unless {@link #share} said otherwise. */
    public static Workers shared() {
        return Shared.workers;
    }

    /** Gives the process a pool of another size; ranges that run now end on the old one. */
    public static synchronized void share(int threads) {
        Workers old = Shared.workers;
        if (old.threads() != threads) {
            Shared.workers = new Workers(threads);
            old.close();
        }
    }

    /** A pool of one's own, to be closed. */
    public static Workers of(int threads) {
        return new Workers(threads);
    }

    public int threads() {
        return workers.length + 1;
    }

    /**
     * Runs a body over {@code items} items and returns when all are done. The first exception of a part is thrown here,
     * after every part has ended.
     *
     * @param minItems fewer items than this are not worth a part
     */
    public void parallelFor(int items, int minItems, Range body) {
        int parts = Math.min(threads() * PARTS, items / Math.max(1, minItems));
        if (threads() == 1
                || parts <= 1
                || closed
                || turn.isHeldByCurrentThread()
                || Thread.currentThread() instanceof Worker) {
            if (items > 0) {
                body.run(0, items);
            }
            return;
        }
        turn.lock();
        try {
            if (closed) {
                body.run(0, items);
            } else {
                dispatch(new Job(body, items, parts));
            }
        } finally {
            turn.unlock();
        }
    }

    private void dispatch(Job next) {
        job = next;
        for (int i = 0; i < Math.min(workers.length, next.parts - 1); i++) {
            if (workers[i].parked) {
                LockSupport.unpark(workers[i]);
            }
        }
        next.work();
        next.awaitOthers();
        Throwable thrown = next.failure;
        if (thrown instanceof Error error) {
            throw error;
        }
        if (thrown instanceof RuntimeException exception) {
            throw exception;
        }
    }

    /** Ends the threads once the range that runs now is done; later ranges run on their caller's thread. */
    @Override
    public void close() {
        turn.lock();
        try {
            closed = true;
            job = null; // a finished range must not keep its arrays alive
            for (Worker worker : workers) {
                LockSupport.unpark(worker);
            }
        } finally {
            turn.unlock();
        }
    }

    private final class Worker extends Thread {
        private volatile boolean parked;

        Worker(int number) {
            super("squall-worker-" + number);
            setDaemon(true);
        }

        @Override
        public void run() {
            Job seen = null;
            while (!closed) {
                Job next = awaitNext(seen);
                if (next != null && next != seen) {
                    next.work();
                }
                seen = next;
            }
        }

        private Job awaitNext(Job seen) {
            long deadline = System.nanoTime() + SPIN_NANOS;
            while (job == seen && !closed) {
                if (System.nanoTime() < deadline) {
                    Thread.onSpinWait();
                } else {
                    parked = true;
                    if (job == seen && !closed) {
                        LockSupport.park(Workers.this);
                    }
                    parked = false;
                }
            }
            return job;
        }
    }
}
