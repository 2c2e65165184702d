package dev.squall.model.format;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** A file mapped read-only, as long as its arena lives. */
record MappedFile(Path path, MemorySegment bytes) {
    static MappedFile open(Path path, Arena arena) {
        if (!Files.isRegularFile(path)) {
            throw new ModelFileException(path, "file", Files.exists(path) ? "no regular file" : "nothing", "a file");
        }
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            return new MappedFile(path, channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena));
        } catch (IOException e) {
            throw new UncheckedIOException(path + ": " + e.getMessage(), e);
        }
    }

    long size() {
        return bytes.byteSize();
    }

    /** A part of the file; refused if the file has become shorter, since a look at what is gone would end the process. */
    MemorySegment slice(String field, long offset, long size) {
        long now;
        try {
            now = Files.size(path);
        } catch (IOException e) {
            throw new ModelFileException(path, "file", e.toString(), "the file that was opened", e);
        }
        if (now < offset + size) {
            throw new ModelFileException(
                    path, field, "a file of " + now + " bytes", size() + " bytes, as when it was opened");
        }
        return bytes.asSlice(offset, size);
    }
}
