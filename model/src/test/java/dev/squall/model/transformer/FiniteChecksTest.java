package dev.squall.model.transformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squall.attention.KvCache;
import dev.squall.attention.Rows;
import dev.squall.kernels.DeviceKernels;
import dev.squall.kernels.KernelSet;
import dev.squall.kernels.Kernels;
import dev.squall.model.format.Checkpoint;
import dev.squall.model.format.Checkpoints;
import dev.squall.model.spec.Families;
import dev.squall.model.spec.LayerSpec;
import dev.squall.model.spec.ModelSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Results that are not finite are found where they come up first, and nothing else changes. */
class FiniteChecksTest {
    @TempDir
    Path folder;

    static List<Kernels> sets() {
        return List.of(KernelSet.reference(), KernelSet.best(), new DeviceKernels(false));
    }

    @ParameterizedTest
    @MethodSource("sets")
    void aFaultHasALayerATaskAndARow(Kernels kernels) {
        namesTheFault(kernels, TransformerOptions.defaults(), folder);
    }

    static void namesTheFault(Kernels kernels, TransformerOptions defaults, Path folder) {
        TransformerOptions sizes = defaults.withRows(8, 8).withPageSize(8);
        TinyModel model = TinyModel.llama2();
        try (Checkpoint checkpoint = Checkpoints.open(TinyModelFiles.gguf(model, "F32", folder))) {
            ModelSpec spec = Families.spec(checkpoint);
            int[] text = model.text(1, 6);

            List<LayerSpec> layers = new ArrayList<>(spec.layers());
            layers.set(1, layers.get(1).withResidualScale(Float.POSITIVE_INFINITY));
            String task = kernels instanceof DeviceKernels ? "output" : "attentionResidual";
            try (Transformer broken = Transformer.load(
                    with(spec, spec.embeddingScale(), layers), checkpoint, kernels, sizes.withFiniteChecks())) {
                assertThatThrownBy(() -> pass(broken, text))
                        .hasMessage("layer 1, task " + task
                                + ", row 0: found element 0 infinite or not a number, expected finite results");
            }

            Overflow overflow = Overflow.of(model);
            text[4] = overflow.token;
            try (Transformer broken = Transformer.load(
                    with(spec, overflow.scale, spec.layers()), checkpoint, kernels, sizes.withFiniteChecks())) {
                assertThatThrownBy(() -> pass(broken, text))
                        .hasMessageStartingWith("prologue, task embed, row 4: found element " + overflow.element);
            }

            try (Transformer plain = Transformer.load(checkpoint, kernels, sizes);
                    Transformer checked = Transformer.load(checkpoint, kernels, sizes.withFiniteChecks())) {
                assertThat(pass(checked, text)).isEqualTo(pass(plain, text));
            }
        }
    }

    /** A factor of all embeddings that only one element of one token does not stand, which is the largest. */
    private record Overflow(int token, int element, float scale) {
        static Overflow of(TinyModel model) {
            float[] table = model.tensors().get("model.embed_tokens.weight").data();
            int most = 0;
            for (int i = 0; i < table.length; i++) {
                most = Math.abs(table[i]) > Math.abs(table[most]) ? i : most;
            }
            float second = 0;
            for (int i = 0; i < table.length; i++) {
                second = i == most ? second : Math.max(second, Math.abs(table[i]));
            }
            float between = (Math.abs(table[most]) + second) / 2;
            return new Overflow(most / model.dim(), most % model.dim(), Float.MAX_VALUE / between);
        }
    }

    private static ModelSpec with(ModelSpec spec, float embeddingScale, List<LayerSpec> layers) {
        return new ModelSpec(
                spec.family(),
                spec.dim(),
                spec.vocabulary(),
                spec.contextLength(),
                embeddingScale,
                layers,
                spec.finalNorm(),
                spec.logitScale(),
                spec.tiedHead());
    }

    /** Logits after a text, [vocabulary]. */
    private static float[] pass(Transformer transformer, int[] text) {
        KvCache.Sequence sequence = transformer.cache().open();
        sequence.ensure(text.length);
        Rows rows = transformer.newRows();
        for (int t = 0; t < text.length; t++) {
            rows.addCausal(sequence, text[t], t, t == text.length - 1);
        }
        transformer.forward(rows);
        return Texts.row(transformer, 0);
    }
}
