package dev.squall.classification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.squall.bundled.encoder.BundledEncoder;
import dev.squall.classification.CompiledRules.Spacing;
import dev.squall.kernels.KernelSet;
import dev.squall.kernels.Kernels;
import dev.squall.model.format.Checkpoint;
import dev.squall.model.format.Checkpoints;
import dev.squall.model.tokenizer.Tokenizer;
import dev.squall.model.tokenizer.Tokenizers;
import dev.squall.model.transformer.Encoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The encoder that comes with Squall fills masks as a program in float64, that knows nothing of Squall, does with its files. */
class BundledEncoderTest {
    static Stream<Kernels> kernels() {
        return Stream.of(KernelSet.reference(), KernelSet.best());
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void masksAreFilledAsRecorded(Kernels kernels) throws Exception {
        List<String> lines;
        try (var in = BundledEncoderTest.class.getResourceAsStream("bundled-masks.jsonl")) {
            lines = new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList();
        }
        assertThat(lines).hasSize(5);
        try (Checkpoint checkpoint = Checkpoints.open(BundledEncoder.directory());
                Encoder encoder = Encoder.load(checkpoint, kernels, Encoder.Options.defaults())) {
            Tokenizer tokenizer = Tokenizers.of(checkpoint, null);
            for (String line : lines) {
                JsonNode golden = new JsonMapper().readTree(line);
                int[] ids = numbers(golden.path("ids"));
                int[] masks = numbers(golden.path("masks"));
                String text = golden.path("text").stringValue();
                assertThat(tokenizer.encode("<s>" + text + "</s>", true))
                        .as(text)
                        .isEqualTo(ids);
                encoder.encode(ids, masks);
                for (int mask = 0; mask < masks.length; mask++) {
                    double all = logSumExp(encoder, mask);
                    for (JsonNode best : golden.path("best").path(mask)) {
                        int word = best.path(0).intValue();
                        assertThat(encoder.logit(mask, word) - all)
                                .as(text + ": " + tokenizer.decode(word))
                                .isCloseTo(best.path(1).doubleValue(), within(1e-4));
                    }
                }
            }
        }
    }

    private static int[] numbers(JsonNode array) {
        return array.valueStream().mapToInt(JsonNode::intValue).toArray();
    }

    private static double logSumExp(Encoder encoder, int mask) {
        double sum = 0;
        for (int word = 0; word < encoder.spec().vocabulary(); word++) {
            sum += Math.exp(encoder.logit(mask, word));
        }
        return Math.log(sum);
    }

    /** In front of an apostrophe, texts are cut: 's never has a space of its own. */
    @ParameterizedTest
    @ValueSource(strings = {"tacred", "tacrev", "retacred", "semeval", "sentiment", "topic"})
    void everyLabelWordIsOneTokenWithAndWithoutItsSpace(String name) {
        Tokenizer tokenizer = Tokenizers.open(BundledEncoder.directory(), null, null);
        Rules rules = Rules.named(name);
        rules.classes().values().stream()
                .flatMap(literals -> literals.values().stream())
                .flatMap(List::stream)
                .distinct()
                .forEach(word -> {
                    assertThat(tokenizer.encode(word, false)).as(word).hasSize(1);
                    if (!word.startsWith("'")) {
                        assertThat(tokenizer.encode(" " + word, false)).as(word).hasSize(1);
                    }
                });
        for (Spacing spacing : Spacing.values()) {
            assertThat(CompiledRules.compile(rules, tokenizer, spacing).labels())
                    .isEqualTo(rules.labels());
        }
    }

    @ParameterizedTest
    @EnumSource
    void everyWordOfAPhraseIsOneTokenWhereItStands(Spacing spacing) {
        Tokenizer tokenizer = Tokenizers.open(BundledEncoder.directory(), null, null);
        CompiledRules compiled = CompiledRules.compile(Rules.named("semeval-phrases"), tokenizer, spacing);
        assertThat(Stream.of(compiled.words()).map(words -> words.length)).containsExactly(18, 18, 9, 18);
        assertThat(compiled.word(1, compiled.choices()[4][1])).isEqualTo("caused");
    }

    @Test
    void answersWithoutAnyTraining() {
        LoadedClassifier.Options options = new LoadedClassifier.Options(Rules.named("topic"), Spacing.CLEAN, null);
        try (LoadedClassifier classifier = LoadedClassifier.open(BundledEncoder.directory(), options)) {
            Prediction found = classifier.classify(Relation.ofText("the team won the game ."));
            assertThat(found.masks()).extracting(mask -> mask.function()).containsExactly("subject", "who");
            assertThat(found.probabilities().values().stream()
                            .mapToDouble(each -> each)
                            .sum())
                    .isCloseTo(1, within(1e-9));
        }
    }
}
