package dev.squall.kernels.gradient;

import dev.squall.kernels.Workers;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** The matrix products of training, an element of the result at a time: the sum of its products in ascending order. */
public final class Products {
    private Products() {}

    /** Where a factor begins and how it lies: element (i, j) is at {@code offset + i * row + j * column}. */
    private record Factor(FloatArray array, int offset, int row, int column) {
        float get(int i, int j) {
            return array.get(offset + i * row + j * column);
        }
    }

    /**
     * C = A Bᵀ, or C += A Bᵀ.
     *
     * @param c [m, n] from element cAt
     * @param a [m, k] from element aAt
     * @param b [n, k]
     */
    public static void timesTransposed(
            FloatArray c, int cAt, FloatArray a, int aAt, FloatArray b, int m, int n, int k, boolean add) {
        multiply(c, cAt, new Factor(a, aAt, k, 1), new Factor(b, 0, 1, k), m, n, k, add);
    }

    /**
     * C = A B, or C += A B.
     *
     * @param c [m, n] from element cAt
     * @param a [m, k] from element aAt
     * @param b [k, n]
     */
    public static void times(
            FloatArray c, int cAt, FloatArray a, int aAt, FloatArray b, int m, int n, int k, boolean add) {
        multiply(c, cAt, new Factor(a, aAt, k, 1), new Factor(b, 0, n, 1), m, n, k, add);
    }

    /**
     * C += Aᵀ B.
     *
     * @param c [m, n]
     * @param a [k, m] from element aAt
     * @param b [k, n] from element bAt
     */
    public static void addTransposedTimes(
            FloatArray c, FloatArray a, int aAt, FloatArray b, int bAt, int m, int n, int k) {
        multiply(c, 0, new Factor(a, aAt, 1, m), new Factor(b, bAt, n, 1), m, n, k, true);
    }

    private static void multiply(FloatArray c, int cAt, Factor a, Factor b, int m, int n, int k, boolean add) {
        Workers.shared().parallelFor(m, 1, (from, to) -> {
            for (int i = from; i < to; i++) {
                for (int j = 0; j < n; j++) {
                    float sum = 0f;
                    for (int e = 0; e < k; e++) {
                        sum += a.get(i, e) * b.get(e, j);
                    }
                    int at = cAt + i * n + j;
                    c.set(at, add ? c.get(at) + sum : sum);
                }
            }
        });
    }
}
