package dev.squall.training;

import dev.squall.kernels.GradientKernels;
import dev.squall.kernels.gradient.Dropout;
import dev.squall.kernels.gradient.Norms;
import dev.squall.kernels.gradient.Rows;
import dev.squall.model.spec.LayerSpec.NormSpec;
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
    private record Operation(Tensor result, Live live, Runnable forward, Runnable backward) {}

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
    private final GradientKernels kernels;
    private final int capacity; // rows of all tensors
    private final Live all; // the rows of the batch
    private Live live; // of the operations that are recorded now
    private final List<Operation> operations = new ArrayList<>();
    private long seed;
    private long step;
    private boolean training;
    private double loss;
    private float weight;

    /** A tape with the fastest kernels that this process can run. */
    public Tape(Batch batch) {
        this(batch, GradientKernels.best());
    }

    public Tape(Batch batch, GradientKernels kernels) {
        this.batch = batch;
        this.kernels = kernels;
        this.capacity = batch.capacity();
        this.all = new Live(batch.rows(), batch.targets);
        this.live = all;
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
        all.rows = batch.rows();
        int targets = batch.countTargets();
        this.weight = targets == 0 ? 0f : share / targets;
        loss = 0;
        for (Operation operation : operations) {
            if (operation.result != null) {
                clear(operation.result.gradient(), operation.live.rows * operation.result.width());
            }
            operation.forward.run();
        }
        return loss / Math.max(1, targets);
    }

    /** Adds the gradients of the last pass to those of the parameters. */
    public void backward() {
        operations.reversed().forEach(operation -> operation.backward.run());
    }

    /** Choosing rows and putting them side by side. */
    public TapeRows rows() {
        return new TapeRows(this);
    }

    /** What heads do: rotation and attention. */
    public TapeHeads heads() {
        return new TapeHeads(this);
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

    Batch batch() {
        return batch;
    }

    GradientKernels kernels() {
        return kernels;
    }

    /** The key of the dropout of an operation in the pass under way. */
    long dropoutKey(int operation) {
        return Dropout.key(seed, step, operation);
    }

    /** The number of the operation that is recorded next. */
    int number() {
        return operations.size();
    }

    int capacity() {
        return capacity;
    }

    /** Rows and targets as they are for what is recorded now. */
    Live live() {
        return live;
    }

    /** What is recorded from here on computes these rows only. */
    void live(Live rows) {
        live = rows;
    }

    /** Room for an operation's result. */
    Tensor result(String name, int width) {
        return new Tensor(name, capacity, width);
    }

    Tensor record(Tensor result, Runnable forward, Runnable backward) {
        operations.add(new Operation(result, live, forward, backward));
        return result;
    }

    /** Nought for the first elements: what is behind the live rows of a tensor is never read. */
    static void clear(FloatArray x, int size) {
        x.getSegment().asSlice(0, 4L * size).fill((byte) 0);
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
                    kernels.timesTransposed(y.value(), 0, x.value(), 0, w.value(), here.rows, out, in, false);
                    if (bias != null) {
                        Rows.addBias(y.value(), bias.value(), here.rows, out);
                    }
                },
                () -> {
                    if (x.gradient() != null) {
                        kernels.times(x.gradient(), 0, y.gradient(), 0, w.value(), here.rows, in, out, true);
                    }
                    kernels.addTransposedTimes(w.gradient(), y.gradient(), 0, x.value(), 0, out, in, here.rows);
                    if (bias != null) {
                        Rows.addSum(bias.gradient(), y.gradient(), here.rows, out);
                    }
                });
    }

    /** x + b in every row; b [1, n]. */
    public Tensor bias(Tensor x, Tensor b) {
        Live here = live;
        Tensor y = result(b.name(), x.width());
        return record(
                y,
                () -> {
                    clear(y.value(), here.rows * y.width());
                    Rows.add(y.value(), x.value(), here.rows * y.width(), 1f);
                    Rows.addBias(y.value(), b.value(), here.rows, y.width());
                },
                () -> {
                    Rows.add(x.gradient(), y.gradient(), here.rows * y.width(), 1f);
                    Rows.addSum(b.gradient(), y.gradient(), here.rows, y.width());
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

    /** silu(gate) ⊙ up. */
    public Tensor siluGate(Tensor gate, Tensor up) {
        Live here = live;
        Tensor y = result("gate", gate.width());
        return record(
                y,
                () -> kernels.siluGate(y.value(), gate.value(), up.value(), here.rows * y.width()),
                () -> kernels.siluGateBackward(
                        gate.gradient(), up.gradient(), y.gradient(), gate.value(), up.value(), here.rows * y.width()));
    }

    /** GELU with erf. */
    public Tensor gelu(Tensor x) {
        Live here = live;
        Tensor y = result("gelu", x.width());
        return record(
                y,
                () -> kernels.gelu(y.value(), x.value(), here.rows * y.width()),
                () -> kernels.geluBackward(x.gradient(), y.gradient(), x.value(), here.rows * y.width()));
    }

    /** x + scale * dropout(block), the residual stream. */
    public Tensor residual(Tensor x, Tensor block, float scale, float dropout) {
        Live here = live;
        Tensor dropped = dropout(block, dropout);
        Tensor y = result("residual", x.width());
        return record(
                y,
                () -> {
                    clear(y.value(), here.rows * y.width());
                    Rows.add(y.value(), x.value(), here.rows * y.width(), 1f);
                    Rows.add(y.value(), dropped.value(), here.rows * y.width(), scale);
                },
                () -> {
                    Rows.add(x.gradient(), y.gradient(), here.rows * y.width(), 1f);
                    Rows.add(dropped.gradient(), y.gradient(), here.rows * y.width(), scale);
                });
    }

    /** Drops elements while training. */
    public Tensor dropout(Tensor x, float probability) {
        if (probability == 0f) {
            return x;
        }
        Live here = live;
        Tensor y = result("dropout", x.width());
        int number = number();
        return record(
                y,
                () -> {
                    clear(y.value(), here.rows * y.width());
                    drop(y.value(), x.value(), here.rows * y.width(), probability, number);
                },
                () -> drop(x.gradient(), y.gradient(), here.rows * y.width(), probability, number));
    }

    private void drop(FloatArray to, FloatArray from, int size, float probability, int number) {
        Dropout.add(to, from, size, dropoutKey(number), training ? probability : 0f);
    }
}
