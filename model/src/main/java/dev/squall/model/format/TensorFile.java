package dev.squall.model.format;

import java.lang.foreign.MemorySegment;
import java.util.Map;

/** One file of a checkpoint, open. */
interface TensorFile {
    /** The tensors by name, in the order of the file. */
    Map<String, TensorInfo> tensors();

    /**
     * The bytes of one of them, or of rows of it.
     *
     * @throws ModelFileException if the file has shrunk since it was opened
     */
    MemorySegment data(TensorInfo tensor);
}
