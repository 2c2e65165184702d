package dev.squall.training;

import dev.squall.kernels.gradient.Attention;
import dev.squall.kernels.gradient.Dropout;
import dev.squall.kernels.gradient.Losses;
import dev.squall.kernels.gradient.Norms;
import dev.squall.kernels.gradient.Rotary;
import dev.squall.kernels.gradient.Rows;
import dev.squall.kernels.simd.PackedProducts;
import dev.squall.kernels.simd.SequenceAttention;
import dev.squall.kernels.simd.TrainingActivations;
import dev.squall.kernels.simd.TrainingLosses;
import dev.squall.model.spec.LayerSpec.AttentionSpec;
import dev.squall.model.spec.LayerSpec.NormSpec;
import dev.squall.model.spec.RopeSpec;
import java.util.ArrayList;
import java.util.List;
import uk.ac.manchester.tornado.api.types.arrays.DoubleArray;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Reverse-mode differentiation (Linnainmaa 1970) of a computation that is written once and run for every batch.
 *
 * <p>Each method makes room for an operation's result and records how it is computed and how its gradient flows back. A pass
 * runs the records in order, {@link #backward} runs them in reverse. All memory is taken while recording.
 */
public final class Tape {
    /** An operation: its result from its inputs, and the gradients of its inputs from that of its result. */
    private record Operation(Tensor result, Runnable forward, Runnable backward) {}

    private final Batch batch;
    private final int rows;
    private final List<Operation> operations = new ArrayList<>();
    private long seed;
    private long step;
    private boolean training;
    private double loss;
    private float weight;

    public Tape(Batch batch) {
        this.batch = batch;
        this.rows = batch.rows();
    }

    /**
     * Runs the operations on the batch as it is filled now, and returns the loss: the mean over all targets.
     *
     * @param seed and step: what dropout depends on
     * @param training whether there is dropout, and {@link #backward} may follow
     * @param share factor on the gradients: 1 / the number of batches of one optimiser step
     */
    public double forward(long seed, long step, boolean training, float share) {
        this.seed = seed;
        this.step = step;
        this.training = training;
        int targets = batch.countTargets();
        this.weight = targets == 0 ? 0f : share / targets;
        loss = 0;
        for (Operation operation : operations) {
            if (operation.result != null) {
                operation.result.gradient().clear();
            }
        }
        operations.forEach(operation -> operation.forward.run());
        return loss / Math.max(1, targets);
    }

    /** Adds the gradients of the last pass to those of the parameters. */
    public void backward() {
        operations.reversed().forEach(operation -> operation.backward.run());
    }

    private Tensor result(String name, int width) {
        return new Tensor(name, rows, width);
    }

    private Tensor record(Tensor result, Runnable forward, Runnable backward) {
        operations.add(new Operation(result, forward, backward));
        return result;
    }

    /** Rows of a table for the tokens of the batch. */
    public Tensor embedding(Tensor table, float scale) {
        return gather(table, batch.ids, scale, -1);
    }

    /** As {@link #embedding}; the row of {@code padding} has no gradient. */
    public Tensor embedding(Tensor table, float scale, int padding) {
        return gather(table, batch.ids, scale, padding);
    }

    /** Rows of a table of positions. */
    public Tensor positions(Tensor table) {
        return gather(table, batch.positions, 1f, -1);
    }

    private Tensor gather(Tensor table, IntArray ids, float scale, int without) {
        int n = table.width();
        Tensor y = result("rows of " + table.name(), n);
        return record(
                y,
                () -> {
                    y.value().clear();
                    Rows.gather(y.value(), table.value(), ids, rows, n, scale);
                },
                () -> {
                    if (table.gradient() != null) {
                        Rows.scatter(table.gradient(), y.gradient(), ids, rows, n, scale, without);
                    }
                });
    }

    /** x Wᵀ + b. */
    public Tensor linear(Tensor x, Tensor w, Tensor bias) {
        int out = w.rows();
        int in = w.width();
        Tensor y = result(w.name(), out);
        return record(
                y,
                () -> {
                    PackedProducts.timesTransposed(y.value(), 0, x.value(), 0, w.value(), rows, out, in, false);
                    if (bias != null) {
                        Rows.addBias(y.value(), bias.value(), rows, out);
                    }
                },
                () -> {
                    if (x.gradient() != null) {
                        PackedProducts.times(x.gradient(), 0, y.gradient(), 0, w.value(), rows, in, out, true);
                    }
                    PackedProducts.addTransposedTimes(w.gradient(), y.gradient(), 0, x.value(), 0, out, in, rows);
                    if (bias != null) {
                        Rows.addSum(bias.gradient(), y.gradient(), rows, out);
                    }
                });
    }

    /** [a ; b], row by row. */
    public Tensor concatenate(Tensor a, Tensor b) {
        Tensor y = result("concatenation", a.width() + b.width());
        return record(
                y,
                () -> {
                    y.value().clear();
                    Rows.addColumns(y.value(), y.width(), 0, a.value(), a.width(), 0, rows, a.width());
                    Rows.addColumns(y.value(), y.width(), a.width(), b.value(), b.width(), 0, rows, b.width());
                },
                () -> {
                    columnsBack(a, y, 0);
                    columnsBack(b, y, a.width());
                });
    }

    private void columnsBack(Tensor part, Tensor y, int from) {
        if (part.gradient() != null) {
            Rows.addColumns(part.gradient(), part.width(), 0, y.gradient(), y.width(), from, rows, part.width());
        }
    }

    /** x + b in every row; b [1, n]. */
    public Tensor bias(Tensor x, Tensor b) {
        Tensor y = result(b.name(), x.width());
        return record(
                y,
                () -> {
                    y.value().clear();
                    Rows.add(y.value(), x.value(), y.size(), 1f);
                    Rows.addBias(y.value(), b.value(), rows, y.width());
                },
                () -> {
                    Rows.add(x.gradient(), y.gradient(), y.size(), 1f);
                    Rows.addSum(b.gradient(), y.gradient(), rows, y.width());
                });
    }

    /** RMSNorm, or LayerNorm where there is a bias. */
    public Tensor norm(Tensor x, Tensor weight, Tensor bias, NormSpec spec) {
        int n = x.width();
        Tensor y = result(weight.name(), n);
        FloatArray statistics = new FloatArray(2 * rows);
        FloatArray b = bias == null ? null : bias.value();
        FloatArray db = bias == null ? null : bias.gradient();
        return record(
                y,
                () -> Norms.forward(y.value(), x.value(), weight.value(), b, statistics, rows, n, spec.epsilon()),
                () -> Norms.backward(
                        x.gradient(),
                        weight.gradient(),
                        db,
                        y.gradient(),
                        x.value(),
                        weight.value(),
                        statistics,
                        rows,
                        n));
    }

    /** Rotates x in place: the product before it needs its result no more. */
    public Tensor rotate(Tensor x, RopeSpec rope, int heads, int headDim) {
        record(
                null,
                () -> turn(x.value(), rope, heads, headDim, 1),
                () -> turn(x.gradient(), rope, heads, headDim, -1));
        return x;
    }

    private void turn(FloatArray x, RopeSpec rope, int heads, int headDim, int direction) {
        boolean adjacent = rope.pairing() == RopeSpec.Pairing.ADJACENT;
        Rotary.rotate(x, rows, batch.length, heads, headDim, adjacent, rope.frequencies(), rope.magnitude(), direction);
    }

    /** Attention within each sequence of the batch. */
    public Tensor attention(Tensor q, Tensor k, Tensor v, AttentionSpec spec, boolean causal, float dropout) {
        Tensor y = result("attention", spec.queryDim());
        FloatArray weights = new FloatArray(Math.multiplyExact(Math.multiplyExact(rows, batch.length), spec.heads()));
        int number = operations.size();
        return record(
                y,
                () -> attention(spec, causal, dropout, number)
                        .forward(y.value(), weights, q.value(), k.value(), v.value(), batch.lengths),
                () -> attention(spec, causal, dropout, number)
                        .backward(
                                q.gradient(),
                                k.gradient(),
                                v.gradient(),
                                y.gradient(),
                                weights,
                                q.value(),
                                k.value(),
                                v.value(),
                                batch.lengths));
    }

    private SequenceAttention attention(AttentionSpec spec, boolean causal, float dropout, int number) {
        return new SequenceAttention(new Attention(
                batch.sequences,
                batch.length,
                spec.heads(),
                spec.kvHeads(),
                spec.headDim(),
                spec.scale(),
                causal,
                training ? dropout : 0f,
                Dropout.key(seed, step, number)));
    }

    /** silu(gate) ⊙ up. */
    public Tensor siluGate(Tensor gate, Tensor up) {
        Tensor y = result("gate", gate.width());
        return record(
                y,
                () -> TrainingActivations.siluGate(y.value(), gate.value(), up.value(), y.size()),
                () -> TrainingActivations.siluGateBackward(
                        gate.gradient(), up.gradient(), y.gradient(), gate.value(), up.value(), y.size()));
    }

    /** GELU with erf. */
    public Tensor gelu(Tensor x) {
        Tensor y = result("gelu", x.width());
        return record(
                y,
                () -> TrainingActivations.gelu(y.value(), x.value(), y.size()),
                () -> TrainingActivations.geluBackward(x.gradient(), y.gradient(), x.value(), y.size()));
    }

    /** x + scale * dropout(block), the residual stream. */
    public Tensor residual(Tensor x, Tensor block, float scale, float dropout) {
        Tensor dropped = dropout(block, dropout);
        Tensor y = result("residual", x.width());
        return record(
                y,
                () -> {
                    y.value().clear();
                    Rows.add(y.value(), x.value(), y.size(), 1f);
                    Rows.add(y.value(), dropped.value(), y.size(), scale);
                },
                () -> {
                    Rows.add(x.gradient(), y.gradient(), y.size(), 1f);
                    Rows.add(dropped.gradient(), y.gradient(), y.size(), scale);
                });
    }

    /** Drops elements while training. */
    public Tensor dropout(Tensor x, float probability) {
        if (probability == 0f) {
            return x;
        }
        Tensor y = result("dropout", x.width());
        int number = operations.size();
        return record(
                y,
                () -> {
                    y.value().clear();
                    drop(y.value(), x.value(), y.size(), probability, number);
                },
                () -> drop(x.gradient(), y.gradient(), y.size(), probability, number));
    }

    private void drop(FloatArray to, FloatArray from, int size, float probability, int number) {
        Dropout.add(to, from, size, Dropout.key(seed, step, number), training ? probability : 0f);
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
        int n = table.rows();
        int width = table.width();
        int room = Math.min(chunk, rows);
        FloatArray logits = new FloatArray(Math.multiplyExact(room, n));
        DoubleArray losses = new DoubleArray(room);
        record(
                null,
                () -> {
                    for (int first = 0; first < rows; first += room) {
                        int count = Math.min(room, rows - first);
                        int at = first * width;
                        PackedProducts.timesTransposed(logits, 0, x.value(), at, table.value(), count, n, width, false);
                        if (scale != 1f) {
                            Rows.add(logits, logits, count * n, scale - 1f);
                        }
                        if (bias != null) {
                            Rows.addBias(logits, bias.value(), count, n);
                        }
                        TrainingLosses.crossEntropy(losses, logits, batch.targets, first, count, n, weight);
                        for (int row = 0; row < count; row++) {
                            loss += losses.get(row);
                        }
                        if (training) {
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
        int n = table.rows();
        int width = table.width();
        int room = Math.min(chunk, rows);
        FloatArray logits = new FloatArray(Math.multiplyExact(room, n));
        FloatArray wanted = new FloatArray(Math.multiplyExact(room, n));
        DoubleArray losses = new DoubleArray(room);
        record(
                null,
                () -> {
                    for (int first = 0; first < rows; first += room) {
                        int count = Math.min(room, rows - first);
                        int at = first * width;
                        PackedProducts.timesTransposed(logits, 0, x.value(), at, table.value(), count, n, width, false);
                        PackedProducts.timesTransposed(
                                wanted, 0, teacher.value(), at, table.value(), count, n, width, false);
                        if (scale != 1f) {
                            Rows.add(logits, logits, count * n, scale - 1f);
                            Rows.add(wanted, wanted, count * n, scale - 1f);
                        }
                        TrainingLosses.softCrossEntropy(
                                losses, ranks, logits, wanted, batch.targets, first, count, n, weight * factor * scale);
                        for (int row = 0; row < count; row++) {
                            loss += factor * losses.get(row);
                        }
                        if (training) {
                            PackedProducts.times(x.gradient(), at, logits, 0, table.value(), count, width, n, true);
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
        DoubleArray losses = new DoubleArray(rows);
        record(
                null,
                () -> {
                    Losses.smoothL1(losses, x.value(), wanted.value(), batch.targets, rows, x.width());
                    for (int row = 0; row < rows; row++) {
                        loss += factor * losses.get(row);
                    }
                },
                () -> Losses.smoothL1Backward(
                        x.gradient(), x.value(), wanted.value(), batch.targets, rows, x.width(), weight * factor));
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
        PackedProducts.times(x.gradient(), at, logits, 0, table.value(), count, width, n, true);
        PackedProducts.addTransposedTimes(table.gradient(), logits, 0, x.value(), at, n, width, count);
    }
}
