package dev.squall.model.transformer;

import dev.squall.kernels.Weight;
import dev.squall.kernels.WeightType;
import dev.squall.model.format.Checkpoint;
import dev.squall.model.format.ModelFileException;
import dev.squall.model.format.TensorInfo;
import dev.squall.model.format.TensorType;
import dev.squall.model.format.WeightStorage;
import dev.squall.model.spec.DraftSpec;
import dev.squall.model.spec.LayerSpec.AttentionSpec;
import dev.squall.model.spec.TensorNames;
import dev.squall.model.transformer.ModelWeights.LayerWeights;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import uk.ac.manchester.tornado.api.types.arrays.ByteArray;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.ShortArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * All tensors of an EAGLE draft. The product with fc, which takes embedding and hidden state side by side, is the sum of two
 * products, so that nothing has to be laid side by side; so are EAGLE-3's products for queries, keys and values.
 *
 * @param fcEmbedding [dim, dim], the first half of each row of fc; null for EAGLE-3, whose fc takes no embedding
 * @param fcHidden [dim, dim], the second half; for EAGLE-3 the whole, [dim, 3 * dim]
 * @param fcBias [dim], null if there is none
 * @param embeddingNorm [dim], null if there is none
 * @param hiddenNorm [dim], null if there is none
 * @param layer the layer's; of EAGLE-3's queries, keys and values the half that takes the hidden state
 * @param projections the halves that take the embedding: [queryDim, dim], [kvDim, dim], [kvDim, dim]; none but for EAGLE-3
 * @param outputNorm [dim], null if there is none
 * @param head [V, dim], null where the model's is shared
 * @param ids [V], the model's token of each of the draft's own vocabulary, null if that is the model's
 */
record DraftWeights(
        Weight fcEmbedding,
        Weight fcHidden,
        FloatArray fcBias,
        FloatArray embeddingNorm,
        FloatArray hiddenNorm,
        LayerWeights layer,
        List<Weight> projections,
        FloatArray outputNorm,
        Weight head,
        int[] ids) {

    static DraftWeights load(Checkpoint checkpoint, DraftSpec spec, WeightStorage storage) {
        TensorReader read = new TensorReader(checkpoint, storage);
        int dim = spec.dim();
        String prefix = spec.prefix();
        boolean norms = spec.inputNorm() != null;
        if (!spec.taps().isEmpty()) {
            return third(checkpoint, spec, storage, read);
        }
        Weight fc = read.matrix(prefix + "fc", dim, 2 * dim);
        return new DraftWeights(
                half(fc, 0),
                half(fc, 1),
                read.bias(prefix + "fc", dim, spec.fcBias()),
                read.vector(prefix + "input_norm1", dim, norms),
                read.vector(prefix + "input_norm2", dim, norms),
                ModelWeights.layer(
                        read,
                        TensorNames.of(checkpoint.format()).withLayerPrefix(prefix + "layers."),
                        0,
                        spec.layer(),
                        dim),
                List.of(),
                null,
                null,
                null);
    }

    private static DraftWeights third(Checkpoint checkpoint, DraftSpec spec, WeightStorage storage, TensorReader read) {
        int dim = spec.dim();
        AttentionSpec attention = spec.layer().attention();
        String layer = spec.prefix() + "midlayer.";
        Weight query = read.matrix(layer + "self_attn.q_proj", attention.queryDim(), 2 * dim);
        Weight key = read.matrix(layer + "self_attn.k_proj", attention.kvDim(), 2 * dim);
        Weight value = read.matrix(layer + "self_attn.v_proj", attention.kvDim(), 2 * dim);
        int hidden = spec.layer().feedForward().hidden();
        boolean bias = attention.inputBias();
        LayerWeights weights = new LayerWeights(
                read.vector(layer + "hidden_norm", dim, true),
                null,
                half(query, 1),
                half(key, 1),
                half(value, 1),
                read.matrix(layer + "self_attn.o_proj", dim, attention.queryDim()),
                read.bias(layer + "self_attn.q_proj", attention.queryDim(), bias),
                read.bias(layer + "self_attn.k_proj", attention.kvDim(), bias),
                read.bias(layer + "self_attn.v_proj", attention.kvDim(), bias),
                read.bias(layer + "self_attn.o_proj", dim, attention.outputBias()),
                null,
                null,
                read.vector(layer + "post_attention_layernorm", dim, true),
                null,
                read.matrix(layer + "mlp.gate_proj", hidden, dim),
                read.matrix(layer + "mlp.up_proj", hidden, dim),
                read.matrix(layer + "mlp.down_proj", dim, hidden),
                null,
                null,
                null);
        return new DraftWeights(
                null,
                read.matrix(spec.prefix() + "fc", dim, spec.inputDim()),
                read.bias(spec.prefix() + "fc", dim, spec.fcBias()),
                read.vector(layer + "input_layernorm", dim, true),
                null,
                weights,
                List.of(half(query, 0), half(key, 0), half(value, 0)),
                read.vector(spec.prefix() + "norm", dim, true),
                read.matrix(spec.prefix() + "lm_head", spec.ownVocabulary(), dim),
                ids(checkpoint, spec));
    }

    /** Tokens of the model: number i of the draft's is i + d2t[i]. */
    private static int[] ids(Checkpoint checkpoint, DraftSpec spec) {
        TensorInfo offsets = checkpoint.tensors().get(spec.prefix() + "d2t");
        if (offsets == null) {
            return null;
        }
        if (offsets.type() != TensorType.I64 || offsets.elements() != spec.ownVocabulary()) {
            throw new ModelFileException(
                    offsets.file(), "tensor d2t", offsets.toString(), "I64 [" + spec.ownVocabulary() + "]");
        }
        MemorySegment data = checkpoint.data(offsets);
        int[] ids = new int[spec.ownVocabulary()];
        for (int i = 0; i < ids.length; i++) {
            long id = i + data.get(ValueLayout.JAVA_LONG_UNALIGNED, (long) i * Long.BYTES);
            ids[i] = (int) Math.clamp(id, -1, Integer.MAX_VALUE); // what is out of range is refused with all other ids
        }
        return ids;
    }

    /** The left or the right half of each row. */
    private static Weight half(Weight whole, int which) {
        int cols = whole.cols() / 2;
        TornadoNativeArray array = array(whole.type(), whole.rows(), cols);
        long bytes = whole.type().byteSize(cols);
        for (int row = 0; row < whole.rows(); row++) {
            MemorySegment.copy(
                    whole.data().getSegment(), (2L * row + which) * bytes, array.getSegment(), row * bytes, bytes);
        }
        return new Weight(whole.name(), whole.type(), array, whole.rows(), cols);
    }

    /**
     * The rows of a head that a draft scores (Zhao et al. 2025, FR-Spec), in an array of their own, bit for bit.
     *
     * @param ids [V], rows of the head; null for all, which need no copy
     */
    static Weight rows(Weight head, int[] ids) {
        if (ids == null) {
            return head;
        }
        TornadoNativeArray array = array(head.type(), ids.length, head.cols());
        long bytes = head.type().byteSize(head.cols());
        for (int i = 0; i < ids.length; i++) {
            MemorySegment.copy(head.data().getSegment(), ids[i] * bytes, array.getSegment(), i * bytes, bytes);
        }
        return new Weight(head.name(), head.type(), array, ids.length, head.cols());
    }

    private static TornadoNativeArray array(WeightType type, int rows, int cols) {
        long bytes = type.byteSize((long) rows * cols);
        return switch (type) {
            case F32 -> new FloatArray(Math.toIntExact(bytes / Float.BYTES));
            case F16, BF16 -> new ShortArray(Math.toIntExact(bytes / Short.BYTES));
            case Q8_0, Q4_0 -> new ByteArray(Math.toIntExact(bytes));
        };
    }
}
