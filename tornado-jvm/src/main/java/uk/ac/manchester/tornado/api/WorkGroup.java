package uk.ac.manchester.tornado.api;

import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * One group of work-items on the JVM: true barriers and shared local memory.
 *
 * <p>A runner takes the items one after the other. An item that reaches a barrier parks its runner and starts another one
 * for the items that are left; so a kernel without barriers runs in one thread, as a plain loop, and one with barriers has
 * a virtual thread an item. When the last item arrives, all go on.
 */
final class WorkGroup {
    private final int size;
    private final Consumer<WorkGroup> nextItem;
    private final CountDownLatch done = new CountDownLatch(1);
    private final List<Object> localArrays = new ArrayList<>();

    // Guarded by this.
    private final Thread[] waiting;
    private int arrived;
    private int started;
    private int finished;
    private int phase;
    private Throwable failure;

    /**
     * @param size the number of items
     * @param nextItem runs the next item, whose number is {@link #itemOfThisRunner()}
     */
    WorkGroup(int size, Consumer<WorkGroup> nextItem) {
        this.size = size;
        this.nextItem = nextItem;
        this.waiting = new Thread[size];
    }

    /** Runs all items and returns when all have ended; what an item throws is thrown here. */
    void run() {
        Thread.ofVirtual().name("work-item").start(this::runItems);
        boolean interrupted = false;
        while (true) {
            try {
                done.await();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (failure instanceof Error error) {
            throw error;
        }
        if (failure instanceof RuntimeException exception) {
            throw exception;
        }
    }

    /** The number of the item that was taken last. */
    synchronized int itemOfThisRunner() {
        return started - 1;
    }

    private void runItems() {
        try {
            while (take()) {
                nextItem.accept(this);
                finish();
            }
        } catch (Throwable error) {
            fail(error);
        }
    }

    private synchronized boolean take() {
        if (failure != null || started == size) {
            return false;
        }
        started++;
        return true;
    }

    private synchronized void finish() {
        finished++;
        if (finished == size) {
            done.countDown();
        } else if (arrived > 0 && arrived + finished == size) {
            fail(new IllegalStateException(
                    finished + " of " + size + " work-items ended while the others wait at a barrier"));
        }
    }

    private synchronized void fail(Throwable error) {
        if (failure == null) {
            failure = error;
        }
        phase++;
        release();
        done.countDown();
    }

    private void release() {
        Thread[] released = Arrays.copyOf(waiting, arrived);
        arrived = 0;
        for (Thread thread : released) {
            LockSupport.unpark(thread);
        }
    }

    void barrier() {
        int arrivalPhase;
        boolean startRunner;
        synchronized (this) {
            checkFailure();
            arrivalPhase = phase;
            if (arrived + 1 + finished == size && started == size) {
                if (finished > 0) {
                    fail(new IllegalStateException(
                            finished + " of " + size + " work-items ended while the others wait at a barrier"));
                    checkFailure();
                }
                phase++;
                release();
                return;
            }
            waiting[arrived++] = Thread.currentThread();
            startRunner = phase == 0 && started < size;
        }
        if (startRunner) {
            Thread.ofVirtual().name("work-item").start(this::runItems);
        }
        while (phaseNow() == arrivalPhase) {
            LockSupport.park(this);
        }
        synchronized (this) {
            checkFailure();
        }
    }

    private synchronized int phaseNow() {
        return phase;
    }

    private void checkFailure() {
        if (failure != null) {
            throw new IllegalStateException("another work-item of the group failed", failure);
        }
    }

    /** The local array that every item of the group allocates as its k-th; its content is garbage, as on a device. */
    synchronized <A> A localArray(int k, Class<A> type, int length) {
        if (k == localArrays.size()) {
            Object array = Array.newInstance(type.getComponentType(), length);
            if (array instanceof float[] floats) {
                Arrays.fill(floats, Float.NaN);
            } else if (array instanceof double[] doubles) {
                Arrays.fill(doubles, Double.NaN);
            }
            localArrays.add(array);
        }
        Object array = localArrays.get(k);
        if (!type.isInstance(array) || Array.getLength(array) != length) {
            throw new IllegalStateException("work-items of one group allocate different local arrays");
        }
        return type.cast(array);
    }
}
