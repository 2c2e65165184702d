package dev.squall.kernels.simd;

import static dev.squall.kernels.simd.Memory.ALL;

import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * The keys, or the values, of a row's places in the current page, one place after the other in F32: where the cache has them,
 * or a copy, if it has another type or the row sees nodes of a tree, which lie scattered. Rows that see the same share the
 * copy.
 */
final class CachePage {
    private final CacheNumbers cache;
    private final Visibility visibility;
    private final int headDim;
    private final int pageSize;
    private final long copy; // [pageSize, headDim]
    private final int[] held; // [pageSize], the element of the cache that the copy of a place begins with, -1 for none
    private int ahead = -1; // where in the cache a page begins that was read before its turn
    private int read;

    CachePage(CacheNumbers cache, Visibility visibility, int headDim, int pageSize, long copy) {
        this.cache = cache;
        this.visibility = visibility;
        this.headDim = headDim;
        this.pageSize = pageSize;
        this.copy = copy;
        held = new int[pageSize];
        Arrays.fill(held, -1);
    }

    /** The address of the page's first place; what the row sees is there until another row's is asked for. */
    long of(int row) {
        if (cache.inPlace() && visibility.inPrefix(row)) {
            return cache.address(start(row));
        }
        int[] keyAt = visibility.keyAt();
        for (int t = visibility.from(row); t < visibility.to(row); t++) {
            int at = keyAt[row * pageSize + t];
            if (held[t] != at) {
                cache.copy(at, headDim, copy + 4L * t * headDim);
                held[t] = at;
            }
        }
        return copy;
    }

    /** Where in the cache the page begins of which a row sees nothing but the prefix. */
    private int start(int row) {
        int from = visibility.from(row);
        return visibility.keyAt()[row * pageSize + from] - from * headDim;
    }

    /**
     * Reads what an active row sees of this page, and of that of another cache, in order, as fast as it comes: those who compute
     * with it do not, and would wait for each piece. Four pieces come faster than two, so that the row's next page is read as
     * well.
     */
    void touch(CachePage other) {
        for (int i = 0; i < visibility.activeRows(); i++) {
            int row = visibility.activeRow(i);
            if (visibility.inPrefix(row)) {
                touch(row, other.cache);
                return;
            }
        }
    }

    private void touch(int row, CacheNumbers other) {
        int start = start(row);
        if (start == ahead) {
            return;
        }
        int from = start + visibility.from(row) * headDim;
        int end = start + visibility.to(row) * headDim;
        int next = visibility.nextWhole(row);
        if (next >= 0 && from == start) {
            long bytes = cache.address(end) - cache.address(start);
            read += touch(cache.address(start), other.address(start), cache.address(next), other.address(next), bytes);
            ahead = next;
        } else {
            read += touch(cache.address(from), other.address(from), cache.address(end) - cache.address(from));
        }
    }

    /**
     * Reads pieces of memory in turn. The step is unknown to the compiler: a loop that it unrolls has been seen to take twice as
     * long, perhaps as its loads are then in another order, which the processor does not follow with what it fetches ahead.
     *
     * @return something that depends on them, so that reading is not for nothing
     */
    private static int touch(long a, long b, long bytes) {
        int sum = 0;
        long step = Memory.sixteen;
        for (long i = 0; i < bytes; i += step) {
            sum += ALL.get(ValueLayout.JAVA_INT_UNALIGNED, a + i);
            sum += ALL.get(ValueLayout.JAVA_INT_UNALIGNED, b + i);
        }
        return sum;
    }

    private static int touch(long a, long b, long c, long d, long bytes) {
        int sum = 0;
        long step = Memory.sixteen;
        for (long i = 0; i < bytes; i += step) {
            sum += ALL.get(ValueLayout.JAVA_INT_UNALIGNED, a + i);
            sum += ALL.get(ValueLayout.JAVA_INT_UNALIGNED, b + i);
            sum += ALL.get(ValueLayout.JAVA_INT_UNALIGNED, c + i);
            sum += ALL.get(ValueLayout.JAVA_INT_UNALIGNED, d + i);
        }
        return sum;
    }

    /** Reads one. */
    static int touch(long from, long to) {
        int sum = 0;
        long step = Memory.sixteen;
        for (long at = from; at < to; at += step) {
            sum += ALL.get(ValueLayout.JAVA_INT_UNALIGNED, at);
        }
        return sum;
    }
}
