package dev.squall.decoding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.squall.Generation;
import dev.squall.GenerationOptions;
import dev.squall.Speculation;
import dev.squall.SpeculationStatistics;
import dev.squall.attention.SparseConfig;
import dev.squall.kernels.Devices;
import dev.squall.kernels.KernelSet;
import dev.squall.kernels.Kernels;
import dev.squall.kernels.KvType;
import dev.squall.model.format.Checkpoint;
import dev.squall.model.format.Checkpoints;
import dev.squall.model.transformer.DraftModel;
import dev.squall.model.transformer.TinyDraft;
import dev.squall.model.transformer.TinyModel;
import dev.squall.model.transformer.TinyThirdDraft;
import dev.squall.model.transformer.Transformer;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Guesses on a device, whose keys and values only a kernel can move: no text is another one for them. */
@Tag("device")
class DeviceSpeculationTest {
    private static final int REQUESTS = 4; // one more than fit side by side

    @TempDir
    Path folder;

    @BeforeAll
    static void needsADevice() {
        assumeTrue(Devices.present() && !Devices.all().isEmpty(), "skipped: this process has no TornadoVM device");
    }

    @ParameterizedTest
    @EnumSource
    void guessesOfEveryKindGiveThePlainText(KvType type) {
        TinyModel model = TinyModel.llama3();
        try (TinyGenerators tiny = new TinyGenerators(model, "F32", folder);
                Transformer transformer = tiny.transformer(Kernels.best("auto"), null, type)) {
            List<int[]> prompts = prompts(tiny);
            List<Generation> plain = run(tiny, transformer, null, Speculation.none());
            List<int[]> texts = texts(prompts, plain);
            compare(plain, run(tiny, transformer, null, Speculation.lookup().withTreeSize(8)), 0);
            Drafter knowing = new KnowingDrafter(texts, model.vocabulary());
            Speculation trees = Speculation.model().withTreeSize(20).withDepth(6);
            compare(plain, run(tiny, transformer, knowing, trees), 1.5);
            Path draft = TinyDraft.of(model)[0].write(folder.resolve("draft"));
            compare(plain, drafted(tiny, transformer, draft, trees.withTopK(3)), 0);
        }
    }

    /** Texts of up to 64 tokens, of which a token sees four blocks of eight once it could see more than 24. */
    @ParameterizedTest
    @EnumSource
    void guessesGiveThePlainTextOfSparseAttention(KvType type) {
        SparseConfig sparse = new SparseConfig(4, 2, 1, 8, 8, 3, 24, false);
        try (TinyGenerators tiny = new TinyGenerators(TinyModel.llama3(), "F32", folder);
                Transformer transformer = tiny.transformer(Kernels.best("auto"), sparse, type)) {
            List<int[]> prompts = prompts(tiny);
            List<Generation> plain = run(tiny, transformer, null, Speculation.none());
            List<int[]> texts = texts(prompts, plain);
            Drafter knowing = new KnowingDrafter(texts, tiny.model.vocabulary());
            Speculation trees = Speculation.model().withTreeSize(20).withDepth(6);
            compare(plain, run(tiny, transformer, knowing, trees), 1.5);
        }
    }

    private static List<int[]> texts(List<int[]> prompts, List<Generation> plain) {
        return IntStream.range(0, REQUESTS)
                .mapToObj(r -> IntStream.concat(IntStream.of(prompts.get(r)), ids(plain.get(r)))
                        .toArray())
                .toList();
    }

    /** Such a draft reads the stream between layers, which comes back from the device for it. */
    @Test
    void aDraftOfTheThirdKindGivesThePlainText() {
        TinyModel model = TinyThirdDraft.deepModel();
        try (TinyGenerators tiny = new TinyGenerators(model, "F32", folder);
                Transformer transformer = tiny.transformer(Kernels.best("auto"))) {
            List<Generation> plain = run(tiny, transformer, null, Speculation.none());
            Path draft = new TinyThirdDraft(model, 31).write(folder.resolve("draft"));
            Speculation trees =
                    Speculation.model().withTreeSize(12).withDepth(3).withTopK(3);
            compare(plain, drafted(tiny, transformer, draft, trees), 0);
        }
    }

    private List<Generation> drafted(TinyGenerators tiny, Transformer transformer, Path draft, Speculation trees) {
        try (Checkpoint files = Checkpoints.open(draft)) {
            DraftModel model = DraftModel.load(files, transformer, KernelSet.reference(), null);
            return run(tiny, transformer, new EagleDrafter(transformer, model), trees);
        }
    }

    private static List<Generation> run(
            TinyGenerators tiny, Transformer transformer, Drafter drafter, Speculation speculation) {
        List<GenerationOptions> options = IntStream.range(0, REQUESTS)
                .mapToObj(i -> GenerationOptions.builder()
                        .maxTokens(24)
                        .ignoreEndOfSequence(true)
                        .temperature(i == 1 ? 0.8 : 0)
                        .seed(i)
                        .speculation(speculation)
                        .build())
                .toList();
        try (Generator generator = new Generator(transformer, tiny.tokenizer, 3, drafter)) {
            return TinyGenerators.together(generator, prompts(tiny), options);
        }
    }

    private static List<int[]> prompts(TinyGenerators tiny) {
        return IntStream.range(0, REQUESTS).mapToObj(tiny::prompt).toList();
    }

    private static IntStream ids(Generation generation) {
        return generation.tokens().stream().mapToInt(token -> token.id());
    }

    /**
     * @param least mean number of tokens of a round that some request has to reach
     */
    private static void compare(List<Generation> plain, List<Generation> guessed, double least) {
        double most = 0;
        long guesses = 0;
        for (int r = 0; r < REQUESTS; r++) {
            assertThat(TinyGenerators.tokens(guessed.get(r)))
                    .as("request %d", r)
                    .isEqualTo(TinyGenerators.tokens(plain.get(r)));
            SpeculationStatistics figures = guessed.get(r).speculation();
            most = Math.max(most, figures.acceptedLength());
            guesses += figures.guesses();
        }
        assertThat(guesses).isPositive();
        assertThat(most).isGreaterThanOrEqualTo(least);
    }
}
