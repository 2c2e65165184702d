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
        if (staysInPlace(row)) {
            return inPlace(row);
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

    private boolean staysInPlace(int row) {
        return cache.inPlace() && visibility.inPrefix(row);
    }

    private long inPlace(int row) {
        int from = visibility.from(row);
        return cache.address() + 4L * (visibility.keyAt()[row * pageSize + from] - from * headDim);
    }

    /**
     * Reads what an active row sees of this page, and of that of another cache, if they are computed with where they lie: all at
     * once and in order, as fast as it comes. Those who compute with it do not, and would wait for each piece.
     */
    void touch(CachePage other) {
        for (int i = 0; i < visibility.activeRows(); i++) {
            int row = visibility.activeRow(i);
            if (staysInPlace(row)) {
                long from = 4L * visibility.from(row) * headDim;
                long to = 4L * visibility.to(row) * headDim;
                read += touch(inPlace(row) + from, other.inPlace(row) + from, to - from);
                return;
            }
        }
    }

    /**
     * Reads two pieces of memory in turn: both come faster than one after the other.
     *
     * @return something that depends on them, so that reading is not for nothing
     */
    private static int touch(long one, long other, long bytes) {
        int sum = 0;
        for (long i = 0; i < bytes; i += 64) {
            sum += ALL.get(ValueLayout.JAVA_INT_UNALIGNED, one + i);
            sum += ALL.get(ValueLayout.JAVA_INT_UNALIGNED, other + i);
        }
        return sum;
    }

    /** Reads one. */
    static int touch(long from, long to) {
        int sum = 0;
        for (long at = from; at < to; at += 64) {
            sum += ALL.get(ValueLayout.JAVA_INT_UNALIGNED, at);
        }
        return sum;
    }
}
