package dev.squall.kernels.simd;

import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;

/**
 * What the rows of a block see, page by page in ascending order of their places.
 *
 * <p>A place is a slot of the prefix, or counts on from prefixEnd for the bits of the mask (see {@link
 * dev.squall.kernels.reference.Attention}); the places of a row have no gap. Rows may belong to different sequences, whose
 * pages lie far apart: every row has a cursor of its own, and a page is visited with the rows whose cursors stand on it.
 */
final class Visibility {
    private static final int NONE = Integer.MAX_VALUE;

    private final IntArray windowStart; // [R]
    private final IntArray prefixEnd; // [R]
    private final IntArray treeBase; // [R]
    private final LongArray mask; // [R]
    private final IntArray pageTable; // [logical pages]
    private final LongArray selection; // [R, kvHeads, words], a bit a page of the row's sequence; null: all pages
    private final int words;
    private final int kvHeads;
    private final int pageSize;
    private final int headDim;

    private final int[] next; // [rows], the next page of each row of the block
    private final int[] active; // [rows], the rows that see the current page; the first activeRows count
    private final int[] from; // [rows], first place of the current page that the row sees, from the page's start
    private final int[] to; // [rows], the place after the last one
    private final boolean[] inPrefix; // [rows], all those places are slots of the prefix
    private final int[] keyAt; // [rows, pageSize], where the keys of those places begin
    private int kvHead;
    private int firstRow;
    private int rows;
    private int activeRows;

    Visibility(
            IntArray windowStart,
            IntArray prefixEnd,
            IntArray treeBase,
            LongArray mask,
            IntArray pageTable,
            LongArray selection,
            int kvHeads,
            int pageSize,
            int headDim,
            int blockRows) {
        this.windowStart = windowStart;
        this.prefixEnd = prefixEnd;
        this.treeBase = treeBase;
        this.mask = mask;
        this.pageTable = pageTable;
        this.selection = selection;
        this.words = selection == null ? 0 : selection.getSize() / (windowStart.getSize() * kvHeads);
        this.kvHeads = kvHeads;
        this.pageSize = pageSize;
        this.headDim = headDim;
        next = new int[blockRows];
        active = new int[blockRows];
        from = new int[blockRows];
        to = new int[blockRows];
        inPrefix = new boolean[blockRows];
        keyAt = new int[blockRows * pageSize];
    }

    /** Puts the cursors of the rows [first, end) of the batch on their first pages. */
    void start(int head, int first, int end) {
        kvHead = head;
        firstRow = first;
        rows = end - first;
        for (int row = 0; row < rows; row++) {
            next[row] = pageFrom(first + row, firstPlace(first + row) / pageSize);
        }
    }

    /** Goes to the next page that any row sees; false after the last one. */
    boolean nextPage() {
        int page = NONE;
        for (int row = 0; row < rows; row++) {
            page = Math.min(page, next[row]);
        }
        activeRows = 0;
        if (page == NONE) {
            return false;
        }
        for (int row = 0; row < rows; row++) {
            if (next[row] == page) {
                active[activeRows++] = row;
                look(row, page);
                next[row] = pageFrom(firstRow + row, page + 1);
            }
        }
        return true;
    }

    /** The first page from one on that the row sees. */
    private int pageFrom(int row, int page) {
        int end = Math.ceilDiv(endPlace(row), pageSize);
        if (selection == null) {
            return firstPlace(row) < endPlace(row) && page < end ? page : NONE;
        }
        int base = windowStart.get(row) / pageSize;
        int bits = (row * kvHeads + kvHead) * words * 64;
        for (int block = page - base; block < end - base; block = (block | 63) + 1) {
            long left = selection.get((bits + block) / 64) >>> block;
            if (left != 0L) {
                int found = base + block + Long.numberOfTrailingZeros(left);
                return found < end ? found : NONE;
            }
        }
        return NONE;
    }

    int activeRows() {
        return activeRows;
    }

    /** The i-th active row, counted from the first of the block. */
    int activeRow(int i) {
        return active[i];
    }

    int from(int row) {
        return from[row];
    }

    int to(int row) {
        return to[row];
    }

    /** All that the row sees of this page lies in one physical page, which such rows share. */
    boolean inPrefix(int row) {
        return inPrefix[row];
    }

    /** Two rows see the same slots of this page. */
    boolean same(int row, int other) {
        return row == other || (inPrefix[row] && inPrefix[other] && from[row] == from[other] && to[row] == to[other]);
    }

    /** [rows, pageSize], where the key of a row's place begins; so its value does. */
    int[] keyAt() {
        return keyAt;
    }

    /** Where the keys of the row's next page begin, if it sees all of it; else −1. */
    int nextWhole(int row) {
        int page = next[row];
        return page != NONE && (page + 1) * pageSize <= prefixEnd.get(firstRow + row) ? keyOf(page * pageSize) : -1;
    }

    private int firstPlace(int row) {
        return Math.min(windowStart.get(row), prefixEnd.get(row));
    }

    private int endPlace(int row) {
        return prefixEnd.get(row) + Long.bitCount(mask.get(row));
    }

    private void look(int row, int page) {
        int start = page * pageSize;
        int prefix = prefixEnd.get(firstRow + row);
        from[row] = Math.max(0, firstPlace(firstRow + row) - start);
        to[row] = Math.min(pageSize, endPlace(firstRow + row) - start);
        inPrefix[row] = start + to[row] <= prefix;
        int last = Math.min(to[row], prefix - start);
        if (from[row] < last) {
            int at = keyOf(start);
            for (int t = from[row]; t < last; t++) {
                keyAt[row * pageSize + t] = at + t * headDim;
            }
        }
        long tree = mask.get(firstRow + row);
        for (int place = prefix; place < start + to[row]; place++) {
            if (place >= start) {
                int slot = treeBase.get(firstRow + row) + Long.numberOfTrailingZeros(tree);
                keyAt[row * pageSize + place - start] = keyOf(slot);
            }
            tree &= tree - 1L;
        }
    }

    private int keyOf(int slot) {
        return ((pageTable.get(slot / pageSize) * kvHeads + kvHead) * pageSize + slot % pageSize) * headDim;
    }
}
