package dev.squall.model.format;

import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Map;

/**
 * A model's files, open: names, types and places of its tensors, which are read-only views of a memory map.
 *
 * <p>Views are valid until the checkpoint is closed.
 */
public interface Checkpoint extends AutoCloseable {
    /** The file or directory that was opened. */
    Path path();

    Format format();

    /** The tensors by name, in the order of the file. */
    Map<String, TensorInfo> tensors();

    /**
     * The bytes of a tensor, a view.
     *
     * @throws ModelFileException if the file has shrunk since it was opened
     * @throws IllegalStateException if the checkpoint is closed
     */
    MemorySegment data(TensorInfo tensor);

    /**
     * The tensor of a name.
     *
     * @throws ModelFileException if there is none
     */
    default TensorInfo require(String name) {
        TensorInfo tensor = tensors().get(name);
        if (tensor == null) {
            throw new ModelFileException(path(), "tensor " + name, "nothing", "a tensor of this name");
        }
        return tensor;
    }

    @Override
    void close();
}
