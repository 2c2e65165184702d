package dev.squall.training;

import dev.squall.kernels.gradient.Rows;
import dev.squall.training.Tape.Live;
import java.util.Arrays;
import java.util.List;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** The operations of a {@link Tape} that choose rows, of a table or of a tensor, and put rows side by side. */
public final class TapeRows {
    private final Tape tape;

    TapeRows(Tape tape) {
        this.tape = tape;
    }

    /**
     * The rows of some tensors that have a target, one after the other: what is recorded from here on computes these only.
     *
     * <p>Rows of the results past their number are of earlier passes and mean nothing; their gradient is 0.
     */
    public List<Tensor> pick(Tensor... tensors) {
        Live all = tape.live();
        IntArray from = new IntArray(tape.capacity());
        Live picked = new Live(0, new IntArray(tape.capacity()));
        tape.record(
                () -> {
                    picked.rows = 0;
                    for (int row = 0; row < all.rows; row++) {
                        if (all.targets.get(row) >= 0) {
                            from.set(picked.rows, row);
                            picked.targets.set(picked.rows++, all.targets.get(row));
                        }
                    }
                },
                () -> {});
        tape.live(picked);
        return Arrays.stream(tensors)
                .map(each -> gather("picked rows", each, from, 1f, -1))
                .toList();
    }

    /** Rows of a table for the tokens of the batch. */
    public Tensor embedding(Tensor table, float scale) {
        return embedding(table, scale, -1);
    }

    /** As {@link #embedding}; the row of {@code padding} has no gradient. */
    public Tensor embedding(Tensor table, float scale, int padding) {
        return gather("words", table, tape.batch().ids, scale, padding);
    }

    /** Rows of a table of positions. */
    public Tensor positions(Tensor table) {
        return gather("positions", table, tape.batch().positions, 1f, -1);
    }

    private Tensor gather(String name, Tensor table, IntArray ids, float scale, int without) {
        int n = table.width();
        Live here = tape.live();
        Tensor y = tape.result(name, n);
        return tape.record(
                y,
                () -> {
                    Tape.clear(y.value(), here.rows * y.width());
                    Rows.gather(y.value(), table.value(), ids, here.rows, n, scale);
                },
                () -> {
                    if (table.gradient() != null) {
                        Rows.scatter(table.gradient(), y.gradient(), ids, here.rows, n, scale, without);
                    }
                });
    }

    /** [a ; b], row by row. */
    public Tensor concatenate(Tensor a, Tensor b) {
        Live here = tape.live();
        Tensor y = tape.result("concatenation", a.width() + b.width());
        return tape.record(
                y,
                () -> {
                    Tape.clear(y.value(), here.rows * y.width());
                    Rows.addColumns(y.value(), y.width(), 0, a.value(), a.width(), 0, here.rows, a.width());
                    Rows.addColumns(y.value(), y.width(), a.width(), b.value(), b.width(), 0, here.rows, b.width());
                },
                () -> {
                    columnsBack(a, y, 0, here.rows);
                    columnsBack(b, y, a.width(), here.rows);
                });
    }

    private static void columnsBack(Tensor part, Tensor y, int from, int rows) {
        if (part.gradient() != null) {
            Rows.addColumns(part.gradient(), part.width(), 0, y.gradient(), y.width(), from, rows, part.width());
        }
    }
}
