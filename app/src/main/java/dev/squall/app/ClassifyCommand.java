package dev.squall.app;

import dev.squall.classification.BagOfWords;
import dev.squall.classification.ExampleFiles;
import dev.squall.classification.FewShot;
import dev.squall.classification.LoadedClassifier;
import dev.squall.classification.Prediction;
import dev.squall.classification.Relation;
import dev.squall.classification.Relation.Example;
import dev.squall.classification.RuleTable;
import dev.squall.classification.Rules;
import dev.squall.classification.Scores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code squall classify}: the class of a text by prompts and rules, and why. */
@Command(
        name = "classify",
        description = {
            "Says the class of a text by rules and an encoder, trained or not, and why.",
            "Rules are a file in JSON, or one of tacred, tacrev, retacred, semeval, semeval-phrases, sentiment, topic."
        },
        subcommands = {
            ClassifyTrainCommand.class,
            ClassifyCompareCommand.class,
            ClassifyCommand.Eval.class,
            ClassifyCommand.Linear.class
        })
final class ClassifyCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    private Asking asking;

    @Option(names = "--text", paramLabel = "T", description = "The text.")
    private String text;

    @Option(names = "--head", paramLabel = "H", description = "The subject, as the text has it.")
    private String head;

    @Option(names = "--tail", paramLabel = "O", description = "The object, as the text has it.")
    private String tail;

    @Option(
            names = "--json",
            description = "Print one JSON object: label, probability, probabilities, masks, literals.")
    private boolean json;

    ClassifyCommand(Console console) {
        this.console = console;
    }

    /** The options that name the classifier. */
    static final class Asking extends PromptOptions {
        @Option(
                names = {"-r", "--rules"},
                paramLabel = "RULES",
                description =
                        "The rules: a file in JSON, a published temp.txt beside its rel2id.json, or the name of a set;"
                                + " default: what the model was trained with.")
        private String rules;

        /** The classifier: what the model was trained as, or rules that are named. */
        LoadedClassifier open() {
            Rules named = rules == null ? null : ClassifyCommand.rules(rules);
            return LoadedClassifier.open(path(), new LoadedClassifier.Options(named, spacing(), head()));
        }
    }

    @Override
    public Integer call() {
        if (text == null) {
            throw asking.wrongUsage("no text: pass one with --text");
        }
        Relation input = new Relation(text, head, tail);
        try (LoadedClassifier classifier = asking.open()) {
            Prediction found = classifier.classify(input);
            if (json) {
                console.json(found);
            } else {
                console.out().print(found.explain());
            }
        }
        return 0;
    }

    /** {@code squall classify eval}. */
    @Command(name = "eval", description = "Measures a classifier, trained or not, on the examples of a file.")
    static final class Eval implements Callable<Integer> {
        private final Console console;

        @Mixin
        private Asking asking;

        @Option(
                names = "--file",
                paramLabel = "F",
                required = true,
                description = "PTR lines, TACRED JSON, SemEval text.")
        private Path file;

        @Mixin
        private ScoresReport report;

        Eval(Console console) {
            this.console = console;
        }

        @Override
        public Integer call() throws IOException {
            List<Example> examples = ExampleFiles.read(file);
            Scores scores;
            try (LoadedClassifier classifier = asking.open()) {
                scores = classifier.measure(examples);
            }
            report.tell(scores, console);
            return 0;
        }
    }

    /** {@code squall classify linear}: the baseline that no encoder should miss. */
    @Command(
            name = "linear",
            description = "Trains a linear classifier of words on DIR/train.txt and measures it on a file.")
    static final class Linear implements Callable<Integer> {
        private final Console console;

        @Option(
                names = "--data",
                paramLabel = "DIR",
                required = true,
                description = "The directory of train.txt and rel2id.json.")
        private Path data;

        @Option(names = "--file", paramLabel = "F", required = true, description = "What is measured, such as val.txt.")
        private Path file;

        @Option(names = "--negative", defaultValue = "Other", description = "The class of no answer; default: Other.")
        private String negative;

        @Option(names = "--k-shot", paramLabel = "K", description = "Train on K examples of each class only.")
        private Integer shots;

        @Option(names = "--seed", paramLabel = "S", defaultValue = "42", description = "Of the draw and of training.")
        private long seed;

        @Mixin
        private ScoresReport report;

        Linear(Console console) {
            this.console = console;
        }

        @Override
        public Integer call() throws IOException {
            List<String> labels = RuleTable.labels(data.resolve("rel2id.json"));
            Scores scores = new Scores(labels, negative);
            List<Example> examples = ExampleFiles.read(file);
            List<Example> training = ExampleFiles.read(data.resolve("train.txt"));
            if (shots != null) {
                training = FewShot.draw(training, shots, seed).training();
            }
            BagOfWords.Options usual = BagOfWords.Options.defaults();
            BagOfWords model = BagOfWords.train(
                    training, labels, new BagOfWords.Options(usual.epochs(), usual.rate(), usual.penalty(), seed));
            examples.forEach(example -> scores.add(example.label(), model.classify(example.input())));
            report.tell(scores, console);
            return 0;
        }
    }

    /** Rules of a file, in JSON or as a published table, or of a name. */
    static Rules rules(String rules) {
        Path file = Path.of(rules);
        if (!Files.exists(file)) {
            return Rules.named(rules);
        }
        return rules.endsWith(".txt") ? RuleTable.read(file) : Rules.parse(file);
    }
}
