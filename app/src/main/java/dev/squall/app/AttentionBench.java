package dev.squall.app;

import dev.squall.attention.SparseConfig;
import dev.squall.kernels.KernelSet;
import dev.squall.kernels.MultiplyAddPeak;
import dev.squall.kernels.ReadBandwidth;
import dev.squall.kernels.Workers;
import dev.squall.kernels.reference.SparseAttention;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;

/**
 * Dense against block-sparse attention on this machine, in turn, for the attention of published models and texts of several
 * lengths: milliseconds a layer, for one token and for a chunk of a prompt that ends at the length.
 *
 * <p>Keys, values and queries are random. Measurements go round over so many layers that what sparse attention reads is more than
 * four times the processor's last cache.
 */
final class AttentionBench {
    static final List<Integer> LENGTHS = List.of(4096, 8192, 16_384, 32_768, 65_536, 131_072);

    /** Keys of a layer with eight heads of 128 elements are then just below 2^31 elements. */
    static final int MOST_LENGTH = (1 << 21) - 64;

    /** Of the multiply-adds of {@link MultiplyAddPeak}, what a product that reads its numbers may hope for. */
    private static final double SHARE_OF_PEAK = 0.6;

    private static final int CHUNK = 512;
    private static final int LEAST_ROUNDS = 3;
    private static final int MOST_ROUNDS = 20;
    private static final int WARM_UP_ROUNDS = 500;
    private static final long NANOS = 2_000_000_000L; // worth of rounds
    private static final long DEFAULT_CACHE = 32L << 20; // bytes, where the system does not say

    /** The attention of a published model. */
    private record Shape(String name, int heads, int kvHeads, int headDim) {
        /** Floats of a token's keys, or values, in a layer. */
        int width() {
            return kvHeads * headDim;
        }
    }

    private static final List<Shape> SHAPES =
            List.of(new Shape("MiniCPM4-8B", 32, 2, 128), new Shape("Llama-3-8B", 32, 8, 128));

    private final Console console;
    private final KernelSet kernels = KernelSet.best();
    private final SparseConfig config = SparseConfig.defaults();
    private double bandwidth; // bytes a second that this machine reads
    private double multiplyAdds; // a second, at most

    AttentionBench(Console console) {
        this.console = console;
    }

    /** Measures, prints and returns; lengths are tokens. */
    List<Map<String, Object>> run(List<Integer> lengths, boolean json) {
        int longest = lengths.stream().max(Integer::compare).orElseThrow();
        for (Shape shape : SHAPES) {
            MachineMemory.require(longest, 8L * longest * shape.width() * layers(shape));
        }
        bandwidth = ReadBandwidth.measure();
        multiplyAdds = MultiplyAddPeak.measure();
        console.err()
                .printf(
                        Locale.ROOT,
                        "reads %.1f GB/s, does %.1f G multiply-adds/s; the roof is the bandwidth, or %.0f %% of these%n",
                        bandwidth / 1e9,
                        multiplyAdds / 1e9,
                        100 * SHARE_OF_PEAK);
        List<Map<String, Object>> results = new ArrayList<>();
        for (Shape shape : SHAPES) {
            Cache cache = new Cache(shape, lengths);
            // Not counted: the JVM compiles, the choice of blocks after some hundred tokens.
            for (int rows : new int[] {1, CHUNK}) {
                measure(cache, rows, Math.min(longest, 16_384), WARM_UP_ROUNDS, 2 * NANOS);
            }
            for (int length : lengths) {
                for (int rows : new int[] {1, CHUNK}) {
                    Map<String, Object> result = measure(cache, rows, length, MOST_ROUNDS, NANOS);
                    results.add(result);
                    if (!json) {
                        print(result);
                    }
                }
            }
        }
        if (json) {
            console.json(results);
        }
        return results;
    }

    private void print(Map<String, Object> result) {
        console.out()
                .printf(
                        Locale.ROOT,
                        "%-12s %-8s %7d tokens  dense %9.3f ms  sparse %9.3f ms (selection %.3f)  %.2f times, dense at %.2f of the roof%n",
                        result.values().toArray());
        console.out().flush();
    }

    /** So many that a token reads more keys and values by sparse attention than four times the last cache has room for. */
    private int layers(Shape shape) {
        long read = 8L * config.slots() * config.blockSize() * shape.width();
        return (int) (4 * lastCache() / read) + 1;
    }

    /**
     * Keys and values of all layers, and the compressed keys; the text begins at slot 0. A text of each length lies in as many of the
     * first pages as it needs, as in a cache of its own, whatever other lengths are measured; those lie in any order.
     */
    private final class Cache {
        final Shape shape;
        final IntArray pageTable;
        final List<FloatArray> keys = new ArrayList<>(); // [layer] of [pages, kvHeads, block, headDim]
        final List<FloatArray> values = new ArrayList<>();
        final List<FloatArray> fine = new ArrayList<>(); // [layer] of [slots / stride, kvHeads, headDim]
        final List<FloatArray> coarse = new ArrayList<>();
        final IntArray constants;

        Cache(Shape shape, List<Integer> lengths) {
            this.shape = shape;
            constants = config.shape(shape.heads(), shape.kvHeads(), shape.headDim());
            int length = Collections.max(lengths);
            int pages = Math.ceilDiv(length, config.blockSize());
            int width = shape.width();
            List<Integer> order =
                    new ArrayList<>(IntStream.range(0, pages).boxed().toList()); // [logical pages]
            Random random = new Random(1);
            int from = 0;
            for (int each : lengths.stream().sorted().toList()) {
                int end = Math.ceilDiv(each, config.blockSize());
                Collections.shuffle(order.subList(from, end), random);
                from = end;
            }
            pageTable = IntArray.fromArray(
                    order.stream().mapToInt(Integer::intValue).toArray());
            for (int layer = 0; layer < layers(shape); layer++) {
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
    }

    /** Standard normal numbers, near enough: sums of four uniform ones. */
    private static FloatArray numbers(int count, long seed) {
        FloatArray numbers = new FloatArray(count);
        fill(numbers, seed);
        return numbers;
    }

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

    private Map<String, Object> measure(Cache cache, int rows, int length, int mostRounds, long mostNanos) {
        int live = Math.min(rows, length);
        Step step = new Step(cache, live, length);
        int layers = cache.keys.size();
        List<long[]> nanos = new ArrayList<>(); // dense, selection, sparse
        long start = System.nanoTime();
        for (int round = 0;
                round < LEAST_ROUNDS || (round < mostRounds && System.nanoTime() - start < mostNanos);
                round++) {
            int layer = round % layers;
            long t0 = System.nanoTime();
            step.dense(layer);
            long t1 = System.nanoTime();
            step.select(layer);
            long t2 = System.nanoTime();
            step.sparse(layer);
            long t3 = System.nanoTime();
            nanos.add(new long[] {t1 - t0, t2 - t1, t3 - t1});
        }
        double dense = median(nanos, 0);
        double sparse = median(nanos, 2);
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("shape", cache.shape.name());
        result.put("phase", rows == 1 ? "decode" : "prefill");
        result.put("length", length);
        result.put("denseMs", dense);
        result.put("sparseMs", sparse);
        result.put("selectionMs", median(nanos, 1));
        result.put("speedup", dense / sparse);
        result.put("denseRoofShare", roofMs(cache.shape, live, length) / dense);
        return result;
    }

    /** The least time of dense attention: that of its bytes, or of its multiply-adds. */
    private double roofMs(Shape shape, int rows, int length) {
        double seen = (double) rows * length - rows * (rows - 1.0) / 2;
        double products = 2 * seen * shape.heads() * shape.headDim();
        double bytes = 8.0 * length * shape.kvHeads() * shape.headDim();
        return 1e3 * Math.max(bytes / bandwidth, products / (SHARE_OF_PEAK * multiplyAdds));
    }

    private static double median(List<long[]> rounds, int part) {
        long[] sorted = rounds.stream().mapToLong(nanos -> nanos[part]).sorted().toArray();
        return sorted[sorted.length / 2] * 1e-6;
    }

    /** A batch of the last rows of a text. */
    private final class Step {
        private final Cache cache;
        private final IntArray step;
        private final IntArray windowStart;
        private final IntArray prefixEnd;
        private final LongArray mask;
        private final FloatArray q; // [rows, heads, headDim]
        private final FloatArray out;
        private final LongArray selection; // [rows, kvHeads, words]
        private final FloatArray scores; // room for kernels that want it
        private final float scale;

        Step(Cache cache, int rows, int length) {
            this.cache = cache;
            Shape shape = cache.shape;
            step = IntArray.fromElements(rows, 0);
            windowStart = new IntArray(rows);
            prefixEnd = new IntArray(rows);
            mask = new LongArray(rows);
            for (int row = 0; row < rows; row++) {
                windowStart.set(row, 0);
                prefixEnd.set(row, length - rows + row + 1);
                mask.set(row, 0L);
            }
            q = numbers(rows * shape.heads() * shape.headDim(), 99 + length);
            out = new FloatArray(q.getSize());
            int blocks = cache.pageTable.getSize();
            selection = new LongArray(rows * shape.kvHeads() * Math.ceilDiv(blocks, 64));
            scores = new FloatArray(rows * shape.kvHeads() * blocks * config.blockSize() / config.kernelStride());
            scale = (float) (1 / Math.sqrt(shape.headDim()));
        }

        void dense(int layer) {
            Shape shape = cache.shape;
            kernels.cacheF32()
                    .attend()
                    .apply(
                            step,
                            windowStart,
                            prefixEnd,
                            prefixEnd,
                            mask,
                            cache.pageTable,
                            q,
                            cache.keys.get(layer),
                            cache.values.get(layer),
                            out,
                            shape.heads(),
                            shape.kvHeads(),
                            shape.headDim(),
                            config.blockSize(),
                            scale);
        }

        void select(int layer) {
            kernels.cacheF32()
                    .selectBlocks()
                    .apply(
                            step,
                            windowStart,
                            prefixEnd,
                            prefixEnd,
                            mask,
                            cache.pageTable,
                            q,
                            cache.keys.get(layer),
                            cache.fine.get(layer),
                            cache.coarse.get(layer),
                            selection,
                            scores,
                            cache.constants,
                            scale);
        }

        void sparse(int layer) {
            kernels.cacheF32()
                    .attendToBlocks()
                    .apply(
                            step,
                            windowStart,
                            prefixEnd,
                            prefixEnd,
                            mask,
                            cache.pageTable,
                            selection,
                            q,
                            cache.keys.get(layer),
                            cache.values.get(layer),
                            out,
                            cache.constants,
                            scale);
        }
    }

    /** Bytes of the processor's last cache, as Linux says. */
    private static long lastCache() {
        for (int index = 4; index >= 2; index--) {
            Path size = Path.of("/sys/devices/system/cpu/cpu0/cache/index" + index + "/size");
            try {
                String text = Files.readString(size).strip();
                return text.endsWith("K")
                        ? Long.parseLong(text.substring(0, text.length() - 1)) << 10
                        : Long.parseLong(text);
            } catch (IOException | NumberFormatException notThere) {
                continue;
            }
        }
        return DEFAULT_CACHE;
    }
}
