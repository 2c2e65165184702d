package dev.squall.kernels.gradient;

import dev.squall.kernels.Workers;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** Rows of tables, sums and biases, with their gradients. */
public final class Rows {
    private Rows() {}

    /** y[r] += scale * table[ids[r]]; y [rows, n], table [tokens, n]. */
    public static void gather(FloatArray y, FloatArray table, IntArray ids, int rows, int n, float scale) {
        Workers.shared().parallelFor(rows, 16, (from, to) -> {
            for (int row = from; row < to; row++) {
                for (int i = 0; i < n; i++) {
                    y.set(row * n + i, y.get(row * n + i) + scale * table.get(ids.get(row) * n + i));
                }
            }
        });
    }

    /** table[ids[r]] += scale * dy[r], rows in order; rows with the id {@code without} are left out. */
    public static void scatter(
            FloatArray table, FloatArray dy, IntArray ids, int rows, int n, float scale, int without) {
        Workers.shared().parallelFor(n, 16, (from, to) -> {
            for (int row = 0; row < rows; row++) {
                int id = ids.get(row);
                if (id != without) {
                    for (int i = from; i < to; i++) {
                        table.set(id * n + i, table.get(id * n + i) + scale * dy.get(row * n + i));
                    }
                }
            }
        });
    }

    /** y += scale * x, elements [0, size). */
    public static void add(FloatArray y, FloatArray x, int size, float scale) {
        Workers.shared().parallelFor(size, 4096, (from, to) -> {
            for (int i = from; i < to; i++) {
                y.set(i, y.get(i) + scale * x.get(i));
            }
        });
    }

    /** y[r, to + i] += x[r, from + i] for i in [0, n); y [rows, yWidth], x [rows, xWidth]. */
    public static void addColumns(
            FloatArray y, int yWidth, int to, FloatArray x, int xWidth, int from, int rows, int n) {
        Workers.shared().parallelFor(rows, 16, (first, end) -> {
            for (int row = first; row < end; row++) {
                for (int i = 0; i < n; i++) {
                    int at = row * yWidth + to + i;
                    y.set(at, y.get(at) + x.get(row * xWidth + from + i));
                }
            }
        });
    }

    /** y[r] += bias; y [rows, n]. */
    public static void addBias(FloatArray y, FloatArray bias, int rows, int n) {
        Workers.shared().parallelFor(rows, 16, (from, to) -> {
            for (int row = from; row < to; row++) {
                for (int i = 0; i < n; i++) {
                    y.set(row * n + i, y.get(row * n + i) + bias.get(i));
                }
            }
        });
    }

    /** dBias += Σ dy[r], rows in order; dy [rows, n]. */
    public static void addSum(FloatArray dBias, FloatArray dy, int rows, int n) {
        Workers.shared().parallelFor(n, 16, (from, to) -> {
            for (int row = 0; row < rows; row++) {
                for (int i = from; i < to; i++) {
                    dBias.set(i, dBias.get(i) + dy.get(row * n + i));
                }
            }
        });
    }
}
