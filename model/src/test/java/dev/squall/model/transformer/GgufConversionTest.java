package dev.squall.model.transformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.squall.kernels.KernelSet;
import dev.squall.model.convert.GgufConverter;
import dev.squall.model.format.Checkpoint;
import dev.squall.model.format.Checkpoints;
import dev.squall.model.format.GgufCheckpoint;
import dev.squall.model.format.ModelFileException;
import dev.squall.model.format.TensorType;
import dev.squall.model.spec.RecommendedSampling;
import dev.squall.model.tokenizer.BpeTrainer;
import dev.squall.model.tokenizer.Tokenizer;
import dev.squall.model.tokenizer.TokenizerWriter;
import dev.squall.model.tokenizer.Tokenizers;
import dev.squall.model.tokenizer.WordCounts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A Hugging Face directory written as a GGUF file: the logits of the formulas, the keys of published files, the tokens. */
class GgufConversionTest {
    private static final double TOLERANCE = 1e-4;

    @TempDir
    Path folder;

    static List<Arguments> models() {
        List<Arguments> cases = new ArrayList<>();
        for (TinyModel model : TinyModel.all()) {
            for (TensorType type : List.of(TensorType.F32, TensorType.F16, TensorType.Q8_0)) {
                cases.add(Arguments.of(model.name(), type, model));
            }
        }
        TinyModel linear = TinyModel.llama2().withRopeScaling("linear", Map.of("rope_type", "linear", "factor", 4.0));
        cases.add(Arguments.of("linear", TensorType.F32, linear));
        return cases;
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("models")
    void aConvertedModelAgreesWithTheFormulas(String name, TensorType type, TinyModel model) throws Exception {
        Path target = folder.resolve("made.gguf");
        GgufConverter.convert(TinyModelFiles.huggingFace(model, "F32", folder), type, target);
        Map<String, float[]> values =
                type == TensorType.Q8_0 ? quantised(model) : TinyModelFiles.values(model, type.name());
        int[] text = model.text(7, 20);
        double[][] expected = new ReferenceTransformer(model, values).logits(text);
        try (Checkpoint checkpoint = Checkpoints.open(target);
                Transformer transformer = Transformer.load(
                        checkpoint,
                        KernelSet.reference(),
                        TransformerOptions.defaults().withRows(16, 16).withPageSize(8))) {
            float[][] found = Texts.logits(transformer, text, 16);
            for (int t = 0; t < text.length; t++) {
                for (int i = 0; i < expected[t].length; i++) {
                    assertThat((double) found[t][i])
                            .as("token %d, logit %d", t, i)
                            .isEqualTo(expected[t][i], within(TOLERANCE));
                }
            }
        }
    }

    /** What Q8_0 leaves of a model: a scale of the largest / 127, stored in F16 after the division by it. */
    private static Map<String, float[]> quantised(TinyModel model) {
        Map<String, float[]> values = new LinkedHashMap<>();
        model.tensors().forEach((name, tensor) -> {
            float[] data = tensor.data().clone();
            for (int block = 0; tensor.shape().length == 2 && block < data.length; block += 32) {
                double largest = 0;
                for (int i = block; i < block + 32; i++) {
                    largest = Math.max(largest, Math.abs(data[i]));
                }
                float stored = Float.float16ToFloat(Float.floatToFloat16((float) (largest / 127)));
                for (int i = block; i < block + 32; i++) {
                    data[i] = stored * Math.round(data[i] / (largest / 127));
                }
            }
            values.put(name, data);
        });
        return values;
    }

    @Test
    void theKeysAreThoseOfPublishedFiles() throws Exception {
        for (TinyModel model : TinyModel.all()) {
            Path target = folder.resolve(model.name() + ".gguf");
            GgufConverter.convert(TinyModelFiles.huggingFace(model, "BF16", folder), TensorType.F16, target);
            try (GgufCheckpoint made = new GgufCheckpoint(target);
                    GgufCheckpoint known = new GgufCheckpoint(TinyModelFiles.gguf(model, "F16", folder))) {
                for (String key : known.metadata().keys()) {
                    if (!key.equals("general.name")) {
                        assertThat(made.metadata().describe(key))
                                .as(model.name() + " " + key)
                                .isEqualTo(known.metadata().describe(key));
                    }
                }
                assertThat(made.tensors().keySet())
                        .containsExactlyInAnyOrderElementsOf(known.tensors().keySet());
            }
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{`do_sample`: true, `temperature`: 0.6, `top_k`: 20, `top_p`: 0.95} | 0.6 | 20 | 0.95",
                "{`temperature`: 0.7, `top_k`: -1}                                   | 0.7 |  0 | 1",
                "{`do_sample`: true}                                                 | 1   |  0 | 1",
                "{`do_sample`: false, `temperature`: 0.6}                            |     |    |",
                "{`eos_token_id`: 2}                                                 |     |    |",
            })
    void theRecommendedSamplingComesAlong(String config, Double temperature, Integer topK, Double topP)
            throws Exception {
        Path directory = TinyModelFiles.huggingFace(TinyModel.llama2(), "F32", folder);
        Files.writeString(directory.resolve("generation_config.json"), config.replace('`', '"'));
        Path target = folder.resolve("made.gguf");
        GgufConverter.convert(directory, TensorType.F32, target);
        Optional<RecommendedSampling> expected =
                temperature == null ? Optional.empty() : Optional.of(new RecommendedSampling(temperature, topK, topP));
        try (Checkpoint source = Checkpoints.open(directory);
                Checkpoint made = Checkpoints.open(target)) {
            assertThat(RecommendedSampling.of(source)).isEqualTo(expected);
            assertThat(RecommendedSampling.of(made)).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{`temperature`: `hot`}         | temperature | hot",
                "{`temperature`: -0.5}          | temperature | -0.5",
                "{`top_k`: 1.5}                 | top_k       | 1.5",
                "{`do_sample`: true, `top_p`: 2} | top_p       | 2.0",
            })
    void aRecommendationOutOfItsRangeIsRefused(String config, String field, String found) throws Exception {
        Path directory = TinyModelFiles.huggingFace(TinyModel.llama2(), "F32", folder);
        Files.writeString(directory.resolve("generation_config.json"), config.replace('`', '"'));
        try (Checkpoint source = Checkpoints.open(directory)) {
            assertThatThrownBy(() -> RecommendedSampling.of(source))
                    .isInstanceOf(ModelFileException.class)
                    .hasMessageContainingAll("generation_config.json", field, found);
        }
    }

    @Test
    void theTokenizerComesAlong() throws Exception {
        WordCounts counts = new WordCounts();
        String story = "one river and one bridge, and two rivers under one bridge";
        counts.addText(story);
        TinyModel model = TinyModel.llama2();
        Map<String, Object> config = new LinkedHashMap<>(TinyModelFiles.config(model));
        Path directory = folder.resolve("with tokens");
        Map<String, TinyModel.Tensor> tensors = new LinkedHashMap<>(model.tensors());
        int vocabulary = 300;
        config.put("vocab_size", vocabulary);
        for (String table : List.of("model.embed_tokens.weight", "lm_head.weight")) {
            tensors.put(
                    table,
                    new TinyModel.Tensor(new int[] {vocabulary, model.dim()}, new float[vocabulary * model.dim()]));
        }
        TinyModelFiles.huggingFace(config, tensors, "F32", directory);
        BpeTrainer.Learned learned =
                BpeTrainer.learn(counts, vocabulary, List.of("boat"), TokenizerWriter.DECODER, line -> {});
        TokenizerWriter.write(learned, directory);
        Tokenizer before = Tokenizers.open(directory, null, null);
        Path target = folder.resolve("tokens.gguf");
        GgufConverter.convert(directory, TensorType.Q8_0, target);
        Tokenizer after = Tokenizers.open(target, null, null);
        for (String text : List.of(story, "a boat's 12  spaces\n\n\u00e9 <s>", "")) {
            assertThat(after.encode(text, false)).isEqualTo(before.encode(text, false));
            assertThat(after.encodePrompt(text, true))
                    .isEqualTo(before.encodePrompt(text, true))
                    .startsWith(0);
        }
        assertThat(after.bos()).hasValue(0);
        assertThat(after.endOfSequence()).containsExactly(1);
        assertThatThrownBy(() -> GgufConverter.convert(directory, TensorType.F16, target))
                .hasMessageContainingAll("tokens.gguf", "there already");
    }

    @Test
    void whatAGgufFileCannotSayIsRefused() throws Exception {
        TinyModel yarn = TinyModel.qwen2()
                .withRopeScaling(
                        "yarn", Map.of("rope_type", "yarn", "factor", 4.0, "original_max_position_embeddings", 4096));
        Path source = TinyModelFiles.huggingFace(yarn, "F32", folder);
        Path target = folder.resolve("none.gguf");
        assertThatThrownBy(() -> GgufConverter.convert(source, TensorType.F16, target))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContainingAll("rope_scaling", "found", "expected");
        Path gguf = TinyModelFiles.gguf(TinyModel.llama2(), "F32", folder);
        assertThatThrownBy(() -> GgufConverter.convert(gguf, TensorType.F16, target))
                .hasMessageContaining("Hugging Face directory");
        assertThat(Files.exists(target)).isFalse();
    }
}
