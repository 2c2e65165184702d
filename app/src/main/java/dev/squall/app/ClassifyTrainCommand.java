package dev.squall.app;

import dev.squall.classification.ExampleFiles;
import dev.squall.classification.FineTuningOptions.Method;
import dev.squall.classification.Relation.Example;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code squall classify train}: an encoder learns to answer the questions of rules, or to classify without. */
@Command(
        name = "train",
        description = {
            "Trains an encoder on the questions of rules and writes it with them.",
            "DIR/val.txt is not read: a part of the training examples selects the epoch, or the last one stays (--select 0).",
            "The same command goes on where a run was cut short."
        })
final class ClassifyTrainCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    private TuningOptions tuning;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "OUT",
            required = true,
            description = "The directory that is written; of several seeds, seed-S in it.")
    private Path output;

    @Option(names = "--k-shot", paramLabel = "K", description = "Train on K examples of each class, select by as many.")
    private Integer shots;

    @Option(
            names = "--method",
            defaultValue = "RULES",
            description = "RULES, or MARKERS: entity markers and a linear layer, the ordinary way; default: RULES.")
    private Method method;

    @Option(names = "--file", paramLabel = "F", description = "Measure every run on the examples of this file.")
    private Path file;

    ClassifyTrainCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        List<Example> measured = file == null ? null : ExampleFiles.read(file);
        MeanScores mean = new MeanScores();
        for (long seed : tuning.seeds()) {
            Path directory = tuning.seeds().size() == 1 ? output : output.resolve("seed-" + seed);
            TuningOptions.Run run = tuning.run(method, shots, seed, directory, measured, console);
            console.out()
                    .printf(
                            Locale.ROOT,
                            "%s: %d examples, %.0f s, %.1f examples/s%n",
                            directory,
                            run.examples(),
                            run.seconds(),
                            run.rate());
            if (measured != null) {
                mean.add(run.scores());
            }
        }
        if (measured != null) {
            console.out().println(mean.line());
        }
        return 0;
    }
}
