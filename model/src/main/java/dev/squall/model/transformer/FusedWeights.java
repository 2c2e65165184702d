package dev.squall.model.transformer;

import dev.squall.kernels.Weight;
import dev.squall.model.format.Checkpoint;
import dev.squall.model.format.WeightStorage;
import dev.squall.model.spec.LayerSpec;
import dev.squall.model.spec.LayerSpec.AttentionSpec;
import dev.squall.model.spec.LayerSpec.FeedForwardSpec;
import dev.squall.model.spec.ModelSpec;
import dev.squall.model.spec.TensorNames;
import java.util.ArrayList;
import java.util.List;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * All tensors of a model as fused kernels read them: the projections of one input below one another in one matrix, zeros
 * for biases and ones for norms that the model does not have.
 *
 * @param embedding [vocabulary, dim]
 * @param layers one entry a layer
 * @param finalNorm [dim]
 * @param head [vocabulary, dim], the embedding itself where the two are tied
 */
record FusedWeights(Weight embedding, List<FusedLayer> layers, FloatArray finalNorm, Weight head) {

    /**
     * @param attentionNorm [dim]
     * @param queryKeyValue [(heads + 2 kvHeads) * headDim, dim]
     * @param queryKeyValueBias [(heads + 2 kvHeads) * headDim]
     * @param queryNorm [headDim]
     * @param keyNorm [headDim]
     * @param output [dim, heads * headDim]
     * @param outputBias [dim]
     * @param feedForwardNorm [dim]
     * @param gateUp [hidden, 2, dim], a row of the gate, then one of up
     * @param gateUpBias [hidden, 2]
     * @param down [dim, hidden]
     * @param downBias [dim]
     */
    record FusedLayer(
            FloatArray attentionNorm,
            Weight queryKeyValue,
            FloatArray queryKeyValueBias,
            FloatArray queryNorm,
            FloatArray keyNorm,
            Weight output,
            FloatArray outputBias,
            FloatArray feedForwardNorm,
            Weight gateUp,
            FloatArray gateUpBias,
            Weight down,
            FloatArray downBias) {}

    static FusedWeights load(Checkpoint checkpoint, ModelSpec spec, WeightStorage storage) {
        TensorNames names = TensorNames.of(checkpoint.format());
        TensorReader read = new TensorReader(checkpoint, storage);
        int dim = spec.dim();
        Weight embedding = read.matrix(names.embedding(), spec.vocabulary(), dim);
        List<FusedLayer> layers = new ArrayList<>();
        for (int i = 0; i < spec.layers().size(); i++) {
            layers.add(layer(read, names, i, spec.layers().get(i), dim));
        }
        FloatArray finalNorm = read.vector(names.finalNorm(), dim, true);
        Weight head = spec.tiedHead() ? embedding : read.matrix(names.head(), spec.vocabulary(), dim);
        return new FusedWeights(embedding, List.copyOf(layers), finalNorm, head);
    }

    private static FusedLayer layer(TensorReader read, TensorNames names, int index, LayerSpec spec, int dim) {
        AttentionSpec attention = spec.attention();
        FeedForwardSpec feedForward = spec.feedForward();
        int hidden = feedForward.hidden();
        int[] projections = {attention.queryDim(), attention.kvDim(), attention.kvDim()};
        int[] halves = {hidden, hidden};
        List<String> queryKeyValue = List.of(
                names.inLayer(index, names.query()),
                names.inLayer(index, names.key()),
                names.inLayer(index, names.value()));
        String output = names.inLayer(index, names.attentionOutput());
        List<String> gateUp = List.of(names.inLayer(index, names.gate()), names.inLayer(index, names.up()));
        String down = names.inLayer(index, names.down());
        return new FusedLayer(
                read.vector(names.inLayer(index, names.attentionNorm()), dim, true),
                read.stacked(queryKeyValue, projections, dim, false),
                read.stackedBias(queryKeyValue, projections, attention.inputBias(), false),
                headNorm(read, names.inLayer(index, names.queryNorm()), attention),
                headNorm(read, names.inLayer(index, names.keyNorm()), attention),
                read.matrix(output, dim, attention.queryDim()),
                read.stackedBias(List.of(output), new int[] {dim}, attention.outputBias(), false),
                read.vector(names.inLayer(index, names.feedForwardNorm()), dim, true),
                read.stacked(gateUp, halves, dim, true),
                read.stackedBias(gateUp, halves, feedForward.bias(), true),
                read.matrix(down, dim, hidden),
                read.stackedBias(List.of(down), new int[] {dim}, feedForward.bias(), false));
    }

    private static FloatArray headNorm(TensorReader read, String name, AttentionSpec attention) {
        FloatArray norm = read.vector(name, attention.headDim(), attention.queryKeyNorm() != null);
        if (norm == null) {
            norm = new FloatArray(attention.headDim());
            norm.init(1f);
        }
        return norm;
    }
}
