package dev.squall.model.spec;

import dev.squall.model.format.Checkpoint;
import dev.squall.model.format.ModelFileException;
import dev.squall.model.spec.LayerSpec.Activation;
import dev.squall.model.spec.LayerSpec.AttentionSpec;
import dev.squall.model.spec.LayerSpec.FeedForwardSpec;
import dev.squall.model.spec.LayerSpec.NormSpec;
import dev.squall.model.spec.LayerSpec.Placement;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The numbers that every decoder of the Llama shape has, whatever file they were read from. A reader of a file format
 * fills them in, a family (see {@link Families}) turns them into a {@link ModelSpec}.
 *
 * @param file where they were read, for errors
 * @param family name for people
 * @param dim width of the residual stream
 * @param layers number of layers
 * @param heads query heads
 * @param kvHeads key/value heads
 * @param headDim elements of a head
 * @param hidden width of the feed-forward block
 * @param vocabulary tokens of the embedding table
 * @param contextLength trained context
 * @param epsilon of all norms
 * @param rope rotation of all layers
 * @param slidingWindow [layers], most positions a row sees, 0 for all
 * @param inputBias whether the file has biases on query, key and value
 * @param outputBias bias on the attention's output
 * @param feedForwardBias biases in the feed-forward block
 * @param tiedHead head and embedding are one matrix
 */
record Hyperparameters(
        Path file,
        String family,
        int dim,
        int layers,
        int heads,
        int kvHeads,
        int headDim,
        int hidden,
        int vocabulary,
        int contextLength,
        double epsilon,
        RopeSpec rope,
        int[] slidingWindow,
        boolean inputBias,
        boolean outputBias,
        boolean feedForwardBias,
        boolean tiedHead) {

    Hyperparameters {
        if (heads % kvHeads != 0) {
            throw new ModelFileException(
                    file, "number of key/value heads", kvHeads + "", "a divisor of " + heads + ", the query heads");
        }
        if (headDim % 2 != 0) {
            throw new ModelFileException(file, "size of a head", headDim + "", "an even number, for rotation");
        }
    }

    /**
     * Guards what is allocated a layer: a file has more tensors than layers.
     *
     * @return the number of layers
     */
    static int plausibleLayers(Checkpoint checkpoint, Path file, String field, int layers) {
        int tensors = checkpoint.tensors().size();
        if (layers > tensors) {
            throw new ModelFileException(file, field, layers + "", "fewer than the " + tensors + " tensors");
        }
        return layers;
    }

    /** The decoder of these numbers: norms in front, RMS, rotary positions, gated SiLU. */
    ModelSpec decoder(boolean inputBias, boolean queryKeyNorm) {
        NormSpec norm = NormSpec.rms(epsilon);
        FeedForwardSpec feedForward = new FeedForwardSpec(hidden, Activation.SILU_GATED, feedForwardBias);
        List<LayerSpec> specs = new ArrayList<>(layers);
        for (int layer = 0; layer < layers; layer++) {
            AttentionSpec attention = new AttentionSpec(
                    heads,
                    kvHeads,
                    headDim,
                    inputBias,
                    outputBias,
                    queryKeyNorm ? norm : null,
                    rope,
                    slidingWindow[layer],
                    (float) (1 / Math.sqrt(headDim)));
            specs.add(new LayerSpec(norm, attention, norm, feedForward, Placement.BEFORE, 1f));
        }
        return new ModelSpec(family, dim, vocabulary, contextLength, 1f, specs, norm, 1f, tiedHead);
    }
}
