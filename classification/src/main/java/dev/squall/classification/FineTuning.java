package dev.squall.classification;

import dev.squall.classification.CompiledRules.Prompt;
import dev.squall.classification.FineTuningOptions.Method;
import dev.squall.classification.Relation.Example;
import dev.squall.model.format.Checkpoint;
import dev.squall.model.format.Checkpoints;
import dev.squall.model.format.ModelFileException;
import dev.squall.model.spec.EncoderSpec.Head;
import dev.squall.model.spec.Families;
import dev.squall.model.spec.ModelSpec;
import dev.squall.model.tokenizer.Tokenizer;
import dev.squall.model.tokenizer.Tokenizers;
import dev.squall.training.AdamW;
import dev.squall.training.Schedule;
import dev.squall.training.Schedule.Decay;
import dev.squall.training.Tensor;
import dev.squall.training.TrainingCheckpoint;
import dev.squall.training.TrainingCheckpoint.Progress;
import dev.squall.training.WeightAverage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;

/**
 * Trains all weights of an encoder to classify, by the questions of rules (Han et al. 2022) or by markers and a linear layer.
 *
 * <p>The seed decides the order of the examples and dropout, so the same call gives the same weights. Batches are of texts of
 * similar length, padded to their longest. After every epoch the weights, or their average over the last steps, are measured and
 * written if they were never better, and a checkpoint lies beside them until the end: the same call goes on from there, to the
 * same numbers.
 */
public final class FineTuning {
    private static final String CHECKPOINT = "fine-tuning.checkpoint";
    private static final int NEIGHBOURHOOD = 16; // batches among which texts are sorted by length

    /**
     * The end of an epoch.
     *
     * @param loss mean over the epoch's examples
     * @param validation scores on the examples for selection, null without any
     * @param best whether they were never better; these weights are kept
     */
    public record Epoch(int number, double loss, Scores validation, boolean best) {}

    /** An example as the encoder reads it. */
    record Question(Prompt prompt, int target) {
        int length() {
            return prompt.ids().length;
        }
    }

    private final FineTuningOptions options;
    private final AskedNetwork network;
    private final Questions questions;
    private final AdamW optimiser;
    private WeightAverage average; // null for none
    private final Path encoder;
    private final Path output;

    private FineTuning(
            FineTuningOptions options, AskedNetwork network, Questions questions, Path encoder, Path output) {
        this.options = options;
        this.network = network;
        this.questions = questions;
        this.encoder = encoder;
        this.output = output;
        optimiser = new AdamW(
                network.groups(options.weightDecay()),
                new AdamW.Settings(AdamW.Convention.TRANSFORMERS, 0.9, 0.999, 1e-6, 1.0));
    }

    /**
     * Trains, and writes a directory that {@link LoadedClassifier} opens and that can be trained again: weights, configuration,
     * tokenizer, how it was trained, and the rules if they asked. If it holds the checkpoint of a run of the same arguments that
     * was cut short, goes on from there.
     *
     * @param encoder a directory of the RoBERTa family
     * @param rules also name the classes where they do not ask
     * @param validation examples that select the epoch by micro-F1; with none, the last epoch stays
     * @throws IllegalArgumentException if the rules do not compile, an example has a label without a rule, or a number makes no
     *     sense
     * @throws dev.squall.training.TrainingException if the checkpoint that was found is of another run
     */
    public static void train(
            Path encoder,
            Rules rules,
            List<Example> training,
            List<Example> validation,
            FineTuningOptions options,
            Path output,
            Consumer<Epoch> listener)
            throws IOException {
        if (training.isEmpty() || options.epochs() < 1 || options.batch() < 1 || options.patience() < 0) {
            throw new IllegalArgumentException("training: found " + training.size() + " examples, " + options.epochs()
                    + " epochs, batches of " + options.batch() + ", a patience of " + options.patience()
                    + ", expected at least one of each, and no negative patience");
        }
        boolean negative = options.window() < 0
                || !(options.wordRate() >= 0)
                || !(options.average() >= 0)
                || !(options.consistency() >= 0);
        if (negative) {
            throw new IllegalArgumentException("training: found a window of " + options.window() + ", a word rate of "
                    + options.wordRate() + ", an average over " + options.average() + " epochs, a consistency of "
                    + options.consistency() + ", expected no negative ones");
        }
        try (Checkpoint checkpoint = Checkpoints.open(encoder)) {
            ModelSpec spec = Families.spec(checkpoint);
            if (spec.encoder() == null) {
                throw new ModelFileException(encoder, "family", spec.family(), "an encoder, such as roberta");
            }
            boolean asked = options.method() == Method.RULES;
            Head head = asked ? options.head() : Head.WORDS;
            spec = head == null ? spec : spec.withEncoder(spec.encoder().withHead(head));
            spec = spec.withVocabulary(spec.vocabulary() - TrainedAs.promptTokens(encoder));
            Tokenizer tokenizer = Tokenizers.of(checkpoint, null);
            boolean entities = training.getFirst().input().head() != null;
            Questions questions = asked
                    ? CompiledRules.compile(rules, tokenizer, options.spacing())
                    : new Markers(rules.labels(), rules.negative(), entities, tokenizer);
            int most = Math.min(
                    options.tokens(), spec.contextLength() - spec.encoder().firstPosition());
            List<Question> all = questions(training, questions, rules.name(), options.window(), most);
            List<Question> held = questions(validation, questions, rules.name(), options.window(), most);
            int longest = Math.max(longest(all), longest(held));
            int blank = tokenizer
                    .id(Rules.MASK)
                    .orElseThrow(() -> new ModelFileException(
                            encoder, "tokenizer", "no token " + Rules.MASK, "that of an encoder"));
            AskedNetwork network = new AskedNetwork(checkpoint, spec, questions, options, longest, blank);
            FineTuning run = new FineTuning(options, network, questions, encoder, output);
            Files.createDirectories(output);
            if (asked) {
                rules.write(output.resolve("rules.json"));
            } else {
                Files.deleteIfExists(output.resolve("rules.json"));
            }
            new TrainedAs(
                            options.method(),
                            options.spacing(),
                            entities,
                            options.window(),
                            questions.promptTokens(),
                            rules.labels(),
                            rules.negative())
                    .write(output);
            run.run(all, held, List.of(training, validation, rules).toString().hashCode(), listener);
        }
    }

    private static List<Question> questions(
            List<Example> examples, Questions asked, String rules, int window, int most) {
        List<Question> questions = new ArrayList<>();
        for (Example example : examples) {
            int target = asked.labels().indexOf(example.label());
            if (target < 0) {
                throw new IllegalArgumentException(
                        "label: found " + example.label() + ", expected a class of rules " + rules);
            }
            Relation input = window == 0 ? example.input() : example.input().near(window);
            questions.add(new Question(asked.prompt(input, most), target));
        }
        return questions;
    }

    private static int longest(List<Question> questions) {
        return questions.stream().mapToInt(Question::length).max().orElse(1);
    }

    private void run(List<Question> training, List<Question> held, int data, Consumer<Epoch> listener)
            throws IOException {
        int perEpoch = Math.ceilDiv(training.size(), options.batch());
        int steps = Math.multiplyExact(perEpoch, options.epochs());
        Schedule schedule = new Schedule(options.rate(), (int) (options.warmup() * steps), steps, Decay.LINEAR, 0);
        Path file = output.resolve(CHECKPOINT);
        long run = options.toString().hashCode() * 31L + data; // tells this run from others
        Progress progress = new Progress(run, 0, -1, 0);
        Map<String, Tensor> state = new LinkedHashMap<>(network.parameters());
        if (options.average() > 0) {
            average = new WeightAverage(network.parameters().values(), Math.max(1, options.average() * perEpoch));
            state.putAll(average.tensors());
        }
        if (Files.exists(file)) {
            progress = TrainingCheckpoint.read(file, state, optimiser).requireSeed(file, run);
        }
        int step = progress.step();
        double best = progress.best();
        int since = progress.since();
        for (int epoch = step / perEpoch + 1; epoch <= options.epochs(); epoch++) {
            if (options.patience() > 0 && since >= options.patience()) {
                break;
            }
            double sum = 0;
            for (List<Question> some : batches(training, epoch)) {
                sum += network.learn(some, step) * some.size();
                double norm = optimiser.gradientNorm();
                if (!Double.isFinite(sum) || !Double.isFinite(norm)) {
                    throw new IllegalStateException("step " + step + ": found a loss of " + sum
                            + " and a gradient norm of " + norm + ", expected finite numbers; a lower rate may help");
                }
                optimiser.step(schedule.at(step++), norm);
                if (average != null) {
                    average.add(step);
                }
            }
            exchange();
            Scores scores = held.isEmpty() ? null : measure(held);
            boolean better = scores == null || scores.microF1() > best;
            since = better ? 0 : since + 1;
            if (better) {
                best = scores == null ? best : scores.microF1();
                network.write(encoder, output);
            }
            exchange();
            TrainingCheckpoint.write(file, new Progress(run, step, best, since), state, optimiser);
            listener.accept(new Epoch(epoch, sum / training.size(), scores, better));
        }
        Files.delete(file);
    }

    private void exchange() {
        if (average != null) {
            average.exchange();
        }
    }

    /** The batches of an epoch: shuffled, of texts of similar length, in shuffled order. */
    private List<List<Question>> batches(List<Question> training, int epoch) {
        Random random = new Random(options.seed() * 31 + epoch);
        List<Question> order = new ArrayList<>(training);
        Collections.shuffle(order, random);
        int window = NEIGHBOURHOOD * options.batch();
        List<List<Question>> batches = new ArrayList<>();
        for (int from = 0; from < order.size(); from += window) {
            List<Question> near = order.subList(from, Math.min(order.size(), from + window));
            near.sort(Comparator.comparingInt(Question::length));
            for (int at = 0; at < near.size(); at += options.batch()) {
                batches.add(near.subList(at, Math.min(near.size(), at + options.batch())));
            }
        }
        Collections.shuffle(batches, random);
        return batches;
    }

    private Scores measure(List<Question> held) {
        List<String> labels = questions.labels();
        Scores scores = new Scores(labels, questions.negative());
        List<Question> order = new ArrayList<>(held);
        order.sort(Comparator.comparingInt(Question::length));
        for (int from = 0; from < order.size(); from += options.batch()) {
            List<Question> some = order.subList(from, Math.min(order.size(), from + options.batch()));
            int[] found = network.classify(some);
            for (int i = 0; i < found.length; i++) {
                scores.add(labels.get(some.get(i).target), labels.get(found[i]));
            }
        }
        return scores;
    }
}
