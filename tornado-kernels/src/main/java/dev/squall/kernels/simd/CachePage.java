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
    private long touched; // the page that was read last
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
        int[] keyAt = visibility.keyAt();
        int from = visibility.from(row);
        if (cache.inPlace() && visibility.inPrefix(row)) {
            long page = cache.address() + 4L * (keyAt[row * pageSize + from] - from * headDim);
            if (page != touched) {
                read = touch(page + 4L * from * headDim, page + 4L * visibility.to(row) * headDim);
                touched = page;
            }
            return page;
        }
        for (int t = from; t < visibility.to(row); t++) {
            int at = keyAt[row * pageSize + t];
            if (held[t] != at) {
                cache.copy(at, headDim, copy + 4L * t * headDim);
                held[t] = at;
            }
        }
        return copy;
    }

    /**
     * Reads memory in order, as fast as it comes: those who compute with it do not, and would wait for each piece.
     *
     * @return something that depends on it, so that reading is not for nothing
     */
    static int touch(long from, long to) {
        int sum = 0;
        for (long at = from; at < to; at += 64) {
            sum += ALL.get(ValueLayout.JAVA_INT_UNALIGNED, at);
        }
        return sum;
    }
}
