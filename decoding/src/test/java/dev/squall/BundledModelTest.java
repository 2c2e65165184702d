package dev.squall;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.attention.SparseConfig;
import dev.squall.bundled.BundledModel;
import dev.squall.kernels.KvType;
import dev.squall.model.ranking.TokenRanking;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The model that comes with Squall continues texts as a program in float64, that knows nothing of Squall, did with the same
 * file; whichever kernels compute, and whoever guesses.
 */
class BundledModelTest {
    record Golden(String prompt, List<Integer> tokens) {}

    /** What {@link #sparseGoldens} were recorded with: three blocks of eight tokens, once a token sees more. */
    static final SparseConfig SPARSE = new SparseConfig(4, 2, 1, 8, 8, 2, 0, false);

    static List<Golden> goldens() throws IOException {
        return goldens("bundled-greedy.jsonl");
    }

    static List<Golden> sparseGoldens() throws IOException {
        return goldens("bundled-sparse-greedy.jsonl");
    }

    private static List<Golden> goldens(String resource) throws IOException {
        try (var in = BundledModelTest.class.getResourceAsStream(resource)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .map(line -> {
                        JsonNode golden = new JsonMapper().readTree(line);
                        return new Golden(
                                golden.get("prompt").stringValue(),
                                golden.get("tokens")
                                        .valueStream()
                                        .map(JsonNode::intValue)
                                        .toList());
                    })
                    .toList();
        }
    }

    static Generation generate(Squall squall, Golden golden, Speculation speculation) {
        return squall.generate(
                golden.prompt,
                GenerationOptions.builder()
                        .maxTokens(golden.tokens.size())
                        .speculation(speculation)
                        .build());
    }

    static List<Integer> ids(Generation generation) {
        return generation.tokens().stream().map(Token::id).toList();
    }

    @ParameterizedTest
    @EnumSource(
            value = LoadOptions.Kernels.class,
            names = {"SIMD", "REFERENCE"})
    void greedyTextIsTheRecordedOne(LoadOptions.Kernels kernels) throws IOException {
        try (Squall squall = Squall.load(LoadOptions.builder().kernels(kernels).build())) {
            for (Golden golden : goldens()) {
                assertThat(ids(generate(squall, golden, Speculation.none()))).isEqualTo(golden.tokens);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = LoadOptions.Kernels.class,
            names = {"SIMD", "REFERENCE"})
    void greedyTextOfSparseAttentionIsTheRecordedOne(LoadOptions.Kernels kernels) throws IOException {
        LoadOptions options = LoadOptions.builder()
                .kernels(kernels)
                .attention(LoadOptions.Attention.SPARSE)
                .sparse(SPARSE)
                .build();
        try (Squall squall = Squall.load(options)) {
            for (Golden golden : sparseGoldens()) {
                assertThat(ids(generate(squall, golden, Speculation.none()))).isEqualTo(golden.tokens);
            }
        }
    }

    @Test
    void itsDraftGuessesManyOfTheTokens() throws IOException {
        int[] frequent =
                TokenRanking.read(BundledModel.draft().resolve("ranking.json")).top(4096);
        LoadOptions options = LoadOptions.builder()
                .draft(BundledModel.draft())
                .draftVocabulary(Arrays.stream(frequent).boxed().toList())
                .build();
        try (Squall squall = Squall.load(options)) {
            for (Golden golden : goldens()) {
                Generation guessed =
                        generate(squall, golden, Speculation.model().withTreeSize(16));
                assertThat(ids(guessed)).isEqualTo(golden.tokens);
                assertThat(guessed.speculation().acceptedLength()).isGreaterThan(1.5);
            }
        }
    }

    /** Model and draft keep keys and values in F16: texts may be other ones, but the same whoever guesses. */
    @Test
    void anF16CacheIsGuessedForAsWell() throws IOException {
        LoadOptions.Builder options = LoadOptions.builder().kvType(KvType.F16);
        try (Squall plain = Squall.load(options.build());
                Squall drafted = Squall.load(options.draft(BundledModel.draft()).build())) {
            for (Golden golden : goldens()) {
                List<Integer> expected = ids(generate(plain, golden, Speculation.none()));
                Generation guessed =
                        generate(drafted, golden, Speculation.model().withTreeSize(16));
                assertThat(ids(guessed)).isEqualTo(expected);
                assertThat(guessed.speculation().acceptedLength()).isGreaterThan(1.5);
            }
        }
    }
}
