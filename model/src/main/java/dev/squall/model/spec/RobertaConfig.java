package dev.squall.model.spec;

import dev.squall.model.format.HuggingFaceCheckpoint;
import dev.squall.model.format.ModelFileException;
import dev.squall.model.spec.EncoderSpec.Head;
import dev.squall.model.spec.LayerSpec.Activation;
import dev.squall.model.spec.LayerSpec.AttentionSpec;
import dev.squall.model.spec.LayerSpec.FeedForwardSpec;
import dev.squall.model.spec.LayerSpec.Norm;
import dev.squall.model.spec.LayerSpec.NormSpec;
import dev.squall.model.spec.LayerSpec.Placement;
import dev.squall.model.spec.TensorNames.EncoderNames;
import java.util.Collections;
import java.util.Map;

/**
 * The RoBERTa family (Liu et al. 2019): norms by mean and variance after the blocks, learned positions, GELU by the error
 * function, biases everywhere, words and head tied.
 *
 * <p>What the files have decides about the head of masked language modelling and about the prefix {@code roberta.}, which
 * checkpoints of the bare encoder lack.
 */
final class RobertaConfig {
    private RobertaConfig() {}

    /** @throws ModelFileException if a field is missing or says something that is not implemented */
    static ModelSpec read(HuggingFaceConfig config, HuggingFaceCheckpoint checkpoint) {
        config.requireText("hidden_act", "gelu");
        config.requireText("position_embedding_type", "absolute");
        int dim = config.count("hidden_size", -1);
        int layers = Hyperparameters.plausibleLayers(
                checkpoint, config.file(), "num_hidden_layers", config.count("num_hidden_layers", -1));
        int heads = config.count("num_attention_heads", -1);
        if (dim % heads != 0) {
            throw new ModelFileException(
                    config.file(), "num_attention_heads", heads + "", "a divisor of " + dim + ", the hidden_size");
        }
        int positions = config.count("max_position_embeddings", 512);
        int firstPosition = config.count("pad_token_id", 1) + 1;
        if (positions <= firstPosition) {
            throw new ModelFileException(
                    config.file(), "max_position_embeddings", positions + "", "more than " + firstPosition);
        }
        Map<String, ?> tensors = checkpoint.tensors();
        String prefix =
                tensors.containsKey(EncoderNames.ROBERTA.positions() + ".weight") ? TensorNames.ROBERTA_PREFIX : "";
        Head head = tensors.containsKey(EncoderNames.ROBERTA.headDense() + ".weight")
                ? Head.MASKED_LANGUAGE_MODEL
                : Head.WORDS;
        NormSpec norm = new NormSpec(Norm.LAYER, (float) config.number("layer_norm_eps", 1e-12));
        int headDim = dim / heads;
        float scale = (float) (1 / Math.sqrt(headDim));
        LayerSpec layer = new LayerSpec(
                norm,
                new AttentionSpec(heads, heads, headDim, true, true, null, null, 0, scale),
                norm,
                new FeedForwardSpec(config.count("intermediate_size", -1), Activation.GELU, true),
                Placement.AFTER,
                1f);
        return new ModelSpec(
                config.family(),
                dim,
                config.count("vocab_size", -1),
                positions,
                1f,
                Collections.nCopies(layers, layer),
                null,
                1f,
                true,
                new EncoderSpec(norm, firstPosition, config.count("type_vocab_size", 2), head, prefix));
    }
}
