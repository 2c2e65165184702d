package dev.squall.classification;

import dev.squall.classification.FineTuning.Question;
import dev.squall.classification.FineTuningOptions.Method;
import dev.squall.model.format.Checkpoint;
import dev.squall.model.format.ModelFileException;
import dev.squall.model.format.SafetensorsWriter;
import dev.squall.model.format.TensorInfo;
import dev.squall.model.format.TensorType;
import dev.squall.model.format.TensorValues;
import dev.squall.model.spec.EncoderSpec.Head;
import dev.squall.model.spec.ModelSpec;
import dev.squall.model.spec.TensorNames;
import dev.squall.model.spec.TensorNames.EncoderNames;
import dev.squall.training.AdamW;
import dev.squall.training.Batch;
import dev.squall.training.Network;
import dev.squall.training.PromptTokens;
import dev.squall.training.RuleLoss;
import dev.squall.training.Tape;
import dev.squall.training.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** An encoder that learns to answer questions: its weights from a checkpoint, a pass over some questions, and back to files. */
final class AskedNetwork {
    private static final double DEVIATION = 0.02; // of a fresh layer's weights

    private final FineTuningOptions options;
    private final Questions questions;
    private final int blank;
    private final Batch batch;
    private final Tape tape;
    private final Network network;
    private final RuleLoss loss;

    /**
     * @param length most tokens of a question
     * @param blank the token in place of words that are dropped
     */
    AskedNetwork(
            Checkpoint checkpoint,
            ModelSpec spec,
            Questions questions,
            FineTuningOptions options,
            int length,
            int blank) {
        this.blank = blank;
        this.options = options;
        this.questions = questions;
        int first = spec.encoder().firstPosition();
        int samples = Math.multiplyExact(options.batch(), options.consistency() > 0 ? 2 : 1);
        batch = new Batch(samples, length, first);
        tape = new Tape(batch);
        network = Network.encoder(spec, tape, (float) options.dropout(), first - 1, questions.promptTokens());
        boolean fresh = options.method() == Method.MARKERS;
        boolean head = !fresh && spec.encoder().head() == Head.MASKED_LANGUAGE_MODEL;
        Tensor states = head ? network.maskHead(network.hidden()) : network.hidden();
        int[][] words = questions.words();
        Tensor table = network.words();
        Tensor bias = head ? network.maskBias() : null;
        if (fresh) {
            int rows = Arrays.stream(words).mapToInt(each -> each.length).sum();
            table = network.parameter(MarkerClassifier.WEIGHT, rows, spec.dim());
            bias = network.parameter(MarkerClassifier.BIAS, 1, rows);
        }
        boolean paper = options.loss() == FineTuningOptions.Loss.PAPER;
        double wordWeight = fresh ? 0 : paper ? words.length : 1;
        RuleLoss.Rules rules = new RuleLoss.Rules(
                words, questions.choices(), wordWeight, !fresh && paper ? 0 : 1, options.consistency());
        loss = RuleLoss.record(tape, states, table, bias, rules, samples);
        PromptTokens learned = network.promptTokens();
        if (learned != null) {
            learned.initialize(options.seed());
        }
        network.parameters().forEach((name, tensor) -> {
            boolean own = name.equals(MarkerClassifier.WEIGHT) || name.equals(MarkerClassifier.BIAS);
            if (!own && !PromptTokens.owns(name)) {
                read(checkpoint, spec, name, tensor);
            }
        });
        if (fresh) {
            SplittableRandom random = new SplittableRandom(options.seed());
            for (int i = 0; i < table.size(); i++) {
                table.value().set(i, (float) (random.nextGaussian() * DEVIATION));
            }
        }
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

    Map<String, Tensor> parameters() {
        return network.parameters();
    }

    List<AdamW.Group> groups(double weightDecay) {
        return network.groups(weightDecay, options.promptRate() / options.rate(), options.wordRate());
    }

    /**
     * Adds the gradients of some questions to those of the parameters, and returns their mean loss. With a consistency, every
     * question is read twice, and other words and states are dropped each time.
     */
    double learn(List<Question> some, int step) {
        List<Question> read = new ArrayList<>(some);
        if (options.consistency() > 0) {
            read.addAll(some);
        }
        fill(read, new SplittableRandom(options.seed() * 31 + step));
        double mean = tape.forward(options.seed(), step, true, 1f);
        tape.backward();
        return mean;
    }

    /** The best class of each of some questions; of equal ones, the first. */
    int[] classify(List<Question> some) {
        fill(some, null);
        tape.forward(options.seed(), 0, false, 1f);
        int[] found = new int[some.size()];
        for (int i = 0; i < found.length; i++) {
            double[] s = loss.scores(i);
            for (int y = 1; y < s.length; y++) {
                found[i] = s[y] > s[found[i]] ? y : found[i];
            }
        }
        return found;
    }

    /** @param random what decides which words are dropped, null for none */
    private void fill(List<Question> some, SplittableRandom random) {
        batch.resize(some.size(), some.stream().mapToInt(Question::length).max().orElseThrow());
        for (int i = 0; i < some.size(); i++) {
            int[] ids = some.get(i).prompt().ids().clone();
            int[] asked = new int[ids.length];
            Arrays.fill(asked, -1);
            for (int mask : some.get(i).prompt().masks()) {
                asked[mask] = 0;
            }
            for (int t = 1; random != null && t < ids.length - 1; t++) {
                if (random.nextDouble() < options.wordDropout() && asked[t] < 0 && ids[t] >= 0) {
                    ids[t] = blank;
                }
            }
            loss.want(i, some.get(i).target(), some.get(i).prompt().ranks());
            batch.set(i, ids, asked);
        }
    }

    /** Writes weights, configuration and tokenizer; the weights last. */
    void write(Path encoder, Path output) throws IOException {
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
        config.put("vocab_size", network.words().rows() + questions.promptTokens());
        Files.write(output.resolve("config.json"), json.writeValueAsBytes(config));
        SafetensorsWriter writer = new SafetensorsWriter();
        network.parameters().forEach((name, tensor) -> write(writer, name, tensor));
        writer.write(output.resolve("model.safetensors"));
    }

    /** A parameter; learned tokens of prompts become the last rows of the table of words, and none of a head's choices. */
    private void write(SafetensorsWriter writer, String name, Tensor tensor) {
        float[] values = tensor.value().toHeapArray();
        long[] shape = tensor.shape();
        int more = questions.promptTokens();
        if (more > 0 && tensor == network.words()) {
            float[] learned = network.promptTokens().vectors();
            values = Arrays.copyOf(values, values.length + learned.length);
            System.arraycopy(learned, 0, values, tensor.size(), learned.length);
            shape[0] += more;
        } else if (more > 0 && name.equals(EncoderNames.ROBERTA.headBias())) {
            values = Arrays.copyOf(values, values.length + more);
            shape[0] += more;
        }
        writer.tensor(name, TensorType.F32.name(), shape, TensorValues.encode(TensorType.F32, values));
    }
}
