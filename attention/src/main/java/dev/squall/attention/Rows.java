package dev.squall.attention;

import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;

/**
 * One batch of rows: the only thing a transformer computes.
 *
 * <p>A row is one token with its position, the cache slot that its key and value go to, and what it may see:
 * the slots {@code [windowStart, prefixEnd)} and {@code treeBase + b} for every set bit {@code b} of {@code mask}.
 * Prefill, decoding, draft trees and encoders are different fillings of the same arrays, so they share one forward
 * pass. Slots are logical and global, see {@link KvCache}; the methods that take a {@link KvCache.Sequence} count
 * from the beginning of that sequence and translate.
 *
 * <p>The arrays have a fixed capacity, because the task graphs hold on to them; only the first {@link #size()}
 * entries mean something. Not thread-safe.
 */
public final class Rows {
    /** Entry of {@link #step()} that holds the number of rows. */
    public static final int LIVE = 0;

    /** Entry of {@link #step()} that holds the number of rows that ask for logits. */
    public static final int ASKING = 1;

    private final IntArray step = new IntArray(2); // [2]: rows, rows that ask for logits
    private final IntArray token; // [capacity]
    private final IntArray position; // [capacity], rotary position
    private final IntArray slot; // [capacity], where key and value are stored
    private final IntArray windowStart; // [capacity], first visible slot of the prefix
    private final IntArray prefixEnd; // [capacity], one past its last visible slot
    private final IntArray treeBase; // [capacity], slot of mask bit 0
    private final LongArray mask; // [capacity], 64 visible slots from treeBase on
    private final IntArray logitRow; // [logitCapacity], the k-th row that asks for logits

    /**
     * @param capacity most rows of one batch
     * @param logitCapacity most rows of one batch that may ask for logits
     */
    public Rows(int capacity, int logitCapacity) {
        if (capacity < 1 || logitCapacity < 1 || logitCapacity > capacity) {
            throw new IllegalArgumentException("capacities of rows and logit rows: found " + capacity + " and "
                    + logitCapacity + ", expected 1 <= logit rows <= rows");
        }
        token = new IntArray(capacity);
        position = new IntArray(capacity);
        slot = new IntArray(capacity);
        windowStart = new IntArray(capacity);
        prefixEnd = new IntArray(capacity);
        treeBase = new IntArray(capacity);
        mask = new LongArray(capacity);
        logitRow = new IntArray(logitCapacity);
        clear();
    }

    /** Forgets all rows. */
    public void clear() {
        step.set(LIVE, 0);
        step.set(ASKING, 0);
    }

    /**
     * Adds a row, everything in global slots.
     *
     * @param windowStart first slot that the row may see, the slot of position 0 of its sequence. A layer with a
     *     sliding window moves it further on by itself
     * @param prefixEnd one past the last slot of the prefix that the row sees
     * @param treeBase slot of bit 0 of {@code mask}
     * @param mask further slots that the row sees, usually its ancestors in a draft tree and itself
     * @param wantsLogits whether logits are computed for this row
     * @return the index of the row
     * @throws IllegalStateException if the batch is full
     */
    public int add(
            int token,
            int position,
            int slot,
            int windowStart,
            int prefixEnd,
            int treeBase,
            long mask,
            boolean wantsLogits) {
        int row = size();
        if (row == capacity()) {
            throw new IllegalStateException("batch of rows is full: capacity " + row);
        }
        if (wantsLogits) {
            int asking = logitRows();
            if (asking == logitCapacity()) {
                throw new IllegalStateException("too many rows ask for logits: capacity " + asking);
            }
            logitRow.set(asking, row);
            step.set(ASKING, asking + 1);
        }
        this.token.set(row, token);
        this.position.set(row, position);
        this.slot.set(row, slot);
        this.windowStart.set(row, windowStart);
        this.prefixEnd.set(row, prefixEnd);
        this.treeBase.set(row, treeBase);
        this.mask.set(row, mask);
        step.set(LIVE, row + 1);
        return row;
    }

    /** Adds the token at {@code position} of a text: it sees everything up to itself. Returns the index of the row. */
    public int addCausal(KvCache.Sequence sequence, int token, int position, boolean wantsLogits) {
        int base = sequence.base();
        int slot = sequence.slot(position);
        return add(token, position, slot, base, slot + 1, base, 0L, wantsLogits);
    }

    /**
     * Adds a node of a draft tree that stands after {@code committed} tokens: it sees those and the nodes of its mask.
     *
     * @param position rotary position, {@code committed} plus the depth of the node
     * @param node number of the node in the tree, 0 to 63; its slot is {@code committed + node}
     * @param ancestors bit b stands for node b; the node's own bit belongs to it
     * @return the index of the row
     */
    public int addTreeNode(
            KvCache.Sequence sequence,
            int token,
            int position,
            int committed,
            int node,
            long ancestors,
            boolean wantsLogits) {
        int base = sequence.base();
        int treeBase = base + committed;
        return add(token, position, sequence.slot(committed + node), base, treeBase, treeBase, ancestors, wantsLogits);
    }

    /** Adds the token at {@code position} of a text of {@code length} tokens that all see one another. */
    public int addBidirectional(KvCache.Sequence sequence, int token, int position, int length, boolean wantsLogits) {
        int base = sequence.base();
        return add(token, position, sequence.slot(position), base, base + length, base, 0L, wantsLogits);
    }

    /** Number of rows. */
    public int size() {
        return step.get(LIVE);
    }

    /** Number of rows that ask for logits. */
    public int logitRows() {
        return step.get(ASKING);
    }

    public int capacity() {
        return token.getSize();
    }

    public int logitCapacity() {
        return logitRow.getSize();
    }

    /** Makes this batch equal to another one that fits. */
    public void copyFrom(Rows other) {
        if (other.size() > capacity() || other.logitRows() > logitCapacity()) {
            throw new IllegalArgumentException("batch of " + other.size() + " rows, " + other.logitRows()
                    + " with logits, expected at most " + capacity() + " and " + logitCapacity());
        }
        for (int row = 0; row < other.size(); row++) {
            token.set(row, other.token.get(row));
            position.set(row, other.position.get(row));
            slot.set(row, other.slot.get(row));
            windowStart.set(row, other.windowStart.get(row));
            prefixEnd.set(row, other.prefixEnd.get(row));
            treeBase.set(row, other.treeBase.get(row));
            mask.set(row, other.mask.get(row));
        }
        for (int k = 0; k < other.logitRows(); k++) {
            logitRow.set(k, other.logitRow.get(k));
        }
        step.set(LIVE, other.size());
        step.set(ASKING, other.logitRows());
    }

    // ---- the arrays themselves, for the task graphs

    /** [2]: number of rows, number of rows that ask for logits. */
    public IntArray step() {
        return step;
    }

    /** [capacity]. */
    public IntArray token() {
        return token;
    }

    /** [capacity]. */
    public IntArray position() {
        return position;
    }

    /** [capacity]. */
    public IntArray slot() {
        return slot;
    }

    /** [capacity]. */
    public IntArray windowStart() {
        return windowStart;
    }

    /** [capacity]. */
    public IntArray prefixEnd() {
        return prefixEnd;
    }

    /** [capacity]. */
    public IntArray treeBase() {
        return treeBase;
    }

    /** [capacity]. */
    public LongArray mask() {
        return mask;
    }

    /** [logitCapacity], row numbers. */
    public IntArray logitRow() {
        return logitRow;
    }
}
