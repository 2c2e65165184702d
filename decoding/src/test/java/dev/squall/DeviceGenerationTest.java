package dev.squall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.squall.kernels.Devices;
import dev.squall.kernels.KvType;
import dev.squall.model.fixtures.BigramDraft;
import dev.squall.model.fixtures.BigramModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Texts that a device writes: greedy ones are those that the JVM writes. */
@Tag("device")
class DeviceGenerationTest {
    private static final Path DATA = Path.of(System.getProperty("squall.testData", "../shared"), "models/stories260K");
    private static final LoadOptions DEVICE =
            LoadOptions.builder().device("auto").sequences(2).build();

    @TempDir
    Path folder;

    @BeforeAll
    static void needsADevice() {
        assumeTrue(Devices.present() && !Devices.all().isEmpty(), "skipped: this process has no TornadoVM device");
    }

    @Test
    void greedyTextOfATrainedModelIsTheRecordedOne() throws IOException {
        assumeTrue(Files.exists(DATA.resolve("golden-greedy.jsonl")), "skipped: no stories260K in " + DATA);
        try (Squall squall = Squall.load(DATA.resolve("stories260K.bin"), DEVICE)) {
            for (String line : Files.readAllLines(DATA.resolve("golden-greedy.jsonl"))) {
                JsonNode golden = new JsonMapper().readTree(line);
                String prompt = golden.get("prompt").stringValue();
                int promptTokens = squall.tokenizer().encodePrompt(prompt, false).length;
                int maxTokens = golden.get("positions").intValue() - promptTokens + 1;
                Generation result = squall.generate(
                        prompt, GenerationOptions.builder().maxTokens(maxTokens).build());
                assertThat(prompt + result.text()).isEqualTo(golden.get("text").stringValue());
            }
        }
    }

    /** Rounding keys and values to F16 changes none of these tokens. */
    @ParameterizedTest
    @EnumSource
    void greedyTextOfTheBundledModelIsTheRecordedOne(KvType type) throws IOException {
        LoadOptions options = LoadOptions.builder().device("auto").kvType(type).build();
        try (Squall squall = Squall.load(options)) {
            for (BundledModelTest.Golden golden : BundledModelTest.goldens()) {
                assertThat(BundledModelTest.ids(BundledModelTest.generate(squall, golden, Speculation.none())))
                        .isEqualTo(golden.tokens());
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"AUTO,F32", "AUTO,F16", "REFERENCE,F32"})
    void greedyTextOfSparseAttentionIsTheRecordedOne(LoadOptions.Kernels kernels, KvType type) throws IOException {
        LoadOptions options = LoadOptions.builder()
                .device("auto")
                .kernels(kernels)
                .kvType(type)
                .attention(LoadOptions.Attention.SPARSE)
                .sparse(BundledModelTest.SPARSE)
                .build();
        try (Squall squall = Squall.load(options)) {
            for (BundledModelTest.Golden golden : BundledModelTest.sparseGoldens()) {
                assertThat(BundledModelTest.ids(BundledModelTest.generate(squall, golden, Speculation.none())))
                        .isEqualTo(golden.tokens());
            }
        }
    }

    /** With the definition of all kernels in place of the fused ones, and a draft that knows its model. */
    @Test
    void referenceKernelsAndGuessesWriteTheAlphabetToo() {
        Path model = BigramModel.write(folder.resolve("bigrams.gguf"), 64);
        LoadOptions reference = LoadOptions.builder()
                .device("auto")
                .kernels(LoadOptions.Kernels.REFERENCE)
                .draft(BigramDraft.write(folder.resolve("draft")))
                .build();
        GenerationOptions options = GenerationOptions.builder()
                .maxTokens(18)
                .speculation(Speculation.model().withTreeSize(5).withDepth(4).withTopK(1))
                .build();
        try (Squall squall = Squall.load(model, reference)) {
            Generation result = squall.generate("a", options);
            assertThat(result.text()).isEqualTo("bcdefghijklmnopqrs");
            assertThat(result.speculation().acceptedLengths()).containsExactly(0, 0, 1, 0, 0, 3); // 17 = 3 * 5 + 2
        }
    }

    @Test
    void theAlphabetFollowsAndAnExceptionOfTheCallerHarmsNoOne() {
        Path model = BigramModel.write(folder.resolve("bigrams.gguf"), 64);
        GenerationOptions options = GenerationOptions.builder().maxTokens(8).build();
        try (Squall squall = Squall.load(model, DEVICE)) {
            assertThat(squall.generate("abc", options).text()).isEqualTo("defghijk");
            assertThatThrownBy(() -> squall.generate("abc", options, token -> {
                        throw new IllegalStateException("enough after " + token.text());
                    }))
                    .hasMessage("enough after d");
            assertThat(squall.generate("the alphabet to the letter x", options).text())
                    .isEqualTo("yz.");
        }
    }
}
