package dev.squall.decoding;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.Generation;
import dev.squall.GenerationOptions;
import dev.squall.Speculation;
import dev.squall.SpeculationStatistics;
import dev.squall.kernels.KernelSet;
import dev.squall.model.fixtures.BigramDraft;
import dev.squall.model.fixtures.BigramModel;
import dev.squall.model.format.Checkpoint;
import dev.squall.model.format.Checkpoints;
import dev.squall.model.tokenizer.Tokenizer;
import dev.squall.model.tokenizer.Tokenizers;
import dev.squall.model.transformer.DraftModel;
import dev.squall.model.transformer.TinyDraft;
import dev.squall.model.transformer.TinyModel;
import dev.squall.model.transformer.TinyThirdDraft;
import dev.squall.model.transformer.Transformer;
import dev.squall.model.transformer.TransformerOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Guesses of EAGLE drafts: random ones change no text, and one that knows its model is right as often as can be. */
@Timeout(120)
class EagleDrafterTest {
    private static final int REQUESTS = 7;

    @TempDir
    Path folder;

    static List<TinyModel> models() {
        return TinyGenerators.models().toList();
    }

    private static List<GenerationOptions> options(Speculation speculation) {
        return IntStream.range(0, REQUESTS)
                .mapToObj(i -> GenerationOptions.builder()
                        .maxTokens(i == 3 ? 1000 : 8 + 3 * i)
                        .ignoreEndOfSequence(true)
                        .temperature(i % 3 * 0.5)
                        .topP(i % 2 == 0 ? 1 : 0.9)
                        .repetitionPenalty(i == 4 ? 1.2 : 1)
                        .alternatives(i == 5 ? 2 : 0)
                        .seed(i)
                        .speculation(speculation)
                        .build())
                .toList();
    }

    @ParameterizedTest
    @MethodSource("models")
    void anyDraftAndAnyRankingGivesThePlainText(TinyModel model) {
        Speculation[] shapes = {
            Speculation.auto(),
            Speculation.model().withTreeSize(2).withDepth(1).withTopK(1),
            Speculation.model().withTreeSize(33).withDepth(5).withTopK(10),
            Speculation.model().withTreeSize(20).withDepth(6).withTopK(3),
            Speculation.model().withTreeSize(30).withDepth(1).withTopK(4)
        };
        int[][] rankings = {
            null,
            IntStream.range(0, model.vocabulary()).toArray(),
            {90, 3, 17, 55, 41, 8, 9, 10, 70, 71, 72, 20, 21, 22, 23, 24, 25, 26},
            {11, 12, 13}
        };
        try (TinyGenerators tiny = new TinyGenerators(model, "F32", folder)) {
            List<int[]> prompts =
                    IntStream.range(0, REQUESTS).mapToObj(tiny::prompt).toList();
            List<Generation> plain;
            try (Transformer transformer = tiny.transformer();
                    Generator generator = new Generator(transformer, tiny.tokenizer, 3)) {
                plain = TinyGenerators.together(generator, prompts, options(Speculation.none()));
            }
            int which = model.name().hashCode() & 15; // every model other combinations
            for (TinyDraft draft : TinyDraft.of(model)) {
                Path directory = draft.write(folder.resolve("draft" + which));
                int[] ranking = rankings[which % rankings.length];
                Speculation shape = shapes[which++ % shapes.length];
                List<Generation> guessed = generate(tiny, directory, ranking, prompts, shape);
                for (int r = 0; r < REQUESTS; r++) {
                    assertThat(TinyGenerators.tokens(guessed.get(r)))
                            .as("%s of %s, request %d", shape, draft, r)
                            .isEqualTo(TinyGenerators.tokens(plain.get(r)));
                    assertThat(guessed.get(r).finishReason())
                            .isEqualTo(plain.get(r).finishReason());
                }
                SpeculationStatistics figures = guessed.getLast().speculation();
                if (shape.depth() > 0) { // else it is chosen by what passes cost at the time
                    assertThat(figures.guesses()).isGreaterThan(figures.rounds() / 2);
                }
            }
        }
    }

    private static List<Generation> generate(
            TinyGenerators tiny, Path directory, int[] ranking, List<int[]> prompts, Speculation shape) {
        try (Checkpoint files = Checkpoints.open(directory);
                Transformer transformer = tiny.transformer();
                Generator generator = new Generator(
                        transformer,
                        tiny.tokenizer,
                        3,
                        DraftModel.load(files, transformer, KernelSet.best(), ranking))) {
            return TinyGenerators.together(generator, prompts, options(shape));
        }
    }

    @Test
    void draftsOfTheThirdKindGiveThePlainTextToo() {
        TinyModel model = TinyThirdDraft.deepModel();
        try (TinyGenerators tiny = new TinyGenerators(model, "F32", folder)) {
            List<int[]> prompts =
                    IntStream.range(0, REQUESTS).mapToObj(tiny::prompt).toList();
            List<Generation> plain;
            try (Transformer transformer = tiny.transformer();
                    Generator generator = new Generator(transformer, tiny.tokenizer, 3)) {
                plain = TinyGenerators.together(generator, prompts, options(Speculation.none()));
            }
            Path directory = new TinyThirdDraft(model, 31).write(folder.resolve("draft"));
            Speculation shape =
                    Speculation.model().withTreeSize(20).withDepth(4).withTopK(5);
            List<Generation> guessed = generate(tiny, directory, null, prompts, shape);
            for (int r = 0; r < REQUESTS; r++) {
                assertThat(TinyGenerators.tokens(guessed.get(r))).isEqualTo(TinyGenerators.tokens(plain.get(r)));
            }
            assertThat(guessed.getLast().speculation().guesses()).isPositive();
        }
    }

    @Test
    void aDraftThatKnowsItsModelIsAlwaysRight() {
        try (Checkpoint model = Checkpoints.open(BigramModel.write(folder.resolve("bigrams.gguf"), 64));
                Checkpoint files = Checkpoints.open(BigramDraft.write(folder.resolve("draft")))) {
            Tokenizer tokenizer = Tokenizers.of(model, null);
            int[] letters = IntStream.rangeClosed(BigramModel.A, BigramModel.A + 19)
                    .filter(id -> id != BigramModel.A + 'e' - 'a')
                    .toArray();
            for (int[] ranking : new int[][] {null, letters}) {
                try (Transformer transformer =
                                Transformer.load(model, KernelSet.best(), TransformerOptions.defaults());
                        Generator generator = new Generator(
                                transformer,
                                tokenizer,
                                1,
                                DraftModel.load(files, transformer, KernelSet.best(), ranking))) {
                    GenerationOptions options = GenerationOptions.builder()
                            .maxTokens(18)
                            .speculation(Speculation.model()
                                    .withTreeSize(5)
                                    .withDepth(4)
                                    .withTopK(1))
                            .build();
                    Generation result = TinyGenerators.together(
                                    generator, List.of(tokenizer.encodePrompt("a", false)), List.of(options))
                            .getFirst();
                    assertThat(result.text()).isEqualTo("bcdefghijklmnopqrs");
                    SpeculationStatistics figures = result.speculation();
                    if (ranking == null) {
                        assertThat(figures.acceptedLengths()).containsExactly(0, 0, 1, 0, 0, 3); // 17 = 3 * 5 + 2
                        assertThat(figures.acceptance(1)).isEqualTo(1);
                        assertThat(figures.outside()).isZero();
                    } else { // e cannot be guessed, so it ends the first round: 17 = 3 + 5 + 5 + 4
                        assertThat(figures.acceptedLengths()).containsExactly(0, 0, 0, 1, 1, 2);
                        assertThat(figures.outside()).isEqualTo(1);
                    }
                    assertThat(figures.verify()).isPositive();
                    assertThat(figures.draftHead()).isPositive();
                    assertThat(figures.draftLayer()).isPositive();
                }
            }
        }
    }

    /** The draft sees the same however the prompt was cut into chunks, so its guesses are the same. */
    @Test
    void guessesDoNotDependOnChunks() {
        TinyModel model = TinyModel.llama3();
        try (TinyGenerators tiny = new TinyGenerators(model, "F32", folder);
                Checkpoint files = Checkpoints.open(TinyDraft.of(model)[0].write(folder.resolve("draft")))) {
            int[] prompt = new Random(3).ints(50, 3, 96).toArray();
            List<List<Integer>> guesses = new ArrayList<>();
            for (int rows : new int[] {9, 16, 64}) {
                TransformerOptions sizes = TransformerOptions.defaults().withRows(rows, 9);
                try (Transformer transformer = Transformer.load(tiny.checkpoint, KernelSet.best(), sizes)) {
                    Recorder recorder = new Recorder(
                            new EagleDrafter(transformer, DraftModel.load(files, transformer, KernelSet.best(), null)));
                    try (Generator generator = new Generator(transformer, tiny.tokenizer, 1, recorder)) {
                        GenerationOptions options = GenerationOptions.builder()
                                .maxTokens(20)
                                .ignoreEndOfSequence(true)
                                .speculation(Speculation.model().withTreeSize(9).withTopK(3))
                                .build();
                        TinyGenerators.together(generator, List.of(prompt), List.of(options));
                    }
                    guesses.add(recorder.tokens);
                }
            }
            assertThat(guesses.get(0))
                    .hasSizeGreaterThan(100)
                    .isEqualTo(guesses.get(1))
                    .isEqualTo(guesses.get(2));
        }
    }

    /** A draft that rests now and then, and one that is loaded in the middle of texts, begin where the text is by then. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void aDraftThatRestedGuessesOn(int how) {
        try (Checkpoint model = Checkpoints.open(BigramModel.write(folder.resolve("bigrams.gguf"), 1024));
                Checkpoint files = Checkpoints.open(BigramDraft.write(folder.resolve("draft")))) {
            Tokenizer tokenizer = Tokenizers.of(model, null);
            try (Transformer transformer = Transformer.load(model, KernelSet.best(), TransformerOptions.defaults())) {
                Drafter eagle =
                        new EagleDrafter(transformer, DraftModel.load(files, transformer, KernelSet.best(), null));
                try (Generator generator = new Generator(transformer, tokenizer, 1, new Lazy(eagle, how))) {
                    GenerationOptions options = GenerationOptions.builder()
                            .maxTokens(700)
                            .ignoreEndOfSequence(true)
                            .speculation(Speculation.model()
                                    .withTreeSize(5)
                                    .withDepth(4)
                                    .withTopK(1))
                            .build();
                    Generation plain = TinyGenerators.together(
                                    generator,
                                    List.of(tokenizer.encodePrompt("a".repeat(300), false)),
                                    List.of(GenerationOptions.builder()
                                            .maxTokens(700)
                                            .ignoreEndOfSequence(true)
                                            .speculation(Speculation.none())
                                            .build()))
                            .getFirst();
                    Generation result = TinyGenerators.together(
                                    generator,
                                    List.of(tokenizer.encodePrompt("a".repeat(300), false)),
                                    List.of(options))
                            .getFirst();
                    assertThat(TinyGenerators.tokens(result)).isEqualTo(TinyGenerators.tokens(plain));
                    List<Integer> lengths = result.speculation().acceptedLengths();
                    assertThat(lengths.get(1)).as("rounds without a draft").isPositive();
                    assertThat(lengths.get(5))
                            .as("rounds in which all was right")
                            .isGreaterThan(30);
                }
            }
        }
    }

    /** Rests for long (0), for short times (1), or is not there in the beginning (2). */
    private record Lazy(Drafter drafter, int how, int[] round) implements Drafter {
        Lazy(Drafter drafter, int how) {
            this(drafter, how, new int[1]);
        }

        private boolean works() {
            return switch (how) {
                case 0 -> round[0] > 300;
                case 1 -> round[0] % 20 > 10;
                default -> round[0] > 100;
            };
        }

        @Override
        public List<DraftTree> guess(List<Wish> wishes) {
            return works()
                    ? drafter.guess(wishes)
                    : wishes.stream().map(wish -> wish.request().root()).toList();
        }

        @Override
        public void follow(List<Turn> turns) {
            round[0] += turns.isEmpty() ? 0 : 1;
            if (works()) {
                drafter.follow(turns);
            } else {
                rest(turns);
            }
        }

        @Override
        public void rest(List<Turn> turns) {
            if (how < 2) {
                drafter.rest(turns);
            }
        }

        @Override
        public double levelSeconds(int rows) {
            return drafter.levelSeconds(rows);
        }

        @Override
        public void forget(Request request) {
            drafter.forget(request);
        }

        @Override
        public boolean canGuess(int token) {
            return drafter.canGuess(token);
        }

        @Override
        public void close() {
            drafter.close();
        }
    }

    /** Writes down what is guessed. */
    private record Recorder(Drafter drafter, List<Integer> tokens) implements Drafter {
        Recorder(Drafter drafter) {
            this(drafter, new ArrayList<>());
        }

        @Override
        public List<DraftTree> guess(List<Wish> wishes) {
            List<DraftTree> trees = drafter.guess(wishes);
            for (DraftTree tree : trees) {
                for (int node = 0; node < tree.size(); node++) {
                    tokens.add(tree.token(node));
                }
            }
            return trees;
        }

        @Override
        public void follow(List<Turn> turns) {
            drafter.follow(turns);
        }

        @Override
        public void rest(List<Turn> turns) {
            drafter.rest(turns);
        }

        @Override
        public double levelSeconds(int rows) {
            return drafter.levelSeconds(rows);
        }

        @Override
        public void forget(Request request) {
            drafter.forget(request);
        }

        @Override
        public boolean canGuess(int token) {
            return drafter.canGuess(token);
        }

        @Override
        public void close() {
            drafter.close();
        }
    }
}
