package dev.squall.model.tokenizer;

/** Which pairs of tokens merge, in which order, into what: an open-addressed table from pairs of ids. */
final class MergeTable {
    private static final long EMPTY = -1;

    private final long[] keys; // left << 32 | right
    private final int[] ranks;
    private final int[] merged;

    MergeTable(int expected) {
        int capacity = Integer.highestOneBit(Math.max(8, expected)) * 4;
        keys = new long[capacity];
        java.util.Arrays.fill(keys, EMPTY);
        ranks = new int[capacity];
        merged = new int[capacity];
    }

    /** Adds a pair; one that is there already stays. */
    void put(int left, int right, int rank, int into) {
        int at = find(left, right);
        if (keys[at] == EMPTY) {
            keys[at] = key(left, right);
            ranks[at] = rank;
            merged[at] = into;
        }
    }

    /** The rank of a pair, or -1. */
    int rank(int left, int right) {
        int at = find(left, right);
        return keys[at] == EMPTY ? -1 : ranks[at];
    }

    /** What a pair that has a rank becomes. */
    int merged(int left, int right) {
        return merged[find(left, right)];
    }

    private int find(int left, int right) {
        long key = key(left, right);
        long hash = key * 0x9E3779B97F4A7C15L;
        int at = (int) (hash >>> 40) & keys.length - 1;
        while (keys[at] != EMPTY && keys[at] != key) {
            at = at + 1 & keys.length - 1;
        }
        return at;
    }

    private static long key(int left, int right) {
        return (long) left << 32 | right;
    }
}
