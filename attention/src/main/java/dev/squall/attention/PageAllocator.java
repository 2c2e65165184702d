package dev.squall.attention;

import java.util.BitSet;

/** Hands out page numbers, the lowest free one first, so that a process is repeatable. */
final class PageAllocator {
    private final BitSet taken = new BitSet();
    private final int pages;
    private int free;

    PageAllocator(int pages) {
        this.pages = pages;
        this.free = pages;
    }

    int free() {
        return free;
    }

    int take() {
        int page = taken.nextClearBit(0);
        if (page >= pages) {
            throw new KvCacheFullException("all " + pages + " pages of the key/value cache are taken");
        }
        taken.set(page);
        free--;
        return page;
    }

    void giveBack(int page) {
        if (!taken.get(page)) {
            throw new IllegalStateException("page " + page + " given back twice");
        }
        taken.clear(page);
        free++;
    }
}
