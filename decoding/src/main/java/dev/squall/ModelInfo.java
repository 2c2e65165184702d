package dev.squall;

import dev.squall.model.format.Checkpoint;
import dev.squall.model.format.Checkpoints;
import dev.squall.model.format.TensorInfo;
import dev.squall.model.spec.Families;
import dev.squall.model.spec.LayerSpec;
import dev.squall.model.spec.ModelSpec;
import dev.squall.model.spec.RecommendedSampling;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a model's files say.
 *
 * @param format GGUF, HUGGING_FACE or LLAMA2C
 * @param family such as llama or qwen3
 * @param dim width of the residual stream
 * @param hidden width of the feed-forward layers
 * @param contextLength longest text the model was trained on, in tokens
 * @param parameters numbers in all tensors
 * @param bytes bytes of all tensors
 * @param bytesPerToken bytes of weights that one token reads: all matrices, of the embedding table only if it is the head
 * @param tensorTypes how many tensors there are of each type
 * @param sampling how its makers want tokens to be sampled, empty if the files do not say; only commands follow it by
 *     themselves
 */
public record ModelInfo(
        Path path,
        String format,
        String family,
        int layers,
        int dim,
        int hidden,
        int heads,
        int kvHeads,
        int headDim,
        int vocabulary,
        int contextLength,
        boolean tiedHead,
        long parameters,
        long bytes,
        long bytesPerToken,
        Map<String, Long> tensorTypes,
        Optional<RecommendedSampling> sampling) {

    /** Reads what a model's files say, without loading the model. */
    public static ModelInfo read(Path path) {
        try (Checkpoint checkpoint = Checkpoints.open(path)) {
            return of(checkpoint);
        }
    }

    static ModelInfo of(Checkpoint checkpoint) {
        ModelSpec spec = Families.spec(checkpoint);
        LayerSpec first = spec.layers().getFirst();
        long parameters = 0;
        long bytes = 0;
        long embedding = 0;
        Map<String, Long> types = new TreeMap<>();
        for (TensorInfo tensor : checkpoint.tensors().values()) {
            parameters += tensor.elements();
            bytes += tensor.byteSize();
            types.merge(tensor.type().name(), 1L, Long::sum);
            boolean table =
                    tensor.name().equals("token_embd.weight") || tensor.name().equals("model.embed_tokens.weight");
            embedding += table ? tensor.byteSize() : 0;
        }
        return new ModelInfo(
                checkpoint.path(),
                checkpoint.format().name(),
                spec.family(),
                spec.layers().size(),
                spec.dim(),
                first.feedForward().hidden(),
                first.attention().heads(),
                first.attention().kvHeads(),
                first.attention().headDim(),
                spec.vocabulary(),
                spec.contextLength(),
                spec.tiedHead(),
                parameters,
                bytes,
                spec.tiedHead() ? bytes : bytes - embedding,
                types,
                RecommendedSampling.of(checkpoint));
    }
}
