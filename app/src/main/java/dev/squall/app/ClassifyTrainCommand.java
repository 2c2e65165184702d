package dev.squall.app;

import dev.squall.classification.ExampleFiles;
import dev.squall.classification.FewShot;
import dev.squall.classification.PtrTrainer;
import dev.squall.classification.Relation.Example;
import dev.squall.classification.Rules;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code squall classify train}: an encoder learns to answer the questions of rules. */
@Command(
        name = "train",
        description = {
            "Trains an encoder on the questions of rules and writes it with them.",
            "A part of the training examples selects the epoch; DIR/val.txt is not read."
        })
final class ClassifyTrainCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    private PromptOptions model;

    @Option(
            names = {"-r", "--rules"},
            paramLabel = "RULES",
            required = true,
            description = "The rules: a file in JSON, or the name of a set.")
    private String rules;

    @Option(names = "--data", paramLabel = "DIR", required = true, description = "The directory of train.txt.")
    private Path data;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "OUT",
            required = true,
            description = "The directory that is written.")
    private Path output;

    @Option(names = "--k-shot", paramLabel = "K", description = "Train on K examples of each class, select by as many.")
    private Integer shots;

    @Option(names = "--select", defaultValue = "50", description = "Examples of each class to select by; default: 50.")
    private int select;

    @Option(names = "--epochs", defaultValue = "5", description = "Default: 5.")
    private int epochs;

    @Option(names = "--batch", defaultValue = "16", description = "Examples of a step; default: 16.")
    private int batch;

    @Option(names = "--tokens", defaultValue = "128", description = "Most tokens of a prompt; default: 128.")
    private int tokens;

    @Option(names = "--rate", defaultValue = "3e-5", description = "Highest learning rate; default: 3e-5.")
    private double rate;

    @Option(names = "--dropout", defaultValue = "0.1", description = "Default: 0.1.")
    private double dropout;

    @Option(names = "--seed", defaultValue = "42", description = "Of draws, order and dropout; default: 42.")
    private long seed;

    ClassifyTrainCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        Rules known = ClassifyCommand.rules(rules);
        FewShot.Split first =
                FewShot.draw(ExampleFiles.read(data.resolve("train.txt")), shots == null ? select : shots, seed);
        List<Example> held = first.training();
        List<Example> training = shots == null
                ? first.rest()
                : FewShot.draw(first.rest(), shots, seed).training();
        PtrTrainer.Options options = new PtrTrainer.Options(
                epochs, batch, tokens, rate, 0.1, 0.01, dropout, model.head(), model.spacing(), seed);
        long start = System.nanoTime();
        PtrTrainer.train(
                model.named(),
                known,
                training,
                held,
                options,
                output,
                epoch -> console.err()
                        .printf(
                                Locale.ROOT,
                                "epoch %d: loss %.4f, selection: accuracy %.4f, micro-F1 %.4f, macro-F1 %.4f%s%n",
                                epoch.number(),
                                epoch.loss(),
                                epoch.validation().accuracy(),
                                epoch.validation().microF1(),
                                epoch.validation().macroF1(),
                                epoch.best() ? ", the best so far" : ""));
        double seconds = (System.nanoTime() - start) / 1e9;
        console.out()
                .printf(
                        Locale.ROOT,
                        "%s: %d examples, %d to select by, %.0f s, %.1f examples/s%n",
                        output,
                        training.size(),
                        held.size(),
                        seconds,
                        (double) training.size() * epochs / seconds);
        return 0;
    }
}
