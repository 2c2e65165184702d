package dev.squall.model.transformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.squall.attention.KvCache;
import dev.squall.attention.Rows;
import dev.squall.attention.SparseConfig;
import dev.squall.kernels.KernelSet;
import dev.squall.kernels.KvType;
import dev.squall.model.format.Checkpoint;
import dev.squall.model.format.Checkpoints;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The numbers of a row are the same bits whatever stands beside it. */
class BatchInvarianceTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"F32", "F16", "BF16", "Q8_0", "Q4_0"})
    void aPromptMayGoInByAnyChunks(String type) throws Exception {
        for (TinyModel model : List.of(TinyModel.llama3(), TinyModel.mistral(), TinyModel.qwen3())) {
            int[] text = model.text(3, 100);
            try (Fixture fixture = new Fixture(model, type, 128)) {
                float[][] whole = Texts.logits(fixture.transformer, text, text.length);
                for (int chunk : new int[] {1, 7, 64}) {
                    assertThat(Texts.logits(fixture.transformer, text, chunk)).isDeepEqualTo(whole);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"F32", "Q8_0"})
    void aPathOfATreeIsAsGoodAsALinearText(String type) throws Exception {
        for (TinyModel model : List.of(TinyModel.llama3(), TinyModel.mistral(), TinyModel.qwen2())) {
            try (Fixture fixture = new Fixture(model, type, 64)) {
                treeAgainstPaths(fixture.transformer, model);
            }
        }
    }

    static void treeAgainstPaths(Transformer transformer, TinyModel model) {
        int[] prompt = model.text(11, 29); // the tree begins within a page
        int[] parent = {-1, 0, 0, 1, 1, 2, 3, 3, 6, 5, 8, 8};
        int[] token = model.text(12, parent.length);
        KvCache.Sequence sequence = transformer.cache().open();
        Texts.logits(transformer, sequence, prompt, 0, 64);
        sequence.ensure(prompt.length + parent.length);
        Rows rows = transformer.newRows();
        int[] depth = new int[parent.length];
        long[] ancestors = new long[parent.length];
        for (int node = 0; node < parent.length; node++) {
            depth[node] = node == 0 ? 0 : depth[parent[node]] + 1;
            ancestors[node] = 1L << node | (node == 0 ? 0 : ancestors[parent[node]]);
            int position = prompt.length + depth[node];
            rows.addTreeNode(sequence, token[node], position, prompt.length, node, ancestors[node], true);
        }
        transformer.forward(rows);
        float[][] tree = new float[parent.length][];
        for (int node = 0; node < parent.length; node++) {
            tree[node] = Texts.row(transformer, node);
        }
        for (int node = 0; node < parent.length; node++) {
            int[] text = path(prompt, token, parent, node, depth[node]);
            float[][] linear = Texts.logits(transformer, text, 64);
            assertThat(tree[node]).as("node %d", node).isEqualTo(linear[text.length - 1]);
        }
        // Accept the path 0, 1, 3, 6, 8 and go on as if the text had been linear.
        sequence.compact(
                prompt.length,
                prompt.length,
                prompt.length + 1,
                prompt.length + 3,
                prompt.length + 6,
                prompt.length + 8);
        int[] accepted = path(prompt, token, parent, 8, depth[8]);
        sequence.truncate(accepted.length);
        int[] longer = java.util.Arrays.copyOf(accepted, accepted.length + 10);
        float[] goneOn = Texts.logits(transformer, sequence, longer, accepted.length, 3)[longer.length - 1];
        assertThat(goneOn).isEqualTo(Texts.logits(transformer, longer, 64)[longer.length - 1]);
        sequence.close();
    }

    private static int[] path(int[] prompt, int[] token, int[] parent, int node, int depth) {
        int[] text = java.util.Arrays.copyOf(prompt, prompt.length + depth + 1);
        for (int at = node, place = text.length - 1; at >= 0; at = parent[at], place--) {
            text[place] = token[at];
        }
        return text;
    }

    @ParameterizedTest
    @ValueSource(strings = {"F32", "Q8_0"})
    void severalSequencesDoNotKnowOfOneAnother(String type) throws Exception {
        for (TinyModel model : TinyModel.all()) {
            try (Fixture fixture = new Fixture(model, type, 64)) {
                sideBySide(fixture.transformer, model);
            }
        }
    }

    static void sideBySide(Transformer transformer, TinyModel model) {
        int[][] texts = {model.text(1, 30), model.text(2, 17), model.text(3, 41)};
        KvCache.Sequence[] sequences = new KvCache.Sequence[texts.length];
        for (int s = 0; s < texts.length; s++) {
            sequences[s] = transformer.cache().open();
        }
        float[][][] together = new float[texts.length][41][];
        Rows rows = transformer.newRows();
        for (int start = 0; start < 41; start += 5) { // five tokens of each text a batch, as long as they last
            rows.clear();
            int[] first = new int[texts.length];
            for (int s = 0; s < texts.length; s++) {
                first[s] = rows.logitRows();
                for (int t = start; t < Math.min(start + 5, texts[s].length); t++) {
                    sequences[s].ensure(t + 1); // pages of the texts interleave
                    rows.addCausal(sequences[s], texts[s][t], t, true);
                }
            }
            transformer.forward(rows);
            for (int s = 0; s < texts.length; s++) {
                for (int t = start; t < Math.min(start + 5, texts[s].length); t++) {
                    together[s][t] = Texts.row(transformer, first[s] + t - start);
                }
            }
        }
        for (int s = 0; s < texts.length; s++) {
            sequences[s].close();
            float[][] alone = Texts.logits(transformer, texts[s], 64);
            for (int t = 0; t < texts[s].length; t++) {
                assertThat(together[s][t]).as("text %d, token %d", s, t).isEqualTo(alone[t]);
            }
        }
    }

    /** Windows of 4 keys, blocks of 8, of which a row attends to 4: texts of 100 tokens are sparse indeed. */
    private static SparseConfig sparse(boolean exact) {
        return new SparseConfig(4, 2, 1, 8, 8, 3, 20, exact);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void sparseAttentionIsAsInvariant(boolean exact) throws Exception {
        for (TinyModel model : List.of(TinyModel.llama3(), TinyModel.qwen2(), TinyModel.qwen3())) {
            int[] text = model.text(3, 100);
            try (Fixture fixture = new Fixture(model, "F32", 128, sparse(exact), KernelSet.simd())) {
                float[][] whole = Texts.logits(fixture.transformer, text, text.length);
                for (int chunk : new int[] {1, 7, 64}) {
                    assertThat(Texts.logits(fixture.transformer, text, chunk)).isDeepEqualTo(whole);
                }
                treeAgainstPaths(fixture.transformer, model);
                sideBySide(fixture.transformer, model);
                try (Fixture dense = new Fixture(model, "F32", 128)) {
                    float[][] all = Texts.logits(dense.transformer, text, text.length);
                    assertThat(whole[99]).isNotEqualTo(all[99]);
                }
            }
        }
    }

    /** Dense and sparse attention over a cache in F16; the texts are other ones than with F32, but as invariant. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anF16CacheIsAsInvariant(boolean dense) throws Exception {
        SparseConfig sparse = dense ? null : sparse(false);
        for (TinyModel model : List.of(TinyModel.llama3(), TinyModel.mistral(), TinyModel.qwen3())) {
            if (!dense && model.name().equals("mistral")) {
                continue; // its window slides
            }
            int[] text = model.text(3, 100);
            try (Fixture half = new Fixture(model, "F32", 128, sparse, KernelSet.simd(), KvType.F16);
                    Fixture single = new Fixture(model, "F32", 128, sparse, KernelSet.simd(), KvType.F32);
                    Fixture reference = new Fixture(model, "F32", 128, sparse, KernelSet.reference(), KvType.F16)) {
                float[][] whole = Texts.logits(half.transformer, text, text.length);
                for (int chunk : new int[] {1, 7, 64}) {
                    assertThat(Texts.logits(half.transformer, text, chunk)).isDeepEqualTo(whole);
                }
                treeAgainstPaths(half.transformer, model);
                sideBySide(half.transformer, model);
                KvCache.Sequence sequence = half.transformer.cache().open();
                Texts.logits(half.transformer, sequence, text, 0, 64);
                sequence.truncate(33);
                assertThat(Texts.logits(half.transformer, sequence, text, 33, 9)[99])
                        .isEqualTo(whole[99]);
                sequence.close();
                float[] exact = Texts.logits(single.transformer, text, text.length)[99];
                assertThat(whole[99]).isNotEqualTo(exact).containsExactly(exact, within(0.02f));
                float[] plain = Texts.logits(reference.transformer, text, text.length)[99];
                assertThat(whole[99]).containsExactly(plain, within(2e-3f)); // a key may be rounded to its other side
            }
        }
    }

    @Test
    void withRoomForAllBlocksSparseAttentionIsDense() throws Exception {
        TinyModel model = TinyModel.llama3();
        int[] text = model.text(3, 100);
        SparseConfig roomy = new SparseConfig(8, 4, 1, 16, 16, 12, -1, false); // blocks as large as the dense pages
        for (KernelSet kernels : List.of(KernelSet.simd(), KernelSet.reference())) {
            try (Fixture sparse = new Fixture(model, "F32", 64, roomy, kernels);
                    Fixture dense = new Fixture(model, "F32", 64, null, kernels)) {
                assertThat(Texts.logits(sparse.transformer, text, 10))
                        .isDeepEqualTo(Texts.logits(dense.transformer, text, 10));
            }
        }
    }

    /** A text turns sparse in its middle, for itself, whatever its neighbours do, and dense again where it is cut back. */
    @ParameterizedTest
    @ValueSource(ints = {1, 7, 100})
    void aTextTurnsSparseAtItsDenseLength(int chunk) throws Exception {
        TinyModel model = TinyModel.llama3();
        int[] text = model.text(3, 100);
        SparseConfig late = new SparseConfig(8, 4, 1, 16, 0, 2, 60, false); // 2 blocks from 60 tokens on
        try (Fixture sparse = new Fixture(model, "F32", 128, late, KernelSet.simd());
                Fixture dense = new Fixture(model, "F32", 128)) {
            float[][] all = Texts.logits(dense.transformer, text, 64);
            KvCache.Sequence sequence = sparse.transformer.cache().open();
            float[][] some = Texts.logits(sparse.transformer, sequence, text, 0, chunk);
            for (int t = 0; t < 59; t++) { // token 59 is the sixtieth
                assertThat(some[t]).as("token %d", t).isEqualTo(all[t]);
            }
            for (int t = 59; t < 100; t++) {
                assertThat(some[t]).as("token %d", t).isNotEqualTo(all[t]);
            }
            for (int from : new int[] {90, 40, 61, 7}) {
                int[] other = text.clone();
                other[from] = (other[from] + 1) % model.vocabulary();
                sequence.truncate(from);
                float[][] goneOn = Texts.logits(sparse.transformer, sequence, other, from, chunk);
                float[][] fresh = Texts.logits(sparse.transformer, other, chunk);
                for (int t = from; t < 100; t++) {
                    assertThat(goneOn[t]).as("cut to %d, token %d", from, t).isEqualTo(fresh[t]);
                }
                sequence.truncate(from);
                Texts.logits(sparse.transformer, sequence, text, from, chunk);
            }
        }
    }

    @Test
    void bothSetsAgreeOnSparseAttention() throws Exception {
        TinyModel model = TinyModel.llama3();
        int[] text = model.text(3, 100);
        try (Fixture simd = new Fixture(model, "F32", 64, sparse(false), KernelSet.simd());
                Fixture reference = new Fixture(model, "F32", 64, sparse(false), KernelSet.reference())) {
            float[][] fast = Texts.logits(simd.transformer, text, 30);
            float[][] plain = Texts.logits(reference.transformer, text, 30);
            for (int t = 0; t < text.length; t++) {
                assertThat(fast[t]).as("token " + t).containsExactly(plain[t], within(2e-4f));
            }
        }
    }

    private final class Fixture implements AutoCloseable {
        private final Checkpoint checkpoint;
        final Transformer transformer;

        Fixture(TinyModel model, String type, int rows) throws Exception {
            this(model, type, rows, null, KernelSet.simd());
        }

        Fixture(TinyModel model, String type, int rows, SparseConfig sparse, KernelSet kernels) throws Exception {
            this(model, type, rows, sparse, kernels, KvType.F32);
        }

        Fixture(TinyModel model, String type, int rows, SparseConfig sparse, KernelSet kernels, KvType kvType)
                throws Exception {
            checkpoint = Checkpoints.open(TinyModelFiles.gguf(model, type, folder));
            transformer = Transformer.load(
                    checkpoint,
                    kernels,
                    TransformerOptions.defaults()
                            .withRows(rows, rows)
                            .withPageSize(16)
                            .withSparse(sparse)
                            .withKvType(kvType)
                            .withSequences(4)
                            .withContextLength(128));
        }

        @Override
        public void close() throws Exception {
            transformer.close();
            checkpoint.close();
        }
    }
}
