package dev.squall.training;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * A matrix with room for its gradient.
 *
 * @param name of a parameter, as in a checkpoint; for people otherwise
 * @param rows most rows
 * @param width elements of a row
 * @param value [rows, width]
 * @param gradient [rows, width], of the loss; null where none is kept: inputs and frozen parameters
 */
public record Tensor(String name, int rows, int width, FloatArray value, FloatArray gradient) {
    public Tensor(String name, int rows, int width) {
        this(name, rows, width, new FloatArray(elements(name, rows, width)), new FloatArray(rows * width));
    }

    /** A matrix without a gradient. */
    public static Tensor constant(String name, int rows, int width, FloatArray value) {
        return new Tensor(name, rows, width, value, null);
    }

    /** As {@link #constant(String, int, int, FloatArray)} with room of its own. */
    public static Tensor constant(String name, int rows, int width) {
        return constant(name, rows, width, new FloatArray(elements(name, rows, width)));
    }

    public int size() {
        return rows * width;
    }

    /** Whether it is a norm's or a bias: a table of one row is none. */
    boolean isVector() {
        return rows == 1 && !name.endsWith("embeddings.weight");
    }

    /** The shape that a checkpoint gives it: [width] for a vector, else [rows, width]. */
    public long[] shape() {
        return isVector() ? new long[] {width} : new long[] {rows, width};
    }

    private static int elements(String name, int rows, int width) {
        if ((long) rows * width > Integer.MAX_VALUE / 4) {
            throw new IllegalArgumentException(
                    name + ": found " + rows + " x " + width + " elements, expected at most " + Integer.MAX_VALUE / 4);
        }
        return rows * width;
    }
}
