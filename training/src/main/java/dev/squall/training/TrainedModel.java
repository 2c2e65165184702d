package dev.squall.training;

import dev.squall.model.convert.HuggingFaceWriter;
import dev.squall.model.format.TensorType;
import dev.squall.model.spec.ModelSpec;
import dev.squall.model.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;

/** Writes what was trained as a Hugging Face directory with its tokenizer. */
public final class TrainedModel {
    private TrainedModel() {}

    /**
     * Writes config.json and model.safetensors (F32), and copies the tokenizer's files.
     *
     * @param tokenizerFiles directory with tokenizer.json
     */
    public static void write(
            Network network, ModelSpec spec, double ropeTheta, Tokenizer tokenizer, Path tokenizerFiles, Path directory)
            throws IOException {
        Map<String, Integer> specialIds = new LinkedHashMap<>();
        tokenizer.bos().ifPresent(id -> specialIds.put("bos_token_id", id));
        tokenizer.endOfSequence().stream().sorted().findFirst().ifPresent(id -> specialIds.put("eos_token_id", id));
        Map<String, HuggingFaceWriter.Tensor> tensors = new LinkedHashMap<>();
        network.parameters().forEach((name, tensor) -> {
            boolean vector = tensor.rows() == 1;
            long[] shape = vector ? new long[] {tensor.width()} : new long[] {tensor.rows(), tensor.width()};
            tensors.put(name, new HuggingFaceWriter.Tensor(shape, tensor.value().toHeapArray()));
        });
        HuggingFaceWriter.write(spec, ropeTheta, specialIds, tensors, TensorType.F32, directory);
        for (String name : new String[] {"tokenizer.json", "tokenizer_config.json"}) {
            Path file = tokenizerFiles.resolve(name);
            if (Files.exists(file)) {
                Files.copy(file, directory.resolve(name), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }
}
