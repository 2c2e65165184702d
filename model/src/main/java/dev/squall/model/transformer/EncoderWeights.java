package dev.squall.model.transformer;

import dev.squall.kernels.Weight;
import dev.squall.model.spec.EncoderSpec;
import dev.squall.model.spec.EncoderSpec.Head;
import dev.squall.model.spec.ModelSpec;
import dev.squall.model.spec.TensorNames.EncoderNames;
import java.util.Objects;
import java.util.stream.Stream;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * The tensors that only an encoder has; those of the head are null where the specification has none.
 *
 * @param positions [contextLength, dim]
 * @param type [dim], the first sentence type
 * @param norm [dim], of the sum of the embeddings
 * @param normBias [dim]
 * @param dense [dim, dim], the head's layer
 * @param denseBias [dim]
 * @param headNorm [dim]
 * @param headNormBias [dim]
 * @param wordBias [vocabulary]
 */
record EncoderWeights(
        Weight positions,
        FloatArray type,
        FloatArray norm,
        FloatArray normBias,
        Weight dense,
        FloatArray denseBias,
        FloatArray headNorm,
        FloatArray headNormBias,
        FloatArray wordBias) {

    static EncoderWeights load(TensorReader read, ModelSpec spec) {
        EncoderSpec encoder = spec.encoder();
        EncoderNames names = EncoderNames.of(encoder.prefix());
        int dim = spec.dim();
        boolean head = encoder.head() == Head.MASKED_LANGUAGE_MODEL;
        return new EncoderWeights(
                read.matrix(names.positions(), spec.contextLength(), dim),
                read.firstRow(names.types(), encoder.types(), dim),
                read.vector(names.embeddingNorm(), dim, true),
                read.bias(names.embeddingNorm(), dim, true),
                head ? read.matrix(names.headDense(), dim, dim) : null,
                read.bias(names.headDense(), dim, head),
                read.vector(names.headNorm(), dim, head),
                read.bias(names.headNorm(), dim, head),
                head ? read.named(names.headBias(), spec.vocabulary()) : null);
    }

    /** What the embeddings are made of. */
    Object[] embeddings() {
        return new Object[] {positions.data(), type, norm, normBias};
    }

    /** What the head has, nothing where there is none. */
    Object[] head() {
        Stream<TornadoNativeArray> all =
                Stream.of(dense == null ? null : dense.data(), denseBias, headNorm, headNormBias, wordBias);
        return all.filter(Objects::nonNull).toArray();
    }
}
