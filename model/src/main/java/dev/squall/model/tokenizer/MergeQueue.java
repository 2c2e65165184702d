package dev.squall.model.tokenizer;

import java.util.Arrays;

/**
 * Merges neighbouring symbols of a text, always the pair of the lowest rank, the leftmost of equals, until no pair has a
 * rank. In O(n log n): candidates wait in a heap, and one that is out of date when it comes up is dropped.
 */
final class MergeQueue {
    /** What the symbols are. A symbol is named by the place of its first part. */
    interface Pairs {
        /** The rank of a pair, from 0, or -1 if it does not merge. */
        int rank(int left, int right);

        /** Makes the left symbol the merger of both. */
        void merge(int left, int right);
    }

    private final Pairs pairs;
    private final int[] next; // [n + 1], the symbol to the right, n for none
    private final int[] previous; // [n], -1 for none; -2 for a symbol that was merged away
    private long[] heap = new long[16]; // rank << 32 | left
    private int size;

    private MergeQueue(int n, Pairs pairs) {
        this.pairs = pairs;
        next = new int[n];
        previous = new int[n];
        for (int i = 0; i < n; i++) {
            next[i] = i + 1;
            previous[i] = i - 1;
        }
    }

    /** Merges n symbols and returns the places of those that are left, in order. */
    static int[] merge(int n, Pairs pairs) {
        return new MergeQueue(n, pairs).run();
    }

    private int[] run() {
        int n = next.length;
        for (int i = 0; i + 1 < n; i++) {
            offer(i, i + 1);
        }
        int alive = n;
        while (size > 0) {
            long top = poll();
            int left = (int) top;
            int right = previous[left] == -2 ? n : next[left];
            if (right < n && pairs.rank(left, right) == top >> 32) {
                pairs.merge(left, right);
                next[left] = next[right];
                previous[right] = -2;
                alive--;
                if (next[left] < n) {
                    previous[next[left]] = left;
                    offer(left, next[left]);
                }
                if (previous[left] >= 0) {
                    offer(previous[left], left);
                }
            }
        }
        int[] symbols = new int[alive];
        for (int i = 0, at = 0; at < n; at = next[at]) {
            symbols[i++] = at;
        }
        return symbols;
    }

    private void offer(int left, int right) {
        int rank = pairs.rank(left, right);
        if (rank < 0) {
            return;
        }
        if (size == heap.length) {
            heap = Arrays.copyOf(heap, 2 * size);
        }
        long value = (long) rank << 32 | left;
        int at = size++;
        while (at > 0 && heap[(at - 1) / 2] > value) {
            heap[at] = heap[(at - 1) / 2];
            at = (at - 1) / 2;
        }
        heap[at] = value;
    }

    private long poll() {
        long top = heap[0];
        long value = heap[--size];
        int at = 0;
        for (int child = 1; child < size; child = 2 * at + 1) {
            if (child + 1 < size && heap[child + 1] < heap[child]) {
                child++;
            }
            if (heap[child] >= value) {
                break;
            }
            heap[at] = heap[child];
            at = child;
        }
        heap[at] = value;
        return top;
    }
}
