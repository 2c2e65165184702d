package dev.squall.model.ngram;

/** Counts by key: an open-addressed table that doubles when it is half full. */
final class LongCounts {
    private long[] keys = new long[1 << 12];
    private long[] counts = new long[1 << 12]; // 0: an empty place
    private int size;

    /** Adds to a count and returns it. */
    long add(long key, int more) {
        int at = find(key);
        if (counts[at] == 0) {
            if (2 * ++size > keys.length) {
                grow();
                at = find(key);
            }
            keys[at] = key;
        }
        counts[at] += more;
        return counts[at];
    }

    /** A count, 0 for a key that is not there. */
    long get(long key) {
        return counts[find(key)];
    }

    private int find(long key) {
        long hash = key * 0x9E3779B97F4A7C15L;
        int at = (int) (hash >>> 32) & keys.length - 1;
        while (counts[at] != 0 && keys[at] != key) {
            at = at + 1 & keys.length - 1;
        }
        return at;
    }

    private void grow() {
        long[] oldKeys = keys;
        long[] oldCounts = counts;
        keys = new long[2 * oldKeys.length];
        counts = new long[2 * oldKeys.length];
        for (int i = 0; i < oldKeys.length; i++) {
            if (oldCounts[i] != 0) {
                int at = find(oldKeys[i]);
                keys[at] = oldKeys[i];
                counts[at] = oldCounts[i];
            }
        }
    }
}
