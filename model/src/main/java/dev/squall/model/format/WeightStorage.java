package dev.squall.model.format;

import dev.squall.kernels.Devices;
import dev.squall.kernels.Weight;
import dev.squall.kernels.WeightType;
import dev.squall.tornado.MappedArrays;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import uk.ac.manchester.tornado.api.types.arrays.ByteArray;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.ShortArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * The one seam between files and arrays: on the JVM a weight is a read-only view of the mapped file, in the file's own
 * layout. For a device, whose arrays cannot be views, it is read once into an array of its own. Only what no kernel reads
 * is converted: K-quants to Q8_0.
 */
public final class WeightStorage implements AutoCloseable {
    private static final Logger LOG = System.getLogger(WeightStorage.class.getName());

    private final Checkpoint checkpoint;
    private boolean saidRepacking;
    private boolean closed;

    public WeightStorage(Checkpoint checkpoint) {
        this.checkpoint = checkpoint;
    }

    /**
     * A matrix, [rows, cols].
     *
     * @throws ModelFileException if the tensor is no matrix, too large for an array, or of a type that is not supported
     */
    public Weight load(TensorInfo tensor) {
        checkOpen();
        WeightType type = typeOf(tensor);
        int rows = rows(tensor);
        int elements = arrayElements(tensor, type, type.byteSize(tensor.elements()));
        MemorySegment data = checkpoint.data(tensor);
        TornadoNativeArray array = switch (tensor.type()) {
            case F32 -> floats(data);
            case F16, BF16 -> Devices.present() ? copy(data, new ShortArray(elements)) : MappedArrays.shorts(data);
            case Q8_0, Q4_0 -> Devices.present() ? copy(data, new ByteArray(elements)) : MappedArrays.bytes(data);
            default -> repack(tensor, data);
        };
        return new Weight(tensor.name(), type, array, rows, (int) tensor.shape()[1]);
    }

    /**
     * Matrices of one width as one, [sum of rows, cols], in an array of its own.
     *
     * @param alternating whether a row of each comes in turn, instead of one matrix after the other
     * @throws ModelFileException if they are stored in different types
     */
    public Weight loadStacked(List<TensorInfo> tensors, boolean alternating) {
        checkOpen();
        TensorInfo first = tensors.getFirst();
        WeightType type = typeOf(first);
        int rows = 0;
        long bytes = 0;
        for (TensorInfo tensor : tensors) {
            if (typeOf(tensor) != type) {
                throw refused(tensor, tensor.type().name(), first.type() + ", as " + first.name() + ", for a device");
            }
            rows += rows(tensor);
            bytes += type.byteSize(tensor.elements());
        }
        int elements = arrayElements(first, type, bytes);
        TornadoNativeArray all = switch (type) {
            case F32 -> new FloatArray(elements);
            case F16, BF16 -> new ShortArray(elements);
            case Q8_0, Q4_0 -> new ByteArray(elements);
        };
        int count = tensors.size();
        long rowBytes = type.byteSize(first.shape()[1]);
        int above = 0;
        for (int i = 0; i < count; i++) {
            TensorInfo tensor = tensors.get(i);
            MemorySegment data = checkpoint.data(tensor);
            MemorySegment part = tensor.type().name().equals(type.name())
                    ? data
                    : repack(tensor, data).getSegment();
            for (int row = 0; row < rows(tensor); row++) {
                long to = alternating ? (long) row * count + i : above + row;
                MemorySegment.copy(part, row * rowBytes, all.getSegment(), to * rowBytes, rowBytes);
            }
            above += rows(tensor);
        }
        return new Weight(first.name() + " and those below it", type, all, rows, (int) first.shape()[1]);
    }

    private static int rows(TensorInfo tensor) {
        long[] shape = tensor.shape();
        if (shape.length != 2 || shape[0] > Integer.MAX_VALUE || shape[1] > Integer.MAX_VALUE) {
            throw refused(tensor, "shape " + Arrays.toString(shape), "a matrix");
        }
        return (int) shape[0];
    }

    /** The elements of an array of so many bytes of weights. */
    private static int arrayElements(TensorInfo tensor, WeightType type, long bytes) {
        long elements = bytes / (type == WeightType.F32 ? 4 : type.blockSize() == 1 ? 2 : 1);
        if (elements > Integer.MAX_VALUE) {
            throw refused(tensor, elements + " array elements", "at most 2^31-1");
        }
        return (int) elements;
    }

    /**
     * Looks whether the files still hold all tensors.
     *
     * @throws ModelFileException if one has become shorter
     */
    public void checkFiles() {
        checkpoint.tensors().values().forEach(checkpoint::data);
    }

    /** A vector in F32; other floating-point types are converted. */
    public FloatArray loadVector(TensorInfo tensor) {
        checkOpen();
        if (tensor.shape().length != 1 || tensor.shape()[0] > Integer.MAX_VALUE) {
            throw refused(tensor, "shape " + Arrays.toString(tensor.shape()), "a vector");
        }
        MemorySegment data = checkpoint.data(tensor);
        if (tensor.type() == TensorType.F32) {
            return floats(data);
        }
        FloatArray vector = new FloatArray((int) tensor.shape()[0]);
        for (int i = 0; i < vector.getSize(); i++) {
            short bits = data.get(Cursor.SHORT, 2L * i);
            vector.set(
                    i,
                    switch (tensor.type()) {
                        case F16 -> Float.float16ToFloat(bits);
                        case BF16 -> Float.intBitsToFloat(bits << 16);
                        default -> throw refused(tensor, tensor.type().name(), "F32, F16 or BF16 for a vector");
                    });
        }
        return vector;
    }

    private static FloatArray floats(MemorySegment data) {
        return Devices.present()
                ? copy(data, new FloatArray((int) (data.byteSize() / Float.BYTES)))
                : MappedArrays.floats(data);
    }

    private static <A extends TornadoNativeArray> A copy(MemorySegment data, A array) {
        array.getSegment().copyFrom(data);
        return array;
    }

    private static WeightType typeOf(TensorInfo tensor) {
        return switch (tensor.type()) {
            case F32 -> WeightType.F32;
            case F16 -> WeightType.F16;
            case BF16 -> WeightType.BF16;
            case Q8_0, Q4_K, Q5_K, Q6_K -> WeightType.Q8_0;
            case Q4_0 -> WeightType.Q4_0;
            default ->
                throw refused(tensor, tensor.type().name(), "one of F32, F16, BF16, Q8_0, Q4_0, Q4_K, Q5_K, Q6_K");
        };
    }

    private ByteArray repack(TensorInfo tensor, MemorySegment data) {
        if (!saidRepacking) {
            LOG.log(
                    Level.INFO,
                    checkpoint.path().getFileName() + ": tensors in " + tensor.type()
                            + " and the like are repacked to Q8_0 at load");
            saidRepacking = true;
        }
        return KQuants.repack(tensor.type(), data, tensor.elements());
    }

    private static ModelFileException refused(TensorInfo tensor, String found, String expected) {
        return new ModelFileException(tensor.file(), "tensor " + tensor.name(), found, expected);
    }

    private void checkOpen() {
        if (closed) {
            throw new IllegalStateException("the weights of " + checkpoint.path() + " are closed");
        }
    }

    /** Refuses further loads. The views live as long as the checkpoint. */
    @Override
    public void close() {
        closed = true;
    }
}
