package dev.squall;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squall.model.fixtures.BigramDraft;
import dev.squall.model.fixtures.BigramModel;
import dev.squall.model.format.ModelFileException;
import dev.squall.model.spec.DraftVariant;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Drafts, rankings and prompts that do not fit the model: each is refused with what was found, or said and harmless. */
class DraftRefusalsTest {
    private static final int CONTEXT = 24;

    @TempDir
    Path directory;

    private Path model;
    private Path draft;

    @BeforeEach
    void write() {
        model = BigramModel.write(directory.resolve("bigrams.gguf"), CONTEXT);
        draft = BigramDraft.write(directory.resolve("draft"));
    }

    private LoadOptions.Builder options() {
        return LoadOptions.builder().draft(draft);
    }

    @Test
    void aDraftBesideTheModelGuessesOnceItIsWanted() throws IOException {
        GenerationOptions.Builder greedy = GenerationOptions.builder().maxTokens(12);
        GenerationOptions fixed =
                greedy.speculation(Speculation.auto().withTreeSize(9)).build();
        GenerationOptions open = greedy.speculation(Speculation.auto()).build();
        try (Squall squall = Squall.load(model)) {
            Generation adaptive = squall.generate("a", open);
            assertThat(adaptive.text()).isEqualTo("bcdefghijklm");
            assertThat(adaptive.speculation().guesses()).as("a short text").isZero();
            assertThat(adaptive.tokens()).noneMatch(Token::guessed);
            Generation guessed = squall.generate("a", fixed);
            assertThat(guessed.text()).isEqualTo(adaptive.text());
            assertThat(guessed.speculation().acceptedLength()).isGreaterThan(3);
            assertThat(guessed.tokens()).anyMatch(Token::guessed).anyMatch(token -> !token.guessed());
        }
        try (Squall squall =
                Squall.load(model, LoadOptions.builder().draftBeside(false).build())) {
            assertThatThrownBy(() -> squall.generate(
                            "a",
                            greedy.speculation(Speculation.model().withTreeSize(9))
                                    .build()))
                    .hasMessageContaining("none was loaded");
        }
        Files.writeString(draft.resolve("config.json"), "{}"); // and nobody has named it
        try (Squall squall = Squall.load(model)) {
            assertThat(squall.generate("a", open).text()).isEqualTo("bcdefghijklm");
            assertThatThrownBy(() -> squall.generate("a", fixed))
                    .isInstanceOf(ModelFileException.class)
                    .hasMessageContaining("config.json");
            assertThat(squall.generate("a", open).text()).isEqualTo("bcdefghijklm");
        }
    }

    @Test
    void aRankingOfAnotherTokenizerIsRefused() {
        assertThatThrownBy(() -> Squall.load(
                        model, options().draftVocabulary(List.of(5, 3000)).build()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("found token 3000", "expected 0 to 31", "another tokenizer");
        assertThatThrownBy(() -> Squall.load(
                        model, options().draftVocabulary(List.of(5, -1)).build()))
                .hasMessageContaining("found token -1");
    }

    @Test
    void aRankingWithoutTerminatorsIsSaidAndLosesNothing() {
        GenerationOptions greedy = GenerationOptions.builder()
                .maxTokens(12)
                .speculation(Speculation.model().withTreeSize(9))
                .build();
        List<Integer> all = IntStream.range(0, BigramModel.VOCABULARY).boxed().toList();
        List<String> warnings = new ArrayList<>();
        Handler handler = collecting(warnings);
        Logger logger = Logger.getLogger(Squall.class.getName());
        logger.addHandler(handler);
        try (Squall whole = Squall.load(model, options().draftVocabulary(all).build())) {
            assertThat(warnings).isEmpty();
            Generation expected = whole.generate("uvw", greedy);
            assertThat(expected.finishReason()).isEqualTo(FinishReason.END_OF_SEQUENCE);
            int end = whole.tokenizer().endOfSequence().iterator().next();
            List<Integer> without = all.stream().filter(id -> id != end).toList();
            try (Squall pruned =
                    Squall.load(model, options().draftVocabulary(without).build())) {
                assertThat(warnings)
                        .singleElement()
                        .asString()
                        .contains("lacks end-of-sequence tokens")
                        .contains("[" + end + "]");
                Generation found = pruned.generate("uvw", greedy);
                assertThat(found.text()).isEqualTo(expected.text());
                assertThat(found.finishReason()).isEqualTo(FinishReason.END_OF_SEQUENCE);
            }
        } finally {
            logger.removeHandler(handler);
        }
    }

    private static Handler collecting(List<String> messages) {
        return new Handler() {
            @Override
            public void publish(LogRecord record) {
                messages.add(record.getMessage());
            }

            @Override
            public void flush() {
                // nothing is kept back
            }

            @Override
            public void close() {
                // nothing is open
            }
        };
    }

    @Test
    void aDraftOfAnotherWidthIsRefused() throws IOException {
        Path config = draft.resolve("config.json");
        Files.writeString(config, Files.readString(config).replaceFirst("(\"hidden_size\"\\s*:\\s*)\\d+", "$1" + 64));
        assertThatThrownBy(() -> Squall.load(model, options().build()))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContainingAll("config.json", "hidden_size", "found 64", "expected 32, the width");
    }

    @Test
    void aPromptLongerThanTheCacheIsRefusedAndTheNextOneAnswered() {
        GenerationOptions five = GenerationOptions.builder()
                .maxTokens(5)
                .speculation(Speculation.model())
                .build();
        try (Squall squall = Squall.load(model, options().build())) {
            int[] tooLong =
                    IntStream.generate(() -> BigramModel.A).limit(CONTEXT).toArray();
            assertThatThrownBy(() -> squall.generate(tooLong, five))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("prompt: found 24 tokens, expected at most 23");
            int[] longest =
                    IntStream.generate(() -> BigramModel.A).limit(CONTEXT - 1).toArray();
            Generation last = squall.generate(longest, five);
            assertThat(last.text()).isEqualTo("b");
            assertThat(last.finishReason()).isEqualTo(FinishReason.CONTEXT_FULL);
            assertThat(squall.generate("hijk", five).text()).isEqualTo("lmnop");
        }
    }

    @Test
    void treesOutsideTheLimitsAreRefused() {
        assertThatThrownBy(() -> Speculation.model().withTopK(65)).hasMessage("topK: found 65, expected 0 to 64");
        assertThatThrownBy(() -> Speculation.model().withDepth(65)).hasMessage("depth: found 65, expected 0 to 64");
        assertThatThrownBy(() -> Speculation.model().withTopK(10).withDepth(8))
                .hasMessage("topK * (depth - 1): found 70, expected at most 64");
    }

    @Test
    void whatConcernsADraftIsRefusedWithoutOne() {
        assertThatThrownBy(() -> LoadOptions.builder()
                        .draftVariant(DraftVariant.defaults().withScaledHead(false))
                        .build())
                .hasMessageContainingAll("draftVariant: found", "scaledHead=false", "without a draft");
    }
}
