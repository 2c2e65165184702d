package dev.squall.app;

import dev.squall.attention.KvCache;
import dev.squall.attention.Rows;
import dev.squall.attention.SparseConfig;
import dev.squall.kernels.KernelSet;
import dev.squall.model.format.Checkpoint;
import dev.squall.model.format.Checkpoints;
import dev.squall.model.spec.ModelSpec;
import dev.squall.model.tokenizer.Tokenizer;
import dev.squall.model.transformer.Transformer;
import dev.squall.model.transformer.TransformerOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/**
 * How much of dense attention the blocks hold that sparse attention chooses, on a text of one's own: passages of each length go
 * through the model with dense attention, and a {@link CoverageMeter} looks at their last tokens.
 */
final class CoverageBench {
    private static final int MOST_PASSAGES = 8;
    private static final int LAST = 16; // tokens of a passage that count
    private static final int CHUNK = 64;

    private final Console console;
    private final LoadingOptions model;

    CoverageBench(Console console, LoadingOptions model) {
        this.console = console;
        this.model = model;
    }

    /**
     * Measures and prints.
     *
     * @param lengths tokens of a passage; null for a quarter, a half and the whole of the model's context
     */
    void run(Path text, List<Integer> lengths, boolean json) throws IOException {
        model.requireF32("--coverage");
        SparseConfig config = model.sparseAtAnyLength();
        List<Map<String, Object>> results = new ArrayList<>();
        try (Checkpoint checkpoint = Checkpoints.open(model.path())) {
            ModelSpec spec = model.spec(checkpoint);
            List<Integer> asked = lengths != null
                    ? lengths
                    : Stream.of(4, 2, 1)
                            .map(part -> spec.contextLength() / part)
                            .toList();
            Tokenizer tokenizer = model.tokenizer(checkpoint);
            int[] ids = tokenizer.encode(TextFile.read(text), false);
            for (int length : asked) {
                if (length < 1 || length > Math.min(spec.contextLength(), ids.length)) {
                    throw model.wrongUsage("--lengths: found " + length + ", expected 1 to the context of the model, "
                            + spec.contextLength() + ", and to the " + ids.length + " tokens of " + text);
                }
            }
            int longest = asked.stream().max(Integer::compare).orElseThrow();
            KernelSet kernels = model.kernelSet();
            CoverageMeter meter =
                    new CoverageMeter(kernels, config, spec.layers().size());
            TransformerOptions options = TransformerOptions.defaults()
                    .withRows(CHUNK, 1)
                    .withContextLength(longest)
                    .withSparse(config);
            try (Transformer transformer = Transformer.load(
                    spec, checkpoint, kernels.withCacheF32(kernels.cacheF32().withSelectBlocks(meter)), options)) {
                for (int length : asked) {
                    meter.clear();
                    int passages = Math.min(MOST_PASSAGES, ids.length / length);
                    for (int i = 0; i < passages; i++) {
                        // spread over the text
                        read(transformer, meter, ids, (int) ((long) (ids.length - length) * i / passages), length);
                    }
                    Map<String, Object> result = result(meter, length, passages);
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
    }

    private static void read(Transformer transformer, CoverageMeter meter, int[] ids, int from, int length) {
        int counting = Math.max(0, length - LAST);
        try (KvCache.Sequence sequence = transformer.cache().open()) {
            sequence.ensure(length);
            Rows rows = transformer.newRows();
            for (int start = 0; start < length; ) {
                int end = Math.min(start + CHUNK, start < counting ? counting : length);
                rows.clear();
                for (int t = start; t < end; t++) {
                    rows.addCausal(sequence, ids[from + t], t, false);
                }
                meter.measure(start >= counting);
                transformer.forward(rows);
                start = end;
            }
        }
    }

    private static Map<String, Object> result(CoverageMeter meter, int length, int passages) {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("length", length);
        result.put("passages", passages);
        result.put("blocks", meter.blocks());
        result.put("mass", meter.mass());
        result.put("leastLayerMass", meter.leastLayerMass());
        result.put("forcedMass", meter.forcedMass());
        result.put("bestMass", meter.bestMass());
        return result;
    }

    private void print(Map<String, Object> result) {
        Object[] values = result.values().toArray();
        for (int i = 2; i < values.length; i++) {
            values[i] = 100 * (double) values[i];
        }
        console.out()
                .printf(
                        Locale.ROOT,
                        "%6d tokens, %d passages: %5.1f %% of the blocks hold %5.1f %% of dense attention (least layer %.1f %%); "
                                + "forced ones %.1f %%, the best ones %.1f %%%n",
                        values);
        console.out().flush();
    }
}
