package dev.squall.classification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.squall.classification.CompiledRules.Spacing;
import dev.squall.kernels.KernelSet;
import dev.squall.model.format.Checkpoint;
import dev.squall.model.format.Checkpoints;
import dev.squall.model.format.SafetensorsWriter;
import dev.squall.model.format.TensorType;
import dev.squall.model.format.TensorValues;
import dev.squall.model.tokenizer.Tokenizer;
import dev.squall.model.transformer.Encoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** Scores of label words become classes with reasons: worked numbers, and an encoder with weights drawn at random. */
class PtrClassifierTest {
    private static final int DIM = 16;

    @TempDir
    Path folder;

    private static Rules rules() {
        return Rules.builder("worked")
                .function("one", "it <mask> {head}")
                .function("two", "<mask> {tail}")
                .label("A", "aa", "cc")
                .label("B", "aa", "dd")
                .label("C", "bb", "cc")
                .label("D", "bb", "ee")
                .build();
    }

    private Tokenizer tokenizer() throws Exception {
        return Words.of(folder, "_aa", "_bb", "cc", "dd", "ee", "_x", "_y", "it");
    }

    @Test
    void workedScoresGiveTheirProbabilitiesAndReasons() throws Exception {
        CompiledRules rules = CompiledRules.compile(rules(), tokenizer(), Spacing.RELEASED);
        Prediction found = PtrClassifier.predict(rules, new double[][] {{2, 1}, {0.5, 0, -1}});
        assertThat(found.label()).isEqualTo("A");
        assertThat(found.runnerUp()).isEqualTo("B");
        double[] q = shares(found);
        assertThat(q).containsExactly(new double[] {0.48626423, 0.29493416, 0.17888661, 0.03991500}, within(1e-8));
        assertThat(found.masks().getFirst().words().get("aa")).isCloseTo(0.73105858, within(1e-8));
        Map<String, Double> second = found.masks().get(1).words();
        assertThat(List.copyOf(second.keySet())).containsExactly("cc", "dd", "ee");
        assertThat(second.get("ee")).isCloseTo(0.12195165, within(1e-8));
        assertThat(found.literals()).isEqualTo(Map.of("one", 0.0, "two", 0.5));
        assertThat(found.carriedBy()).isEqualTo("two");
        assertThat(found.explain()).contains("A (0.4863)", "two wants 'cc': cc 0.5465", "against B", "carried by two");
        // the product of the probabilities of words, divided by its sum over the classes, is the same
        double[] product = {0.39955962, 0.24234516, 0.14698977, 0.03279785};
        for (int y = 0; y < 4; y++) {
            assertThat(product[y] / 0.82169240).isCloseTo(q[y], within(1e-7));
        }
        assertThat(PtrClassifier.predict(rules, new double[][] {{1, 1}, {0, 0, 0}})
                        .label())
                .isEqualTo("A");
        assertThat(PtrClassifier.predict(rules, new double[][] {{1, 1.5}, {0, 0, 3}})
                        .runnerUp())
                .isEqualTo("C");
    }

    private static double[] shares(Prediction prediction) {
        return prediction.probabilities().values().stream()
                .mapToDouble(each -> each)
                .toArray();
    }

    /** A directory of one layer, with the keys of a bare encoder; the tokenizer is there already. */
    static void writeEncoder(Path folder, int vocabulary) throws Exception {
        Map<String, Object> config = Map.of(
                "model_type", "roberta",
                "hidden_size", DIM,
                "intermediate_size", 24,
                "num_hidden_layers", 1,
                "num_attention_heads", 2,
                "max_position_embeddings", 26,
                "vocab_size", vocabulary,
                "type_vocab_size", 1,
                "layer_norm_eps", 1e-5);
        Map<String, long[]> shapes = new LinkedHashMap<>();
        String layer = "encoder.layer.0.";
        shapes.put("embeddings.word_embeddings.weight", new long[] {vocabulary, DIM});
        shapes.put("embeddings.position_embeddings.weight", new long[] {26, DIM});
        shapes.put("embeddings.token_type_embeddings.weight", new long[] {1, DIM});
        for (String norm : List.of("embeddings.", layer + "attention.output.", layer + "output.")) {
            shapes.put(norm + "LayerNorm.weight", new long[] {DIM});
            shapes.put(norm + "LayerNorm.bias", new long[] {DIM});
        }
        for (String name : List.of("self.query", "self.key", "self.value", "output.dense")) {
            shapes.put(layer + "attention." + name + ".weight", new long[] {DIM, DIM});
            shapes.put(layer + "attention." + name + ".bias", new long[] {DIM});
        }
        shapes.put(layer + "intermediate.dense.weight", new long[] {24, DIM});
        shapes.put(layer + "intermediate.dense.bias", new long[] {24});
        shapes.put(layer + "output.dense.weight", new long[] {DIM, 24});
        shapes.put(layer + "output.dense.bias", new long[] {DIM});
        Random random = new Random(5);
        SafetensorsWriter writer = new SafetensorsWriter();
        shapes.forEach((name, shape) -> {
            float[] values = new float[(int) (shape.length == 1 ? shape[0] : shape[0] * shape[1])];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) random.nextGaussian() * 0.4f + (name.endsWith("Norm.weight") ? 1 : 0);
            }
            writer.tensor(name, "F32", shape, TensorValues.encode(TensorType.F32, values));
        });
        writer.write(folder.resolve("model.safetensors"));
        Files.writeString(
                folder.resolve("config.json"), JsonMapper.builder().build().writeValueAsString(config));
    }

    @Test
    void anEncoderAnswersWithoutAnyTraining() throws Exception {
        Tokenizer tokenizer = tokenizer();
        writeEncoder(folder, tokenizer.vocabSize());
        try (Checkpoint checkpoint = Checkpoints.open(folder);
                Encoder encoder = Encoder.load(checkpoint, KernelSet.best(), Encoder.Options.defaults())) {
            PtrClassifier ptr =
                    PtrClassifier.builder(encoder, tokenizer).rules(rules()).build();
            Relation input = Relation.of(List.of("x", "aa", "y"), "x", "y");
            Prediction found = ptr.classify(input);
            CompiledRules.Prompt prompt = ptr.rules().prompt(input, encoder.capacity());
            encoder.encode(prompt.ids(), prompt.masks());
            int first = Words.FIRST;
            double[] scores = new double[4];
            int[][] tuples = {{first, first + 2}, {first, first + 3}, {first + 1, first + 2}, {first + 1, first + 4}};
            double sum = 0;
            for (int y = 0; y < 4; y++) {
                scores[y] = Math.exp(encoder.logit(0, tuples[y][0]) + encoder.logit(1, tuples[y][1]));
                sum += scores[y];
            }
            for (int y = 0; y < 4; y++) {
                assertThat(shares(found)[y]).isCloseTo(scores[y] / sum, within(1e-6));
            }
            assertThat(found.probability()).isEqualTo(found.probabilities().get(found.label()));
            assertThat(ptr.classify(input)).isEqualTo(found);
            Relation other = Relation.of(List.of("y", "bb", "x"), "y", "x");
            assertThat(ptr.classify(other).probabilities()).isNotEqualTo(found.probabilities());
            // 24 tokens of room: of a long text only the end counts
            Relation longer = new Relation("x aa y" + " bb aa".repeat(20), "x", "y");
            Relation shorter = new Relation("x aa y" + " bb aa".repeat(12), "x", "y");
            assertThat(ptr.classify(longer)).isEqualTo(ptr.classify(shorter)).isNotEqualTo(found);
            assertThatThrownBy(() -> PtrClassifier.builder(encoder, tokenizer).build())
                    .hasMessageContaining("rules");
        }
        try (Checkpoint checkpoint = Checkpoints.open(folder);
                Encoder encoder = Encoder.load(checkpoint, KernelSet.best(), new Encoder.Options(0, 1, null))) {
            PtrClassifier.Builder few =
                    PtrClassifier.builder(encoder, tokenizer).rules(rules());
            assertThatThrownBy(few::build).hasMessageContainingAll("2 masks", "at most 1");
        }
    }
}
