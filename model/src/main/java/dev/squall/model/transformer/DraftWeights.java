package dev.squall.model.transformer;

import dev.squall.kernels.Weight;
import dev.squall.kernels.WeightType;
import dev.squall.model.format.Checkpoint;
import dev.squall.model.format.WeightStorage;
import dev.squall.model.spec.DraftSpec;
import dev.squall.model.spec.TensorNames;
import dev.squall.model.transformer.ModelWeights.LayerWeights;
import java.lang.foreign.MemorySegment;
import uk.ac.manchester.tornado.api.types.arrays.ByteArray;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.ShortArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * All tensors of an EAGLE draft. The product with fc, which takes embedding and hidden state side by side, is the sum of two
 * products, so that nothing has to be laid side by side.
 *
 * @param fcEmbedding [dim, dim], the first half of each row of fc
 * @param fcHidden [dim, dim], the second half
 * @param fcBias [dim], null if there is none
 * @param embeddingNorm [dim], null if there is none
 * @param hiddenNorm [dim], null if there is none
 * @param layer the layer's
 */
record DraftWeights(
        Weight fcEmbedding,
        Weight fcHidden,
        FloatArray fcBias,
        FloatArray embeddingNorm,
        FloatArray hiddenNorm,
        LayerWeights layer) {

    static DraftWeights load(Checkpoint checkpoint, DraftSpec spec, WeightStorage storage) {
        TensorReader read = new TensorReader(checkpoint, storage);
        int dim = spec.dim();
        String prefix = spec.prefix();
        boolean norms = spec.inputNorm() != null;
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
                        dim));
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
