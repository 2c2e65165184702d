package dev.squall.training;

import dev.squall.kernels.gradient.Rows;
import dev.squall.training.Tape.Live;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** The operations of a {@link Tape} that choose rows, of a table or of a tensor, and put rows side by side. */
public final class TapeRows {
    private final Tape tape;

    TapeRows(Tape tape) {
        this.tape = tape;
    }

    /**
     * The rows that have a target, one after the other: what is recorded from here on computes these only.
     *
     * <p>Rows of the result past their number are of earlier passes and mean nothing; their gradient is 0.
     */
    public Tensor pick(Tensor x) {
        Live all = tape.live();
        IntArray from = new IntArray(tape.capacity());
        Live picked = new Live(0, new IntArray(tape.capacity()));
        Tensor y = tape.result("picked rows", x.width());
        tape.live(picked);
        return tape.record(
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
        return gather(table, tape.batch().ids, scale, -1);
    }

    /** As {@link #embedding}; the row of {@code padding} has no gradient. */
    public Tensor embedding(Tensor table, float scale, int padding) {
        return gather(table, tape.batch().ids, scale, padding);
    }

    /** Rows of a table of positions. */
    public Tensor positions(Tensor table) {
        return gather(table, tape.batch().positions, 1f, -1);
    }

    private Tensor gather(Tensor table, IntArray ids, float scale, int without) {
        int n = table.width();
        Tensor y = tape.result("rows of " + table.name(), n);
        return tape.record(
                y,
                () -> {
                    y.value().clear();
                    Rows.gather(y.value(), table.value(), ids, tape.capacity(), n, scale);
                },
                () -> {
                    if (table.gradient() != null) {
                        Rows.scatter(table.gradient(), y.gradient(), ids, tape.capacity(), n, scale, without);
                    }
                });
    }

    /** [a ; b], row by row. */
    public Tensor concatenate(Tensor a, Tensor b) {
        Tensor y = tape.result("concatenation", a.width() + b.width());
        return tape.record(
                y,
                () -> {
                    y.value().clear();
                    Rows.addColumns(y.value(), y.width(), 0, a.value(), a.width(), 0, tape.capacity(), a.width());
                    Rows.addColumns(
                            y.value(), y.width(), a.width(), b.value(), b.width(), 0, tape.capacity(), b.width());
                },
                () -> {
                    columnsBack(a, y, 0);
                    columnsBack(b, y, a.width());
                });
    }

    private void columnsBack(Tensor part, Tensor y, int from) {
        if (part.gradient() != null) {
            Rows.addColumns(
                    part.gradient(), part.width(), 0, y.gradient(), y.width(), from, tape.capacity(), part.width());
        }
    }
}
