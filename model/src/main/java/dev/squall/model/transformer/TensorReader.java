package dev.squall.model.transformer;

import dev.squall.kernels.Weight;
import dev.squall.model.format.Checkpoint;
import dev.squall.model.format.ModelFileException;
import dev.squall.model.format.TensorInfo;
import dev.squall.model.format.WeightStorage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** Loads tensors by name and refuses those that are missing or of another shape than the model needs. */
final class TensorReader {
    private final Checkpoint checkpoint;
    private final WeightStorage storage;

    TensorReader(Checkpoint checkpoint, WeightStorage storage) {
        this.checkpoint = checkpoint;
        this.storage = storage;
    }

    /** A matrix [rows, cols] with the ending {@code .weight}. */
    Weight matrix(String name, int rows, int cols) {
        return storage.load(require(name + ".weight", rows, cols));
    }

    /** A vector [size] with the ending {@code .weight}, null if the model has none. */
    FloatArray vector(String name, int size, boolean present) {
        return present ? storage.loadVector(require(name + ".weight", size)) : null;
    }

    /** A vector [size] with the ending {@code .bias}, null if the model has none. */
    FloatArray bias(String name, int size, boolean present) {
        return present ? storage.loadVector(require(name + ".bias", size)) : null;
    }

    /**
     * Matrices of one width below one another, [sum of rows, cols], in an array of their own.
     *
     * @throws ModelFileException if they are stored in different types
     */
    Weight stacked(List<String> names, int[] rows, int cols) {
        List<TensorInfo> tensors = new ArrayList<>();
        for (int i = 0; i < rows.length; i++) {
            tensors.add(require(names.get(i) + ".weight", rows[i], cols));
        }
        return storage.loadStacked(tensors);
    }

    /** Vectors with the ending {@code .bias} after one another, zeros if the model has none. */
    FloatArray stackedBias(List<String> names, int[] sizes, boolean present) {
        FloatArray all = new FloatArray(IntStream.of(sizes).sum());
        all.init(0f);
        long at = 0;
        for (int i = 0; present && i < sizes.length; i++) {
            FloatArray one = bias(names.get(i), sizes[i], true);
            all.getSegment().asSlice(at).copyFrom(one.getSegment());
            at += one.getNumBytesOfSegment();
        }
        return all;
    }

    private TensorInfo require(String name, long... shape) {
        TensorInfo tensor = checkpoint.tensors().get(name);
        if (tensor == null) {
            throw new ModelFileException(
                    checkpoint.path(), "tensor " + name, "nothing", "shape " + Arrays.toString(shape));
        }
        if (!Arrays.equals(tensor.shape(), shape)) {
            throw new ModelFileException(
                    tensor.file(),
                    "tensor " + name,
                    "shape " + Arrays.toString(tensor.shape()),
                    "shape " + Arrays.toString(shape));
        }
        return tensor;
    }
}
