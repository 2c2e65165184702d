package dev.squall.model.transformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.squall.attention.KvCache;
import dev.squall.attention.Rows;
import dev.squall.kernels.KernelSet;
import dev.squall.model.format.Checkpoint;
import dev.squall.model.format.Checkpoints;
import dev.squall.model.format.ModelFileException;
import dev.squall.model.spec.DraftSpec;
import dev.squall.model.spec.DraftVariant;
import dev.squall.model.spec.Families;
import dev.squall.model.spec.ModelSpec;
import dev.squall.model.spec.RopeSpec;
import dev.squall.model.transformer.TinyModel.Tensor;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** An EAGLE draft against the formulas in float64, for every published variant, in a text and in a tree. */
class DraftModelTest {
    private static final TransformerOptions SIZES =
            TransformerOptions.defaults().withRows(24, 8).withContextLength(64).withPageSize(8);

    @TempDir
    Path folder;

    static Stream<TinyDraft> drafts() {
        return Stream.of(TinyModel.llama3(), TinyModel.qwen2(), TinyModel.qwen3())
                .flatMap(target -> Stream.of(TinyDraft.of(target)));
    }

    @ParameterizedTest
    @MethodSource("drafts")
    void rowsAreThoseOfTheFormulas(TinyDraft draft) {
        TinyModel target = draft.target();
        int[] ids = {5, 90, 17, 3, 44, 60, 61, 7, 12, 80, 81, 33, 20, 21, 22, 23, 24};
        try (Checkpoint model = Checkpoints.open(TinyModelFiles.gguf(target, "F32", folder));
                Checkpoint files = Checkpoints.open(draft.write(folder.resolve("draft")))) {
            for (KernelSet kernels : new KernelSet[] {KernelSet.reference(), KernelSet.simd()}) {
                try (Transformer transformer = Transformer.load(model, kernels, SIZES);
                        DraftModel loaded = DraftModel.load(files, transformer, kernels, ids)) {
                    compare(draft, new ReferenceDraft(draft), loaded, ids);
                }
            }
        }
    }

    /** Twelve rows of a text in two batches, then two rows behind it that hang on one another. */
    private static void compare(TinyDraft draft, ReferenceDraft reference, DraftModel loaded, int[] ids) {
        int dim = draft.target().dim();
        int rowsInAll = 14;
        Random random = new Random(3);
        double[][] hidden = new double[rowsInAll][dim];
        for (double[] row : hidden) {
            for (int i = 0; i < dim; i++) {
                row[i] = (float) random.nextGaussian();
            }
        }
        int[] tokens = draft.target().text(9, rowsInAll);
        KvCache.Sequence sequence = loaded.cache().open();
        sequence.ensure(rowsInAll + 1);
        int done = 0;
        for (int size : new int[] {5, 7, 1, 1}) {
            Rows rows = loaded.newRows();
            for (int i = 0; i < size; i++) {
                for (int d = 0; d < dim; d++) {
                    loaded.hidden().set(i * dim + d, (float) hidden[done + i][d]);
                }
                int at = done + i;
                if (at < 12) {
                    rows.addCausal(sequence, tokens[at], at, i == size - 1);
                } else { // the second node of the tree lies one slot farther off, and its place is empty
                    int node = at == 12 ? 0 : 2;
                    long mask = at == 12 ? 1L : 0b101L;
                    rows.addTreeNode(sequence, tokens[at], at, 12, node, mask, true);
                }
            }
            loaded.forward(rows);
            double[] feature = null;
            for (int i = 0; i < size; i++) {
                feature = reference.row(tokens[done + i], hidden[done + i], done + i);
                for (int d = 0; d < dim; d++) {
                    assertThat((double) loaded.features().get(i * dim + d))
                            .as("row %d, element %d of %s", done + i, d, draft)
                            .isCloseTo(feature[d], within(2e-3));
                }
            }
            List<Integer> ranked = reference.ranked(feature, ids);
            for (int rank = 0; rank < loaded.topK(); rank++) {
                double expected = reference.logProbability(feature, ids, ranked.get(rank));
                assertThat((double) loaded.logProbability(0, rank)).isCloseTo(expected, within(2e-3));
                double here = reference.logProbability(feature, ids, loaded.id(0, rank));
                assertThat(here).as("the token's own").isCloseTo(expected, within(2e-3));
            }
            done += size;
        }
        sequence.close();
    }

    @Test
    void theRotationMayBeTheDraftsOwn() throws Exception {
        TinyModel target = TinyModel.llama3();
        TinyDraft draft = TinyDraft.of(target)[0];
        DraftVariant own = DraftVariant.defaults().withRope(DraftVariant.Rope.DRAFT);
        try (Checkpoint model = Checkpoints.open(TinyModelFiles.gguf(target, "F32", folder));
                Checkpoint files = Checkpoints.open(draft.write(folder.resolve("draft")));
                Transformer transformer = Transformer.load(model, KernelSet.simd(), SIZES);
                DraftModel loaded = DraftModel.load(files, transformer, KernelSet.simd(), new int[] {5, 90, 17}, own)) {
            compare(draft, new ReferenceDraft(draft, DraftVariant.Rope.DRAFT), loaded, new int[] {5, 90, 17});
            RopeSpec shared = rope(files, transformer, DraftVariant.defaults());
            assertThat(shared.frequencies()).isEqualTo(target(transformer).frequencies());
            assertThat(rope(files, transformer, own).frequencies())
                    .isEqualTo(RopeSpec.plain(RopeSpec.Pairing.HALVES, 10_000, draft.headDim())
                            .frequencies())
                    .isNotEqualTo(shared.frequencies());
        }
    }

    private static RopeSpec rope(Checkpoint files, Transformer target, DraftVariant variant) {
        RopeSpec rope =
                DraftSpec.of(files, target.spec(), variant).layer().attention().rope();
        assertThat(rope.pairing()).isEqualTo(RopeSpec.Pairing.HALVES);
        return rope;
    }

    private static RopeSpec target(Transformer transformer) {
        return transformer.spec().layers().getFirst().attention().rope();
    }

    @Test
    void theHeadMayDoWithoutTheModelsScale() {
        TinyModel target = TinyModel.llama2();
        try (Checkpoint model = Checkpoints.open(TinyModelFiles.gguf(target, "F32", folder));
                Checkpoint files = Checkpoints.open(TinyDraft.of(target)[0].write(folder.resolve("draft")))) {
            ModelSpec plain = Families.spec(model);
            ModelSpec scaled = new ModelSpec(
                    plain.family(),
                    plain.dim(),
                    plain.vocabulary(),
                    plain.contextLength(),
                    plain.embeddingScale(),
                    plain.layers(),
                    plain.finalNorm(),
                    1 / 16f,
                    plain.tiedHead());
            DraftVariant usual = DraftVariant.defaults();
            assertThat(DraftSpec.of(files, scaled, usual).logitScale()).isEqualTo(1 / 16f);
            assertThat(DraftSpec.of(files, scaled, usual.withScaledHead(false)).logitScale())
                    .isEqualTo(1f);
        }
    }

    @Test
    void refusesDraftsOfOtherModelsAndRankingsOfOtherTokenizers() throws Exception {
        TinyModel target = TinyModel.llama2();
        TinyDraft draft = TinyDraft.of(target)[0];
        try (Checkpoint model = Checkpoints.open(TinyModelFiles.gguf(target, "F32", folder));
                Transformer transformer = Transformer.load(model, KernelSet.reference(), SIZES)) {
            Checkpoint files = Checkpoints.open(draft.write(folder.resolve("draft")));
            assertThatThrownBy(() -> load(files, transformer, 5, 96)).hasMessageContaining("token 96");
            assertThatThrownBy(() -> load(files, transformer, 5, 7, 5)).hasMessageContaining("token 5 twice");
            assertThatThrownBy(() -> load(files, transformer)).hasMessageContaining("no tokens");
            refused(transformer, draft, Map.of("hidden_size", 32), "", "hidden_size", "32", "64, the width");
            refused(transformer, draft, Map.of("num_hidden_layers", 2), "", "num_hidden_layers", "2", "expected 1");
            refused(transformer, draft, Map.of(), "layers.0.mlp.up_proj.weight", "mlp.up_proj.weight");
            refused(transformer, draft, Map.of(), "fc.weight", "fc.weight");
            refused(transformer, TinyDraft.of(target)[2], Map.of("scale_emb", 12), "", "scale_emb", "12");
            assertThatThrownBy(() -> load(model, transformer, 1)).hasMessageContaining("config.json");
            files.close();
        }
    }

    private void refused(
            Transformer transformer, TinyDraft draft, Map<String, Object> change, String without, String... message)
            throws Exception {
        Map<String, Object> config = draft.config();
        config.putAll(change);
        Map<String, Tensor> tensors = new LinkedHashMap<>(draft.tensors());
        tensors.remove(without);
        Path directory = TinyModelFiles.huggingFace(config, tensors, "F32", folder.resolve("bad"));
        try (Checkpoint files = Checkpoints.open(directory)) {
            assertThatThrownBy(() -> load(files, transformer, 1, 2))
                    .isInstanceOf(ModelFileException.class)
                    .hasMessageContainingAll(message);
        }
    }

    private static void load(Checkpoint files, Transformer transformer, int... ids) {
        DraftModel.load(files, transformer, KernelSet.reference(), ids).close();
    }
}
