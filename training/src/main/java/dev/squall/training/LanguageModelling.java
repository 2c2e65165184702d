package dev.squall.training;

import dev.squall.model.spec.ModelSpec;
import dev.squall.model.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;

/** Next-token prediction by a decoder. */
public final class LanguageModelling implements Objective {
    private final TrainingConfig config;
    private final ModelSpec spec;
    private final Tokenizer tokenizer;
    private final TrainingText text;
    private final TrainingText heldOut;
    private final Batch batch;
    private final TextWindows training;
    private final TextWindows measured;
    private final Tape tape;
    private final Network network;

    public LanguageModelling(TrainingConfig config, Tokenizer tokenizer) {
        this.config = config;
        this.tokenizer = tokenizer;
        spec = config.shape().spec(tokenizer.vocabSize());
        batch = new Batch(config.batches().sequences(), config.batches().length());
        text = TrainingText.training(config, tokenizer, batch);
        heldOut = TrainingText.heldOut(config, tokenizer);
        int beginning = tokenizer
                .bos()
                .orElseThrow(() -> new TrainingException(
                        config.tokenizer() + ": found no beginning-of-sequence token, expected one"));
        training = new TextWindows(text, beginning, config.seed(), batch);
        measured = new TextWindows(heldOut, beginning, config.seed(), batch);
        tape = new Tape(batch);
        network = Network.decoder(
                spec, tape, (float) config.shape().dropout(), config.batches().headRows());
    }

    @Override
    public Network network() {
        return network;
    }

    @Override
    public String describe() {
        return String.format(
                Locale.ROOT,
                "a decoder of %,d parameters, %,d tokens an epoch, %,d held out",
                network.size(),
                text.ids().length,
                heldOut.ids().length);
    }

    @Override
    public int passes() {
        return training.passes();
    }

    @Override
    public int tokens() {
        return batch.rows();
    }

    @Override
    public double train(long pass, float share) {
        training.fill(batch, pass);
        double loss = tape.forward(config.seed(), pass, true, share);
        tape.backward();
        return loss;
    }

    @Override
    public Evaluation evaluate() {
        int size = heldOut.ids().length;
        double sum = 0;
        for (int from = 0; from < size; from += batch.rows()) {
            int targets = measured.fillInOrder(batch, from);
            sum += tape.forward(config.seed(), 0, false, 1f) * targets;
        }
        return new Evaluation(sum / size, size, sum / Math.log(2) / heldOut.bytes(), Double.NaN, Double.NaN);
    }

    @Override
    public void write(Path directory) throws IOException {
        TrainedModel.writeDecoder(network, spec, config, tokenizer, directory);
    }
}
