package dev.squall.app;

import dev.squall.attention.KvCache;
import dev.squall.attention.Rows;
import dev.squall.attention.SparseConfig;
import dev.squall.kernels.CacheKernels;
import dev.squall.kernels.KernelSet;
import dev.squall.model.format.Checkpoint;
import dev.squall.model.format.Checkpoints;
import dev.squall.model.transformer.Transformer;
import dev.squall.model.transformer.TransformerOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * The time of a whole token, by dense and by block-sparse attention in turn, behind texts of several lengths: weights, cache,
 * head and all, of a model with random weights. The cache is filled with random keys and values, not by reading a text.
 */
final class TokenBench {
    /** Tokens whose compressed keys one pass can catch up with. */
    private static final int CHUNK = 512;

    private static final int WARM_UP = 5;
    private static final int LEAST_ROUNDS = 3;
    private static final int MOST_ROUNDS = 20;
    private static final long NANOS = 4_000_000_000L; // worth of rounds

    private final Console console;
    private final SyntheticModel model;
    private final SparseConfig config;
    private long selectionNanos;

    TokenBench(Console console, SyntheticModel model, SparseConfig config) {
        this.console = console;
        this.model = model;
        this.config = config;
    }

    /** Measures, prints and returns; lengths are tokens, the measured one included. */
    List<Map<String, Object>> run(List<Integer> lengths, boolean json) throws IOException {
        int longest = lengths.stream().max(Integer::compare).orElseThrow();
        // Two caches, and of one the compressed keys: 5/128 of it with the numbers of MiniCPM4.
        long bytes = 8L * longest * model.layers() * model.kvHeads() * model.headDim();
        MachineMemory.require(longest, 2 * bytes + 5 * bytes / 128);
        Path directory = Files.createTempDirectory("squall");
        Path file = directory.resolve("synthetic.gguf");
        List<Map<String, Object>> results = new ArrayList<>();
        try {
            model.write(file, longest);
            try (Checkpoint checkpoint = Checkpoints.open(file);
                    Text dense = new Text(checkpoint, longest, null);
                    Text sparse = new Text(checkpoint, longest, config)) {
                dense.warmUp();
                sparse.warmUp();
                for (int length : lengths) {
                    Map<String, Object> result = measure(dense, sparse, length);
                    results.add(result);
                    if (!json) {
                        print(result);
                    }
                }
            }
        } finally {
            Files.deleteIfExists(file);
            Files.deleteIfExists(directory);
        }
        if (json) {
            console.json(results);
        }
        return results;
    }

    private Map<String, Object> measure(Text dense, Text sparse, int length) {
        sparse.grow(length - 1);
        List<long[]> nanos = new ArrayList<>(); // dense, sparse, selection
        long start = System.nanoTime();
        for (int round = -1; // the first one is not counted
                round < LEAST_ROUNDS || (round < MOST_ROUNDS && System.nanoTime() - start < NANOS);
                round++) {
            long t0 = System.nanoTime();
            dense.token(length - 1);
            long t1 = System.nanoTime();
            selectionNanos = 0;
            sparse.token(length - 1);
            long t2 = System.nanoTime();
            if (round >= 0) {
                nanos.add(new long[] {t1 - t0, t2 - t1, selectionNanos});
            }
        }
        double denseMs = median(nanos, 0);
        double sparseMs = median(nanos, 1);
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("shape", model.name());
        result.put("phase", "token");
        result.put("length", length);
        result.put("denseMs", denseMs);
        result.put("sparseMs", sparseMs);
        result.put("selectionMs", median(nanos, 2));
        result.put("speedup", denseMs / sparseMs);
        return result;
    }

    private static double median(List<long[]> rounds, int part) {
        long[] sorted = rounds.stream().mapToLong(nanos -> nanos[part]).sorted().toArray();
        return sorted[sorted.length / 2] * 1e-6;
    }

    private void print(Map<String, Object> result) {
        console.out()
                .printf(
                        Locale.ROOT,
                        "%-12s %-8s %7d tokens  dense %9.3f ms  sparse %9.3f ms (selection %.3f)  %.2f times%n",
                        result.values().toArray());
        console.out().flush();
    }

    /** The kernels of this machine, which add up how long the choice of blocks takes. */
    private KernelSet timed() {
        KernelSet kernels = KernelSet.best();
        CacheKernels<FloatArray> cached = kernels.cacheF32();
        return kernels.withCacheF32(cached.withSelectBlocks(
                (step, start, end, base, mask, pages, q, keys, fine, coarse, selection, scores, shape, scale) -> {
                    long before = System.nanoTime();
                    cached.selectBlocks()
                            .apply(
                                    step, start, end, base, mask, pages, q, keys, fine, coarse, selection, scores,
                                    shape, scale);
                    selectionNanos += System.nanoTime() - before;
                }));
    }

    /** A text of random keys and values in a cache of its own. */
    private final class Text implements AutoCloseable {
        private final Transformer transformer;
        private final KvCache.Sequence sequence;
        private final Rows rows;
        private int length; // tokens that have compressed keys, where attention is sparse

        Text(Checkpoint checkpoint, int longest, SparseConfig sparse) {
            TransformerOptions options = TransformerOptions.defaults()
                    .withRows(sparse == null ? 1 : CHUNK, 1)
                    .withContextLength(longest)
                    .withPageSize(config.blockSize())
                    .withSparse(sparse);
            transformer = Transformer.load(checkpoint, timed(), options);
            for (int layer = 0; layer < model.layers(); layer++) {
                RandomCache.fill(transformer.cache().keys(layer), 2 * layer);
                RandomCache.fill(transformer.cache().values(layer), 2 * layer + 1);
            }
            sequence = transformer.cache().open();
            sequence.ensure(longest);
            rows = transformer.newRows();
        }

        void warmUp() {
            for (int i = 0; i < WARM_UP; i++) {
                token(0);
            }
        }

        /** Has the keys of the first tokens compressed, which passes do for the tokens since the last one. */
        void grow(int end) {
            for (; length < end; length = Math.min(end, length + CHUNK)) {
                token(Math.min(end, length + CHUNK) - 1);
            }
        }

        /** Computes the token of a position. */
        void token(int position) {
            rows.clear();
            rows.addCausal(sequence, position % model.vocabulary(), position, true);
            transformer.forward(rows);
        }

        @Override
        public void close() {
            transformer.close();
        }
    }
}
