package dev.squall.model.spec;

import dev.squall.model.spec.LayerSpec.NormSpec;
import java.util.List;

/**
 * A whole model as numbers: read from a checkpoint by its family, carried out by the transformer.
 *
 * @param family name for people, e.g. "qwen3"
 * @param dim width of the residual stream
 * @param vocabulary number of tokens that the embedding table and the head know
 * @param contextLength longest text the model was trained on; of an encoder, the rows of its table of positions
 * @param embeddingScale factor on embeddings (muP), 1 if the family has none
 * @param layers one description a layer
 * @param finalNorm norm after the last layer, null if there is none
 * @param logitScale factor on the final hidden state in front of the head (muP), 1 if the family has none
 * @param tiedHead whether the head is the embedding table
 * @param encoder what only a model that reads whole sentences has, null for one that goes on with a text
 */
public record ModelSpec(
        String family,
        int dim,
        int vocabulary,
        int contextLength,
        float embeddingScale,
        List<LayerSpec> layers,
        NormSpec finalNorm,
        float logitScale,
        boolean tiedHead,
        EncoderSpec encoder) {

    public ModelSpec {
        layers = List.copyOf(layers);
    }

    /** A decoder. */
    public ModelSpec(
            String family,
            int dim,
            int vocabulary,
            int contextLength,
            float embeddingScale,
            List<LayerSpec> layers,
            NormSpec finalNorm,
            float logitScale,
            boolean tiedHead) {
        this(family, dim, vocabulary, contextLength, embeddingScale, layers, finalNorm, logitScale, tiedHead, null);
    }

    /** The same model with another number of tokens. */
    public ModelSpec withVocabulary(int vocabulary) {
        return new ModelSpec(
                family,
                dim,
                vocabulary,
                contextLength,
                embeddingScale,
                layers,
                finalNorm,
                logitScale,
                tiedHead,
                encoder);
    }

    /** The same model as an encoder, or as one with another head. */
    public ModelSpec withEncoder(EncoderSpec encoder) {
        return new ModelSpec(
                family,
                dim,
                vocabulary,
                contextLength,
                embeddingScale,
                layers,
                finalNorm,
                logitScale,
                tiedHead,
                encoder);
    }
}
