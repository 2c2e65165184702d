package dev.squall.decoding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squall.FinishReason;
import dev.squall.Generation;
import dev.squall.GenerationOptions;
import dev.squall.Speculation;
import dev.squall.Speculation.Draft;
import dev.squall.SpeculationStatistics;
import dev.squall.Token;
import dev.squall.attention.SparseConfig;
import dev.squall.kernels.KvType;
import dev.squall.model.transformer.TinyModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Guessing never changes a text: whoever guesses, whatever is asked for, alone and in company. */
@Timeout(1800)
class SpeculationTest {
    /** Prompts of each model; 200 in the command of the README. */
    private static final int REQUESTS = Integer.getInteger("squall.speculation.prompts", 8);

    @TempDir
    Path folder;

    static List<TinyModel> models() {
        return TinyGenerators.models().toList();
    }

    /** Greedy and sampled, with every option that changes scores; the last ones fill the context. */
    private static GenerationOptions options(int i, Speculation speculation) {
        GenerationOptions.Builder options = GenerationOptions.builder()
                .maxTokens(i > REQUESTS - 3 ? 1000 : 8 + 3 * (i % 12))
                .ignoreEndOfSequence(i % 2 == 0)
                .seed(i)
                .speculation(speculation);
        switch (i % 6) {
            case 1 -> options.temperature(0.7);
            case 2 -> options.temperature(0.4).topK(5).repetitionPenalty(1.1);
            case 3 -> options.alternatives(3).logitBias(7, 0.5);
            case 4 -> options.temperature(0.3).topP(0.9).minP(0.01).alternatives(2);
            default -> {}
        }
        return options.build();
    }

    private static List<GenerationOptions> all(Speculation speculation) {
        return IntStream.range(0, REQUESTS)
                .mapToObj(i -> options(i, speculation))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("models")
    void textsAreThoseOfPlainDecoding(TinyModel model) {
        compare(model, null, KvType.F32);
    }

    /** Blocks of 8 keys, four of which a row attends to once it sees 24. */
    @Test
    void textsOfSparseAttentionAreThoseOfPlainDecoding() {
        compare(TinyModel.llama3(), new SparseConfig(4, 2, 1, 8, 8, 3, 24, false), KvType.F32);
        compare(TinyModel.qwen3(), new SparseConfig(4, 2, 1, 8, 16, 2, -1, true), KvType.F32);
    }

    @Test
    void soAreTextsOverAnF16Cache() {
        compare(TinyModel.llama3(), null, KvType.F16);
        compare(TinyModel.qwen3(), new SparseConfig(4, 2, 1, 8, 8, 3, 24, false), KvType.F16);
    }

    private void compare(TinyModel model, SparseConfig sparse, KvType kvType) {
        try (TinyGenerators tiny = new TinyGenerators(model, "F32", folder)) {
            List<int[]> prompts =
                    IntStream.range(0, REQUESTS).mapToObj(tiny::prompt).toList();
            List<Generation> plain;
            try (var transformer = tiny.transformer(sparse, kvType);
                    Generator generator = new Generator(transformer, tiny.tokenizer, 3)) {
                plain = TinyGenerators.together(generator, prompts, all(Speculation.none()));
            }
            List<int[]> texts = new ArrayList<>();
            for (int i = 0; i < REQUESTS; i++) {
                texts.add(IntStream.concat(
                                IntStream.of(prompts.get(i)),
                                plain.get(i).tokens().stream().mapToInt(Token::id))
                        .toArray());
            }
            for (Speculation speculation : new Speculation[] {
                Speculation.lookup(),
                Speculation.lookup().withDepth(30),
                Speculation.model(),
                Speculation.model().withTreeSize(2),
                Speculation.model().withTreeSize(32).withDepth(9)
            }) {
                try (var transformer = tiny.transformer(sparse, kvType);
                        Generator generator = new Generator(
                                transformer, tiny.tokenizer, 3, new KnowingDrafter(texts, model.vocabulary()))) {
                    List<Generation> guessed = TinyGenerators.together(generator, prompts, all(speculation));
                    double longest = compare(guessed, plain, speculation + " of " + model.name());
                    if (speculation.depth() > 0) { // else it is chosen by what passes cost at the time
                        assertThat(longest)
                                .as("acceptance length, %s of %s", speculation, model.name())
                                .isGreaterThan(speculation.draft() == Draft.LOOKUP ? 1.0 : 1.3); // they seldom copy
                    }
                }
            }
        }
    }

    /** Returns the greatest acceptance length of a request. */
    private static double compare(List<Generation> guessed, List<Generation> plain, String what) {
        Set<FinishReason> ends = EnumSet.noneOf(FinishReason.class);
        double accepted = 0;
        for (int i = 0; i < REQUESTS; i++) {
            Generation one = guessed.get(i);
            assertThat(TinyGenerators.tokens(one))
                    .as("%s, request %d", what, i)
                    .isEqualTo(TinyGenerators.tokens(plain.get(i)));
            assertThat(one.text()).isEqualTo(plain.get(i).text());
            assertThat(one.finishReason()).isEqualTo(plain.get(i).finishReason());
            ends.add(one.finishReason());
            SpeculationStatistics figures = one.speculation();
            long right = one.tokens().stream().filter(Token::guessed).count();
            assertThat(right).isLessThanOrEqualTo(figures.guesses());
            accepted = Math.max(accepted, figures.acceptedLength());
        }
        assertThat(ends).as(what).contains(FinishReason.LENGTH, FinishReason.CONTEXT_FULL);
        return accepted;
    }

    @Test
    void stopStringsAndTheEndOfSequenceCutGuessesOff() {
        try (TinyGenerators tiny = new TinyGenerators(TinyModel.llama2(), "F32", folder);
                var transformer = tiny.transformer()) {
            int[] prompt = tiny.prompt(5);
            GenerationOptions.Builder options = GenerationOptions.builder().maxTokens(30);
            Generation whole;
            try (Generator generator = new Generator(transformer, tiny.tokenizer, 1)) {
                whole = TinyGenerators.together(
                                generator,
                                List.of(prompt),
                                List.of(options.ignoreEndOfSequence(true).build()))
                        .getFirst();
            }
            int[] text = IntStream.concat(
                            IntStream.of(prompt), whole.tokens().stream().mapToInt(Token::id))
                    .toArray();
            String stop = whole.tokens().get(10).text() + whole.tokens().get(11).text();
            int end = whole.text().indexOf(stop);
            Drafter drafter = new KnowingDrafter(List.of(text), tiny.model.vocabulary());
            try (var another = tiny.transformer();
                    Generator generator = new Generator(another, tiny.tokenizer, 1, drafter)) {
                options.speculation(Speculation.model().withTreeSize(20).withDepth(8));
                Generation cut = TinyGenerators.together(
                                generator,
                                List.of(prompt),
                                List.of(options.stop(stop).build()))
                        .getFirst();
                assertThat(cut.text()).isEqualTo(whole.text().substring(0, end));
                assertThat(cut.finishReason()).isEqualTo(FinishReason.STOP_STRING);
                // The model may end its text in the midst of guesses that go on.
                int forced = tiny.tokenizer.endOfSequence().iterator().next();
                Generation ended = TinyGenerators.together(
                                generator,
                                List.of(prompt),
                                List.of(GenerationOptions.builder()
                                        .speculation(Speculation.model())
                                        .logitBias(forced, 1000)
                                        .build()))
                        .getFirst();
                assertThat(ended.finishReason()).isEqualTo(FinishReason.END_OF_SEQUENCE);
                assertThat(ended.tokens()).isEmpty();
            }
        }
    }

    @Test
    void refusesADraftThatIsNotThereAndTreesOutsideTheLimits() {
        try (TinyGenerators tiny = new TinyGenerators(TinyModel.llama2(), "F32", folder);
                var transformer = tiny.transformer();
                Generator generator = new Generator(transformer, tiny.tokenizer, 1)) {
            GenerationOptions options =
                    GenerationOptions.builder().speculation(Speculation.model()).build();
            assertThatThrownBy(() -> generator.submit("", new int[] {5}, options))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("draft model");
        }
        assertThatThrownBy(() -> Speculation.model().withTreeSize(65)).hasMessageContaining("treeSize: found 65");
        assertThatThrownBy(() -> Speculation.model().withTreeSize(1)).hasMessageContaining("treeSize: found 1");
        assertThatThrownBy(() -> Speculation.model().withDepth(8).withTopK(10))
                .hasMessageContaining("found 70, expected at most 64");
        assertThatThrownBy(() -> Speculation.lookup().withDepth(-1)).hasMessageContaining("depth: found -1");
    }
}
