package dev.squall.bundled;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The jar's files come out whole, once, and only with their digests. */
class ResourceFilesTest {
    private static final ResourceFiles FILES = new ResourceFiles(BundledModel.class);

    @TempDir
    Path directory;

    @Test
    void copiesOnceAndAgainWhenAFileIsCut() throws IOException {
        byte[] list = BundledModel.class.getResourceAsStream("files.sha256").readAllBytes();
        FILES.copy(list, directory);
        Path target = directory.resolve("target.gguf");
        byte[] whole = Files.readAllBytes(target);
        assertThat(new String(whole, 0, 4, StandardCharsets.US_ASCII)).isEqualTo("GGUF");
        Files.setLastModifiedTime(target, FileTime.fromMillis(1000));
        FILES.copy(list, directory);
        assertThat(Files.getLastModifiedTime(target).toMillis()).isEqualTo(1000);
        Files.write(target, new byte[100]);
        FILES.copy(list, directory);
        assertThat(Files.readAllBytes(target)).isEqualTo(whole);
        try (var files = Files.list(directory)) {
            assertThat(files.filter(file -> file.toString().endsWith(".new"))).isEmpty();
        }
    }

    @Test
    void refusesAFileOfAnotherDigest() {
        byte[] list = ("0".repeat(64) + "  target.gguf\n").getBytes(StandardCharsets.UTF_8);
        assertThatThrownBy(() -> FILES.copy(list, directory))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll("target.gguf", "0000000000000000");
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void allFilesTogetherStayBelowFourteenMegabytes() throws IOException {
        FILES.copy(BundledModel.class.getResourceAsStream("files.sha256").readAllBytes(), directory);
        try (var files = Files.walk(directory)) {
            assertThat(files.filter(Files::isRegularFile)
                            .mapToLong(file -> file.toFile().length())
                            .sum())
                    .isBetween(1L << 20, 14_000_000L);
        }
    }
}
