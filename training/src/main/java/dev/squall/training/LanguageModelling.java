package dev.squall.training;

import dev.squall.model.spec.ModelSpec;
import dev.squall.model.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Next-token prediction. The text is cut into sequences, each opened by the beginning-of-sequence token; every epoch cuts at
 * another place and has an order of its own.
 */
public final class LanguageModelling implements Objective {
    private final TrainingText text;
    private final TrainingText heldOut;
    private final Batch batch;
    private final Tape tape;
    private final Network network;
    private final int beginning;
    private final long seed;
    private final int[] inputs; // [length]
    private final int[] targets; // [length]
    private long shuffled = -1; // the epoch of order
    private int[] order; // [sequences of an epoch]
    private int offset; // of an epoch's first sequence

    public LanguageModelling(TrainingConfig config, ModelSpec spec, Tokenizer tokenizer) {
        List<String> without = new java.util.ArrayList<>(config.exclude());
        without.add(config.heldOut());
        text = TrainingText.read(TrainingText.files(config.corpus(), without), tokenizer);
        heldOut = TrainingText.read(List.of(config.corpus().resolve(config.heldOut())), tokenizer);
        beginning = tokenizer
                .bos()
                .orElseThrow(() -> new TrainingException(
                        config.tokenizer() + ": found no beginning-of-sequence token, expected one"));
        seed = config.seed();
        int sequences = config.batches().sequences();
        int length = config.batches().length();
        if (text.ids().length < (sequences + 1) * length || heldOut.ids().length < 2) {
            throw new TrainingException("corpus: found " + text.ids().length + " tokens and "
                    + heldOut.ids().length + " held-out ones, expected more than the " + sequences * length
                    + " of a batch");
        }
        batch = new Batch(sequences, length);
        tape = new Tape(batch);
        network = Network.decoder(
                spec, tape, (float) config.shape().dropout(), config.batches().headRows());
        inputs = new int[length];
        targets = new int[length];
    }

    @Override
    public Network network() {
        return network;
    }

    @Override
    public int passes() {
        return (text.ids().length / batch.length - 1) / batch.sequences;
    }

    @Override
    public int tokens() {
        return batch.rows();
    }

    /** Tokens of the training text and of the held-out one. */
    public int[] sizes() {
        return new int[] {text.ids().length, heldOut.ids().length};
    }

    @Override
    public double train(long pass, long step, float share) {
        shuffle(pass / passes());
        for (int i = 0; i < batch.sequences; i++) {
            int sequence = order[(int) (pass % passes()) * batch.sequences + i];
            fill(i, text.ids(), offset + sequence * batch.length, batch.length);
        }
        double loss = tape.forward(seed, pass, true, share);
        tape.backward();
        return loss;
    }

    @Override
    public Evaluation evaluate() {
        int[] ids = heldOut.ids();
        double sum = 0;
        long count = 0;
        for (int from = 0; from < ids.length; from += batch.rows()) {
            int here = 0;
            for (int i = 0; i < batch.sequences; i++) {
                int at = from + i * batch.length;
                int size = Math.clamp(ids.length - at, 0, batch.length);
                fill(i, ids, at, size);
                here += size;
            }
            sum += tape.forward(seed, 0, false, 1f) * here;
            count += here;
        }
        return new Evaluation(sum / count, count, sum / Math.log(2) / heldOut.bytes());
    }

    /** Sequence i: the tokens before each of ids[at, at + size), and these. */
    private void fill(int i, int[] ids, int at, int size) {
        int[] in = size == batch.length ? inputs : new int[size];
        int[] out = size == batch.length ? targets : new int[size];
        System.arraycopy(ids, Math.min(at, ids.length - size), out, 0, size);
        if (size > 0) {
            in[0] = beginning;
            System.arraycopy(out, 0, in, 1, size - 1);
        }
        batch.set(i, in, out);
    }

    private void shuffle(long epoch) {
        if (shuffled == epoch) {
            return;
        }
        shuffled = epoch;
        SplittableRandom random = new SplittableRandom(seed + 0x5851F42D4C957F2DL * (epoch + 1));
        offset = random.nextInt(batch.length);
        order = new int[passes() * batch.sequences];
        Arrays.setAll(order, i -> i);
        for (int i = order.length - 1; i > 0; i--) {
            int other = random.nextInt(i + 1);
            int kept = order[i];
            order[i] = order[other];
            order[other] = kept;
        }
    }
}
