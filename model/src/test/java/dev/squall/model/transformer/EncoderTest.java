package dev.squall.model.transformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.squall.kernels.KernelSet;
import dev.squall.model.format.Checkpoint;
import dev.squall.model.format.Checkpoints;
import dev.squall.model.format.SafetensorsWriter;
import dev.squall.model.format.TensorType;
import dev.squall.model.format.TensorValues;
import dev.squall.model.spec.EncoderSpec.Head;
import dev.squall.model.spec.Families;
import dev.squall.model.spec.LayerSpec.Placement;
import dev.squall.model.spec.ModelSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.json.JsonMapper;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * An encoder of RoBERTa's exact keys and tiny shapes, whose every weight is a formula, against hidden states and logits that
 * were computed in double.
 */
class EncoderTest {
    private static final int DIM = 8;
    private static final int WORDS = 13;
    private static final int[] FIRST = {0, 5, 6, 12, 7, 12, 2};
    private static final int[] SECOND = {0, 8, 12, 9, 12, 2};

    @TempDir
    Path folder;

    static Stream<KernelSet> sets() {
        return Stream.of(KernelSet.reference(), KernelSet.simd());
    }

    /** Names and shapes in the order in which the formula numbers them. */
    private static Map<String, long[]> shapes(String prefix, boolean head) {
        Map<String, long[]> shapes = new LinkedHashMap<>();
        shapes.put(prefix + "embeddings.word_embeddings.weight", new long[] {WORDS, DIM});
        shapes.put(prefix + "embeddings.position_embeddings.weight", new long[] {12, DIM});
        shapes.put(prefix + "embeddings.token_type_embeddings.weight", new long[] {1, DIM});
        pair(shapes, prefix + "embeddings.LayerNorm", DIM);
        for (int layer = 0; layer < 2; layer++) {
            String name = prefix + "encoder.layer." + layer + ".";
            pair(shapes, name + "attention.self.query", DIM, DIM);
            pair(shapes, name + "attention.self.key", DIM, DIM);
            pair(shapes, name + "attention.self.value", DIM, DIM);
            pair(shapes, name + "attention.output.dense", DIM, DIM);
            pair(shapes, name + "attention.output.LayerNorm", DIM);
            pair(shapes, name + "intermediate.dense", 16, DIM);
            pair(shapes, name + "output.dense", DIM, 16);
            pair(shapes, name + "output.LayerNorm", DIM);
        }
        if (head) {
            pair(shapes, "lm_head.dense", DIM, DIM);
            pair(shapes, "lm_head.layer_norm", DIM);
            shapes.put("lm_head.bias", new long[] {WORDS});
        }
        return shapes;
    }

    private static void pair(Map<String, long[]> shapes, String name, long... shape) {
        shapes.put(name + ".weight", shape);
        shapes.put(name + ".bias", new long[] {shape[0]});
    }

    private static float[] values(String name, int k, long[] shape) {
        int size = (int) (shape.length == 1 ? shape[0] : shape[0] * shape[1]);
        boolean norm = name.endsWith("orm.weight");
        boolean sharp = name.endsWith("query.weight") || name.endsWith("key.weight");
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            double u = Math.sin((0.37 + 0.11 * k) * (i + 1) + 1.3 * k);
            values[i] = (float) (norm ? 1 + 0.05 * u : shape.length == 1 ? 0.05 * u : (sharp ? 0.8 : 0.2) * u);
        }
        return values;
    }

    private Path toy(String prefix, boolean head, Map<String, Object> changes) throws Exception {
        Path directory = Files.createTempDirectory(folder, "toy");
        SafetensorsWriter writer = new SafetensorsWriter();
        int k = 0;
        for (Map.Entry<String, long[]> each : shapes(prefix, head).entrySet()) {
            float[] values = values(each.getKey(), k++, each.getValue());
            writer.tensor(each.getKey(), "F32", each.getValue(), TensorValues.encode(TensorType.F32, values));
        }
        Map<String, Object> config = new LinkedHashMap<>(Map.of(
                "model_type",
                "roberta",
                "hidden_act",
                "gelu",
                "hidden_size",
                DIM,
                "intermediate_size",
                16,
                "num_hidden_layers",
                2,
                "num_attention_heads",
                2,
                "max_position_embeddings",
                12,
                "vocab_size",
                WORDS,
                "type_vocab_size",
                1,
                "layer_norm_eps",
                1e-5));
        config.putAll(changes);
        writer.write(directory.resolve("model.safetensors"));
        Files.writeString(
                directory.resolve("config.json"), JsonMapper.builder().build().writeValueAsString(config));
        return directory;
    }

    private static void assertLogits(Encoder encoder, int mask, int[] words, double... expected) {
        for (int w = 0; w < words.length; w++) {
            assertThat((double) encoder.logit(mask, words[w])).isCloseTo(expected[w], within(3e-6));
        }
    }

    private static void assertRow(FloatArray x, int row, double... expected) {
        for (int i = 0; i < expected.length; i++) {
            assertThat((double) x.get(row * DIM + i)).isCloseTo(expected[i], within(3e-6));
        }
    }

    @ParameterizedTest
    @MethodSource("sets")
    void hiddenStatesAndScoresOfWordsAreTheGoldenOnes(KernelSet kernels) throws Exception {
        for (String prefix : List.of("roberta.", "")) {
            try (Checkpoint checkpoint = Checkpoints.open(toy(prefix, false, Map.of()));
                    Encoder encoder = Encoder.load(checkpoint, kernels, Encoder.Options.defaults())) {
                assertThat(encoder.spec().encoder().head()).isEqualTo(Head.WORDS);
                assertThat(encoder.capacity()).isEqualTo(10);
                encoder.encode(FIRST, 3, 5);
                assertRow(encoder.hidden(), 3, 0.780905080, -0.138049425, -0.904349118, -1.170273482);
                assertLogits(encoder, 0, new int[] {3, 4, 6}, 0.1831192745, -0.0809664676, 0.1278800896);
                assertLogits(encoder, 1, new int[] {5, 10}, -0.4604283268, 0.9029609242);
                encoder.encode(SECOND, 2, 4);
                assertRow(encoder.hidden(), 2, -0.755754092, -1.020062698, -1.049472403, -0.684812264);
                assertLogits(encoder, 0, new int[] {3, 4, 6}, -0.3242242984, 0.4959181959, 0.7852707165);
                assertLogits(encoder, 1, new int[] {5, 10}, -0.7330417222, 1.0628306557);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("sets")
    void theHeadOfMaskedLanguageModellingHasItsGoldenNumbers(KernelSet kernels) throws Exception {
        try (Checkpoint checkpoint = Checkpoints.open(toy("roberta.", true, Map.of()))) {
            try (Encoder encoder = Encoder.load(checkpoint, kernels, Encoder.Options.defaults())) {
                encoder.encode(FIRST, 3, 5);
                assertLogits(encoder, 0, new int[] {3, 4, 6}, 0.0828634784, -0.0867879115, -0.1645079514);
                assertLogits(encoder, 1, new int[] {5, 10}, 0.1821324153, -0.1068519530);
                encoder.encode(SECOND, 2, 4);
                assertLogits(encoder, 0, new int[] {3, 4, 6}, 0.0934748870, -0.0905923151, -0.1545509823);
                assertLogits(encoder, 1, new int[] {5, 10}, 0.1044345224, -0.0028444917);
            }
            try (Encoder bare = Encoder.load(checkpoint, kernels, new Encoder.Options(7, 2, Head.WORDS))) {
                bare.encode(FIRST, 3, 5);
                assertLogits(bare, 0, new int[] {3, 4, 6}, 0.1831192745, -0.0809664676, 0.1278800896);
            }
        }
    }

    @Test
    void theSpecificationIsReadFromTheConfiguration() throws Exception {
        try (Checkpoint checkpoint = Checkpoints.open(toy("", true, Map.of("pad_token_id", 1)))) {
            ModelSpec spec = Families.spec(checkpoint);
            assertThat(spec.layers()).hasSize(2);
            assertThat(spec.layers().getFirst().placement()).isEqualTo(Placement.AFTER);
            assertThat(spec.layers().getFirst().attention().scale()).isEqualTo(0.5f);
            assertThat(spec.encoder().embeddingNorm().epsilon()).isEqualTo(1e-5f);
            assertThat(spec.encoder().firstPosition()).isEqualTo(2);
            assertThat(spec.encoder().prefix()).isEmpty();
            assertThat(spec.encoder().head()).isEqualTo(Head.MASKED_LANGUAGE_MODEL);
            assertThat(spec.tiedHead()).isTrue();
        }
    }

    @Test
    void whatIsNotImplementedOrDoesNotFitIsRefusedByName() throws Exception {
        List<Map<String, Object>> wrong = new ArrayList<>();
        wrong.add(Map.of("hidden_act", "relu"));
        wrong.add(Map.of("position_embedding_type", "relative_key"));
        wrong.add(Map.of("num_attention_heads", 3));
        wrong.add(Map.of("max_position_embeddings", 2));
        for (Map<String, Object> change : wrong) {
            try (Checkpoint checkpoint = Checkpoints.open(toy("roberta.", false, change))) {
                assertThatThrownBy(() -> Families.spec(checkpoint))
                        .hasMessageContainingAll(
                                "config.json", change.keySet().iterator().next(), "found", "expected");
            }
        }
        try (Checkpoint checkpoint = Checkpoints.open(toy("roberta.", false, Map.of("max_position_embeddings", 13)))) {
            assertThatThrownBy(() -> Encoder.load(checkpoint, KernelSet.reference(), Encoder.Options.defaults()))
                    .hasMessageContainingAll("position_embeddings", "[12, 8]", "[13, 8]");
        }
        try (Checkpoint checkpoint = Checkpoints.open(toy("roberta.", false, Map.of()))) {
            Encoder.Options head = new Encoder.Options(0, 2, Head.MASKED_LANGUAGE_MODEL);
            assertThatThrownBy(() -> Encoder.load(checkpoint, KernelSet.reference(), head))
                    .hasMessageContaining("lm_head.dense.weight");
            assertThatThrownBy(() -> Encoder.load(checkpoint, KernelSet.reference(), new Encoder.Options(11, 2, null)))
                    .hasMessageContainingAll("11", "1 to 10");
            try (Encoder encoder = Encoder.load(checkpoint, KernelSet.reference(), new Encoder.Options(6, 2, null))) {
                assertThatThrownBy(() -> encoder.encode(FIRST, 3)).hasMessageContainingAll("7 tokens", "1 to 6");
                assertThatThrownBy(() -> encoder.encode(SECOND, 4, 2)).hasMessageContaining("ascending");
                assertThatThrownBy(() -> encoder.encode(SECOND, 6)).hasMessageContaining("below 6");
                assertThatThrownBy(() -> encoder.encode(new int[] {0, 13, 2})).hasMessageContaining("13");
                encoder.encode(SECOND, 2);
                assertThatThrownBy(() -> encoder.logit(1, 0)).hasMessageContaining("masks below 1");
            }
        }
    }
}
