package dev.squall.app;

import dev.squall.attention.SparseConfig;
import dev.squall.kernels.KernelSet;
import dev.squall.kernels.Workers;
import dev.squall.kernels.reference.SparseAttention;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Keys and values of all layers, and the compressed keys; the text begins at slot 0. A text of each length lies in as many of the
 * first pages as it needs, as in a cache of its own, whatever other lengths are measured; those lie in any order.
 */
final class RandomCache {
    /** The attention of a published model. */
    record Shape(String name, int heads, int kvHeads, int headDim) {
        /** Floats of a token's keys, or values, in a layer. */
        int width() {
            return kvHeads * headDim;
        }
    }

    final KernelSet kernels;
    final SparseConfig config;
    final Shape shape;
    final IntArray pageTable;
    final List<FloatArray> keys = new ArrayList<>(); // [layer] of [pages, kvHeads, block, headDim]
    final List<FloatArray> values = new ArrayList<>();
    final List<FloatArray> fine = new ArrayList<>(); // [layer] of [slots / stride, kvHeads, headDim]
    final List<FloatArray> coarse = new ArrayList<>();
    final IntArray constants;

    /** @param lengths of the texts, in tokens */
    RandomCache(KernelSet kernels, SparseConfig config, Shape shape, int layers, List<Integer> lengths) {
        this.kernels = kernels;
        this.config = config;
        this.shape = shape;
        constants = config.shape(shape.heads(), shape.kvHeads(), shape.headDim());
        int length = Collections.max(lengths);
        int pages = Math.ceilDiv(length, config.blockSize());
        int width = shape.width();
        List<Integer> order = new ArrayList<>(IntStream.range(0, pages).boxed().toList()); // [logical pages]
        Random random = new Random(1);
        int from = 0;
        for (int each : lengths.stream().sorted().toList()) {
            int end = Math.ceilDiv(each, config.blockSize());
            Collections.shuffle(order.subList(from, end), random);
            from = end;
        }
        pageTable =
                IntArray.fromArray(order.stream().mapToInt(Integer::intValue).toArray());
        for (int layer = 0; layer < layers; layer++) {
            keys.add(numbers(pages * config.blockSize() * width, 2 * layer));
            values.add(numbers(pages * config.blockSize() * width, 2 * layer + 1));
            fine.add(compressed(keys.getLast(), length, 1));
            coarse.add(compressed(keys.getLast(), length, SparseAttention.COARSE));
        }
    }

    private FloatArray compressed(FloatArray from, int length, int factor) {
        int size = factor * config.kernelSize();
        int stride = factor * config.kernelStride();
        int count = SparseAttention.windows(length, size, stride);
        IntArray ends = new IntArray(Math.max(1, count));
        for (int j = 0; j < count; j++) {
            ends.set(j, j * stride + size);
        }
        FloatArray means = new FloatArray(Math.max(1, length / stride) * shape.kvHeads() * shape.headDim());
        kernels.cacheF32()
                .compressKeys()
                .apply(IntArray.fromElements(count, 0), ends, pageTable, from, means, constants, factor);
        return means;
    }

    /** Standard normal numbers, near enough: sums of four uniform ones. */
    static FloatArray numbers(int count, long seed) {
        FloatArray numbers = new FloatArray(count);
        fill(numbers, seed);
        return numbers;
    }

    /** Puts such numbers in the place of an array's. */
    static void fill(FloatArray numbers, long seed) {
        int count = numbers.getSize();
        Workers.shared().parallelFor(count, 1 << 16, (from, to) -> {
            long state = (seed + 1) * 0x9E3779B97F4A7C15L + from;
            for (int i = from; i < to; i++) {
                state ^= state << 13;
                state ^= state >>> 7;
                state ^= state << 17;
                int sum = (int) (state & 0xFFFF)
                        + (int) (state >> 16 & 0xFFFF)
                        + (int) (state >> 32 & 0xFFFF)
                        + (int) (state >>> 48);
                numbers.set(i, (sum - 131_070) * 2.6429e-5f); // variance 1
            }
        });
    }
}
