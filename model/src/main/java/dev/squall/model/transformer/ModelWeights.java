package dev.squall.model.transformer;

import dev.squall.kernels.Weight;
import dev.squall.model.format.Checkpoint;
import dev.squall.model.format.WeightStorage;
import dev.squall.model.spec.LayerSpec;
import dev.squall.model.spec.LayerSpec.Activation;
import dev.squall.model.spec.LayerSpec.AttentionSpec;
import dev.squall.model.spec.LayerSpec.FeedForwardSpec;
import dev.squall.model.spec.LayerSpec.Norm;
import dev.squall.model.spec.LayerSpec.NormSpec;
import dev.squall.model.spec.ModelSpec;
import dev.squall.model.spec.TensorNames;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * All tensors of a model, found by name and held against the sizes that the specification gives.
 *
 * @param embedding [vocabulary, dim]
 * @param layers one entry a layer
 * @param finalNorm [dim], null if the model has none
 * @param head [vocabulary, dim], the embedding itself where the two are tied
 * @param encoder what only an encoder has, else null
 */
record ModelWeights(
        Weight embedding, List<LayerWeights> layers, FloatArray finalNorm, Weight head, EncoderWeights encoder) {

    /** Those of a decoder. */
    ModelWeights(Weight embedding, List<LayerWeights> layers, FloatArray finalNorm, Weight head) {
        this(embedding, layers, finalNorm, head, null);
    }

    /**
     * A layer's tensors; what its specification does not mention is null.
     *
     * @param attentionNorm [dim]
     * @param attentionNormBias [dim]
     * @param query [heads * headDim, dim]
     * @param key [kvHeads * headDim, dim]
     * @param value [kvHeads * headDim, dim]
     * @param output [dim, heads * headDim]
     * @param queryBias [heads * headDim]
     * @param keyBias [kvHeads * headDim]
     * @param valueBias [kvHeads * headDim]
     * @param outputBias [dim]
     * @param queryNorm [headDim]
     * @param keyNorm [headDim]
     * @param feedForwardNorm [dim]
     * @param feedForwardNormBias [dim]
     * @param gate [hidden, dim], null where the activation has none
     * @param up [hidden, dim]
     * @param down [dim, hidden]
     * @param gateBias [hidden]
     * @param upBias [hidden]
     * @param downBias [dim]
     */
    record LayerWeights(
            FloatArray attentionNorm,
            FloatArray attentionNormBias,
            Weight query,
            Weight key,
            Weight value,
            Weight output,
            FloatArray queryBias,
            FloatArray keyBias,
            FloatArray valueBias,
            FloatArray outputBias,
            FloatArray queryNorm,
            FloatArray keyNorm,
            FloatArray feedForwardNorm,
            FloatArray feedForwardNormBias,
            Weight gate,
            Weight up,
            Weight down,
            FloatArray gateBias,
            FloatArray upBias,
            FloatArray downBias) {

        /** Everything that is there. */
        Object[] arrays() {
            Stream<FloatArray> vectors = Stream.of(
                    attentionNorm,
                    attentionNormBias,
                    queryBias,
                    keyBias,
                    valueBias,
                    outputBias,
                    queryNorm,
                    keyNorm,
                    feedForwardNorm,
                    feedForwardNormBias,
                    gateBias,
                    upBias,
                    downBias);
            Stream<TornadoNativeArray> matrices = Stream.of(query, key, value, output, gate, up, down)
                    .filter(Objects::nonNull)
                    .map(Weight::data);
            return Stream.concat(matrices, vectors.filter(Objects::nonNull)).toArray();
        }
    }

    static ModelWeights load(Checkpoint checkpoint, ModelSpec spec, WeightStorage storage) {
        TensorNames names = TensorNames.of(checkpoint.format(), spec);
        TensorReader read = new TensorReader(checkpoint, storage);
        int dim = spec.dim();
        Weight embedding = read.matrix(names.embedding(), spec.vocabulary(), dim);
        List<LayerWeights> layers = new ArrayList<>();
        for (int i = 0; i < spec.layers().size(); i++) {
            layers.add(layer(read, names, i, spec.layers().get(i), dim));
        }
        FloatArray finalNorm = read.vector(names.finalNorm(), dim, spec.finalNorm() != null);
        Weight head = spec.tiedHead() ? embedding : read.matrix(names.head(), spec.vocabulary(), dim);
        EncoderWeights encoder = spec.encoder() == null ? null : EncoderWeights.load(read, spec);
        return new ModelWeights(embedding, List.copyOf(layers), finalNorm, head, encoder);
    }

    static LayerWeights layer(TensorReader read, TensorNames names, int index, LayerSpec spec, int dim) {
        AttentionSpec attention = spec.attention();
        FeedForwardSpec feedForward = spec.feedForward();
        int queryDim = attention.queryDim();
        int kvDim = attention.kvDim();
        int hidden = feedForward.hidden();
        boolean inputBias = attention.inputBias();
        boolean headNorm = attention.queryKeyNorm() != null;
        String query = names.inLayer(index, names.query());
        String key = names.inLayer(index, names.key());
        String value = names.inLayer(index, names.value());
        String output = names.inLayer(index, names.attentionOutput());
        boolean gated = feedForward.activation() == Activation.SILU_GATED;
        String gate = gated ? names.inLayer(index, names.gate()) : null;
        String up = names.inLayer(index, names.up());
        String down = names.inLayer(index, names.down());
        return new LayerWeights(
                read.vector(names.inLayer(index, names.attentionNorm()), dim, spec.attentionNorm() != null),
                read.bias(names.inLayer(index, names.attentionNorm()), dim, centred(spec.attentionNorm())),
                read.matrix(query, queryDim, dim),
                read.matrix(key, kvDim, dim),
                read.matrix(value, kvDim, dim),
                read.matrix(output, dim, queryDim),
                read.bias(query, queryDim, inputBias),
                read.bias(key, kvDim, inputBias),
                read.bias(value, kvDim, inputBias),
                read.bias(output, dim, attention.outputBias()),
                read.vector(names.inLayer(index, names.queryNorm()), attention.headDim(), headNorm),
                read.vector(names.inLayer(index, names.keyNorm()), attention.headDim(), headNorm),
                read.vector(names.inLayer(index, names.feedForwardNorm()), dim, spec.feedForwardNorm() != null),
                read.bias(names.inLayer(index, names.feedForwardNorm()), dim, centred(spec.feedForwardNorm())),
                gated ? read.matrix(gate, hidden, dim) : null,
                read.matrix(up, hidden, dim),
                read.matrix(down, dim, hidden),
                read.bias(gate, hidden, gated && feedForward.bias()),
                read.bias(up, hidden, feedForward.bias()),
                read.bias(down, dim, feedForward.bias()));
    }

    /** Whether a norm takes the mean away, and then has a bias. */
    private static boolean centred(NormSpec norm) {
        return norm != null && norm.kind() == Norm.LAYER;
    }
}
