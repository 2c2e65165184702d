package dev.squall.training;

import dev.squall.kernels.gradient.Dropout;
import dev.squall.model.format.Checkpoint;
import dev.squall.model.format.Checkpoints;
import dev.squall.model.format.TensorInfo;
import dev.squall.model.format.TensorValues;
import dev.squall.model.spec.Families;
import dev.squall.model.spec.LayerSpec;
import dev.squall.model.spec.ModelSpec;
import dev.squall.model.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * An EAGLE draft learns from its target (Li et al. 2024, section 3.2): the next hidden state by smooth L1, and what the target's
 * head makes of it by cross-entropy against the target's own distribution.
 *
 * <pre>
 *   tokens  x0 x1 x2 ...  →  target (frozen)  →  hidden states h0 h1 h2 ...
 *   row j of the draft:  (x[j+1], h[j] + noise)  →  f[j],  which should be h[j+1] and choose as it does
 * </pre>
 */
public final class DraftDistillation implements Objective {
    private final TrainingConfig config;
    private final TrainingConfig.Distillation settings;
    private final ModelSpec spec;
    private final Texts texts; // as the target reads them
    private final Batch targetBatch;
    private final Batch batch;
    private final Tape targetTape;
    private final Network target;
    private final Tape tape;
    private final Network network;
    private final Tensor states; // [rows, dim]: h[j], with noise while training
    private final Tensor next; // [rows, dim]: h[j + 1]
    private final IntArray ranks; // [rows]

    /**
     * @throws TrainingException if the target's width or vocabulary is not the draft's
     */
    public DraftDistillation(TrainingConfig config, Tokenizer tokenizer) {
        this.config = config;
        settings = config.distillation();
        batch = new Batch(config.batches().sequences(), config.batches().length());
        targetBatch = new Batch(config.batches().sequences(), config.batches().length());
        targetTape = new Tape(targetBatch);
        try (Checkpoint checkpoint = Checkpoints.open(settings.target())) {
            ModelSpec whole = Families.spec(checkpoint);
            require("model.width", config.shape().width(), "the target's", whole.dim());
            require("vocabulary of the tokenizer", tokenizer.vocabSize(), "the target's", whole.vocabulary());
            target = Network.hiddenStates(whole, targetTape, 0f, checkpoint.format());
            target.parameters().forEach((name, tensor) -> read(checkpoint, name, tensor));
            spec = draftSpec(config.shape().spec(whole.vocabulary()), whole);
        }
        texts = Texts.read(config, tokenizer, targetBatch);
        Tensor table = target.parameters().values().iterator().next();
        Tensor frozen = Tensor.constant(table.name(), table.rows(), table.width(), table.value());
        states = Tensor.constant("states", batch.rows(), spec.dim());
        next = Tensor.constant("next states", batch.rows(), spec.dim());
        ranks = new IntArray(batch.rows());
        tape = new Tape(batch);
        network = Network.draft(spec, tape, (float) config.shape().dropout(), frozen, states);
        tape.losses().smoothL1(network.hidden(), next, (float) settings.hiddenWeight());
        tape.losses()
                .distil(
                        network.hidden(),
                        next,
                        frozen,
                        spec.logitScale(),
                        config.batches().headRows(),
                        (float) settings.tokenWeight(),
                        ranks);
    }

    /** The draft's layers with the target's rotation and scales, without a norm in front of the first and after the last. */
    private static ModelSpec draftSpec(ModelSpec shape, ModelSpec target) {
        LayerSpec layer = shape.layers().getFirst();
        LayerSpec first = new LayerSpec(
                null,
                layer.attention(),
                layer.feedForwardNorm(),
                layer.feedForward(),
                layer.placement(),
                layer.residualScale());
        LayerSpec[] layers = shape.layers().toArray(LayerSpec[]::new);
        layers[0] = first;
        return new ModelSpec(
                shape.family(),
                shape.dim(),
                shape.vocabulary(),
                target.contextLength(),
                target.embeddingScale(),
                List.of(layers),
                null,
                target.logitScale(),
                true);
    }

    private static void read(Checkpoint checkpoint, String name, Tensor tensor) {
        TensorInfo info = checkpoint.require(name);
        float[] values = TensorValues.read(checkpoint, info);
        if (values.length != tensor.size()) {
            throw new TrainingException(checkpoint.path() + ": " + name + ": found " + values.length
                    + " elements, expected " + tensor.size());
        }
        for (int i = 0; i < values.length; i++) {
            tensor.value().set(i, values[i]);
        }
    }

    private void require(String field, int found, String whose, int expected) {
        if (found != expected) {
            throw new TrainingException(
                    settings.target() + ": " + field + ": found " + found + ", expected " + whose + " " + expected);
        }
    }

    @Override
    public Network network() {
        return network;
    }

    @Override
    public String describe() {
        return texts.describe("a draft for " + settings.target(), network);
    }

    @Override
    public int passes() {
        return texts.training().passes();
    }

    @Override
    public int tokens() {
        return batch.rows();
    }

    @Override
    public double train(long pass, float share) {
        texts.training().fill(targetBatch, pass);
        readTarget((float) settings.noise(), pass);
        double loss = tape.forward(config.seed(), pass, true, share);
        tape.backward();
        return loss;
    }

    /** Loss, and how often the draft's first choice, or one of its first five, is the target's first. */
    @Override
    public Evaluation evaluate() {
        double sum = 0;
        long count = 0;
        long first = 0;
        long five = 0;
        for (int from = 0; from < texts.heldOut(); from += batch.rows()) {
            texts.measured().fillInOrder(targetBatch, from);
            readTarget(0f, 0);
            int targets = batch.countTargets();
            sum += tape.forward(config.seed(), 0, false, 1f) * targets;
            count += targets;
            for (int row = 0; row < batch.rows(); row++) {
                int rank = ranks.get(row);
                first += rank == 0 ? 1 : 0;
                five += rank >= 0 && rank < 5 ? 1 : 0;
            }
        }
        return new Evaluation(sum / count, count, Double.NaN, (double) first / count, (double) five / count);
    }

    /** Runs the target, and fills the draft's batch with what it makes: the last row of a sequence has nothing to foretell. */
    private void readTarget(float noise, long pass) {
        targetTape.forward(config.seed(), 0, false, 1f);
        FloatArray hidden = target.hidden().value();
        int dim = spec.dim();
        for (int i = 0; i < batch.sequences; i++) {
            int size = targetBatch.lengths.get(i);
            int[] following = new int[size];
            int[] wanted = new int[size];
            for (int j = 0; j < size; j++) {
                following[j] = targetBatch.targets.get(i * batch.length + j);
                wanted[j] = j < size - 1 ? following[j] : -1;
            }
            batch.set(i, following, wanted);
        }
        long key = Dropout.key(config.seed(), pass, -1);
        float[] values = hidden.toHeapArray();
        for (int at = 0; at < values.length; at++) {
            states.value().set(at, noise == 0f ? values[at] : values[at] + Dropout.noise(key, at, noise));
            next.value().set(at, at + dim < values.length ? values[at + dim] : 0f);
        }
    }

    @Override
    public void write(Path directory) throws IOException {
        TrainedModel.writeDraft(network, spec, config, directory);
    }
}
