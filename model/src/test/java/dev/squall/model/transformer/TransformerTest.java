package dev.squall.model.transformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.squall.attention.KvCache;
import dev.squall.attention.Rows;
import dev.squall.kernels.KernelSet;
import dev.squall.model.format.Checkpoint;
import dev.squall.model.format.Checkpoints;
import dev.squall.model.spec.LayerSpec;
import dev.squall.model.spec.LayerSpec.Placement;
import dev.squall.model.spec.ModelSpec;
import dev.squall.tornado.TornadoJvm;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TransformerTest {
    private static final TransformerOptions SMALL =
            TransformerOptions.defaults().withRows(16, 4).withPageSize(8).withContextLength(64);

    @TempDir
    Path folder;

    private final TinyModel model = TinyModel.qwen3();
    private Checkpoint checkpoint;

    @BeforeEach
    void open() throws Exception {
        checkpoint = Checkpoints.open(TinyModelFiles.gguf(model, "F32", folder));
    }

    @AfterEach
    void close() throws Exception {
        checkpoint.close();
    }

    @Test
    void logitsBelongToTheRowsThatAskAndHiddenStatesToAll() {
        int[] text = model.text(5, 12);
        try (Transformer transformer = Transformer.load(checkpoint, KernelSet.reference(), SMALL)) {
            float[][] all = Texts.logits(transformer, text, 4);
            KvCache.Sequence sequence = transformer.cache().open();
            sequence.ensure(text.length);
            Rows rows = transformer.newRows();
            for (int t = 0; t < text.length; t++) {
                rows.addCausal(sequence, text[t], t, t == 3 || t == 11);
            }
            transformer.forward(rows);
            assertThat(Texts.row(transformer, 0)).isEqualTo(all[3]);
            assertThat(Texts.row(transformer, 1)).isEqualTo(all[11]);
            assertThat(transformer.best(0)).isEqualTo(Texts.argMax(all[3]));
            assertThat(transformer.best(1)).isEqualTo(Texts.argMax(all[11]));
            // Head and hidden state belong together: the logit is their product.
            int token = 17;
            float[] embedding = model.tensors().get("model.embed_tokens.weight").data();
            double logit = 0;
            for (int i = 0; i < model.dim(); i++) {
                logit += transformer.hidden().get(11 * model.dim() + i) * embedding[token * model.dim() + i];
            }
            assertThat((double) all[11][token]).isEqualTo(logit, within(1e-4));
        }
    }

    @Test
    void theGraphsObeyTheTransferRulesOfADevice() {
        int[] text = model.text(6, 20);
        float[][] expected;
        try (Transformer transformer = Transformer.load(checkpoint, KernelSet.reference(), SMALL)) {
            expected = Texts.logits(transformer, text, 4);
        }
        TornadoJvm.setChecking(true);
        try (Transformer transformer = Transformer.load(checkpoint, KernelSet.reference(), SMALL)) {
            assertThat(Texts.logits(transformer, text, 4)).isDeepEqualTo(expected);
        } finally {
            TornadoJvm.setChecking(false);
        }
    }

    @Test
    void muPScalingsChangeWhatTheySay() {
        int[] text = model.text(8, 5);
        try (Transformer plain = Transformer.load(checkpoint, KernelSet.reference(), SMALL)) {
            float[][] expected = Texts.logits(plain, text, 4);
            ModelSpec spec = plain.spec();
            ModelSpec scaled = new ModelSpec(
                    spec.family(),
                    spec.dim(),
                    spec.vocabulary(),
                    spec.contextLength(),
                    12f,
                    silent(spec),
                    spec.finalNorm(),
                    0.25f,
                    true);
            try (Transformer transformer = Transformer.load(scaled, checkpoint, KernelSet.reference(), SMALL)) {
                // Layers that add nothing leave norm(12 * embedding), in front of a head that sees a quarter of it.
                float[][] found = Texts.logits(transformer, text, 4);
                float[] embedding =
                        model.tensors().get("model.embed_tokens.weight").data();
                float[] norm = model.tensors().get("model.norm.weight").data();
                int dim = model.dim();
                double squares = 0;
                for (int i = 0; i < dim; i++) {
                    squares += Math.pow(12 * embedding[text[4] * dim + i], 2);
                }
                double logit = 0;
                for (int i = 0; i < dim; i++) {
                    double hidden = 12
                            * embedding[text[4] * dim + i]
                            * norm[i]
                            / Math.sqrt(squares / dim + spec.finalNorm().epsilon());
                    logit += 0.25 * hidden * embedding[30 * dim + i];
                }
                assertThat((double) found[4][30]).isEqualTo(logit, within(1e-4));
                assertThat(expected[4][30]).isNotEqualTo(found[4][30]);
            }
        }
    }

    private static List<LayerSpec> silent(ModelSpec spec) {
        return spec.layers().stream()
                .map(layer -> new LayerSpec(
                        layer.attentionNorm(),
                        layer.attention(),
                        layer.feedForwardNorm(),
                        layer.feedForward(),
                        layer.placement(),
                        0f))
                .toList();
    }

    @Test
    void whatIsNotSupportedIsRefused() {
        try (Transformer transformer = Transformer.load(checkpoint, KernelSet.reference(), SMALL)) {
            LayerSpec layer = transformer.spec().layers().getFirst();
            LayerSpec after = new LayerSpec(
                    layer.attentionNorm(), layer.attention(), null, layer.feedForward(), Placement.AFTER, 1f);
            ModelSpec spec = transformer.spec();
            ModelSpec changed = new ModelSpec(
                    spec.family(),
                    spec.dim(),
                    spec.vocabulary(),
                    spec.contextLength(),
                    1f,
                    List.of(after),
                    spec.finalNorm(),
                    1f,
                    true);
            assertThatThrownBy(() -> Transformer.load(changed, checkpoint, KernelSet.reference(), SMALL))
                    .isInstanceOf(UnsupportedOperationException.class)
                    .hasMessageContaining("norms after the blocks of which some are missing");
        }
        assertThatThrownBy(() -> Transformer.load(checkpoint, KernelSet.reference(), SMALL.withContextLength(100_000)))
                .hasMessageContaining("contextLength: found 100000, expected at most 256");
    }

    @Test
    void rowsThatCannotBeAreRefused() {
        Transformer transformer = Transformer.load(checkpoint, KernelSet.reference(), SMALL);
        Rows rows = transformer.newRows();
        rows.add(model.vocabulary(), 0, 0, 0, 1, 0, 0, true);
        assertThatThrownBy(() -> transformer.forward(rows)).hasMessageContaining("token of row 0: found 96");
        rows.clear();
        rows.add(1, 0, 3, 0, 4, 0, 0, true);
        assertThatThrownBy(() -> transformer.forward(rows)).hasMessageContaining("slot of row 0: found 3");
        rows.clear();
        transformer.forward(rows);
        Rows many = new Rows(17, 1);
        for (int i = 0; i < 17; i++) {
            many.add(1, i, i, 0, i + 1, 0, 0, false);
        }
        transformer.cache().open().ensure(17);
        assertThatThrownBy(() -> transformer.forward(many)).hasMessageContaining("17 rows");
        transformer.close();
        transformer.close();
        assertThatThrownBy(() -> transformer.forward(rows)).hasMessageContaining("closed");
    }
}
