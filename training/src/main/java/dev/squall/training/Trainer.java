package dev.squall.training;

import dev.squall.training.Objective.Evaluation;
import dev.squall.training.TrainingCheckpoint.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Carries out a run: steps of the optimiser, measurements on held-out text, checkpoints. A run that finds its checkpoint goes
 * on from there, with the numbers that it would have had.
 */
public final class Trainer {
    /** What a run reports; methods do nothing unless they are overridden. */
    public interface Listener {
        /** A step was made. */
        default void step(Step step) {}

        /** The held-out text was measured; {@code best} if no measurement was better. */
        default void evaluated(int step, Evaluation evaluation, boolean best) {}
    }

    /**
     * @param number of the step, from 1
     * @param of all steps of the run
     * @param epoch of its last pass, from 1
     * @param loss mean over its passes
     * @param tokens of its passes
     * @param seconds it took
     */
    public record Step(
            int number, int of, int epoch, double loss, double rate, double norm, int tokens, double seconds) {}

    /** Why a run ended. */
    public enum End {
        FINISHED,
        /** No better measurement for as long as its patience lasts. */
        NO_LONGER_BETTER,
        /** {@link #stop} was called. */
        STOPPED
    }

    private final TrainingConfig config;
    private final Objective objective;
    private final AdamW optimiser;
    private final Schedule schedule;
    private final Path checkpoint;
    private final LossCurve curve;
    private volatile boolean stopped;
    private int step;
    private double best = Double.POSITIVE_INFINITY;
    private int since;

    /**
     * Makes ready for a run, or for the rest of one whose checkpoint lies in the output directory.
     *
     * @throws TrainingException if the checkpoint is of another model or seed
     */
    public Trainer(TrainingConfig config, Objective objective) throws IOException {
        this.config = config;
        this.objective = objective;
        int accumulate = config.batches().accumulate();
        int steps = Math.max(
                1, Math.multiplyExact(objective.passes(), config.optimiser().epochs()) / accumulate);
        TrainingConfig.Optimiser settings = config.optimiser();
        schedule = new Schedule(
                settings.rate(), Math.min(settings.warmup(), steps), steps, settings.decay(), settings.floor());
        optimiser = new AdamW(objective.network().groups(settings.weightDecay()), settings.settings());
        checkpoint = config.output().resolve("checkpoint.bin");
        Files.createDirectories(config.output());
        if (Files.exists(checkpoint)) {
            Progress progress =
                    TrainingCheckpoint.read(checkpoint, objective.network().parameters(), optimiser);
            if (progress.seed() != config.seed()) {
                throw new TrainingException(
                        checkpoint + ": seed: found " + progress.seed() + ", expected " + config.seed());
            }
            step = progress.step();
            best = progress.best();
            since = progress.since();
        } else {
            objective.begin(config.seed(), settings.deviation());
        }
        curve = LossCurve.open(config.output().resolve("curve.csv"), step);
    }

    /** Steps that were made before this run began. */
    public int step() {
        return step;
    }

    public int steps() {
        return schedule.steps();
    }

    /** Lets the run end after the step under way, with a checkpoint; from any thread. */
    public void stop() {
        stopped = true;
    }

    /**
     * Runs to the end. Whenever the held-out text has never been predicted better, the weights are written to the output
     * directory's {@code model}.
     *
     * @throws TrainingException if the loss or the gradient is no longer finite; the last checkpoint stays
     */
    public End run(Listener listener) throws IOException {
        while (step < schedule.steps()) {
            if (stopped) {
                save();
                return End.STOPPED;
            }
            listener.step(next());
            boolean last = step == schedule.steps();
            if (step % config.rhythm().evaluate() == 0 || last) {
                if (evaluate(listener)) {
                    save();
                    return End.NO_LONGER_BETTER;
                }
            }
            if (step % config.rhythm().checkpoint() == 0 || last) {
                save();
            }
        }
        return End.FINISHED;
    }

    private Step next() throws IOException {
        long start = System.nanoTime();
        int accumulate = config.batches().accumulate();
        double loss = 0;
        long pass = (long) step * accumulate;
        for (int i = 0; i < accumulate; i++) {
            loss += objective.train(pass + i, 1f / accumulate) / accumulate;
        }
        double rate = schedule.at(step + 1);
        double norm = optimiser.gradientNorm();
        if (!Double.isFinite(loss) || !Double.isFinite(norm)) {
            throw new TrainingException(
                    "step " + (step + 1) + ": found a loss of " + loss + " and a gradient norm of " + norm
                            + " at learning rate " + rate + ", expected finite numbers; the checkpoint of step "
                            + (Files.exists(checkpoint) ? "before stays in " + checkpoint : "0 would be the start"));
        }
        optimiser.step(rate, norm);
        step++;
        curve.step(step, loss, rate, norm);
        int epoch = (int) ((pass + accumulate - 1) / objective.passes()) + 1;
        double seconds = (System.nanoTime() - start) / 1e9;
        return new Step(step, schedule.steps(), epoch, loss, rate, norm, accumulate * objective.tokens(), seconds);
    }

    /** Measures; true if the run's patience is over. */
    private boolean evaluate(Listener listener) throws IOException {
        Evaluation evaluation = objective.evaluate();
        boolean better = evaluation.loss() < best;
        if (better) {
            best = evaluation.loss();
            since = 0;
            objective.write(config.output().resolve("model"));
        } else {
            since++;
        }
        curve.evaluated(step, evaluation);
        curve.draw(config.output().resolve("curve.png"));
        listener.evaluated(step, evaluation, better);
        return config.rhythm().patience() > 0 && since >= config.rhythm().patience();
    }

    private void save() throws IOException {
        TrainingCheckpoint.write(
                checkpoint,
                new Progress(config.seed(), step, best, since),
                objective.network().parameters(),
                optimiser);
    }
}
