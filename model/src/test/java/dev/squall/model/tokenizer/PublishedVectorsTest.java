package dev.squall.model.tokenizer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The texts and ids that come with published vocabularies. */
class PublishedVectorsTest {
    private static final Path DATA = Path.of(System.getProperty("squall.testData", "../shared"), "tokenizers");

    @ParameterizedTest
    @CsvSource({
        "llama-spm.vocab.gguf, llama-spm",
        "llama-bpe, llama-bpe",
        "gpt-2.vocab.gguf, gpt-2",
    })
    void encodesAsPublished(String file, String name) throws IOException {
        Path vocabulary = DATA.resolve(file.equals("llama-bpe") ? "llama3.tokenizer.model" : file);
        assumeTrue(Files.exists(vocabulary), "no vocabularies in " + DATA.toAbsolutePath());
        Tokenizer tokenizer = Tokenizers.open(vocabulary, null, null);
        String[] texts = Files.readString(DATA.resolve(name + ".inp")).split("\n__ggml_vocab_test__\n", -1);
        List<String> lines = Files.readAllLines(DATA.resolve(name + ".out"));
        assertThat(lines.size()).isGreaterThan(30);
        for (int i = 0; i < lines.size(); i++) {
            int[] expected = Arrays.stream(lines.get(i).strip().split("\\s+"))
                    .filter(s -> !s.isEmpty())
                    .mapToInt(Integer::parseInt)
                    .toArray();
            assertThat(tokenizer.encode(texts[i], false))
                    .as("text %d: '%s'", i, texts[i])
                    .isEqualTo(expected);
        }
    }
}
