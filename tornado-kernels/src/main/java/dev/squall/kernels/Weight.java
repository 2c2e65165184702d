package dev.squall.kernels;

import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * A weight matrix as its file has it, row after row.
 *
 * @param name the tensor's name in its file
 * @param data {@code [rows, cols]} in the array class and block layout that {@code type} names
 * @param rows the outputs
 * @param cols the inputs
 */
public record Weight(String name, WeightType type, TornadoNativeArray data, int rows, int cols) {
    public Weight {
        if (rows < 1 || cols < 1) {
            throw new IllegalArgumentException(
                    name + ": found shape [" + rows + ", " + cols + "], expected positive sizes");
        }
        long expected = type.byteSize(cols) * rows;
        long found = data.getNumBytesOfSegment();
        if (found != expected) {
            throw new IllegalArgumentException(name + ": found " + found + " bytes, expected " + expected + " for "
                    + type + " [" + rows + ", " + cols + "]");
        }
    }

    public long byteSize() {
        return data.getNumBytesOfSegment();
    }
}
