package dev.squall.app;

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
import dev.squall.classification.Rules.Place;
import dev.squall.classification.Scores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
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
            description = "Examples of each class to select the epoch by, 0 to train on all and keep the last epoch;"
                    + " PUBLISHED: 20; with --k-shot K, and no other number.")
    private Integer select;

    @Option(
            names = "--settings",
            description = {
                "What the options below are where they are not given: PUBLISHED, for RoBERTa, or SMALL, for encoders of a few"
                        + " million parameters: --epochs 10 (markers: 14) --batch 32 --rate 5e-4 --word-rate 0.1 --average 1"
                        + " --word-dropout 0.2 --window 2 --select 0 --spacing CLEAN, and"
                        + " --mark-entities --place WITHIN where rules ask for two things.",
                "Default: SMALL without -m, PUBLISHED with it."
            })
    private Settings settings;

    @Option(names = "--epochs", paramLabel = "N", description = "PUBLISHED: 5.")
    private Integer epochs;

    @Option(
            names = "--patience",
            paramLabel = "N",
            defaultValue = "0",
            description = "Epochs without a better score after which to stop; default: 0, never.")
    private int patience;

    @Option(names = "--batch", paramLabel = "N", description = "Examples of a step; PUBLISHED: 16.")
    private Integer batch;

    @Option(
            names = "--tokens",
            paramLabel = "N",
            defaultValue = "128",
            description = "Most tokens of a prompt; default: 128.")
    private int tokens;

    @Option(names = "--rate", paramLabel = "R", description = "Learning rate; PUBLISHED: 3e-5.")
    private Double rate;

    @Option(
            names = "--prompt-rate",
            paramLabel = "R",
            defaultValue = "1e-5",
            description = "Learning rate of what rules write as <new>; default: 1e-5.")
    private double promptRate;

    @Option(
            names = "--word-rate",
            paramLabel = "F",
            description = "Factor on the learning rate of the table of words, 0 to leave it as it is; PUBLISHED: 1.")
    private Double wordRate;

    @Option(
            names = "--average",
            paramLabel = "N",
            description = "Epochs over which weights are averaged, late steps counting more, 0 for none; PUBLISHED: 0.")
    private Double average;

    @Option(
            names = "--consistency",
            paramLabel = "W",
            description =
                    "Read each example twice with different dropout, and weight by W what the readings differ by (R-Drop),"
                            + " 0 to read it once; PUBLISHED: 0.")
    private Double consistency;

    @Option(names = "--dropout", paramLabel = "P", defaultValue = "0.1", description = "Default: 0.1.")
    private double dropout;

    @Option(
            names = "--mark-entities",
            description =
                    "Mark the two things in text and prompts, as MARKERS does in the text; without it, as the rules say.")
    private boolean marked;

    @Option(
            names = "--place",
            description =
                    "Where the rules ask: BEHIND the text, in FRONT of it, or WITHIN it, each prompt in the place of the thing"
                            + " that it names; without it, as the rules say.")
    private Place place;

    @Option(
            names = "--word-dropout",
            paramLabel = "P",
            description = "Share of the tokens of a prompt that read as the mask while training; PUBLISHED: 0.")
    private Double wordDropout;

    @Option(
            names = "--window",
            paramLabel = "N",
            description = "Words that are read before and behind the two things of a text, 0 for all; PUBLISHED: 0.")
    private Integer window;

    @Option(
            names = "--loss",
            defaultValue = "RELEASED",
            description = "RELEASED (masks and classes) or PAPER (masks only); default: RELEASED.")
    private Loss loss;

    /** Where settings come from that are not given. */
    private enum Settings {
        PUBLISHED,
        SMALL
    }

    private boolean small() {
        return settings == null ? isBundled() : settings == Settings.SMALL;
    }

    private FineTuningOptions options(Method method, long seed) {
        FineTuningOptions.Builder options = small() ? FineTuningOptions.small(method) : FineTuningOptions.builder();
        given(epochs, options::epochs);
        given(batch, options::batch);
        given(rate, options::rate);
        given(wordRate, options::wordRate);
        given(average, options::average);
        given(consistency, options::consistency);
        given(wordDropout, options::wordDropout);
        given(window, options::window);
        given(spacing(), options::spacing);
        return options.method(method)
                .patience(patience)
                .tokens(tokens)
                .promptRate(promptRate)
                .dropout(dropout)
                .head(head())
                .loss(loss)
                .seed(seed)
                .build();
    }

    private static <T> void given(T value, Consumer<T> option) {
        if (value != null) {
            option.accept(value);
        }
    }

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

    private static String line(FineTuning.Epoch epoch) {
        String line = String.format(Locale.ROOT, "epoch %d: loss %.4f", epoch.number(), epoch.loss());
        Scores selection = epoch.validation();
        if (selection == null) {
            return line;
        }
        return line
                + String.format(
                        Locale.ROOT,
                        ", selection: accuracy %.4f, micro-F1 %.4f, macro-F1 %.4f%s",
                        selection.accuracy(),
                        selection.microF1(),
                        selection.macroF1(),
                        epoch.best() ? ", the best so far" : "");
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
        boolean suits = small() && named.asksForEntities();
        named = marked || suits ? named.withMarkedEntities() : named;
        if (place != null) {
            named = named.withPlace(place);
        } else if (suits) {
            named = named.withPlace(named.canStandWithin() ? Place.WITHIN : Place.FRONT);
        }
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

    /** Training examples and those to select by: K of each class and as many, or all but some, or all and none. */
    final FewShot.Split draw(Integer shots, long seed) {
        List<Example> all = ExampleFiles.read(data.resolve("train.txt"));
        if (shots != null) {
            if (select != null && !select.equals(shots)) {
                throw new IllegalArgumentException("--select: found " + select + " with --k-shot " + shots
                        + ", expected " + shots + " or nothing: as many examples select as are trained on");
            }
            FewShot.Split first = FewShot.draw(all, shots, seed);
            return new FewShot.Split(FewShot.draw(first.rest(), shots, seed).training(), first.training());
        }
        int selecting = select != null ? select : small() ? 0 : 20;
        if (selecting == 0) {
            return new FewShot.Split(all, List.of());
        }
        FewShot.Split some = FewShot.draw(all, selecting, seed);
        return new FewShot.Split(some.rest(), some.training());
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
        int[] last = new int[1];
        long start = System.nanoTime();
        FineTuning.train(path(), rules, split.training(), split.rest(), options(method, seed), output, epoch -> {
            last[0]++;
            console.err().println(line(epoch));
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
