package dev.squall.kernels.simd;

/** The k largest logits met so far: a heap whose root is the least, that is the smallest, of equal ones the highest id. */
final class LargestLogits {
    private final int[] ids; // [k], the children of i are 2i + 1 and 2i + 2
    private final float[] values; // [k]
    private int size;

    LargestLogits(int k) {
        ids = new int[k];
        values = new float[k];
    }

    int size() {
        return size;
    }

    /** A logit below this cannot be among the largest. */
    float threshold() {
        return size < ids.length ? Float.NEGATIVE_INFINITY : values[0];
    }

    float leastValue() {
        return values[0];
    }

    int leastId() {
        return ids[0];
    }

    /** Takes a logit in if it is among the largest; ids come in ascending order. */
    void offer(int id, float value) {
        if (size < ids.length) {
            if (value == value) {
                rise(size++, id, value);
            }
        } else if (value > values[0]) {
            sink(id, value);
        }
    }

    void removeLeast() {
        size--;
        sink(ids[size], values[size]);
    }

    private void rise(int from, int id, float value) {
        int at = from;
        while (at > 0 && isLess(value, id, values[(at - 1) / 2], ids[(at - 1) / 2])) {
            put(at, ids[(at - 1) / 2], values[(at - 1) / 2]);
            at = (at - 1) / 2;
        }
        put(at, id, value);
    }

    /** Puts an entry in the place of the root. */
    private void sink(int id, float value) {
        int at = 0;
        int child = lesserChild(at);
        while (child < size && isLess(values[child], ids[child], value, id)) {
            put(at, ids[child], values[child]);
            at = child;
            child = lesserChild(at);
        }
        put(at, id, value);
    }

    private int lesserChild(int at) {
        int left = 2 * at + 1;
        int right = left + 1;
        return right < size && isLess(values[right], ids[right], values[left], ids[left]) ? right : left;
    }

    private static boolean isLess(float a, int aId, float b, int bId) {
        return a < b || (a == b && aId > bId);
    }

    private void put(int at, int id, float value) {
        ids[at] = id;
        values[at] = value;
    }
}
