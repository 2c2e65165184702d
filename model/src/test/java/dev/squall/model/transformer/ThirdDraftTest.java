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
import dev.squall.model.spec.Families;
import dev.squall.model.spec.ModelSpec;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** An EAGLE-3 draft against the formulas in float64, and what it reads of its model. */
class ThirdDraftTest {
    private static final TransformerOptions SIZES =
            TransformerOptions.defaults().withRows(24, 8).withContextLength(64).withPageSize(8);

    @TempDir
    Path folder;

    private final TinyModel target = TinyThirdDraft.deepModel();

    /** The draft in float64. */
    private static final class Reference extends ReferenceDraft {
        private final TinyThirdDraft draft;

        Reference(TinyThirdDraft draft) {
            super(
                    new TinyDraft(draft.target(), TinyThirdDraft.KV_HEADS, false, false, false),
                    draft.tensors(),
                    "midlayer.");
            this.draft = draft;
        }

        /** @param u [dim], the feature before or what fc makes of the model's streams */
        double[] next(int token, double[] u, int position) {
            double[] e = norm(embedding(token), "midlayer.input_layernorm");
            double[] n = norm(u, "midlayer.hidden_norm");
            return layer(
                    u,
                    IntStream.range(0, 2 * e.length)
                            .mapToDouble(i -> i < e.length ? e[i] : n[i - e.length])
                            .toArray(),
                    position,
                    1);
        }

        double[] fc(double[] streams) {
            return product("fc", streams);
        }

        double[] logProbabilities(double[] feature) {
            double[] logits = product("lm_head", norm(feature, "norm"));
            double sum = 0;
            for (double logit : logits) {
                sum += Math.exp(logit);
            }
            double all = Math.log(sum);
            return IntStream.range(0, draft.vocabulary())
                    .mapToDouble(i -> logits[i] - all)
                    .toArray();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {31, 96})
    void rowsAreThoseOfTheFormulas(int vocabulary) {
        TinyThirdDraft draft = new TinyThirdDraft(target, vocabulary);
        try (Checkpoint model = Checkpoints.open(TinyModelFiles.gguf(target, "F32", folder));
                Checkpoint files = Checkpoints.open(draft.write(folder.resolve("draft")))) {
            for (KernelSet kernels : new KernelSet[] {KernelSet.reference(), KernelSet.simd()}) {
                try (Transformer transformer = Transformer.load(model, kernels, SIZES);
                        DraftModel loaded = DraftModel.load(files, transformer, kernels, null)) {
                    assertThat(loaded.vocabulary()).isEqualTo(vocabulary);
                    assertThat(loaded.token(17)).isEqualTo(draft.token(17));
                    compare(draft, loaded);
                }
            }
        }
    }

    /** Six rows of a text, then two behind it that go on from their own features, then the text again in their place. */
    private void compare(TinyThirdDraft draft, DraftModel loaded) {
        int dim = target.dim();
        Random random = new Random(5);
        Reference reference = new Reference(draft);
        int[] tokens = target.text(1, 9);
        KvCache.Sequence sequence = loaded.cache().open();
        sequence.ensure(12);
        Rows rows = loaded.newRows();
        double[] feature = null;
        for (int at = 0; at < 6; at++) {
            double[] streams =
                    random.doubles(3 * dim, -2, 2).map(x -> (float) x).toArray();
            for (int i = 0; i < 3 * dim; i++) {
                loaded.hidden().set(at * 3 * dim + i, (float) streams[i]);
            }
            rows.addCausal(sequence, tokens[at], at, at == 5);
            feature = reference.next(tokens[at], reference.fc(streams), at);
        }
        loaded.forward(rows);
        check(loaded, 5, feature, reference);
        for (int at = 6; at < 8; at++) {
            rows.clear();
            for (int i = 0; i < dim; i++) {
                loaded.own().set(i, loaded.features().get((at == 6 ? 5 : 0) * dim + i));
            }
            rows.addTreeNode(sequence, tokens[at], at, 6, at == 6 ? 0 : 3, at == 6 ? 1L : 0b1001L, true);
            loaded.proceed(rows);
            feature = reference.next(tokens[at], feature, at);
            check(loaded, 0, feature, reference);
        }
        sequence.close();
    }

    private static void check(DraftModel loaded, int row, double[] feature, Reference reference) {
        for (int i = 0; i < feature.length; i++) {
            assertThat((double) loaded.features().get(row * feature.length + i)).isCloseTo(feature[i], within(2e-3));
        }
        double[] expected = reference.logProbabilities(feature);
        List<Integer> ranked = IntStream.range(0, expected.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> -expected[i]))
                .toList();
        for (int rank = 0; rank < loaded.topK(); rank++) {
            assertThat((double) loaded.logProbability(0, rank)).isCloseTo(expected[ranked.get(rank)], within(2e-3));
            assertThat(expected[loaded.id(0, rank)]).isCloseTo(expected[ranked.get(rank)], within(2e-3));
        }
    }

    @Test
    void itReadsTheStreamWhereItEntersThreeLayers() {
        int[] text = target.text(3, 10);
        try (Checkpoint model = Checkpoints.open(TinyModelFiles.gguf(target, "F32", folder));
                Checkpoint files = Checkpoints.open(new TinyThirdDraft(target, 31).write(folder.resolve("draft")));
                Transformer transformer = Transformer.load(model, KernelSet.best(), SIZES);
                DraftModel draft = DraftModel.load(files, transformer, KernelSet.best(), null)) {
            run(transformer, text);
            FloatArray inputs = draft.inputs(transformer);
            int[] layers = {2, 3, 4}; // of seven: 2, 7 / 2, 7 - 3
            for (int tap = 0; tap < 3; tap++) {
                ModelSpec whole = Families.spec(model);
                ModelSpec shorter = new ModelSpec(
                        whole.family(),
                        whole.dim(),
                        whole.vocabulary(),
                        whole.contextLength(),
                        1f,
                        whole.layers().subList(0, layers[tap]),
                        null,
                        1f,
                        whole.tiedHead());
                try (Transformer beginning = Transformer.load(shorter, model, KernelSet.best(), SIZES)) {
                    run(beginning, text);
                    for (int i = 0; i < text.length * target.dim(); i++) {
                        int row = i / target.dim();
                        assertThat(inputs.get((row * 3 + tap) * target.dim() + i % target.dim()))
                                .isEqualTo(beginning.hidden().get(i));
                    }
                }
            }
        }
    }

    private static void run(Transformer transformer, int[] text) {
        try (KvCache.Sequence sequence = transformer.cache().open()) {
            sequence.ensure(text.length);
            Rows rows = transformer.newRows();
            for (int t = 0; t < text.length; t++) {
                rows.addCausal(sequence, text[t], t, t == text.length - 1);
            }
            transformer.forward(rows);
        }
    }

    @Test
    void refusesARankingAndShallowModels() {
        TinyModel shallow = TinyModel.llama2();
        try (Checkpoint model = Checkpoints.open(TinyModelFiles.gguf(target, "F32", folder));
                Checkpoint small = Checkpoints.open(TinyModelFiles.gguf(shallow, "F32", folder));
                Checkpoint files = Checkpoints.open(new TinyThirdDraft(target, 31).write(folder.resolve("draft")));
                Transformer transformer = Transformer.load(model, KernelSet.reference(), SIZES);
                Transformer two = Transformer.load(small, KernelSet.reference(), SIZES)) {
            assertThatThrownBy(() -> DraftModel.load(files, transformer, KernelSet.reference(), new int[] {1, 2}))
                    .hasMessageContaining("vocabulary of its own");
            assertThatThrownBy(() -> DraftModel.load(files, two, KernelSet.reference(), null))
                    .isInstanceOf(ModelFileException.class)
                    .hasMessageContaining("2 layers");
        }
    }
}
