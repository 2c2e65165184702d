package dev.squall.classification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squall.classification.CompiledRules.Spacing;
import dev.squall.classification.FineTuningOptions.Method;
import dev.squall.classification.Relation.Example;
import dev.squall.kernels.KernelSet;
import dev.squall.model.format.Checkpoint;
import dev.squall.model.format.Checkpoints;
import dev.squall.model.format.TensorValues;
import dev.squall.model.spec.EncoderSpec.Head;
import dev.squall.model.tokenizer.Tokenizer;
import dev.squall.model.transformer.Encoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A tiny encoder learns which word tells two classes; what is written classifies as what was trained. */
class FineTuningTest {
    @TempDir
    Path folder;

    @TempDir
    Path output;

    private static final Rules RULES = Rules.builder("places")
            .function("where", "it <mask> {head}")
            .function("what", "<mask> {tail}")
            .label("inside", "aa", "cc")
            .label("outside", "bb", "cc")
            .label("none", "bb", "dd")
            .negative("none")
            .build();

    /** The word in the middle is in, out or off; the things around it say nothing. */
    private static List<Example> examples(int from, int to) {
        String[] words = {"in", "out", "off"};
        List<Example> examples = new ArrayList<>();
        for (int i = from; i < to; i++) {
            String head = i % 2 == 0 ? "x" : "y";
            String tail = i % 2 == 0 ? "y" : "x";
            String text = "z ".repeat(1 + i % 4) + head + " " + words[i % 3] + " " + tail;
            examples.add(
                    new Example(new Relation(text, head, tail), RULES.labels().get(i % 3)));
        }
        return examples;
    }

    private static FineTuningOptions options(Method method, int epochs, int patience, double dropout) {
        return builder(method, epochs)
                .patience(patience)
                .dropout(dropout)
                .wordDropout(dropout)
                .build();
    }

    private static FineTuningOptions.Builder builder(Method method, int epochs) {
        return FineTuningOptions.builder()
                .method(method)
                .epochs(epochs)
                .batch(8)
                .tokens(24)
                .rate(0.01)
                .promptRate(0.05)
                .dropout(0)
                .head(Head.WORDS)
                .spacing(Spacing.CLEAN)
                .seed(7);
    }

    private List<FineTuning.Epoch> train(Path to, FineTuningOptions options) throws Exception {
        List<FineTuning.Epoch> epochs = new ArrayList<>();
        FineTuning.train(folder, RULES, examples(0, 30), examples(30, 45), options, to, epochs::add);
        return epochs;
    }

    private Tokenizer writeEncoder() throws Exception {
        Tokenizer tokenizer =
                Words.of(folder, "_aa", "_bb", "_cc", "_dd", "_x", "_y", "_it", "_in", "_out", "_off", "_z");
        PtrClassifierTest.writeEncoder(folder, tokenizer.vocabSize());
        return tokenizer;
    }

    @ParameterizedTest
    @EnumSource
    void whatIsLearntIsWrittenAndAnswers(Method method) throws Exception {
        writeEncoder();
        FineTuningOptions options = options(method, 30, 0, 0);
        Path one = output.resolve("one");
        List<FineTuning.Epoch> epochs = train(one, options);
        assertThat(epochs).hasSize(30);
        assertThat(epochs.getLast().loss()).isLessThan(epochs.getFirst().loss() / 2);
        assertThat(epochs.stream()
                        .mapToDouble(each -> each.validation().microF1())
                        .max())
                .hasValue(1);
        train(output.resolve("two"), options);
        assertThat(output.resolve("two/model.safetensors")).hasSameBinaryContentAs(one.resolve("model.safetensors"));
        try (LoadedClassifier classifier = LoadedClassifier.open(one, LoadedClassifier.Options.asTrained())) {
            assertThat(classifier.labels()).isEqualTo(RULES.labels());
            assertThat(classifier.measure(examples(30, 45)).accuracy()).isEqualTo(1);
            Prediction found = classifier.classify(examples(30, 31).getFirst().input());
            assertThat(found.masks()).hasSize(method == Method.RULES ? 2 : 0);
            assertThat(found.explain()).contains("inside (", "against " + found.runnerUp());
        }
        assertThat(Files.exists(one.resolve("rules.json"))).isEqualTo(method == Method.RULES);
    }

    @Test
    void promptsAreSpacedAsInTraining() throws Exception {
        Tokenizer tokenizer = writeEncoder();
        train(output, options(Method.RULES, 20, 0, 0));
        Relation input = examples(30, 31).getFirst().input();
        try (Checkpoint checkpoint = Checkpoints.open(output);
                Encoder encoder = Encoder.load(checkpoint, KernelSet.best(), Encoder.Options.defaults());
                LoadedClassifier classifier = LoadedClassifier.open(output, LoadedClassifier.Options.asTrained())) {
            Prediction clean = PtrClassifier.builder(encoder, tokenizer)
                    .rules(RULES)
                    .spacing(Spacing.CLEAN)
                    .build()
                    .classify(input);
            assertThat(classifier.classify(input)).isEqualTo(clean);
        }
        Path file = output.resolve("classifier.json");
        Files.writeString(file, Files.readString(file).replace("CLEAN", "WIDE"));
        assertThatThrownBy(() -> LoadedClassifier.open(output, LoadedClassifier.Options.asTrained()))
                .hasMessageContainingAll("classifier.json", "spacing", "WIDE", "CLEAN");
    }

    @Test
    void tokensOfThePromptThatAreNoWordsAreLearned() throws Exception {
        Tokenizer tokenizer = writeEncoder();
        Rules prompted = new Rules(
                "prompted",
                "none",
                List.of(
                        new Rules.Function("where", "<new> it <mask> {head} <new>"),
                        new Rules.Function("what", "<mask> {tail} <new>")),
                RULES.classes());
        CompiledRules compiled = CompiledRules.compile(prompted, tokenizer, Spacing.CLEAN);
        assertThat(IntStream.of(compiled.prompt(new Relation("z x", "x", "z"), 24)
                                .ids())
                        .filter(id -> id < 0))
                .containsExactly(-1, -2, -3);
        FineTuningOptions options = options(Method.RULES, 15, 0, 0);
        List<FineTuning.Epoch> epochs = new ArrayList<>();
        FineTuning.train(folder, prompted, examples(0, 30), examples(30, 45), options, output, epochs::add);
        double best = epochs.stream()
                .mapToDouble(each -> each.validation().microF1())
                .max()
                .orElseThrow();
        try (LoadedClassifier classifier = LoadedClassifier.open(output, LoadedClassifier.Options.asTrained())) {
            assertThat(classifier.measure(examples(30, 45)).microF1()).isEqualTo(best);
        }
        try (Checkpoint before = Checkpoints.open(folder);
                Checkpoint after = Checkpoints.open(output)) {
            assertThat(after.require("roberta.embeddings.word_embeddings.weight")
                            .shape()[0])
                    .isEqualTo(
                            before.require("embeddings.word_embeddings.weight").shape()[0] + 3);
        }

        Path again = output.resolve("again"); // what was trained can be trained again, with others or without
        FineTuning.train(output, prompted, examples(0, 30), List.of(), options, again, epoch -> {});
        LoadedClassifier.open(again, LoadedClassifier.Options.asTrained()).close();
        Path plain = output.resolve("plain");
        FineTuning.train(output, RULES, examples(0, 30), List.of(), options, plain, epoch -> {});
        assertThatThrownBy(() ->
                        LoadedClassifier.open(plain, new LoadedClassifier.Options(prompted, Spacing.CLEAN, Head.WORDS)))
                .hasMessageContainingAll("rules prompted", "3 learned tokens", "expected 0");
    }

    @ParameterizedTest
    @ValueSource(doubles = {0, 1.5})
    void aRunThatWasCutShortGoesOnToTheSameWeights(double average) throws Exception {
        writeEncoder();
        FineTuningOptions.Builder builder =
                builder(Method.MARKERS, 12).dropout(0.1).wordDropout(0.1);
        FineTuningOptions options = builder.average(average).build();
        List<FineTuning.Epoch> whole = train(output.resolve("whole"), options);
        Path cut = output.resolve("cut");
        assertThatThrownBy(() ->
                        FineTuning.train(folder, RULES, examples(0, 30), examples(30, 45), options, cut, epoch -> {
                            if (epoch.number() == 5) {
                                throw new IllegalStateException("the power fails");
                            }
                        }))
                .hasMessage("the power fails");
        FineTuningOptions other = builder.epochs(13).build();
        assertThatThrownBy(() -> train(cut, other)).hasMessageContainingAll("fine-tuning.checkpoint", "run");
        List<FineTuning.Epoch> rest = train(cut, options);
        assertThat(rest.getFirst().number()).isEqualTo(6);
        assertThat(rest.getLast().loss()).isEqualTo(whole.getLast().loss());
        assertThat(cut.resolve("model.safetensors")).hasSameBinaryContentAs(output.resolve("whole/model.safetensors"));
        assertThat(cut.resolve("fine-tuning.checkpoint")).doesNotExist();
    }

    @Test
    void theAverageOfOneStepIsThatStepAndOfMoreIsAnother() throws Exception {
        writeEncoder();
        Path plain = output.resolve("plain");
        train(plain, builder(Method.RULES, 3).build());
        Path last = output.resolve("last");
        train(last, builder(Method.RULES, 3).average(1e-9).build()); // less than a step is one
        assertThat(last.resolve("model.safetensors")).hasSameBinaryContentAs(plain.resolve("model.safetensors"));
        Path mean = output.resolve("mean");
        train(mean, builder(Method.RULES, 3).average(1).build());
        assertThat(Files.mismatch(mean.resolve("model.safetensors"), plain.resolve("model.safetensors")))
                .isPositive();
    }

    @ParameterizedTest
    @EnumSource
    void readingsOfAnExampleLearnToAgree(Method method) throws Exception {
        writeEncoder();
        FineTuningOptions.Builder twice = builder(method, 60).dropout(0.05);
        train(output.resolve("weak"), twice.consistency(1e-9).build());
        List<FineTuning.Epoch> epochs =
                train(output.resolve("strong"), twice.consistency(1).build());
        assertThat(epochs.getLast().loss()).isLessThan(epochs.getFirst().loss());
        assertThat(epochs.stream()
                        .mapToDouble(each -> each.validation().microF1())
                        .max())
                .hasValue(1);
        assertThat(Files.mismatch(output.resolve("weak/model.safetensors"), output.resolve("strong/model.safetensors")))
                .isPositive();
        Path still = output.resolve("still"); // without dropout readings agree, and read twice is read once
        train(still, builder(method, 3).consistency(5).build());
        Path once = output.resolve("once");
        train(once, builder(method, 3).build());
        assertThat(weights(still)).usingComparatorWithPrecision(1e-3f).containsExactly(weights(once));
    }

    private static float[] weights(Path model) {
        try (Checkpoint checkpoint = Checkpoints.open(model)) {
            return values(checkpoint, "roberta.encoder.layer.0.attention.self.value.weight");
        }
    }

    @Test
    void wordsThatAreDroppedCannotBeLearntByHeart() throws Exception {
        writeEncoder();
        FineTuningOptions all = builder(Method.RULES, 30).wordDropout(0.999).build();
        List<FineTuning.Epoch> epochs = train(output, all);
        assertThat(epochs.getLast().loss())
                .isGreaterThan(0.9); // of the words and of the classes, ln 2 and ln 3 at best
        assertThat(train(output.resolve("plain"), options(Method.RULES, 30, 0, 0))
                        .getLast()
                        .loss())
                .isLessThan(0.5);
    }

    @Test
    void theTableOfWordsStaysWhereItsRateIsNone() throws Exception {
        writeEncoder();
        train(output, builder(Method.RULES, 2).wordRate(0).build());
        try (Checkpoint before = Checkpoints.open(folder);
                Checkpoint after = Checkpoints.open(output)) {
            String words = "embeddings.word_embeddings.weight";
            String places = "embeddings.position_embeddings.weight";
            assertThat(values(after, "roberta." + words)).isEqualTo(values(before, words));
            assertThat(values(after, "roberta." + places)).isNotEqualTo(values(before, places));
        }
    }

    private static float[] values(Checkpoint checkpoint, String name) {
        return TensorValues.read(checkpoint, checkpoint.require(name));
    }

    /** Every other text names the tail first, so that masks stand in another order than functions. */
    @ParameterizedTest
    @EnumSource
    void whatIsAskedAnywhereIsLearntAndAnswered(Rules.Place place) throws Exception {
        writeEncoder();
        List<Example> examples = new ArrayList<>();
        for (Example each : examples(0, 48)) {
            Relation there = each.input();
            Relation back = new Relation(there.text(), there.tail(), there.head(), there.tailAt(), there.headAt());
            examples.add(examples.size() % 2 == 0 ? each : new Example(back, each.label()));
        }
        FineTuningOptions options = builder(Method.RULES, 40).build();
        FineTuning.train(folder, RULES.withPlace(place), examples, List.of(), options, output, epoch -> {});
        try (LoadedClassifier classifier = LoadedClassifier.open(output, LoadedClassifier.Options.asTrained())) {
            assertThat(classifier.measure(examples).accuracy()).isEqualTo(1);
        }
    }

    /** What tells the classes stands two words before the things: a window of one word leaves nothing to learn from. */
    @ParameterizedTest
    @EnumSource
    void wordsOutsideTheWindowAreNotRead(Method method) throws Exception {
        writeEncoder();
        String[] words = {"in", "out", "off"};
        List<Example> examples = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            Relation input = new Relation(words[i % 3] + " z x y", "x", "y");
            examples.add(new Example(input, RULES.labels().get(i % 3)));
        }
        for (int window = 0; window < 3; window++) {
            Path to = output.resolve("window-" + window);
            FineTuningOptions options = builder(method, 40).window(window).build();
            FineTuning.train(folder, RULES, examples, List.of(), options, to, epoch -> {});
            try (LoadedClassifier classifier = LoadedClassifier.open(to, LoadedClassifier.Options.asTrained())) {
                assertThat(classifier.measure(examples).accuracy())
                        .as("window %s", window)
                        .isEqualTo(window == 1 ? 1 / 3.0 : 1);
            }
        }
    }

    @Test
    void trainingEndsWhenTheScoreDoesNotRise() throws Exception {
        writeEncoder();
        List<FineTuning.Epoch> epochs = train(output, options(Method.RULES, 60, 3, 0));
        assertThat(epochs).hasSizeLessThan(60);
        int best = 0;
        for (FineTuning.Epoch epoch : epochs) {
            best = epoch.best() ? epoch.number() : best;
        }
        assertThat(epochs).hasSize(best + 3);
    }

    @Test
    void whatCannotBeTrainedOnIsRefused() throws Exception {
        Tokenizer tokenizer = Words.of(folder, "_aa", "_bb", "cc", "dd", "_x", "_y", "it");
        PtrClassifierTest.writeEncoder(folder, tokenizer.vocabSize());
        FineTuningOptions options = FineTuningOptions.defaults();
        List<Example> strange = List.of(new Example(new Relation("x y", "x", "y"), "between"));
        assertThatThrownBy(() -> FineTuning.train(folder, RULES, strange, List.of(), options, output, epoch -> {}))
                .hasMessageContainingAll("found between", "rules places");
        assertThatThrownBy(() -> FineTuning.train(folder, RULES, List.of(), List.of(), options, output, epoch -> {}))
                .hasMessageContaining("0 examples");
        FineTuningOptions window = builder(Method.RULES, 1).window(-1).build();
        assertThatThrownBy(() -> train(output, window)).hasMessageContaining("a window of -1");
        FineTuningOptions words = builder(Method.RULES, 1).wordRate(-0.5).build();
        assertThatThrownBy(() -> train(output, words)).hasMessageContaining("a word rate of -0.5");
        FineTuningOptions apart = builder(Method.RULES, 1).consistency(-2).build();
        assertThatThrownBy(() -> train(output, apart)).hasMessageContaining("a consistency of -2");
        FineTuningOptions head = builder(Method.RULES, 1)
                .head(Head.MASKED_LANGUAGE_MODEL)
                .spacing(Spacing.RELEASED)
                .build();
        assertThatThrownBy(() -> train(output, head)).hasMessageContaining("lm_head.dense.weight");
        assertThat(Files.list(output)).isEmpty();
    }
}
