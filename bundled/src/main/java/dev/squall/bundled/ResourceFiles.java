package dev.squall.bundled;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * Files that lie in a jar, copied once to where they can be mapped into memory.
 *
 * <p>The jar has them beside a class, with a list {@code files.sha256}. The copies lie in {@code squall/} of the user's cache
 * directory ({@code XDG_CACHE_HOME}, else {@code ~/.cache}; the directory of temporary files where that cannot be written),
 * under the digest of the list, so that another version has copies of its own. A file appears under its name when it is
 * whole and has its digest.
 */
public final class ResourceFiles {
    private static final String LIST = "files.sha256"; // lines as sha256sum writes them: digest, two spaces, name

    private final Class<?> beside;

    /** The files beside a class. */
    public ResourceFiles(Class<?> beside) {
        this.beside = beside;
    }

    /** The directory of the copies, which exist when this returns. */
    public Path copies() {
        byte[] list = resource(LIST);
        String version = digest(list).substring(0, 16);
        Path wanted = Settings.cache().resolve("squall").resolve(version);
        try {
            return copy(list, wanted);
        } catch (IOException e) {
            Path other = Settings.temporary().resolve("squall").resolve(version);
            try {
                return copy(list, other);
            } catch (IOException again) {
                again.addSuppressed(e);
                throw new UncheckedIOException(
                        "bundled files: found neither " + wanted + " nor " + other + " to be writable, expected one",
                        again);
            }
        }
    }

    /**
     * Copies what is not there yet.
     *
     * @param list the list of files
     * @return the directory
     */
    Path copy(byte[] list, Path directory) throws IOException {
        for (String line : lines(list)) {
            String name = line.substring(66);
            Path file = directory.resolve(name);
            if (Files.isRegularFile(file) && Files.size(file) == size(name)) {
                continue;
            }
            byte[] bytes = resource(name);
            if (!digest(bytes).equals(line.substring(0, 64))) {
                throw new IllegalStateException("bundled files: " + name + ": found a file of digest " + digest(bytes)
                        + ", expected " + line.substring(0, 64));
            }
            Files.createDirectories(file.getParent());
            Path beside =
                    Files.createTempFile(file.getParent(), file.getFileName().toString(), ".new");
            Files.write(beside, bytes);
            Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }
        return directory;
    }

    private static List<String> lines(byte[] list) {
        return new String(list, StandardCharsets.UTF_8)
                .lines()
                .filter(line -> !line.isBlank())
                .toList();
    }

    private long size(String name) throws IOException {
        return beside.getResource(name).openConnection().getContentLengthLong();
    }

    private byte[] resource(String name) {
        try (InputStream in = beside.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("bundled files: found no " + name + " beside " + beside.getName()
                        + ", expected it in the same jar");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException("bundled files: " + name, e);
        }
    }

    private static String digest(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java has it
        }
    }
}
