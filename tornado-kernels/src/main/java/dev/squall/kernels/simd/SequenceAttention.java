package dev.squall.kernels.simd;

import static dev.squall.kernels.simd.Memory.ALL;

import dev.squall.kernels.Workers;
import dev.squall.kernels.gradient.Attention;
import dev.squall.kernels.gradient.Dropout;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.Arrays;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * {@link Attention}, its forward pass and its gradient, by tiled products: the heads of one group of one sequence are a part
 * of the work, and their rows are taken by blocks, so that a causal row pays for few of the keys that it does not see.
 *
 * @param shape the sequences, heads, scale and dropout
 */
public record SequenceAttention(Attention shape) {
    private static final int BLOCK = 64; // rows

    private int length() {
        return shape.length();
    }

    private int headDim() {
        return shape.headDim();
    }

    /** As {@link Attention#forward}. */
    public void forward(
            FloatArray out, FloatArray weights, FloatArray q, FloatArray k, FloatArray v, IntArray lengths) {
        check(out, weights, q, k, v);
        Workers.shared().parallelFor(shape.sequences() * shape.kvHeads(), 1, (from, to) -> {
            int n = headDim();
            float[] slice = new float[length() * n];
            float[] queries = new float[BLOCK * n];
            float[] scores = new float[BLOCK * length()];
            float[] sums = new float[BLOCK * n];
            HeapProduct byKeys = new HeapProduct(length(), n);
            HeapProduct byValues = new HeapProduct(n, length());
            for (int part = from; part < to; part++) {
                int sequence = part / shape.kvHeads();
                int kvHead = part % shape.kvHeads();
                int live = lengths.get(sequence);
                read(slice, k, sequence, 0, live, kvHead, shape.kvHeads());
                byKeys.right(slice, 0, 1, n, n, live);
                read(slice, v, sequence, 0, live, kvHead, shape.kvHeads());
                byValues.right(slice, 0, n, 1, live, n);
                for (int head = firstHead(kvHead); head < firstHead(kvHead + 1); head++) {
                    for (int first = 0; first < length(); first += BLOCK) {
                        int rows = Math.min(BLOCK, length() - first);
                        int keys = keys(first + rows, live);
                        read(queries, q, sequence, first, rows, head, shape.heads());
                        for (int i = 0; i < rows * n; i++) {
                            queries[i] *= shape.scale();
                        }
                        byKeys.multiply(scores, 0, length(), queries, 0, n, 1, rows, keys, n, false);
                        for (int i = 0; i < rows; i++) {
                            softmax(scores, i * length(), keys(first + i + 1, live));
                        }
                        int at = weightsAt(sequence, head, first);
                        MemorySegment.copy(scores, 0, ALL, Memory.FLOAT, address(weights) + 4L * at, rows * length());
                        drop(scores, at, rows, keys);
                        byValues.multiply(sums, 0, n, scores, 0, length(), 1, rows, n, keys, false);
                        write(out, sums, sequence, first, rows, head);
                    }
                }
            }
        });
        Reference.reachabilityFence(out);
    }

    /** As {@link Attention#backward}. */
    public void backward(
            FloatArray dq,
            FloatArray dk,
            FloatArray dv,
            FloatArray dOut,
            FloatArray weights,
            FloatArray q,
            FloatArray k,
            FloatArray v,
            IntArray lengths) {
        check(dOut, weights, q, k, v);
        check(dq, weights, dq, dk, dv);
        Workers.shared().parallelFor(shape.sequences() * shape.kvHeads(), 1, (from, to) -> {
            int n = headDim();
            float[] slice = new float[length() * n];
            float[] block = new float[BLOCK * n];
            float[] da = new float[BLOCK * length()];
            float[] a = new float[BLOCK * length()];
            float[] kept = new float[BLOCK * length()];
            float[] product = new float[length()];
            float[] dKeys = new float[length() * n];
            float[] dValues = new float[length() * n];
            HeapProduct byValues = new HeapProduct(length(), n);
            HeapProduct byKeys = new HeapProduct(n, length());
            HeapProduct byBlock = new HeapProduct(n, BLOCK);
            for (int part = from; part < to; part++) {
                int sequence = part / shape.kvHeads();
                int kvHead = part % shape.kvHeads();
                int live = lengths.get(sequence);
                read(slice, v, sequence, 0, live, kvHead, shape.kvHeads());
                byValues.right(slice, 0, 1, n, n, live);
                read(slice, k, sequence, 0, live, kvHead, shape.kvHeads());
                byKeys.right(slice, 0, n, 1, live, n);
                Arrays.fill(dKeys, 0f);
                Arrays.fill(dValues, 0f);
                for (int head = firstHead(kvHead); head < firstHead(kvHead + 1); head++) {
                    for (int first = 0; first < length(); first += BLOCK) {
                        int rows = Math.min(BLOCK, length() - first);
                        int keys = keys(first + rows, live);
                        int at = weightsAt(sequence, head, first);
                        read(block, dOut, sequence, first, rows, head, shape.heads());
                        byValues.multiply(da, 0, length(), block, 0, n, 1, rows, keys, n, false);
                        MemorySegment.copy(ALL, Memory.FLOAT, address(weights) + 4L * at, a, 0, rows * length());
                        System.arraycopy(a, 0, kept, 0, rows * length());
                        drop(kept, at, rows, keys);
                        drop(da, at, rows, keys);
                        byBlock.right(block, 0, n, 1, rows, n);
                        byBlock.multiply(dValues, 0, n, kept, 0, 1, length(), keys, n, rows, true);
                        for (int i = 0; i < rows; i++) {
                            scoreGradient(da, a, i * length(), keys, product);
                        }
                        byKeys.multiply(block, 0, n, da, 0, length(), 1, rows, n, keys, false);
                        addRows(dq, block, sequence, first, rows, head, shape.heads());
                        read(block, q, sequence, first, rows, head, shape.heads());
                        byBlock.right(block, 0, n, 1, rows, n);
                        byBlock.multiply(dKeys, 0, n, da, 0, 1, length(), keys, n, rows, true);
                    }
                }
                addRows(dk, dKeys, sequence, 0, length(), kvHead, shape.kvHeads());
                addRows(dv, dValues, sequence, 0, length(), kvHead, shape.kvHeads());
            }
        });
        Reference.reachabilityFence(dOut);
    }

    /** da = a ⊙ (da − Σ a ⊙ da) scale, elements [at, at + keys); a is 0 where a row sees nothing. */
    private void scoreGradient(float[] da, float[] a, int at, int keys, float[] product) {
        for (int j = 0; j < keys; j++) {
            product[j] = a[at + j] * da[at + j];
        }
        float dot = Vectors.sum(product, 0, keys);
        float scale = shape.scale();
        for (int j = 0; j < keys; j++) {
            da[at + j] = a[at + j] * (da[at + j] - dot) * scale;
        }
    }

    private void softmax(float[] x, int at, int seen) {
        float largest = Float.NEGATIVE_INFINITY;
        for (int i = at; i < at + seen; i++) {
            largest = Math.max(largest, x[i]);
        }
        Vectors.exp(x, at, at + seen, largest);
        float factor = 1f / Vectors.sum(x, at, at + seen);
        for (int i = at; i < at + seen; i++) {
            x[i] *= factor;
        }
        Arrays.fill(x, at + seen, at + length(), 0f);
    }

    /** x[i, j] *= the factor of weight (at + i * length + j). */
    private void drop(float[] x, int at, int rows, int keys) {
        if (shape.dropout() == 0f) {
            return;
        }
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < keys; j++) {
                int element = i * length() + j;
                x[element] *= Dropout.factor(shape.key(), at + element, shape.dropout());
            }
        }
    }

    private int keys(int rowsSoFar, int live) {
        return shape.causal() ? Math.min(rowsSoFar, live) : live;
    }

    private int firstHead(int kvHead) {
        return kvHead * (shape.heads() / shape.kvHeads());
    }

    private int weightsAt(int sequence, int head, int row) {
        return ((sequence * shape.heads() + head) * length() + row) * length();
    }

    private static long address(FloatArray array) {
        return array.getSegment().address();
    }

    private long rowAt(FloatArray x, int sequence, int row, int head, int heads) {
        return address(x) + 4L * headDim() * ((long) (sequence * length() + row) * heads + head);
    }

    private void read(float[] to, FloatArray x, int sequence, int first, int rows, int head, int heads) {
        int n = headDim();
        for (int i = 0; i < rows; i++) {
            MemorySegment.copy(ALL, Memory.FLOAT, rowAt(x, sequence, first + i, head, heads), to, i * n, n);
        }
    }

    private void write(FloatArray x, float[] from, int sequence, int first, int rows, int head) {
        int n = headDim();
        for (int i = 0; i < rows; i++) {
            MemorySegment.copy(from, i * n, ALL, Memory.FLOAT, rowAt(x, sequence, first + i, head, shape.heads()), n);
        }
    }

    private void addRows(FloatArray x, float[] from, int sequence, int first, int rows, int head, int heads) {
        int n = headDim();
        for (int i = 0; i < rows; i++) {
            long at = rowAt(x, sequence, first + i, head, heads);
            for (int e = 0; e < n; e++) {
                float old = ALL.get(Memory.FLOAT, at + 4L * e);
                ALL.set(Memory.FLOAT, at + 4L * e, old + from[i * n + e]);
            }
        }
    }

    private void check(FloatArray out, FloatArray weights, FloatArray q, FloatArray k, FloatArray v) {
        long rows = (long) shape.sequences() * length();
        require("queries", q, rows * shape.heads() * headDim());
        require("outputs", out, rows * shape.heads() * headDim());
        require("keys", k, rows * shape.kvHeads() * headDim());
        require("values", v, rows * shape.kvHeads() * headDim());
        require("weights", weights, rows * shape.heads() * length());
    }

    private static void require(String name, FloatArray array, long size) {
        if (array.getSize() < size) {
            throw new IndexOutOfBoundsException(
                    name + ": found an array of " + array.getSize() + ", expected at least " + size);
        }
    }
}
