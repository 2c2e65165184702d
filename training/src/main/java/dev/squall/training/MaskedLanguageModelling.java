package dev.squall.training;

import dev.squall.kernels.gradient.Dropout;
import dev.squall.model.spec.ModelSpec;
import dev.squall.model.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.SplittableRandom;

/**
 * Masked language modelling (Devlin et al. 2019, section 3.1, with the dynamic masks of Liu et al. 2019): of the tokens that
 * are chosen, eight in ten become the mask, one a random token and one stays, and the encoder has to name all of them.
 * Sequences run on over sentences, between the tokens that begin and end them.
 */
public final class MaskedLanguageModelling implements Objective {
    private final TrainingConfig config;
    private final ModelSpec spec;
    private final Tokenizer tokenizer;
    private final Texts texts; // in windows
    private final Batch batch;
    private final Batch windows; // one token shorter: the end of a sequence is added
    private final Tape tape;
    private final Network network;
    private final int end;
    private final int mask;
    private final int firstWord; // ids below are special

    public MaskedLanguageModelling(TrainingConfig config, Tokenizer tokenizer) {
        this.config = config;
        this.tokenizer = tokenizer;
        spec = config.shape().encoderSpec(tokenizer.vocabSize());
        int beginning = special("<s>");
        end = special("</s>");
        mask = special("<mask>");
        firstWord = 1 + Math.max(Math.max(beginning, end), Math.max(mask, special("<pad>")));
        batch = new Batch(config.batches().sequences(), config.batches().length(), TrainingConfig.FIRST_POSITION);
        windows = new Batch(config.batches().sequences(), config.batches().length() - 1);
        texts = Texts.read(
                config,
                tokenizer,
                windows,
                TrainingText.sentences(config.masking().sentences(), tokenizer));
        tape = new Tape(batch);
        network = Network.maskedLanguageModel(
                spec,
                tape,
                (float) config.shape().dropout(),
                special("<pad>"),
                config.batches().headRows());
    }

    private int special(String piece) {
        OptionalInt id = tokenizer.id(piece);
        if (id.isEmpty()) {
            throw new TrainingException(config.tokenizer() + ": found no token " + piece
                    + ", expected a tokenizer made with --special encoder");
        }
        return id.getAsInt();
    }

    @Override
    public Network network() {
        return network;
    }

    @Override
    public void begin(long seed, double deviation) {
        if (config.masking().start() == null) {
            network.initialize(seed, deviation);
        } else {
            Growth.start(network, spec, tokenizer, config.masking().start(), seed);
        }
    }

    @Override
    public String describe() {
        return texts.describe("an encoder", network);
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
        texts.training().fill(windows, pass);
        mask(pass + 1);
        double loss = tape.forward(config.seed(), pass, true, share);
        tape.backward();
        return loss;
    }

    /** The mean loss of masked tokens, with the same masks every time. */
    @Override
    public Evaluation evaluate() {
        double sum = 0;
        long count = 0;
        for (int from = 0; from < texts.heldOut(); from += windows.rows()) {
            texts.measured().fillInOrder(windows, from);
            mask(-1L - from);
            int targets = batch.countTargets();
            sum += tape.forward(config.seed(), 0, false, 1f) * targets;
            count += targets;
        }
        return new Evaluation(sum / count, count, Double.NaN, Double.NaN, Double.NaN);
    }

    /** Fills the batch from the windows: what is between beginning and end is masked here and there. */
    private void mask(long number) {
        SplittableRandom random = new SplittableRandom(Dropout.key(config.seed(), number, -2));
        double chosen = config.masking().probability();
        for (int i = 0; i < batch.sequences; i++) {
            int size = windows.lengths.get(i) + (windows.lengths.get(i) > 0 ? 1 : 0);
            int[] ids = new int[size];
            int[] targets = new int[size];
            for (int j = 0; j < size; j++) {
                int id = j == size - 1
                        ? end
                        : j == 0
                                ? windows.ids.get(i * windows.length)
                                : windows.targets.get(i * windows.length + j - 1);
                ids[j] = id;
                targets[j] = -1;
                if (id >= firstWord && random.nextDouble() < chosen) {
                    targets[j] = id;
                    double what = random.nextDouble();
                    ids[j] = what < 0.8 ? mask : what < 0.9 ? random.nextInt(firstWord, spec.vocabulary()) : id;
                }
            }
            batch.set(i, ids, targets);
        }
    }

    @Override
    public void write(Path directory) throws IOException {
        TrainedModel.writeEncoder(network, spec, config, tokenizer, directory);
    }
}
