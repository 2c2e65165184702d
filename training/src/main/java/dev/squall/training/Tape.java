package dev.squall.training;

import dev.squall.kernels.gradient.Attention;
import dev.squall.kernels.gradient.Dropout;
import dev.squall.kernels.gradient.Norms;
import dev.squall.kernels.gradient.Rotary;
import dev.squall.kernels.gradient.Rows;
import dev.squall.kernels.simd.PackedProducts;
import dev.squall.kernels.simd.SequenceAttention;
import dev.squall.kernels.simd.TrainingActivations;
import dev.squall.model.spec.LayerSpec.AttentionSpec;
import dev.squall.model.spec.LayerSpec.NormSpec;
import dev.squall.model.spec.RopeSpec;
import java.util.ArrayList;
import java.util.List;
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

    /** How many rows of the tensors of some operations mean something in a pass, and what they should become. */
    static final class Live {
        int rows;
        final IntArray targets; // [rows], −1 where a row has none

        Live(int rows, IntArray targets) {
            this.rows = rows;
            this.targets = targets;
        }
    }

    private final Batch batch;
    private final int capacity; // rows of all tensors
    private Live live; // of the operations that are recorded now
    private final List<Operation> operations = new ArrayList<>();
    private long seed;
    private long step;
    private boolean training;
    private double loss;
    private float weight;

    public Tape(Batch batch) {
        this.batch = batch;
        this.capacity = batch.rows();
        this.live = new Live(capacity, batch.targets);
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

    /** Losses, the ends of a tape. */
    public TapeLosses losses() {
        return new TapeLosses(this);
    }

    /** Records an operation without a result of its own. */
    void record(Runnable forward, Runnable backward) {
        record(null, forward, backward);
    }

    /** Whether the pass under way is one that learns. */
    boolean training() {
        return training;
    }

    /** The weight of a row in the loss of the pass under way. */
    float weight() {
        return weight;
    }

    void addLoss(double more) {
        loss += more;
    }

    int capacity() {
        return capacity;
    }

    /** Rows and targets as they are for what is recorded now. */
    Live live() {
        return live;
    }

    private Tensor result(String name, int width) {
        return new Tensor(name, capacity, width);
    }

    private Tensor record(Tensor result, Runnable forward, Runnable backward) {
        operations.add(new Operation(result, forward, backward));
        return result;
    }

    /**
     * The rows that have a target, one after the other: what is recorded from here on computes these only.
     *
     * <p>Rows of the result past their number are of earlier passes and mean nothing; their gradient is 0.
     */
    public Tensor pick(Tensor x) {
        Live all = live;
        IntArray from = new IntArray(capacity);
        Live picked = new Live(0, new IntArray(capacity));
        Tensor y = result("picked rows", x.width());
        live = picked;
        return record(
                y,
                () -> {
                    picked.rows = 0;
                    for (int row = 0; row < all.rows; row++) {
                        if (all.targets.get(row) >= 0) {
                            from.set(picked.rows, row);
                            picked.targets.set(picked.rows++, all.targets.get(row));
                        }
                    }
                    y.value().clear();
                    Rows.gather(y.value(), x.value(), from, picked.rows, x.width(), 1f);
                },
                () -> Rows.scatter(x.gradient(), y.gradient(), from, picked.rows, x.width(), 1f, -1));
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
                    Rows.gather(y.value(), table.value(), ids, capacity, n, scale);
                },
                () -> {
                    if (table.gradient() != null) {
                        Rows.scatter(table.gradient(), y.gradient(), ids, capacity, n, scale, without);
                    }
                });
    }

    /** x Wᵀ + b. */
    public Tensor linear(Tensor x, Tensor w, Tensor bias) {
        int out = w.rows();
        int in = w.width();
        Live here = live;
        Tensor y = result(w.name(), out);
        return record(
                y,
                () -> {
                    PackedProducts.timesTransposed(y.value(), 0, x.value(), 0, w.value(), here.rows, out, in, false);
                    if (bias != null) {
                        Rows.addBias(y.value(), bias.value(), here.rows, out);
                    }
                },
                () -> {
                    if (x.gradient() != null) {
                        PackedProducts.times(x.gradient(), 0, y.gradient(), 0, w.value(), here.rows, in, out, true);
                    }
                    PackedProducts.addTransposedTimes(w.gradient(), y.gradient(), 0, x.value(), 0, out, in, here.rows);
                    if (bias != null) {
                        Rows.addSum(bias.gradient(), y.gradient(), here.rows, out);
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
                    Rows.addColumns(y.value(), y.width(), 0, a.value(), a.width(), 0, capacity, a.width());
                    Rows.addColumns(y.value(), y.width(), a.width(), b.value(), b.width(), 0, capacity, b.width());
                },
                () -> {
                    columnsBack(a, y, 0);
                    columnsBack(b, y, a.width());
                });
    }

    private void columnsBack(Tensor part, Tensor y, int from) {
        if (part.gradient() != null) {
            Rows.addColumns(part.gradient(), part.width(), 0, y.gradient(), y.width(), from, capacity, part.width());
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
                    Rows.addBias(y.value(), b.value(), capacity, y.width());
                },
                () -> {
                    Rows.add(x.gradient(), y.gradient(), y.size(), 1f);
                    Rows.addSum(b.gradient(), y.gradient(), capacity, y.width());
                });
    }

    /** RMSNorm, or LayerNorm where there is a bias. */
    public Tensor norm(Tensor x, Tensor weight, Tensor bias, NormSpec spec) {
        int n = x.width();
        Live here = live;
        Tensor y = result(weight.name(), n);
        FloatArray statistics = new FloatArray(2 * capacity);
        FloatArray b = bias == null ? null : bias.value();
        FloatArray db = bias == null ? null : bias.gradient();
        return record(
                y,
                () -> Norms.forward(y.value(), x.value(), weight.value(), b, statistics, here.rows, n, spec.epsilon()),
                () -> Norms.backward(
                        x.gradient(),
                        weight.gradient(),
                        db,
                        y.gradient(),
                        x.value(),
                        weight.value(),
                        statistics,
                        here.rows,
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
        Rotary.rotate(
                x, capacity, batch.length, heads, headDim, adjacent, rope.frequencies(), rope.magnitude(), direction);
    }

    /** Attention within each sequence of the batch. */
    public Tensor attention(Tensor q, Tensor k, Tensor v, AttentionSpec spec, boolean causal, float dropout) {
        Tensor y = result("attention", spec.queryDim());
        FloatArray weights =
                new FloatArray(Math.multiplyExact(Math.multiplyExact(capacity, batch.length), spec.heads()));
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
        Live here = live;
        Tensor y = result("gelu", x.width());
        return record(
                y,
                () -> TrainingActivations.gelu(y.value(), x.value(), here.rows * y.width()),
                () -> TrainingActivations.geluBackward(x.gradient(), y.gradient(), x.value(), here.rows * y.width()));
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
}
