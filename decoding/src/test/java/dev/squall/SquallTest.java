package dev.squall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squall.model.fixtures.BigramDraft;
import dev.squall.model.fixtures.BigramModel;
import dev.squall.model.fixtures.OracleModels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The public face, on a tiny model with random weights. */
@Timeout(120)
class SquallTest {
    @TempDir
    static Path directory;

    private static Squall squall;

    @BeforeAll
    static void load() {
        squall = Squall.load(
                OracleModels.LLAMA.write(directory),
                LoadOptions.builder().sequences(4).build());
    }

    @AfterAll
    static void close() {
        squall.close();
    }

    private static GenerationOptions.Builder options() {
        return GenerationOptions.builder().maxTokens(24).ignoreEndOfSequence(true);
    }

    private static List<Integer> ids(Generation generation) {
        return generation.tokens().stream().map(Token::id).toList();
    }

    @Test
    void greedyIsTheSameEveryTime() {
        Generation first = squall.generate("hello world", options().build());
        assertThat(first.completionTokens()).isEqualTo(24);
        assertThat(first.finishReason()).isEqualTo(FinishReason.LENGTH);
        assertThat(first.promptTokens()).isEqualTo(13);
        assertThat(ids(squall.generate("hello world", options().build()))).isEqualTo(ids(first));
        assertThat(first.tokens().stream().map(Token::text).collect(Collectors.joining()))
                .isEqualTo(first.text());
        assertThat(first.tokens().getFirst().position()).isEqualTo(13);
    }

    @Test
    void requestsDecodedTogetherGiveWhatEachGivesAlone() throws Exception {
        List<GenerationOptions> each = new ArrayList<>();
        for (int i = 0; i < 9; i++) {
            each.add(options()
                    .maxTokens(10 + 3 * i)
                    .temperature(i % 3 * 0.7)
                    .topK(i % 2 == 0 ? 0 : 12)
                    .topP(i % 4 == 0 ? 1 : 0.9)
                    .seed(i)
                    .repetitionPenalty(i == 5 ? 1.3 : 1)
                    .build());
        }
        List<List<Integer>> alone = new ArrayList<>();
        for (int i = 0; i < each.size(); i++) {
            alone.add(ids(squall.generate("a prompt of its own ".repeat(i + 1), each.get(i))));
        }
        try (ExecutorService threads = Executors.newFixedThreadPool(each.size())) {
            List<Future<Generation>> together = new ArrayList<>();
            for (int i = 0; i < each.size(); i++) {
                String prompt = "a prompt of its own ".repeat(i + 1);
                GenerationOptions options = each.get(i);
                together.add(threads.submit((Callable<Generation>) () -> squall.generate(prompt, options)));
            }
            for (int i = 0; i < each.size(); i++) {
                assertThat(ids(together.get(i).get())).as("request %d", i).isEqualTo(alone.get(i));
            }
        }
    }

    @Test
    void aSeedDecidesTheText() {
        GenerationOptions.Builder hot = options().temperature(1.5);
        List<Integer> seven = ids(squall.generate("x", hot.seed(7).build()));
        assertThat(ids(squall.generate("x", hot.seed(7).build()))).isEqualTo(seven);
        assertThat(ids(squall.generate("x", hot.seed(8).build()))).isNotEqualTo(seven);
    }

    @Test
    void stopsBeforeAStopStringThatSpansTokens() {
        Generation whole = squall.generate("stop test", options().build());
        assertThat(whole.text().length()).isGreaterThan(8);
        String stop = whole.text().substring(4, 7);
        Generation cut =
                squall.generate("stop test", options().stop("never there", stop).build());
        assertThat(cut.text()).isEqualTo(whole.text().substring(0, whole.text().indexOf(stop)));
        assertThat(cut.finishReason()).isEqualTo(FinishReason.STOP_STRING);
    }

    @Test
    void aBiasForcesAToken() {
        int z = squall.tokenizer().id("z").orElseThrow();
        Generation forced =
                squall.generate("abc", options().maxTokens(5).logitBias(z, 1000).build());
        assertThat(forced.text()).isEqualTo("zzzzz");
        assertThatThrownBy(() ->
                        squall.generate("abc", options().logitBias(100_000, 1).build()))
                .hasMessageContaining("100000");
    }

    @Test
    void endOfSequenceEndsTheText() {
        int end = squall.tokenizer().endOfSequence().iterator().next();
        Generation ended = squall.generate(
                "abc",
                GenerationOptions.builder().maxTokens(5).logitBias(end, 1000).build());
        assertThat(ended.finishReason()).isEqualTo(FinishReason.END_OF_SEQUENCE);
        assertThat(ended.text()).isEmpty();
        assertThat(ended.completionTokens()).isZero();
    }

    @Test
    void logProbabilitiesAreThoseOfTheModel() {
        Generation result = squall.generate("abc", options().alternatives(288).build());
        for (Token token : result.tokens()) {
            double sum = token.alternatives().stream()
                    .mapToDouble(a -> Math.exp(a.logProbability()))
                    .sum();
            assertThat(sum).isBetween(0.9999, 1.0001);
            assertThat(token.alternatives().getFirst().id()).isEqualTo(token.id());
            assertThat(token.alternatives().getFirst().logProbability()).isEqualTo(token.logProbability());
        }
    }

    @Test
    void theContextFillsUp() {
        try (Squall small = Squall.load(
                directory.resolve("llama.gguf"),
                LoadOptions.builder().contextLength(40).build())) {
            Generation full = small.generate("hello", options().maxTokens(1000).build());
            assertThat(full.finishReason()).isEqualTo(FinishReason.CONTEXT_FULL);
            assertThat(full.promptTokens() + full.completionTokens()).isEqualTo(40);
            assertThatThrownBy(() -> small.generate("long ".repeat(20)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("39");
        }
    }

    @Test
    void aStreamIsLazyAndCancelsWhenItIsClosed() {
        List<Integer> whole = ids(squall.generate("stream", options().build()));
        try (Stream<Token> tokens = squall.stream("stream", options().build())) {
            assertThat(tokens.map(Token::id).limit(5).toList()).isEqualTo(whole.subList(0, 5));
        }
        assertThat(squall.stream("stream", options().build()).map(Token::id).toList())
                .isEqualTo(whole);
        Generation cancelled = squall.generate("stream", options().build(), token -> token.position() < 9);
        assertThat(cancelled.finishReason()).isEqualTo(FinishReason.CANCELLED);
        assertThat(cancelled.completionTokens()).isLessThan(24);
    }

    @Test
    void aDraftThatWasLoadedGuessesUnlessToldNotTo() {
        Path model = BigramModel.write(directory.resolve("bigrams.gguf"), 64);
        LoadOptions withDraft = LoadOptions.builder()
                .draft(BigramDraft.write(directory.resolve("bigram-draft")))
                .draftVocabulary(IntStream.rangeClosed(2, 31).boxed().toList())
                .build();
        try (Squall plain = Squall.load(model);
                Squall drafting = Squall.load(model, withDraft)) {
            String text = plain.generate("ab").text();
            Generation byDefault = drafting.generate("ab");
            assertThat(byDefault.text()).isEqualTo(text);
            assertThat(byDefault.speculation().rounds()).isPositive();
            Generation none = drafting.generate(
                    "ab",
                    GenerationOptions.builder().speculation(Speculation.none()).build());
            assertThat(none.text()).isEqualTo(text);
            assertThat(none.speculation()).isEqualTo(SpeculationStatistics.none());
            GenerationOptions fixed = GenerationOptions.builder()
                    .maxTokens(9)
                    .speculation(
                            Speculation.model().withTreeSize(4).withDepth(3).withTopK(1))
                    .build();
            assertThat(drafting.stream("ab", fixed).map(Token::guessed))
                    .as("c is that of the prompt; then three guesses and a bonus, twice")
                    .containsExactly(false, true, true, true, false, true, true, true, false);
        }
        assertThatThrownBy(
                        () -> LoadOptions.builder().draftVocabulary(List.of(1)).build())
                .hasMessageContaining("draftVocabulary");
    }

    @Test
    void zeroTokensAreNone() {
        Generation none = squall.generate("abc", options().maxTokens(0).build());
        assertThat(none.text()).isEmpty();
        assertThat(none.finishReason()).isEqualTo(FinishReason.LENGTH);
    }

    @Test
    void perplexityIsThatOfTheLogProbabilities() {
        // Forced through the model token by token, the probabilities must give the same sum.
        String text = "abcabcxyz";
        Perplexity measured = squall.perplexity(text, progress -> {});
        int[] ids = squall.tokenizer().encode(text, false);
        int[] context = {squall.tokenizer().bos().orElseThrow()};
        double sum = 0;
        for (int id : ids) {
            Generation next = squall.generate(
                    context, options().maxTokens(1).alternatives(288).build());
            sum -= next.tokens().getFirst().alternatives().stream()
                    .filter(a -> a.id() == id)
                    .findFirst()
                    .orElseThrow()
                    .logProbability();
            context = java.util.Arrays.copyOf(context, context.length + 1);
            context[context.length - 1] = id;
        }
        assertThat(measured.tokens()).isEqualTo(ids.length);
        assertThat(measured.negativeLogLikelihood()).isCloseTo(sum, org.assertj.core.data.Offset.offset(1e-3));
        assertThat(measured.bitsPerByte())
                .isCloseTo(sum / Math.log(2) / text.length(), org.assertj.core.data.Offset.offset(1e-3));
    }

    @Test
    void perplexityWaitsForAPlaceAmongTheRequests() {
        // One sequence only: the text that is being written first comes to its end, then the score is the same.
        double expected = squall.perplexity("abcabcxyz", progress -> {}).negativeLogLikelihood();
        List<Integer> alone =
                ids(squall.generate("busy", options().maxTokens(20).build()));
        LoadOptions one = LoadOptions.builder().sequences(1).build();
        try (Squall narrow = Squall.load(directory.resolve("llama.gguf"), one)) {
            var tokens = narrow.stream("busy", options().maxTokens(20).build()).iterator();
            List<Integer> together = new ArrayList<>(List.of(tokens.next().id()));
            assertThat(narrow.perplexity("abcabcxyz", progress -> {}).negativeLogLikelihood())
                    .isEqualTo(expected);
            tokens.forEachRemaining(token -> together.add(token.id()));
            assertThat(together).isEqualTo(alone);
        }
    }

    @Test
    void refusesUseAfterCloseAndImpossibleOptions() {
        Squall closed = Squall.load(directory.resolve("llama.gguf"));
        closed.close();
        assertThatThrownBy(() -> closed.generate("x")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> options().temperature(-1).build()).hasMessageContaining("temperature");
        assertThatThrownBy(() -> options().topP(0).build()).hasMessageContaining("topP");
        assertThatThrownBy(() -> options().stop("").build()).hasMessageContaining("stop");
        assertThatThrownBy(() -> squall.chat(List.of(), GenerationOptions.defaults()))
                .hasMessageContaining("chat template");
    }
}
