package dev.squall.classification;

import dev.squall.classification.CompiledRules.Prompt;
import dev.squall.classification.CompiledRules.Spacing;
import dev.squall.classification.Relation.Example;
import dev.squall.model.format.Checkpoint;
import dev.squall.model.format.Checkpoints;
import dev.squall.model.format.ModelFileException;
import dev.squall.model.format.SafetensorsWriter;
import dev.squall.model.format.TensorInfo;
import dev.squall.model.format.TensorType;
import dev.squall.model.format.TensorValues;
import dev.squall.model.spec.EncoderSpec.Head;
import dev.squall.model.spec.Families;
import dev.squall.model.spec.ModelSpec;
import dev.squall.model.spec.TensorNames;
import dev.squall.model.tokenizer.Tokenizer;
import dev.squall.model.tokenizer.Tokenizers;
import dev.squall.training.AdamW;
import dev.squall.training.Batch;
import dev.squall.training.Network;
import dev.squall.training.RuleLoss;
import dev.squall.training.Schedule;
import dev.squall.training.Schedule.Decay;
import dev.squall.training.Tape;
import dev.squall.training.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * Trains all weights of an encoder on the questions of rules (Han et al. 2022): the mean over masks of the cross-entropy of the
 * label words, plus the cross-entropy of the classes. The seed decides the order of the examples and dropout, so the same call
 * gives the same weights.
 */
public final class PtrTrainer {
    /**
     * @param epochs passes over the examples
     * @param batch examples of a step
     * @param tokens most tokens of a prompt; longer texts lose their beginning
     * @param rate highest learning rate
     * @param warmup part of the steps in which the rate rises
     * @param weightDecay of matrices
     * @param dropout of hidden states and attention
     * @param head what scores words, null for the head that the encoder has
     */
    public record Options(
            int epochs,
            int batch,
            int tokens,
            double rate,
            double warmup,
            double weightDecay,
            double dropout,
            Head head,
            Spacing spacing,
            long seed) {
        /** The published settings, but for small batches and a warm-up that fits short runs. */
        public static Options defaults() {
            return new Options(5, 16, 128, 3e-5, 0.1, 0.01, 0.1, null, Spacing.RELEASED, 42);
        }
    }

    /**
     * The end of an epoch.
     *
     * @param loss mean over the epoch's examples
     * @param validation scores on the examples for selection, null without any
     * @param best whether they were never better; these weights are kept
     */
    public record Epoch(int number, double loss, Scores validation, boolean best) {}

    private final Options options;
    private final CompiledRules rules;
    private final Batch batch;
    private final Tape tape;
    private final Network network;
    private final RuleLoss loss;

    private PtrTrainer(Checkpoint checkpoint, ModelSpec spec, CompiledRules rules, Options options, int length) {
        this.options = options;
        this.rules = rules;
        boolean head = spec.encoder().head() == Head.MASKED_LANGUAGE_MODEL;
        batch = new Batch(options.batch, length, spec.encoder().firstPosition());
        tape = new Tape(batch);
        network = Network.encoder(
                spec, tape, (float) options.dropout, spec.encoder().firstPosition() - 1);
        Tensor picked = tape.rows().pick(network.hidden());
        Tensor states = head ? network.maskHead(picked) : picked;
        Tensor bias = head ? network.maskBias() : null;
        RuleLoss.Rules both = new RuleLoss.Rules(rules.words(), rules.choices(), 1, 1);
        loss = RuleLoss.record(tape, states, network.words(), bias, both, options.batch);
        network.parameters().forEach((name, tensor) -> read(checkpoint, spec, name, tensor));
    }

    private static void read(Checkpoint checkpoint, ModelSpec spec, String name, Tensor tensor) {
        boolean bare = spec.encoder().prefix().isEmpty() && name.startsWith(TensorNames.ROBERTA_PREFIX);
        TensorInfo info = checkpoint.require(bare ? name.substring(TensorNames.ROBERTA_PREFIX.length()) : name);
        if (info.elements() < tensor.size()) { // a table of types may have rows that are not used
            throw new ModelFileException(info.file(), name, info.elements() + " elements", tensor.size() + "");
        }
        float[] values = TensorValues.read(checkpoint, info);
        for (int i = 0; i < tensor.size(); i++) {
            tensor.value().set(i, values[i]);
        }
    }

    /**
     * Trains, and writes a directory that can be loaded as an encoder: weights, configuration, tokenizer and rules.
     *
     * @param encoder a directory of the RoBERTa family
     * @param validation examples that select the epoch by micro-F1; with none, the last epoch stays
     * @throws IllegalArgumentException if the rules do not compile, an example has a label without a rule, or a number makes no
     *     sense
     */
    public static void train(
            Path encoder,
            Rules rules,
            List<Example> training,
            List<Example> validation,
            Options options,
            Path output,
            Consumer<Epoch> listener)
            throws IOException {
        if (training.isEmpty() || options.epochs < 1 || options.batch < 1) {
            throw new IllegalArgumentException("training: found " + training.size() + " examples, " + options.epochs
                    + " epochs, batches of " + options.batch + ", expected at least one of each");
        }
        try (Checkpoint checkpoint = Checkpoints.open(encoder)) {
            ModelSpec spec = Families.spec(checkpoint);
            if (spec.encoder() == null) {
                throw new ModelFileException(encoder, "family", spec.family(), "an encoder, such as roberta");
            }
            if (options.head != null) {
                spec = spec.withEncoder(spec.encoder().withHead(options.head));
            }
            Tokenizer tokenizer = Tokenizers.of(checkpoint, null);
            CompiledRules compiled = CompiledRules.compile(rules, tokenizer, options.spacing);
            int most = Math.min(
                    options.tokens, spec.contextLength() - spec.encoder().firstPosition());
            List<Question> questions = questions(training, compiled, most);
            List<Question> held = questions(validation, compiled, most);
            int length = Math.max(longest(questions), longest(held));
            PtrTrainer trainer = new PtrTrainer(checkpoint, spec, compiled, options, length);
            trainer.run(questions, held, listener);
            trainer.write(encoder, output);
        }
    }

    private record Question(Prompt prompt, int target) {}

    private static List<Question> questions(List<Example> examples, CompiledRules rules, int most) {
        List<String> labels = rules.rules().labels();
        List<Question> questions = new ArrayList<>();
        for (Example example : examples) {
            int target = labels.indexOf(example.label());
            if (target < 0) {
                throw new IllegalArgumentException("label: found " + example.label() + ", expected a class of rules "
                        + rules.rules().name());
            }
            questions.add(new Question(rules.prompt(example.input(), most), target));
        }
        return questions;
    }

    private static int longest(List<Question> questions) {
        return questions.stream()
                .mapToInt(each -> each.prompt.ids().length)
                .max()
                .orElse(1);
    }

    private void run(List<Question> training, List<Question> held, Consumer<Epoch> listener) {
        int perEpoch = Math.ceilDiv(training.size(), options.batch);
        int steps = Math.multiplyExact(perEpoch, options.epochs);
        Schedule schedule = new Schedule(options.rate, (int) (options.warmup * steps), steps, Decay.LINEAR, 0);
        AdamW optimiser = new AdamW(
                network.groups(options.weightDecay),
                new AdamW.Settings(AdamW.Convention.TRANSFORMERS, 0.9, 0.999, 1e-6, 1.0));
        List<Question> order = new ArrayList<>(training);
        Random random = new Random(options.seed);
        Map<Tensor, float[]> kept = new LinkedHashMap<>();
        double best = -1;
        int step = 0;
        for (int epoch = 1; epoch <= options.epochs; epoch++) {
            Collections.shuffle(order, random);
            double sum = 0;
            for (int from = 0; from < order.size(); from += options.batch) {
                List<Question> some = order.subList(from, Math.min(order.size(), from + options.batch));
                fill(some);
                double mean = tape.forward(options.seed, step, true, 1f);
                tape.backward();
                double norm = optimiser.gradientNorm();
                if (!Double.isFinite(mean) || !Double.isFinite(norm)) {
                    throw new IllegalStateException("step " + step + ": found a loss of " + mean
                            + " and a gradient norm of " + norm + ", expected finite numbers; a lower rate may help");
                }
                optimiser.step(schedule.at(step++), norm);
                sum += mean * some.size();
            }
            Scores scores = held.isEmpty() ? null : measure(held);
            boolean better = scores == null || scores.microF1() > best;
            if (better && scores != null) {
                best = scores.microF1();
                network.parameters()
                        .values()
                        .forEach(each -> kept.put(each, each.value().toHeapArray()));
            }
            listener.accept(new Epoch(epoch, sum / order.size(), scores, better));
        }
        kept.forEach((tensor, values) -> {
            for (int i = 0; i < values.length; i++) {
                tensor.value().set(i, values[i]);
            }
        });
    }

    private void fill(List<Question> some) {
        for (int i = 0; i < options.batch; i++) {
            int[] ids = i < some.size() ? some.get(i).prompt.ids() : new int[0];
            int[] asked = new int[ids.length];
            Arrays.fill(asked, -1);
            if (i < some.size()) {
                for (int mask : some.get(i).prompt.masks()) {
                    asked[mask] = 0;
                }
                loss.want(i, some.get(i).target);
            }
            batch.set(i, ids, asked);
        }
    }

    private Scores measure(List<Question> held) {
        List<String> labels = rules.rules().labels();
        Scores scores = new Scores(labels, rules.rules().negative());
        for (int from = 0; from < held.size(); from += options.batch) {
            List<Question> some = held.subList(from, Math.min(held.size(), from + options.batch));
            fill(some);
            tape.forward(options.seed, 0, false, 1f);
            for (int i = 0; i < some.size(); i++) {
                double[] s = loss.scores(i);
                int best = 0;
                for (int y = 1; y < s.length; y++) {
                    best = s[y] > s[best] ? y : best;
                }
                scores.add(labels.get(some.get(i).target), labels.get(best));
            }
        }
        return scores;
    }

    private void write(Path encoder, Path output) throws IOException {
        Files.createDirectories(output);
        SafetensorsWriter writer = new SafetensorsWriter();
        network.parameters().forEach((name, tensor) -> {
            boolean vector = tensor.rows() == 1 && !name.endsWith("embeddings.weight");
            long[] shape = vector ? new long[] {tensor.width()} : new long[] {tensor.rows(), tensor.width()};
            float[] values = tensor.value().toHeapArray();
            writer.tensor(name, TensorType.F32.name(), shape, TensorValues.encode(TensorType.F32, values));
        });
        for (String name : List.of("tokenizer.json", "tokenizer_config.json", "vocab.json", "merges.txt")) {
            if (Files.exists(encoder.resolve(name))) {
                Files.copy(encoder.resolve(name), output.resolve(name), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        JsonMapper json =
                JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();
        Map<String, Object> config = new LinkedHashMap<>();
        json.readTree(Files.readAllBytes(encoder.resolve("config.json")))
                .properties()
                .forEach(each -> config.put(each.getKey(), each.getValue()));
        config.put("type_vocab_size", 1);
        config.put("torch_dtype", "float32");
        Files.write(output.resolve("config.json"), json.writeValueAsBytes(config));
        Files.write(
                output.resolve("rules.json"),
                json.writeValueAsBytes(rules.rules().toJson()));
        writer.write(output.resolve("model.safetensors"));
    }
}
