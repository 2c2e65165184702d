package dev.squall.app;

import dev.squall.app.RandomCache.Shape;
import dev.squall.attention.SparseConfig;
import dev.squall.kernels.KernelSet;
import dev.squall.kernels.MultiplyAddPeak;
import dev.squall.kernels.ReadBandwidth;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

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
        int longest = Collections.max(lengths);
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
            RandomCache cache = new RandomCache(kernels, config, shape, layers(shape), lengths);
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

    private Map<String, Object> measure(RandomCache cache, int rows, int length, int mostRounds, long mostNanos) {
        int live = Math.min(rows, length);
        AttentionStep step = new AttentionStep(cache, live, length);
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
