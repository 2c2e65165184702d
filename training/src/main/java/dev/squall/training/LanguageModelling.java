package dev.squall.training;

import dev.squall.model.spec.ModelSpec;
import dev.squall.model.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;

/** Next-token prediction by a decoder. */
public final class LanguageModelling implements Objective {
    private final TrainingConfig config;
    private final ModelSpec spec;
    private final Tokenizer tokenizer;
    private final Texts texts;
    private final Batch batch;
    private final Tape tape;
    private final Network network;

    public LanguageModelling(TrainingConfig config, Tokenizer tokenizer) {
        this.config = config;
        this.tokenizer = tokenizer;
        spec = config.shape().spec(tokenizer.vocabSize());
        batch = new Batch(config.batches().sequences(), config.batches().length());
        texts = Texts.read(config, tokenizer, batch);
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
        return texts.describe("a decoder", network);
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
        texts.training().fill(batch, pass);
        double loss = tape.forward(config.seed(), pass, true, share);
        tape.backward();
        return loss;
    }

    @Override
    public Evaluation evaluate() {
        int size = texts.heldOut();
        double sum = 0;
        for (int from = 0; from < size; from += batch.rows()) {
            int targets = texts.measured().fillInOrder(batch, from);
            sum += tape.forward(config.seed(), 0, false, 1f) * targets;
        }
        return new Evaluation(sum / size, size, sum / Math.log(2) / texts.heldOutBytes(), Double.NaN, Double.NaN);
    }

    @Override
    public void write(Path directory) throws IOException {
        TrainedModel.writeDecoder(network, spec, config, tokenizer, directory);
    }
}
