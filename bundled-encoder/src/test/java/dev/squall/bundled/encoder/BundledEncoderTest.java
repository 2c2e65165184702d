package dev.squall.bundled.encoder;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The files of the encoder are whole and small. */
class BundledEncoderTest {
    @Test
    void filesAreThoseOfARobertaDirectoryAndStayBelowTwelveMegabytes() throws IOException {
        List<String> expected = List.of("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json");
        long size = 0;
        for (String name : expected) {
            Path file = BundledEncoder.directory().resolve(name);
            try (var resource = BundledEncoder.class.getResourceAsStream(name)) {
                assertThat(Files.readAllBytes(file)).as(name).isEqualTo(resource.readAllBytes());
            }
            size += Files.size(file);
        }
        assertThat(size).isBetween(1L << 20, 12_000_000L);
        try (var files = Files.list(BundledEncoder.directory())) {
            assertThat(files.map(each -> each.getFileName().toString()).sorted(Comparator.naturalOrder()))
                    .isEqualTo(expected);
        }
    }
}
