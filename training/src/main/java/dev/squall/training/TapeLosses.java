package dev.squall.training;

import dev.squall.kernels.gradient.Losses;
import dev.squall.kernels.gradient.Rows;
import dev.squall.training.Tape.Live;
import uk.ac.manchester.tornado.api.types.arrays.DoubleArray;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** The losses of a {@link Tape}; several add up. */
public final class TapeLosses {
    private final Tape tape;

    TapeLosses(Tape tape) {
        this.tape = tape;
    }

    /**
     * The head and its cross-entropy, a chunk of rows at a time: the logits of all rows never exist. As the loss is the end of
     * a tape, its gradients are computed while the logits are there.
     *
     * @param table [vocabulary, width]
     * @param bias [1, vocabulary], null for none
     * @param chunk rows of logits
     */
    public void crossEntropy(Tensor x, Tensor table, Tensor bias, float scale, int chunk) {
        Live here = tape.live();
        int n = table.rows();
        int width = table.width();
        int room = Math.min(chunk, tape.capacity());
        FloatArray logits = new FloatArray(Math.multiplyExact(room, n));
        DoubleArray losses = new DoubleArray(room);
        tape.record(
                () -> {
                    for (int first = 0; first < here.rows; first += room) {
                        int count = Math.min(room, here.rows - first);
                        int at = first * width;
                        tape.kernels().timesTransposed(logits, 0, x.value(), at, table.value(), count, n, width, false);
                        if (scale != 1f) {
                            Rows.add(logits, logits, count * n, scale - 1f);
                        }
                        if (bias != null) {
                            Rows.addBias(logits, bias.value(), count, n);
                        }
                        tape.kernels().crossEntropy(losses, logits, here.targets, first, count, n, tape.weight());
                        for (int row = 0; row < count; row++) {
                            tape.addLoss(losses.get(row));
                        }
                        if (tape.training()) {
                            headGradient(x, table, bias, logits, at, count, scale);
                        }
                    }
                },
                () -> {});
    }

    /**
     * The cross-entropy of a student's tokens against the distribution that a teacher gives, both by one frozen head: −Σ p log q
     * in the rows that have a target. Its gradient is computed while the logits are there.
     *
     * @param x the student's hidden states
     * @param teacher those of the teacher, rows as in x
     * @param table [vocabulary, width], frozen
     * @param factor of this loss in the sum of losses
     * @param ranks [rows], written: how many tokens the student prefers to the teacher's first choice; −1 without a target
     */
    public void distil(Tensor x, Tensor teacher, Tensor table, float scale, int chunk, float factor, IntArray ranks) {
        Live here = tape.live();
        int n = table.rows();
        int width = table.width();
        int room = Math.min(chunk, tape.capacity());
        FloatArray logits = new FloatArray(Math.multiplyExact(room, n));
        FloatArray wanted = new FloatArray(Math.multiplyExact(room, n));
        DoubleArray losses = new DoubleArray(room);
        tape.record(
                () -> {
                    for (int first = 0; first < here.rows; first += room) {
                        int count = Math.min(room, here.rows - first);
                        int at = first * width;
                        tape.kernels().timesTransposed(logits, 0, x.value(), at, table.value(), count, n, width, false);
                        tape.kernels()
                                .timesTransposed(wanted, 0, teacher.value(), at, table.value(), count, n, width, false);
                        if (scale != 1f) {
                            Rows.add(logits, logits, count * n, scale - 1f);
                            Rows.add(wanted, wanted, count * n, scale - 1f);
                        }
                        tape.kernels()
                                .softCrossEntropy(
                                        losses,
                                        ranks,
                                        logits,
                                        wanted,
                                        here.targets,
                                        first,
                                        count,
                                        n,
                                        tape.weight() * factor * scale);
                        for (int row = 0; row < count; row++) {
                            tape.addLoss(factor * losses.get(row));
                        }
                        if (tape.training()) {
                            tape.kernels().times(x.gradient(), at, logits, 0, table.value(), count, width, n, true);
                        }
                    }
                },
                () -> {});
    }

    /**
     * Smooth L1 (Girshick 2015) between rows, the mean over their elements, in the rows that have a target.
     *
     * @param wanted rows as in x, no gradient
     * @param factor of this loss in the sum of losses
     */
    public void smoothL1(Tensor x, Tensor wanted, float factor) {
        Live here = tape.live();
        DoubleArray losses = new DoubleArray(tape.capacity());
        tape.record(
                () -> {
                    Losses.smoothL1(losses, x.value(), wanted.value(), here.targets, here.rows, x.width());
                    for (int row = 0; row < here.rows; row++) {
                        tape.addLoss(factor * losses.get(row));
                    }
                },
                () -> Losses.smoothL1Backward(
                        x.gradient(),
                        x.value(),
                        wanted.value(),
                        here.targets,
                        here.rows,
                        x.width(),
                        tape.weight() * factor));
    }

    private void headGradient(Tensor x, Tensor table, Tensor bias, FloatArray logits, int at, int count, float scale) {
        int n = table.rows();
        int width = table.width();
        if (bias != null) {
            Rows.addSum(bias.gradient(), logits, count, n);
        }
        if (scale != 1f) {
            Rows.add(logits, logits, count * n, scale - 1f);
        }
        tape.kernels().times(x.gradient(), at, logits, 0, table.value(), count, width, n, true);
        tape.kernels().addTransposedTimes(table.gradient(), logits, 0, x.value(), at, n, width, count);
    }
}
