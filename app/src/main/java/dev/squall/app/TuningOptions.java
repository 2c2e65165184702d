package dev.squall.app;

import dev.squall.classification.CompiledRules.Spacing;
import dev.squall.classification.ExampleFiles;
import dev.squall.classification.FewShot;
import dev.squall.classification.FineTuning;
import dev.squall.classification.FineTuningOptions;
import dev.squall.classification.FineTuningOptions.Loss;
import dev.squall.classification.FineTuningOptions.Method;
import dev.squall.classification.LoadedClassifier;
import dev.squall.classification.Relation.Example;
import dev.squall.classification.RuleTable;
import dev.squall.classification.Rules;
import dev.squall.classification.Scores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import picocli.CommandLine.Option;

/** The options of training a classifier, and a run of it: examples are drawn, an encoder is trained, its classes are counted. */
class TuningOptions extends PromptOptions {
    @Option(
            names = {"-r", "--rules"},
            paramLabel = "RULES",
            required = true,
            description = "The rules: a file in JSON, a temp.txt, or the name of a set. They also name the classes.")
    private String rules;

    @Option(names = "--data", paramLabel = "DIR", required = true, description = "The directory of train.txt.")
    private Path data;

    @Option(
            names = {"--seeds", "--seed"},
            paramLabel = "S",
            split = ",",
            defaultValue = "42",
            description = "Of draws, order and dropout; default: 42. Several, with commas between: a run with each.")
    private List<Long> seeds;

    @Option(
            names = "--select",
            paramLabel = "N",
            defaultValue = "20",
            description = "Examples of each class to select the epoch by; default: 20, and K with --k-shot.")
    private int select;

    @Option(names = "--epochs", paramLabel = "N", defaultValue = "5", description = "Default: 5.")
    private int epochs;

    @Option(
            names = "--patience",
            paramLabel = "N",
            defaultValue = "0",
            description = "Epochs without a better score after which to stop; default: 0, never.")
    private int patience;

    @Option(names = "--batch", paramLabel = "N", defaultValue = "16", description = "Examples of a step; default: 16.")
    private int batch;

    @Option(
            names = "--tokens",
            paramLabel = "N",
            defaultValue = "128",
            description = "Most tokens of a prompt; default: 128.")
    private int tokens;

    @Option(names = "--rate", paramLabel = "R", defaultValue = "3e-5", description = "Learning rate; default: 3e-5.")
    private double rate;

    @Option(
            names = "--prompt-rate",
            paramLabel = "R",
            defaultValue = "1e-5",
            description = "Learning rate of what rules write as <new>; default: 1e-5.")
    private double promptRate;

    @Option(
            names = "--word-rate",
            paramLabel = "F",
            defaultValue = "1",
            description = "Factor on the learning rate of the table of words; default: 1, and 0 leaves it as it is.")
    private double wordRate;

    @Option(names = "--dropout", paramLabel = "P", defaultValue = "0.1", description = "Default: 0.1.")
    private double dropout;

    @Option(
            names = "--mark-entities",
            description = "Mark the two things in the text of prompts, as MARKERS does; without it, as the rules say.")
    private boolean marked;

    @Option(
            names = "--word-dropout",
            paramLabel = "P",
            defaultValue = "0",
            description = "Share of the tokens of a prompt that read as the mask while training; default: 0.")
    private double wordDropout;

    @Option(
            names = "--window",
            paramLabel = "N",
            defaultValue = "0",
            description = "Words that are read before and behind the two things of a text; default: 0, all.")
    private int window;

    @Option(
            names = "--loss",
            defaultValue = "RELEASED",
            description = "RELEASED (masks and classes) or PAPER (masks only); default: RELEASED.")
    private Loss loss;

    /**
     * What a run came to.
     *
     * @param examples trained on
     * @param seconds of training and selection
     * @param scores of the file that was measured, null for none
     */
    record Run(int examples, int epochs, double seconds, Scores scores) {
        double rate() {
            return (double) examples * epochs / seconds;
        }
    }

    final List<Long> seeds() {
        return seeds;
    }

    final Path data() {
        return data;
    }

    /**
     * The rules.
     *
     * @throws IllegalArgumentException if the data has a rel2id.json with other classes
     */
    final Rules rules() {
        Rules named = ClassifyCommand.rules(rules);
        named = marked ? named.withMarkedEntities() : named;
        Path ids = data.resolve("rel2id.json");
        if (Files.exists(ids)) {
            Set<String> ruled = new TreeSet<>(named.labels());
            Set<String> given = new TreeSet<>(RuleTable.labels(ids));
            Set<String> unruled = new TreeSet<>(given);
            unruled.removeAll(ruled);
            ruled.removeAll(given);
            if (!unruled.isEmpty() || !ruled.isEmpty()) {
                throw new IllegalArgumentException(ids + ": found classes that rules " + named.name() + " do not have: "
                        + unruled + ", and none of these of the rules: " + ruled + ", expected the same classes");
            }
        }
        return named;
    }

    /** Training examples and those to select by: K of each class, or all but some. */
    final FewShot.Split draw(Integer shots, long seed) {
        List<Example> all = ExampleFiles.read(data.resolve("train.txt"));
        FewShot.Split first = FewShot.draw(all, shots == null ? select : shots, seed);
        return new FewShot.Split(
                shots == null
                        ? first.rest()
                        : FewShot.draw(first.rest(), shots, seed).training(),
                first.training());
    }

    /**
     * Trains, and measures what was written.
     *
     * @param shots examples of each class, null for all
     * @param measured counted at the end, null for none
     */
    final Run run(Method method, Integer shots, long seed, Path output, List<Example> measured, Console console)
            throws IOException {
        FewShot.Split split = draw(shots, seed);
        Rules rules = rules();
        Set<String> absent = new TreeSet<>(rules.labels());
        split.training().forEach(each -> absent.remove(each.label()));
        if (!absent.isEmpty()) {
            console.err().println("no example to train on of " + String.join(", ", absent));
        }
        FineTuningOptions options = FineTuningOptions.builder()
                .method(method)
                .epochs(epochs)
                .patience(patience)
                .batch(batch)
                .tokens(tokens)
                .rate(rate)
                .promptRate(promptRate)
                .wordRate(wordRate)
                .dropout(dropout)
                .wordDropout(wordDropout)
                .window(window)
                .head(head())
                .spacing(spacing() == null ? Spacing.RELEASED : spacing())
                .loss(loss)
                .seed(seed)
                .build();
        int[] last = new int[1];
        long start = System.nanoTime();
        FineTuning.train(path(), rules, split.training(), split.rest(), options, output, epoch -> {
            last[0]++;
            console.err()
                    .printf(
                            Locale.ROOT,
                            "epoch %d: loss %.4f, selection: accuracy %.4f, micro-F1 %.4f, macro-F1 %.4f%s%n",
                            epoch.number(),
                            epoch.loss(),
                            epoch.validation().accuracy(),
                            epoch.validation().microF1(),
                            epoch.validation().macroF1(),
                            epoch.best() ? ", the best so far" : "");
        });
        double seconds = (System.nanoTime() - start) / 1e9;
        if (measured == null) {
            return new Run(split.training().size(), last[0], seconds, null);
        }
        try (LoadedClassifier classifier = LoadedClassifier.open(output, LoadedClassifier.Options.asTrained())) {
            return new Run(split.training().size(), last[0], seconds, classifier.measure(measured));
        }
    }
}
