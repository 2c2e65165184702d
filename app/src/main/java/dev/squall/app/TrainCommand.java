package dev.squall.app;

import dev.squall.model.tokenizer.Tokenizer;
import dev.squall.model.tokenizer.Tokenizers;
import dev.squall.training.DraftDistillation;
import dev.squall.training.LanguageModelling;
import dev.squall.training.MaskedLanguageModelling;
import dev.squall.training.Objective;
import dev.squall.training.Objective.Evaluation;
import dev.squall.training.Trainer;
import dev.squall.training.TrainingConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code squall train}: a run from its configuration, or the rest of it. */
@Command(
        name = "train",
        description =
                "Trains a language model, the draft of one, or an encoder, as a file of JSON says, on plain text.",
        footer = {
            "The output directory receives checkpoint.bin, curve.csv and curve.png, and in model/ the weights that",
            "predict the held-out text best. Ctrl-C ends a run with a checkpoint; the same command goes on from it."
        })
final class TrainCommand implements Callable<Integer> {
    private static final int QUIET_STEPS = 50; // steps of a line where there is no bar

    private final Console console;

    @Option(
            names = "--config",
            paramLabel = "FILE.json",
            required = true,
            description = "Data, shape, schedule and seed of the run; its paths are relative to it.")
    private Path config;

    @Option(names = "--corpus", paramLabel = "DIR", description = "The corpus, instead of the configuration's.")
    private Path corpus;

    @Option(names = "--tokenizer", paramLabel = "DIR", description = "The tokenizer, instead of the configuration's.")
    private Path tokenizerFiles;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "DIR",
            description = "Where the run is written, instead of the configuration's.")
    private Path output;

    @Option(
            names = "--target",
            paramLabel = "MODEL",
            description = "The target of a draft (a directory, or a GGUF file), instead of the configuration's.")
    private Path target;

    @Option(
            names = "--sentences",
            paramLabel = "FILE",
            split = ",",
            description =
                    "Further text of an encoder, instead of the configuration's: JSON lines with lists named token.")
    private List<Path> sentences = List.of();

    @Option(
            names = "--start",
            paramLabel = "DIR",
            description = "A trained encoder of the same shape, or of half the width, to begin with, instead of the"
                    + " configuration's.")
    private Path start;

    TrainCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        TrainingConfig run = TrainingConfig.read(config).with(corpus, tokenizerFiles, target, sentences, start, output);
        Tokenizer tokenizer = Tokenizers.open(run.tokenizer(), null, null);
        Objective objective = switch (run.kind()) {
            case DECODER -> new LanguageModelling(run, tokenizer);
            case DRAFT -> new DraftDistillation(run, tokenizer);
            case ENCODER -> new MaskedLanguageModelling(run, tokenizer);
        };
        Trainer trainer = new Trainer(run, objective);
        console.err().println(objective.describe() + ", step " + trainer.step() + " of " + trainer.steps());
        Trainer.End end = run(trainer);
        console.out()
                .println(
                        switch (end) {
                            case FINISHED -> "finished: " + run.output().resolve("model");
                            case NO_LONGER_BETTER ->
                                "ended early, the held-out text is no longer predicted better: "
                                        + run.output().resolve("model");
                            case STOPPED -> "stopped at step " + trainer.step() + "; the same command goes on";
                        });
        return 0;
    }

    private Trainer.End run(Trainer trainer) throws IOException {
        CountDownLatch saved = new CountDownLatch(1);
        Thread interrupted = new Thread(
                () -> {
                    trainer.stop();
                    try {
                        saved.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                },
                "save-checkpoint");
        Runtime.getRuntime().addShutdownHook(interrupted);
        try (Report report = new Report(trainer)) {
            return trainer.run(report);
        } finally {
            saved.countDown();
            try {
                Runtime.getRuntime().removeShutdownHook(interrupted);
            } catch (IllegalStateException e) {
                // The process is ending: that is what the hook waited for.
                console.err().println("stopped at step " + trainer.step() + " with a checkpoint");
            }
        }
    }

    /** A bar on a terminal, a line now and then elsewhere. */
    private final class Report implements Trainer.Listener, AutoCloseable {
        private final ProgressBar bar;
        private double loss;
        private double seconds;
        private long tokens;

        Report(Trainer trainer) {
            bar = System.console() == null
                    ? null
                    : new ProgressBarBuilder()
                            .setTaskName("train")
                            .setInitialMax(trainer.steps())
                            .setStyle(ProgressBarStyle.ASCII)
                            .build();
        }

        @Override
        public void step(Trainer.Step step) {
            loss = loss == 0 ? step.loss() : 0.95 * loss + 0.05 * step.loss();
            seconds += step.seconds();
            tokens += step.tokens();
            boolean line = step.number() % QUIET_STEPS == 0;
            String state = String.format(Locale.ROOT, "loss %.3f, %.0f tokens/s", loss, tokens / seconds);
            if (bar != null) {
                bar.stepTo(step.number());
                bar.setExtraMessage(state);
            } else if (line) {
                console.err()
                        .printf(
                                Locale.ROOT,
                                "step %d of %d, epoch %d: %s, rate %.3g, gradient norm %.2f%n",
                                step.number(),
                                step.of(),
                                step.epoch(),
                                state,
                                step.rate(),
                                step.norm());
            }
            if (line) {
                seconds = 0;
                tokens = 0;
            }
        }

        @Override
        public void evaluated(int step, Evaluation evaluation, boolean best) {
            console.err()
                    .printf(
                            Locale.ROOT,
                            "step %d: held-out loss %.4f%s%s%n",
                            step,
                            evaluation.loss(),
                            figures(evaluation),
                            best ? ", the best so far" : "");
        }

        private static String figures(Evaluation evaluation) {
            StringBuilder figures = new StringBuilder();
            if (!Double.isNaN(evaluation.bitsPerByte())) {
                figures.append(String.format(Locale.ROOT, ", %.4f bits per byte", evaluation.bitsPerByte()));
            }
            if (!Double.isNaN(evaluation.top1())) {
                figures.append(String.format(
                        Locale.ROOT,
                        ", first choice right %.1f %%, one of five %.1f %%",
                        100 * evaluation.top1(),
                        100 * evaluation.top5()));
            }
            return figures.toString();
        }

        @Override
        public void close() {
            if (bar != null) {
                bar.close();
            }
        }
    }
}
