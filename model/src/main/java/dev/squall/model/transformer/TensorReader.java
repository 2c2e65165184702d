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

    /** The first row of a matrix [rows, cols] with the ending {@code .weight}, as a vector. */
    FloatArray firstRow(String name, int rows, int cols) {
        TensorInfo all = require(name + ".weight", rows, cols);
        return storage.loadVector(new TensorInfo(
                all.name(), all.type(), new long[] {cols}, all.file(), all.offset(), all.byteSize() / rows));
    }

    /** A vector [size] with a whole name. */
    FloatArray named(String name, int size) {
        return storage.loadVector(require(name, size));
    }

    /** A vector [size] with the ending {@code .bias}, null if the model has none. */
    FloatArray bias(String name, int size, boolean present) {
        return present ? storage.loadVector(require(name + ".bias", size)) : null;
    }

    /**
     * Matrices of one width as one, [sum of rows, cols], in an array of its own.
     *
     * @param alternating whether a row of each comes in turn, instead of one matrix after the other
     * @throws ModelFileException if they are stored in different types
     */
    Weight stacked(List<String> names, int[] rows, int cols, boolean alternating) {
        List<TensorInfo> tensors = new ArrayList<>();
        for (int i = 0; i < rows.length; i++) {
            tensors.add(require(names.get(i) + ".weight", rows[i], cols));
        }
        return storage.loadStacked(tensors, alternating);
    }

    /** Vectors with the ending {@code .bias} in the order of {@link #stacked}, zeros if the model has none. */
    FloatArray stackedBias(List<String> names, int[] sizes, boolean present, boolean alternating) {
        FloatArray all = new FloatArray(IntStream.of(sizes).sum());
        all.init(0f);
        int first = 0;
        for (int i = 0; present && i < sizes.length; i++) {
            FloatArray one = bias(names.get(i), sizes[i], true);
            for (int at = 0; at < sizes[i]; at++) {
                all.set(alternating ? at * sizes.length + i : first + at, one.get(at));
            }
            first += sizes[i];
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
