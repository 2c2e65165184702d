package dev.squall.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.model.fixtures.BigramDraft;
import dev.squall.model.fixtures.BigramModel;
import dev.squall.model.fixtures.TorchSave;
import dev.squall.model.ranking.FrequencyList;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** {@code squall generate}, on a model that recites the alphabet. */
class GenerateCommandTest {
    @TempDir
    static Path directory;

    private static Path model;

    @BeforeAll
    static void write() {
        model = BigramModel.write(directory.resolve("bigrams.gguf"), 64);
    }

    @ParameterizedTest
    @ValueSource(strings = {"simd", "reference", "AUTO"})
    void onlyTheCompletionIsOnStandardOutput(String kernels) {
        Run run = Run.of("generate", "-m", model, "-p", "hijk", "--max-tokens", 5, "--kernels", kernels);
        assertThat(run.exitCode()).isZero();
        assertThat(run.out()).isEqualToNormalizingNewlines("lmnop\n");
        assertThat(run.err())
                .hasLineCount(1)
                .contains("prompt 6 tokens", "completion 5 tokens", "tokens/s")
                .contains("length");
    }

    @Test
    void endsWithTheSequence() {
        Run run = Run.of("generate", "--model", model, "--prompt", "uvw");
        assertThat(run.out()).isEqualToNormalizingNewlines("xyz.\n");
        assertThat(run.err()).contains("completion 4 tokens").contains("; stop");
    }

    @Test
    void endsBeforeAnyOfTheStopStrings() {
        Run run = Run.of("generate", "-m", model, "-p", "a", "--stop", "xyz", "--stop", "fgh");
        assertThat(run.out()).isEqualToNormalizingNewlines("bcde\n");
        assertThat(run.exitCode()).isZero();
    }

    @Test
    void jsonIsOneObjectWithTheseFields() {
        Run run = Run.of("generate", "-m", model, "-p", "tuv", "--json", "--max-tokens", 3);
        assertThat(run.exitCode()).isZero();
        assertThat(run.err()).isEmpty();
        JsonNode json = run.json();
        assertThat(json.propertyNames())
                .containsExactly(
                        "prompt", "text", "tokens", "finishReason", "promptTokens", "completionTokens", "timings");
        assertThat(json.get("prompt").stringValue()).isEqualTo("tuv");
        assertThat(json.get("text").stringValue()).isEqualTo("wxy");
        int w = BigramModel.A + 'w' - 'a';
        assertThat(StreamSupport.stream(json.get("tokens").spliterator(), false).map(JsonNode::intValue))
                .containsExactly(w, w + 1, w + 2);
        assertThat(json.get("finishReason").stringValue()).isEqualTo("length");
        assertThat(json.get("promptTokens").intValue()).isEqualTo(5); // beginning, space, t, u, v
        assertThat(json.get("completionTokens").intValue()).isEqualTo(3);
        assertThat(json.get("timings").propertyNames())
                .containsExactly(
                        "loadSeconds",
                        "promptSeconds",
                        "generationSeconds",
                        "promptTokensPerSecond",
                        "generationTokensPerSecond");
        assertThat(json.get("timings"))
                .allSatisfy(time -> assertThat(time.doubleValue()).isPositive());
    }

    @Test
    void finishReasonsInJson() {
        Object[] ends = {"generate", "-m", model, "-p", "y", "--json"};
        assertThat(Run.of(ends).json().get("finishReason").stringValue()).isEqualTo("stop");
        Run stopped = Run.of("generate", "-m", model, "-p", "k", "--json", "--stop", "n");
        assertThat(stopped.json().get("finishReason").stringValue()).isEqualTo("stop");
        assertThat(stopped.json().get("text").stringValue()).isEqualTo("lm");
        Run full = Run.of("generate", "-m", model, "-p", "a", "--json", "--context", 8);
        assertThat(full.json().get("finishReason").stringValue()).isEqualTo("context");
        assertThat(full.json().get("text").stringValue()).isEqualTo("bcdef"); // 3 tokens of prompt, 5 more
    }

    @Test
    void aSeedDecidesWhatIsSampled() {
        String first = sampled(1);
        assertThat(sampled(1)).isEqualTo(first);
        assertThat(sampled(2)).isNotEqualTo(first);
        assertThat(Run.of("generate", "-m", model, "-p", "a", "--temperature", 5, "--top-k", 1, "--max-tokens", 4)
                        .out())
                .as("one candidate is no choice")
                .isEqualToNormalizingNewlines("bcde\n");
        assertThat(Run.of("generate", "-m", model, "-p", "a", "--temperature", 1, "--min-p", 0.5, "--max-tokens", 4)
                        .out())
                .as("no other successor is half as probable")
                .isEqualToNormalizingNewlines("bcde\n");
        assertThat(Run.of("generate", "-m", model, "-p", "a", "--temperature", 5, "--top-p", 0.01, "--max-tokens", 4)
                        .out())
                .as("the nucleus is the first")
                .isEqualToNormalizingNewlines("bcde\n");
    }

    @Test
    void theModelsFilesRecommendHowToSampleUnlessAnOptionSays() {
        Path recommends = BigramModel.gguf(64)
                .put("general.sampling.temp", 3f)
                .put("general.sampling.top_k", 20)
                .put("general.sampling.top_p", 0.95f)
                .write(directory.resolve("recommends.gguf"));
        Object[] plain = {"generate", "-m", recommends, "-p", "a", "--max-tokens", 40, "--seed", 3, "--json"};
        Run quiet = Run.of(plain);
        assertThat(quiet.err()).isEmpty();
        JsonNode asRecommended = quiet.json().get("tokens");
        assertThat(Run.of(with(plain, "--temperature", 3, "--top-k", 20, "--top-p", 0.95))
                        .json()
                        .get("tokens"))
                .isEqualTo(asRecommended);
        JsonNode greedy = Run.of("generate", "-m", model, "-p", "a", "--max-tokens", 40, "--json")
                .json()
                .get("tokens");
        assertThat(asRecommended).isNotEqualTo(greedy);
        assertThat(Run.of(with(plain, "--temperature", 0)).json().get("tokens")).isEqualTo(greedy);
        assertThat(Run.of(with(plain, "--top-k", 5)).json().get("tokens"))
                .as("one option, and all count")
                .isEqualTo(greedy);
        assertThat(Run.of("generate", "-m", recommends, "-p", "a", "--max-tokens", 2)
                        .err())
                .hasLineCount(2)
                .contains("recommend: temperature 3.0, top-k 20, top-p 0.95; --temperature 0");
        JsonNode info = Run.of("info", "-m", recommends, "--json").json();
        assertThat(info.get("sampling").toString()).isEqualTo("{\"temperature\":3.0,\"topK\":20,\"topP\":0.95}");
    }

    private static String sampled(int seed) {
        Run run = Run.of(
                "generate", "-m", model, "-p", "a", "--temperature", 3, "--seed", seed, "--max-tokens", 40, "--json");
        return run.json().get("tokens").toString();
    }

    @Test
    void specialTokensAreReadOnlyWhereAsked() {
        assertThat(Run.of("generate", "-m", model, "-p", "a</s>", "--max-tokens", 0, "--json")
                        .json()
                        .get("promptTokens")
                        .intValue())
                .as("beginning, space, a, and four characters")
                .isEqualTo(7);
        assertThat(Run.of("generate", "-m", model, "-p", "a</s>", "--max-tokens", 0, "--json", "--special")
                        .json()
                        .get("promptTokens")
                        .intValue())
                .isEqualTo(4);
    }

    @Test
    void lookupGivesTheSameTextInFewerPasses() {
        Object[] plain = {"generate", "-m", model, "-p", "abcdefghijkl. abc", "--json", "--max-tokens", 12};
        Object[] guessed = {
            "generate",
            "-m",
            model,
            "-p",
            "abcdefghijkl. abc",
            "--json",
            "--max-tokens",
            12,
            "--draft",
            "lookup",
            "--depth",
            7
        };
        JsonNode json = Run.of(guessed).json();
        assertThat(json.get("text").stringValue())
                .isEqualTo(Run.of(plain).json().get("text").stringValue());
        JsonNode figures = json.get("speculation");
        assertThat(figures.propertyNames())
                .containsExactly(
                        "rounds",
                        "guesses",
                        "acceptedLength",
                        "acceptancePerDepth",
                        "outsideShare",
                        "draftLayerMs",
                        "draftHeadMs",
                        "verifyMs",
                        "commitMs",
                        "guessed");
        assertThat(figures.get("rounds").intValue()).isLessThan(8);
        assertThat(figures.get("acceptedLength").doubleValue()).isGreaterThan(1.5);
        assertThat(figures.get("acceptancePerDepth").get(0).doubleValue()).isBetween(0.01, 1.0);
        Run text = Run.of("generate", "-m", model, "-p", "abcdefghijkl. abc", "--draft", "lookup");
        assertThat(text.err()).contains("tokens a round", "right per depth");
    }

    @Test
    void aDraftModelGuessesWithAllOrSomeTokens() throws Exception {
        Path draft = BigramDraft.write(directory.resolve("draft"));
        Object[] with = {"generate", "-m", model, "-p", "a", "--json", "--max-tokens", 16, "--tree-size", 9, "--draft"};
        JsonNode all = Run.of(with(with, draft)).json();
        assertThat(all.get("text").stringValue()).isEqualTo("bcdefghijklmnopq");
        assertThat(all.get("speculation").get("acceptedLength").doubleValue()).isGreaterThan(3);
        assertThat(Run.of(with(with, "auto")).json().get("tokens")).isEqualTo(all.get("tokens"));
        Files.writeString(
                draft.resolve("ranking.json"),
                "{\"vocabulary\": 32, \"counted\": 45, \"forced\": [],"
                        + " \"ids\": [9, 5, 6, 7, 8, 4, 10, 11, 12], \"counts\": [9, 8, 7, 6, 5, 4, 3, 2, 1]}");
        JsonNode some = Run.of(with(with, draft, "--draft-vocab", 6)).json();
        assertThat(some.get("text")).isEqualTo(all.get("text"));
        assertThat(some.get("speculation").get("outsideShare").doubleValue()).isPositive();
        assertThat(Run.of(with(with, draft, "--draft-vocab", 10)).err()).contains("ranking.json", "found 10", "to 9");
        assertThat(outside(with(with, "auto"))).isPositive(); // a quarter of the tokens
        assertThat(outside(with(with, "auto", "--draft-vocab", "full"))).isZero();
        assertThat(Run.of(with(with, draft, "--draft-vocab", "8,9")).exitCode()).isEqualTo(2);
        Files.writeString(draft.resolve("other.json"), "[5, 3000]");
        assertThat(Run.of(with(with, draft, "--draft-vocab", draft.resolve("other.json")))
                        .err())
                .contains("token 3000", "another tokenizer");
        Files.writeString(draft.resolve("other.json"), "{}");
        assertThat(Run.of(with(with, draft, "--draft-vocab", draft.resolve("other.json")))
                        .err())
                .contains("other.json", "a JSON list");
        assertThat(Run.of(with(with, "none", "--draft-vocab", 5)).exitCode()).isEqualTo(2);
        JsonNode variant = Run.of(with(with, draft, "--draft-rope", "draft", "--no-draft-head-scale"))
                .json();
        assertThat(variant.get("tokens")).isEqualTo(all.get("tokens"));
        assertThat(Run.of(with(with, draft, "--draft-rope", "own")).exitCode()).isEqualTo(2);
        Run without = Run.of(with(with, "lookup", "--draft-rope", "draft"));
        assertThat(without.exitCode()).isEqualTo(2);
        assertThat(without.err()).contains("--draft-rope", "expected them with a draft's directory");
    }

    private static double outside(Object[] arguments) {
        return Run.of(arguments).json().get("speculation").get("outsideShare").doubleValue();
    }

    @Test
    void aDraftMayBeAsPyTorchWritesIt() throws Exception {
        Path draft = BigramDraft.write(directory.resolve("draft"));
        Object[] with = {"generate", "-m", model, "-p", "a", "--json", "--max-tokens", 16, "--tree-size", 9, "--draft"};
        JsonNode tensors = Run.of(with(with, draft)).json();
        TorchSave save = TorchSave.of(draft);
        Files.delete(draft.resolve("model.safetensors"));
        save.legacy(draft.resolve("pytorch_model.bin"));
        JsonNode pickled = Run.of(with(with, draft)).json();
        assertThat(pickled.get("tokens")).isEqualTo(tensors.get("tokens"));
        assertThat(pickled.get("speculation").get("acceptedLength"))
                .isEqualTo(tensors.get("speculation").get("acceptedLength"));
        FrequencyList.write(draft.resolve("freq_6.pt"), new int[] {9, 5, 6, 7, 8, 4});
        JsonNode some = Run.of(with(with, draft, "--draft-vocab", draft.resolve("freq_6.pt")))
                .json();
        assertThat(some.get("tokens")).isEqualTo(tensors.get("tokens"));
        assertThat(some.get("speculation").get("outsideShare").doubleValue()).isPositive();
    }

    @Test
    void attentionMayBeSparse() {
        Object[] plain = {"generate", "-m", model, "-p", "abcdefghijklmnop", "--json", "--max-tokens", 20};
        JsonNode dense = Run.of(with(plain, "--attention", "dense")).json();
        Run sparse = Run.of(with(plain, "--sparse", "stride=1,topk=2,window=4,dense=0"));
        assertThat(sparse.json().get("tokens")).isEqualTo(dense.get("tokens")); // a bigram needs no far keys
        assertThat(Run.of(with(plain, "--attention", "dense", "--sparse", "topk=2"))
                        .exitCode())
                .isEqualTo(2);
        Run unknown = Run.of(with(plain, "--sparse", "blocks=2"));
        assertThat(unknown.exitCode()).isEqualTo(2);
        assertThat(unknown.err()).contains("--sparse", "[blocks]", "topk");
        assertThat(Run.of(with(plain, "--sparse", "window=100")).err()).contains("window_size: found 100");
    }

    private static Object[] with(Object[] arguments, Object... more) {
        return Stream.concat(Stream.of(arguments), Stream.of(more)).toArray();
    }

    @Test
    void wrongDraftOptionsAreWrongUsage() {
        Run who = Run.of("generate", "-m", model, "-p", "a", "--draft", "nobody");
        assertThat(who.exitCode()).isEqualTo(2);
        assertThat(who.err()).contains("--draft: found nobody");
        Run size = Run.of("generate", "-m", model, "-p", "a", "--draft", "lookup", "--tree-size", 65);
        assertThat(size.exitCode()).isEqualTo(2);
        assertThat(size.err()).contains("treeSize: found 65");
    }
}
