package dev.squall.training;

import dev.squall.model.tokenizer.Tokenizer;
import java.util.List;
import java.util.Locale;

/**
 * The texts of a run, cut into windows.
 *
 * @param training windows in an order of their own in every epoch
 * @param measured windows of the held-out text in its order
 * @param tokens of an epoch
 * @param heldOut tokens of the held-out text
 * @param heldOutBytes its bytes
 */
record Texts(TextWindows training, TextWindows measured, int tokens, int heldOut, long heldOutBytes) {
    /**
     * Reads and encodes the texts of a run.
     *
     * @param batch of windows
     * @param sentences further text to train on
     */
    static Texts read(TrainingConfig config, Tokenizer tokenizer, Batch batch, TrainingText sentences) {
        int beginning = tokenizer
                .bos()
                .orElseThrow(() -> new TrainingException(
                        config.tokenizer() + ": found no beginning-of-sequence token, expected one"));
        TrainingText text = TrainingText.training(config, tokenizer, batch).and(sentences);
        TrainingText heldOut = TrainingText.read(List.of(config.corpus().resolve(config.heldOut())), tokenizer);
        return new Texts(
                new TextWindows(text, beginning, config.seed(), batch),
                new TextWindows(heldOut, beginning, config.seed(), batch),
                text.ids().length,
                heldOut.ids().length,
                heldOut.bytes());
    }

    static Texts read(TrainingConfig config, Tokenizer tokenizer, Batch batch) {
        return read(config, tokenizer, batch, new TrainingText(new int[0], 0));
    }

    String describe(String what, Network network) {
        return String.format(
                Locale.ROOT,
                "%s of %,d parameters, %,d tokens an epoch, %,d held out",
                what,
                network.size(),
                tokens,
                heldOut);
    }
}
