package dev.squall.kernels;

import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * A weight matrix, row-major as in the model file.
 *
 * @param name the tensor's name in its file
 * @param data [rows, cols] in the layout of the type
 * @param rows outputs of the product
 * @param cols inputs of the product
 */
public record Weight(String name, WeightType type, TornadoNativeArray data, int rows, int cols) {
    public Weight {
        if (!type.arrayType().isInstance(data)) {
            throw new IllegalArgumentException("tensor '" + name + "': found " + data + ", expected "
                    + type.arrayType().getSimpleName() + " for " + type);
        }
        if (rows < 1 || cols < 1 || cols % type.blockSize() != 0) {
            throw new IllegalArgumentException("tensor '" + name + "': found shape [" + rows + ", " + cols
                    + "], expected columns in blocks of " + type.blockSize());
        }
        long bytes = type.byteSize((long) rows * cols);
        if (data.getNumBytesOfSegment() != bytes) {
            throw new IllegalArgumentException("tensor '" + name + "': found " + data.getNumBytesOfSegment()
                    + " bytes, expected " + bytes + " for " + type + " [" + rows + ", " + cols + "]");
        }
    }

    /** The bytes that one pass over this matrix reads. */
    public long byteSize() {
        return data.getNumBytesOfSegment();
    }
}
