package dev.squall.model.format;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/** Opens model files of any kind. */
public final class Checkpoints {
    private Checkpoints() {}

    /**
     * Opens a GGUF file, a Hugging Face directory, or a llama2.c file; which one is told by its content.
     *
     * @throws ModelFileException if it is none of them, or is malformed
     */
    public static Checkpoint open(Path path) {
        if (Files.isDirectory(path)) {
            return new HuggingFaceCheckpoint(path);
        }
        if (!Files.isRegularFile(path)) {
            throw new ModelFileException(
                    path,
                    "model",
                    Files.exists(path) ? "neither a file nor a directory" : "nothing",
                    "a GGUF file, a Hugging Face directory or a llama2.c .bin file");
        }
        byte[] beginning = beginning(path);
        if (beginning.length == 4
                && ByteBuffer.wrap(beginning).order(ByteOrder.LITTLE_ENDIAN).getInt() == GgufCheckpoint.MAGIC) {
            return new GgufCheckpoint(path);
        }
        String name = path.getFileName().toString();
        if (name.endsWith(".gguf")) {
            return new GgufCheckpoint(path); // which says what is wrong with it
        }
        if (name.endsWith(".bin")) {
            return new Llama2cCheckpoint(path);
        }
        throw new ModelFileException(
                path,
                "model",
                "a file of another kind",
                "a GGUF file, a Hugging Face directory or a llama2.c .bin file");
    }

    private static byte[] beginning(Path path) {
        try (InputStream in = Files.newInputStream(path)) {
            return in.readNBytes(4);
        } catch (IOException e) {
            throw new ModelFileException(path, "file", e.toString(), "a readable file", e);
        }
    }
}
