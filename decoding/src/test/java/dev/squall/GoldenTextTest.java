package dev.squall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A trained model of llama2.c continues every prompt as an independent program did, whichever kernels compute. */
class GoldenTextTest {
    private static final Path DATA = Path.of(System.getProperty("squall.testData", "../shared"), "models/stories260K");

    @ParameterizedTest
    @EnumSource(
            value = LoadOptions.Kernels.class,
            names = {"SIMD", "REFERENCE"})
    void greedyTextIsTheRecordedOne(LoadOptions.Kernels kernels) throws IOException {
        assumeTrue(Files.exists(DATA.resolve("golden-greedy.jsonl")), "no stories260K in " + DATA.toAbsolutePath());
        List<String> lines = Files.readAllLines(DATA.resolve("golden-greedy.jsonl"));
        assertThat(lines).isNotEmpty();
        try (Squall squall = Squall.load(
                DATA.resolve("stories260K.bin"),
                LoadOptions.builder().kernels(kernels).build())) {
            for (String line : lines) {
                JsonNode golden = new JsonMapper().readTree(line);
                String prompt = golden.get("prompt").stringValue();
                // Positions 0 to n - 1 are computed, the beginning and the prompt among them, and each names the next
                // token.
                int promptTokens = squall.tokenizer().encodePrompt(prompt, false).length;
                int maxTokens = golden.get("positions").intValue() - promptTokens + 1;
                Generation result = squall.generate(
                        prompt, GenerationOptions.builder().maxTokens(maxTokens).build());
                assertThat(prompt + result.text()).isEqualTo(golden.get("text").stringValue());
                assertThat(result.promptTokens()).isEqualTo(promptTokens);
                assertThat(result.completionTokens()).isEqualTo(maxTokens);
                assertThat(result.finishReason()).isEqualTo(FinishReason.LENGTH);
            }
        }
    }
}
