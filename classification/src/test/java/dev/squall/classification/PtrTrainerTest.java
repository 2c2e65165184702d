package dev.squall.classification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squall.classification.CompiledRules.Spacing;
import dev.squall.classification.Relation.Example;
import dev.squall.kernels.KernelSet;
import dev.squall.model.format.Checkpoint;
import dev.squall.model.format.Checkpoints;
import dev.squall.model.spec.EncoderSpec.Head;
import dev.squall.model.tokenizer.Tokenizer;
import dev.squall.model.tokenizer.Tokenizers;
import dev.squall.model.transformer.Encoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A tiny encoder learns which word tells two classes; what is written classifies as what was trained. */
class PtrTrainerTest {
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

    private List<PtrTrainer.Epoch> train(Path to, PtrTrainer.Options options) throws Exception {
        List<PtrTrainer.Epoch> epochs = new ArrayList<>();
        PtrTrainer.train(folder, RULES, examples(0, 30), examples(30, 45), options, to, epochs::add);
        return epochs;
    }

    @Test
    void whatIsLearntIsWrittenAndAnswers() throws Exception {
        Tokenizer tokenizer =
                Words.of(folder, "_aa", "_bb", "cc", "dd", "_x", "_y", "it", "_in", "_out", "_off", "_z", "z");
        PtrClassifierTest.writeEncoder(folder, tokenizer.vocabSize());
        PtrTrainer.Options options =
                new PtrTrainer.Options(30, 8, 24, 0.01, 0.1, 0.01, 0, Head.WORDS, Spacing.RELEASED, 7);
        List<PtrTrainer.Epoch> epochs = train(output.resolve("one"), options);
        assertThat(epochs).hasSize(30);
        assertThat(epochs.getLast().loss()).isLessThan(epochs.getFirst().loss() / 4);
        double best = epochs.stream()
                .mapToDouble(each -> each.validation().microF1())
                .max()
                .orElseThrow();
        assertThat(best).isEqualTo(1);
        train(output.resolve("two"), options);
        assertThat(output.resolve("two/model.safetensors"))
                .hasSameBinaryContentAs(output.resolve("one/model.safetensors"));
        try (Checkpoint checkpoint = Checkpoints.open(output.resolve("one"));
                Encoder encoder = Encoder.load(checkpoint, KernelSet.best(), Encoder.Options.defaults())) {
            PtrClassifier ptr = PtrClassifier.builder(encoder, Tokenizers.of(checkpoint, null))
                    .rules(Rules.parse(output.resolve("one/rules.json")))
                    .build();
            for (Example example : examples(30, 45)) {
                assertThat(ptr.classify(example.input()).label()).isEqualTo(example.label());
            }
        }
    }

    @Test
    void whatCannotBeTrainedOnIsRefused() throws Exception {
        Tokenizer tokenizer = Words.of(folder, "_aa", "_bb", "cc", "dd", "_x", "_y", "it");
        PtrClassifierTest.writeEncoder(folder, tokenizer.vocabSize());
        PtrTrainer.Options options = PtrTrainer.Options.defaults();
        List<Example> strange = List.of(new Example(new Relation("x y", "x", "y"), "between"));
        assertThatThrownBy(() -> PtrTrainer.train(folder, RULES, strange, List.of(), options, output, epoch -> {}))
                .hasMessageContainingAll("found between", "rules places");
        assertThatThrownBy(() -> PtrTrainer.train(folder, RULES, List.of(), List.of(), options, output, epoch -> {}))
                .hasMessageContaining("0 examples");
        PtrTrainer.Options head =
                new PtrTrainer.Options(1, 8, 24, 0.01, 0, 0, 0, Head.MASKED_LANGUAGE_MODEL, Spacing.RELEASED, 7);
        assertThatThrownBy(() -> train(output, head)).hasMessageContaining("lm_head.dense.weight");
        assertThat(Files.list(output)).isEmpty();
    }
}
