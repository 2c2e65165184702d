package dev.squall.kernels.simd;

import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;

/**
 * What the rows of a block see, page by page in ascending order.
 *
 * <p>Rows may belong to different sequences, whose pages lie far apart: every row has a cursor of its own, and a page is
 * visited with the rows whose cursors stand on it.
 */
final class Visibility {
    private static final int NONE = Integer.MAX_VALUE;

    private final IntArray windowStart; // [R]
    private final IntArray prefixEnd; // [R]
    private final IntArray treeBase; // [R]
    private final LongArray mask; // [R]
    private final int pageSize;

    private final int[] next; // [rows], the next page of each row of the block
    private final int[] active; // [rows], the rows that see the current page; the first activeRows count
    private final int[] counts; // [rows], slots of the current page that the row sees
    private final int[] offsets; // [rows, pageSize], those slots, ascending, as offsets in the page
    private int firstRow;
    private int rows;
    private int activeRows;

    Visibility(
            IntArray windowStart, IntArray prefixEnd, IntArray treeBase, LongArray mask, int pageSize, int blockRows) {
        this.windowStart = windowStart;
        this.prefixEnd = prefixEnd;
        this.treeBase = treeBase;
        this.mask = mask;
        this.pageSize = pageSize;
        next = new int[blockRows];
        active = new int[blockRows];
        counts = new int[blockRows];
        offsets = new int[blockRows * pageSize];
    }

    /** Puts the cursors of the rows [first, end) of the batch on their first pages. */
    void start(int first, int end) {
        firstRow = first;
        rows = end - first;
        for (int row = 0; row < rows; row++) {
            next[row] = pageFrom(first + row, 0);
        }
    }

    /** Goes to the next page that any row sees; returns its logical number, −1 after the last one. */
    int nextPage() {
        int page = NONE;
        for (int row = 0; row < rows; row++) {
            page = Math.min(page, next[row]);
        }
        activeRows = 0;
        if (page == NONE) {
            return -1;
        }
        for (int row = 0; row < rows; row++) {
            if (next[row] == page) {
                active[activeRows++] = row;
                look(row, page);
                next[row] = pageFrom(firstRow + row, (page + 1) * pageSize);
            }
        }
        return page;
    }

    int activeRows() {
        return activeRows;
    }

    /** The i-th active row, counted from the first of the block. */
    int activeRow(int i) {
        return active[i];
    }

    int count(int row) {
        return counts[row];
    }

    /** Where a row's part of {@link #offsets} begins. */
    int at(int row) {
        return row * pageSize;
    }

    int[] offsets() {
        return offsets;
    }

    /** The page of the first slot from here on that a row sees. */
    private int pageFrom(int row, int from) {
        int slot = Math.max(from, windowStart.get(row));
        slot = slot < prefixEnd.get(row) ? slot : NONE;
        long tree = mask.get(row);
        int base = treeBase.get(row);
        if (from > base) {
            tree = from - base < 64 ? tree & (-1L << (from - base)) : 0L;
        }
        if (tree != 0L) {
            slot = Math.min(slot, base + Long.numberOfTrailingZeros(tree));
        }
        return slot == NONE ? NONE : slot / pageSize;
    }

    private void look(int row, int page) {
        int from = windowStart.get(firstRow + row);
        int to = prefixEnd.get(firstRow + row);
        int base = treeBase.get(firstRow + row);
        long tree = mask.get(firstRow + row);
        int count = 0;
        for (int t = 0; t < pageSize; t++) {
            int slot = page * pageSize + t;
            int bit = slot - base;
            boolean inPrefix = slot >= from && slot < to;
            boolean inTree = bit >= 0 && bit < 64 && (tree >>> bit & 1L) != 0L;
            if (inPrefix || inTree) {
                offsets[row * pageSize + count++] = t;
            }
        }
        counts[row] = count;
    }
}
