package dev.squall.kernels.simd;

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
            return cache.address() + 4L * (keyAt[row * pageSize + from] - from * headDim);
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
}
