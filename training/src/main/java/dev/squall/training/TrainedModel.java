package dev.squall.training;

import dev.squall.model.convert.HuggingFaceWriter;
import dev.squall.model.format.SafetensorsWriter;
import dev.squall.model.format.TensorType;
import dev.squall.model.format.TensorValues;
import dev.squall.model.spec.LayerSpec;
import dev.squall.model.spec.ModelSpec;
import dev.squall.model.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Writes what was trained as directories that other stacks load, too. */
final class TrainedModel {
    private TrainedModel() {}

    /** A Hugging Face directory: config.json, model.safetensors, and the tokenizer's files. */
    static void writeDecoder(
            Network network, ModelSpec spec, TrainingConfig config, Tokenizer tokenizer, Path directory)
            throws IOException {
        Map<String, Integer> specialIds = new LinkedHashMap<>();
        tokenizer.bos().ifPresent(id -> specialIds.put("bos_token_id", id));
        tokenizer.endOfSequence().stream().sorted().findFirst().ifPresent(id -> specialIds.put("eos_token_id", id));
        Map<String, HuggingFaceWriter.Tensor> tensors = new LinkedHashMap<>();
        network.parameters()
                .forEach((name, tensor) -> tensors.put(
                        name,
                        new HuggingFaceWriter.Tensor(
                                tensor.shape(), tensor.value().toHeapArray())));
        HuggingFaceWriter.write(
                spec, config.shape().ropeTheta(), specialIds, tensors, config.weights().type, directory);
        copyTokenizer(config.tokenizer(), directory);
    }

    private static void copyTokenizer(Path from, Path directory) throws IOException {
        for (String name : new String[] {"tokenizer.json", "tokenizer_config.json"}) {
            if (Files.exists(from.resolve(name))) {
                Files.copy(from.resolve(name), directory.resolve(name), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    /** The two files of a published EAGLE draft; keys without a prefix, neither embedding nor head. */
    static void writeDraft(Network network, ModelSpec spec, TrainingConfig config, Path directory) throws IOException {
        LayerSpec layer = spec.layers().getFirst();
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("architectures", new String[] {"LlamaForCausalLMEagle"});
        fields.put("model_type", spec.family());
        fields.put("hidden_act", "silu");
        fields.put("hidden_size", spec.dim());
        fields.put("intermediate_size", layer.feedForward().hidden());
        fields.put("num_hidden_layers", spec.layers().size());
        fields.put("num_attention_heads", layer.attention().heads());
        fields.put("num_key_value_heads", layer.attention().kvHeads());
        fields.put("head_dim", layer.attention().headDim());
        fields.put("vocab_size", spec.vocabulary());
        fields.put("max_position_embeddings", spec.contextLength());
        fields.put("rms_norm_eps", config.shape().normEpsilon());
        fields.put("rope_theta", config.shape().ropeTheta());
        fields.put("bias", false);
        fields.put("torch_dtype", config.weights().torchName);
        write(network, fields, config.weights().type, directory);
    }

    /** A RoBERTa directory with its masked-language-model head, and the tokenizer's files. */
    static void writeEncoder(
            Network network, ModelSpec spec, TrainingConfig config, Tokenizer tokenizer, Path directory)
            throws IOException {
        LayerSpec layer = spec.layers().getFirst();
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("architectures", new String[] {"RobertaForMaskedLM"});
        fields.put("model_type", "roberta");
        fields.put("hidden_act", "gelu");
        fields.put("hidden_size", spec.dim());
        fields.put("intermediate_size", layer.feedForward().hidden());
        fields.put("num_hidden_layers", spec.layers().size());
        fields.put("num_attention_heads", layer.attention().heads());
        fields.put("vocab_size", spec.vocabulary());
        fields.put("max_position_embeddings", spec.contextLength());
        fields.put("type_vocab_size", 1);
        fields.put("layer_norm_eps", config.shape().normEpsilon());
        fields.put("hidden_dropout_prob", config.shape().dropout());
        fields.put("attention_probs_dropout_prob", config.shape().dropout());
        fields.put("bos_token_id", tokenizer.id("<s>").orElseThrow());
        fields.put("pad_token_id", tokenizer.id("<pad>").orElseThrow());
        fields.put("eos_token_id", tokenizer.id("</s>").orElseThrow());
        fields.put("tie_word_embeddings", true);
        fields.put("torch_dtype", config.weights().torchName);
        write(network, fields, config.weights().type, directory);
        copyTokenizer(config.tokenizer(), directory);
    }

    private static void write(Network network, Map<String, Object> fields, TensorType type, Path directory)
            throws IOException {
        SafetensorsWriter writer = new SafetensorsWriter();
        network.parameters()
                .forEach((name, tensor) -> writer.tensor(
                        name.startsWith("model.") ? name.substring("model.".length()) : name,
                        type.name(),
                        tensor.shape(),
                        TensorValues.encode(type, tensor.value().toHeapArray())));
        Files.createDirectories(directory);
        Files.write(
                directory.resolve("config.json"),
                JsonMapper.builder()
                        .enable(SerializationFeature.INDENT_OUTPUT)
                        .build()
                        .writeValueAsBytes(fields));
        writer.write(directory.resolve("model.safetensors"));
    }
}
