package dev.squall.classification;

import dev.squall.classification.CompiledRules.Spacing;
import dev.squall.kernels.KernelSet;
import dev.squall.model.format.Checkpoint;
import dev.squall.model.format.Checkpoints;
import dev.squall.model.format.ModelFileException;
import dev.squall.model.spec.EncoderSpec.Head;
import dev.squall.model.tokenizer.Tokenizer;
import dev.squall.model.tokenizer.Tokenizers;
import dev.squall.model.transformer.Encoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A classifier with its encoder, from files: one that {@link FineTuning} wrote, or any encoder with rules.
 *
 * <pre>{@code
 * try (LoadedClassifier classifier = LoadedClassifier.open(directory, LoadedClassifier.Options.asTrained())) {
 *     Prediction found = classifier.classify(new Relation("the cat has a tail .", "cat", "tail"));
 * }
 * }</pre>
 */
public final class LoadedClassifier implements Classifier, AutoCloseable {
    private final Checkpoint checkpoint;
    private final Encoder encoder;
    private final Classifier classifier;
    private final int window; // words before and behind the two things, 0 for all

    /**
     * @param rules to ask, null for those that lie beside the weights
     * @param spacing of prompts, null for that of training, or {@link Spacing#RELEASED} without any
     * @param head what scores words, null for the head of the checkpoint
     */
    public record Options(Rules rules, Spacing spacing, Head head) {
        /** As the directory says. */
        public static Options asTrained() {
            return new Options(null, null, null);
        }
    }

    private LoadedClassifier(Checkpoint checkpoint, Encoder encoder, Classifier classifier, int window) {
        this.checkpoint = checkpoint;
        this.encoder = encoder;
        this.classifier = classifier;
        this.window = window;
    }

    /**
     * Opens a classifier.
     *
     * @throws ModelFileException if the files are no encoder, or there are no rules to ask
     * @throws IllegalArgumentException if the rules do not fit the tokenizer
     */
    public static LoadedClassifier open(Path model, Options options) {
        TrainedAs trained = TrainedAs.isIn(model) ? TrainedAs.read(model) : null;
        boolean markers =
                options.rules == null && trained != null && trained.method() == FineTuningOptions.Method.MARKERS;
        Path beside = model.resolve("rules.json");
        if (!markers && options.rules == null && !Files.exists(beside)) {
            throw new ModelFileException(model, "rules.json", "no rules", "it, or rules that are named (-r RULES)");
        }
        Rules rules = markers || options.rules != null ? options.rules : Rules.parse(beside);
        Checkpoint checkpoint = Checkpoints.open(model);
        Encoder encoder = null;
        try {
            Tokenizer tokenizer = Tokenizers.of(checkpoint, null);
            encoder = Encoder.load(
                    checkpoint, KernelSet.best(), new Encoder.Options(0, markers ? 1 : rules.masks(), options.head));
            if (markers) {
                Markers asked = new Markers(trained.labels(), trained.negative(), trained.entities(), tokenizer);
                return new LoadedClassifier(
                        checkpoint, encoder, new MarkerClassifier(encoder, asked, checkpoint), trained.window());
            }
            Spacing spacing =
                    options.spacing != null ? options.spacing : trained != null ? trained.spacing() : Spacing.RELEASED;
            return new LoadedClassifier(
                    checkpoint,
                    encoder,
                    PtrClassifier.builder(encoder, tokenizer)
                            .rules(rules)
                            .spacing(spacing)
                            .promptTokens(trained == null ? 0 : trained.promptTokens())
                            .build(),
                    trained == null ? 0 : trained.window());
        } catch (RuntimeException wrong) {
            if (encoder != null) {
                encoder.close();
            }
            checkpoint.close();
            throw wrong;
        }
    }

    @Override
    public List<String> labels() {
        return classifier.labels();
    }

    @Override
    public String negative() {
        return classifier.negative();
    }

    @Override
    public Prediction classify(Relation input) {
        return classifier.classify(window == 0 ? input : input.near(window));
    }

    @Override
    public void close() {
        encoder.close();
        checkpoint.close();
    }
}
