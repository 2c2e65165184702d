package dev.squall.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every item once, whatever the sizes; failures reach the caller; nobody waits for a thread that is late. */
class WorkersTest {
    @ParameterizedTest
    @CsvSource({"1,1,1", "2,7,1", "3,100,1", "4,1000,3", "4,5,10", "8,3,1", "4,0,1", "2,1000000,1000"})
    void everyItemOnce(int threads, int items, int least) {
        try (Workers workers = Workers.of(threads)) {
            for (int round = 0; round < 50; round++) {
                AtomicIntegerArray counts = new AtomicIntegerArray(items);
                workers.parallelFor(items, least, (from, to) -> {
                    for (int i = from; i < to; i++) {
                        counts.incrementAndGet(i);
                    }
                });
                for (int i = 0; i < items; i++) {
                    assertThat(counts.get(i)).isEqualTo(1);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4})
    void aFailureOfAnyPartIsThrownOnceAllHaveEnded(int threads) {
        try (Workers workers = Workers.of(threads)) {
            AtomicInteger done = new AtomicInteger();
            assertThatThrownBy(() -> workers.parallelFor(64, 1, (from, to) -> {
                        done.addAndGet(to - from);
                        if (to == 64) {
                            throw new IllegalStateException("the last part");
                        }
                    }))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage("the last part");
            assertThat(done).hasValue(64);
            workers.parallelFor(64, 1, (from, to) -> done.addAndGet(to - from)); // the pool goes on
            assertThat(done).hasValue(128);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 4})
    void aRangeInsideARangeRunsOnItsOwnThread(int threads) {
        try (Workers workers = Workers.of(threads)) {
            AtomicInteger inner = new AtomicInteger();
            workers.parallelFor(16, 1, (from, to) -> {
                Thread outer = Thread.currentThread();
                workers.parallelFor(8, 1, (f, t) -> {
                    assertThat(Thread.currentThread()).isSameAs(outer);
                    inner.addAndGet(t - f);
                });
            });
            assertThat(inner.get() % 8).isZero();
            assertThat(inner).hasPositiveValue();
        }
    }

    /** One part holds a thread until all the others are done: they are not its thread's to do. */
    @ParameterizedTest
    @ValueSource(ints = {2, 4})
    void theOtherThreadsTakeOverFromOneThatIsHeld(int threads) throws InterruptedException {
        try (Workers workers = Workers.of(threads)) {
            CountDownLatch others = new CountDownLatch(8 * threads - 1);
            workers.parallelFor(8 * threads, 1, (from, to) -> {
                if (from == 0) {
                    try {
                        assertThat(others.await(1, TimeUnit.MINUTES)).isTrue();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                } else {
                    others.countDown();
                }
            });
            assertThat(others.getCount()).isZero();
        }
    }
}
