package dev.squall.app;

import dev.squall.classification.BagOfWords;
import dev.squall.classification.ExampleFiles;
import dev.squall.classification.FewShot;
import dev.squall.classification.FineTuningOptions.Method;
import dev.squall.classification.Relation.Example;
import dev.squall.classification.Rules;
import dev.squall.classification.Scores;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code squall classify compare}: PTR, ordinary fine-tuning and a linear classifier, side by side. */
@Command(
        name = "compare",
        description = {
            "Trains one encoder by rules and by markers, and a linear classifier, on the same draws, and measures them.",
            "Every run is a row of mean and deviation over the seeds. What is trained is not kept."
        })
final class ClassifyCompareCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    private TuningOptions tuning;

    @Option(names = "--file", paramLabel = "F", required = true, description = "What is measured, such as val.txt.")
    private Path file;

    @Option(
            names = "--k-shot",
            paramLabel = "K",
            split = ",",
            description = "Examples of each class, such as 8,16,32; 0 for all. Default: 0.",
            defaultValue = "0")
    private List<Integer> shots;

    @Option(names = "--json", description = "Print one JSON array, an object a row.")
    private boolean json;

    ClassifyCompareCommand(Console console) {
        this.console = console;
    }

    /** One method on draws of one size. */
    private record Row(
            String method,
            int shots,
            int examples,
            List<Long> seeds,
            Map<String, Spread> scores,
            double seconds,
            double examplesPerSecond) {}

    @Override
    public Integer call() throws IOException {
        List<Example> measured = ExampleFiles.read(file);
        List<Row> rows = new ArrayList<>();
        if (!json) {
            console.out()
                    .printf(
                            "%-8s %5s %9s %19s %19s %19s %8s %10s%n",
                            "method", "K", "examples", "accuracy", "micro-F1", "macro-F1", "seconds", "examples/s");
        }
        for (int k : shots) {
            for (Method method : Method.values()) {
                rows.add(row(method.name().toLowerCase(Locale.ROOT), k, seed -> encoder(method, k, seed, measured)));
            }
            rows.add(row("linear", k, seed -> linear(k, seed, measured)));
        }
        if (json) {
            console.json(rows);
        }
        return 0;
    }

    /** A run with a seed. */
    private interface Runner {
        TuningOptions.Run run(long seed) throws IOException;
    }

    private Row row(String method, int k, Runner runner) throws IOException {
        MeanScores mean = new MeanScores();
        double seconds = 0;
        double rate = 0;
        int examples = 0;
        for (long seed : tuning.seeds()) {
            TuningOptions.Run run = runner.run(seed);
            mean.add(run.scores());
            seconds += run.seconds() / tuning.seeds().size();
            rate += run.rate() / tuning.seeds().size();
            examples = run.examples();
            console.err().printf("%s, K %d, seed %d: %s%n", method, k, seed, line(run.scores()));
        }
        Row row = new Row(method, k, examples, tuning.seeds(), mean.spreads(), seconds, rate);
        if (!json) {
            StringBuilder line = new StringBuilder(
                    String.format("%-8s %5s %9d", method, k == 0 ? "all" : Integer.toString(k), examples));
            row.scores
                    .values()
                    .forEach(each ->
                            line.append(String.format(Locale.ROOT, "   %.4f ± %.4f", each.mean(), each.deviation())));
            console.out().printf(Locale.ROOT, "%s %10.1f %10.1f%n", line, seconds, rate);
            console.out().flush();
        }
        return row;
    }

    private static String line(Scores scores) {
        MeanScores one = new MeanScores();
        one.add(scores);
        return one.line();
    }

    private TuningOptions.Run encoder(Method method, int k, long seed, List<Example> measured) throws IOException {
        Path directory = Files.createTempDirectory("squall-compare");
        try {
            return tuning.run(method, k == 0 ? null : k, seed, directory, measured, console);
        } finally {
            try (Stream<Path> files = Files.walk(directory)) {
                files.sorted(Comparator.reverseOrder()).forEach(ClassifyCompareCommand::delete);
            }
        }
    }

    private static void delete(Path file) {
        try {
            Files.delete(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private TuningOptions.Run linear(int k, long seed, List<Example> measured) {
        FewShot.Split split = tuning.draw(k == 0 ? null : k, seed);
        Rules rules = tuning.rules();
        BagOfWords.Options usual = BagOfWords.Options.defaults();
        BagOfWords.Options options = new BagOfWords.Options(usual.epochs(), usual.rate(), usual.penalty(), seed);
        long start = System.nanoTime();
        BagOfWords model = BagOfWords.train(split.training(), rules.labels(), options);
        double seconds = (System.nanoTime() - start) / 1e9;
        Scores scores = new Scores(rules.labels(), rules.negative());
        measured.forEach(each -> scores.add(each.label(), model.classify(each.input())));
        return new TuningOptions.Run(split.training().size(), options.epochs(), seconds, scores);
    }
}
