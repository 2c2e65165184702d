package dev.squall.model.transformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squall.kernels.KernelSet;
import dev.squall.model.convert.HuggingFaceWriter;
import dev.squall.model.convert.HuggingFaceWriter.Tensor;
import dev.squall.model.format.Checkpoint;
import dev.squall.model.format.Checkpoints;
import dev.squall.model.format.TensorType;
import dev.squall.model.spec.Families;
import dev.squall.model.spec.ModelSpec;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A specification and its tensors written as a Hugging Face directory: read again, they are the same to the last bit. */
class HuggingFaceWriterTest {
    @TempDir
    Path folder;

    static List<TinyModel> models() {
        return List.of(
                TinyModel.llama2(),
                TinyModel.llama3().withRopeScaling("llama tied", Map.of()),
                TinyModel.mistral(),
                TinyModel.qwen2(),
                TinyModel.qwen3());
    }

    private static Map<String, Tensor> tensors(TinyModel model) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        model.tensors()
                .forEach((name, tensor) -> tensors.put(
                        name,
                        new Tensor(Arrays.stream(tensor.shape()).asLongStream().toArray(), tensor.data())));
        return tensors;
    }

    private static float[][] logits(Checkpoint checkpoint, int[] text) {
        try (Transformer transformer = Transformer.load(
                checkpoint,
                KernelSet.reference(),
                TransformerOptions.defaults().withRows(16, 16).withPageSize(8))) {
            return Texts.logits(transformer, text, 16);
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void specificationAndLogitsComeBack(TinyModel model) throws Exception {
        int[] text = model.text(7, 20);
        for (TensorType type : List.of(TensorType.F32, TensorType.F16)) {
            try (Checkpoint known = Checkpoints.open(TinyModelFiles.huggingFace(model, type.name(), folder))) {
                ModelSpec spec = Families.spec(known);
                Path made = folder.resolve("made-" + type);
                HuggingFaceWriter.write(spec, model.ropeTheta(), Map.of("bos_token_id", 0), tensors(model), type, made);
                try (Checkpoint again = Checkpoints.open(made)) {
                    assertThat(Families.spec(again)).isEqualTo(spec);
                    assertThat(logits(again, text)).isDeepEqualTo(logits(known, text));
                }
            }
        }
    }

    @Test
    void whatConfigJsonCannotSayIsRefused() throws Exception {
        TinyModel scaled = TinyModel.llama3();
        try (Checkpoint known = Checkpoints.open(TinyModelFiles.huggingFace(scaled, "F32", folder))) {
            ModelSpec spec = Families.spec(known);
            assertThatThrownBy(() -> HuggingFaceWriter.write(
                            spec, scaled.ropeTheta(), Map.of(), tensors(scaled), TensorType.F32, folder))
                    .hasMessageContainingAll("rotation", "found", "expected");
            assertThatThrownBy(() -> HuggingFaceWriter.write(
                            spec, scaled.ropeTheta(), Map.of(), tensors(scaled), TensorType.Q8_0, folder))
                    .hasMessageContaining("Q8_0");
        }
    }
}
