package dev.squall.model.format;

import java.nio.file.Path;
import java.util.Arrays;

/**
 * Where a tensor is and what it looks like.
 *
 * @param shape outermost dimension first, row-major
 * @param file the file that holds it
 * @param offset its first byte in the file
 * @param byteSize its bytes
 */
public record TensorInfo(String name, TensorType type, long[] shape, Path file, long offset, long byteSize) {

    /**
     * Checks a tensor's header against the size of its file.
     *
     * @param fileSize bytes of the file
     * @throws ModelFileException if the shape is negative, overflows, is not in whole blocks, or ends behind the file
     */
    static TensorInfo checked(String name, TensorType type, long[] shape, Path file, long offset, long fileSize) {
        String field = "tensor " + name;
        long elements = 1;
        for (long size : shape) {
            if (size < 1 || size > Long.MAX_VALUE / 16 / elements) {
                throw new ModelFileException(
                        file,
                        field,
                        "shape " + Arrays.toString(shape),
                        "positive sizes whose product fits in the file");
            }
            elements *= size;
        }
        long innermost = shape.length == 0 ? 1 : shape[shape.length - 1];
        if (innermost % type.blockSize() != 0) {
            throw new ModelFileException(
                    file,
                    field,
                    "shape " + Arrays.toString(shape),
                    "rows in blocks of " + type.blockSize() + " for " + type);
        }
        long bytes = elements / type.blockSize() * type.blockBytes();
        if (offset < 0 || bytes > fileSize || offset > fileSize - bytes) {
            throw new ModelFileException(
                    file,
                    field,
                    bytes + " bytes at offset " + offset,
                    "an end within the file's " + fileSize + " bytes");
        }
        return new TensorInfo(name, type, shape, file, offset, bytes);
    }

    /** How many numbers it has. */
    public long elements() {
        long elements = 1;
        for (long size : shape) {
            elements *= size;
        }
        return elements;
    }

    @Override
    public String toString() {
        return name + " " + type + " " + Arrays.toString(shape);
    }
}
