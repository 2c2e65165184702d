package dev.squall.model.spec;

import dev.squall.attention.SparseConfig;
import dev.squall.model.format.Checkpoint;
import dev.squall.model.format.GgufCheckpoint;
import dev.squall.model.format.HuggingFaceCheckpoint;
import dev.squall.model.format.Llama2cCheckpoint;
import dev.squall.model.format.ModelFileException;
import java.util.Optional;

/**
 * The families of models that are known, each a function from the numbers of a checkpoint to a {@link ModelSpec}.
 *
 * <p>What sets them apart from Llama: Mistral slides its window; Qwen2 has biases on query, key and value (and GGUF
 * rotates halves); Qwen3 norms each query and key head instead, and its heads have a size of their own; MiniCPM scales
 * embeddings, what blocks add, and logits. RoBERTa is no decoder at all: {@link RobertaConfig}.
 */
public final class Families {
    private Families() {}

    /**
     * Reads the specification of a checkpoint.
     *
     * @throws ModelFileException if the family is not known, or a field is missing, wrong, or says something that is
     *     not implemented
     */
    public static ModelSpec spec(Checkpoint checkpoint) {
        return switch (checkpoint) {
            case GgufCheckpoint gguf -> {
                GgufConfig config = new GgufConfig(gguf);
                yield switch (config.architecture()) {
                    case "llama" -> llama(config.read(RopeSpec.Pairing.ADJACENT));
                    case "qwen2" -> qwen2(config.read(RopeSpec.Pairing.HALVES));
                    case "qwen3" -> qwen3(config.read(RopeSpec.Pairing.HALVES));
                    case "minicpm" -> miniCpm(config.read(RopeSpec.Pairing.ADJACENT), config.scales());
                    default ->
                        throw new ModelFileException(
                                gguf.path(),
                                "general.architecture",
                                config.architecture(),
                                "one of llama (also Mistral), qwen2, qwen3, minicpm");
                };
            }
            case HuggingFaceCheckpoint directory -> {
                HuggingFaceConfig config = new HuggingFaceConfig(directory);
                yield switch (config.family()) {
                    case "llama" -> llama(config.read());
                    case "mistral" -> mistral(config.read());
                    case "qwen2" -> qwen2(config.read());
                    case "qwen3" -> qwen3(config.read());
                    case "roberta" -> RobertaConfig.read(config, directory);
                    case "minicpm" -> miniCpm(config.read(), config.scales());
                    default ->
                        throw new ModelFileException(
                                config.file(),
                                "model_type",
                                config.family(),
                                "one of llama, mistral, qwen2, qwen3, minicpm, roberta");
                };
            }
            case Llama2cCheckpoint file -> llama(Llama2cConfig.read(file));
            default ->
                throw new ModelFileException(
                        checkpoint.path(), "format", checkpoint.format().name(), "GGUF, HUGGING_FACE or LLAMA2C");
        };
    }

    /**
     * How a model was trained to attend sparsely: {@code sparse_config} of config.json (MiniCPM4), whose absent fields have the
     * defaults of its own code.
     *
     * @throws ModelFileException if a field is impossible, or of a kind that is not known
     */
    public static Optional<SparseConfig> sparse(Checkpoint checkpoint) {
        return checkpoint instanceof HuggingFaceCheckpoint directory
                ? SparseFields.read(directory.path().resolve("config.json"), directory.config())
                : Optional.empty();
    }

    /** Touvron et al. 2023, Llama 3 report 2024. */
    private static ModelSpec llama(Hyperparameters numbers) {
        return numbers.decoder(numbers.inputBias(), false);
    }

    /** Jiang et al. 2023: Llama with a sliding window. */
    private static ModelSpec mistral(Hyperparameters numbers) {
        return numbers.decoder(numbers.inputBias(), false);
    }

    /** Yang et al. 2024: Llama with biases on query, key and value. */
    private static ModelSpec qwen2(Hyperparameters numbers) {
        return numbers.decoder(true, false);
    }

    /** Yang et al. 2025: Llama with norms on the heads of query and key. */
    private static ModelSpec qwen3(Hyperparameters numbers) {
        return numbers.decoder(numbers.inputBias(), true);
    }

    /** MiniCPM team 2025 (MiniCPM4, section 2): Llama with the scales of muP. */
    private static ModelSpec miniCpm(Hyperparameters numbers, MuScales scales) {
        ModelSpec plain = numbers.decoder(numbers.inputBias(), false);
        return new ModelSpec(
                plain.family(),
                plain.dim(),
                plain.vocabulary(),
                plain.contextLength(),
                scales.embedding(),
                plain.layers().stream()
                        .map(layer -> layer.withResidualScale(scales.residual()))
                        .toList(),
                plain.finalNorm(),
                1f / scales.logitDivisor(),
                plain.tiedHead());
    }
}
