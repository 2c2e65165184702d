package dev.squall.kernels.simd;

import static dev.squall.kernels.simd.PackedTiles.COLUMNS;
import static dev.squall.kernels.simd.PackedTiles.ROWS;

/** One thread's product of small matrices on the heap, by {@link PackedTiles}; B is packed once for many A. */
final class HeapProduct {
    private final int depth; // of the panels: the largest inner dimension
    private final float[] packedB; // [panels, depth, columns of a tile]
    private final float[] packedA; // [depth, rows of a tile]
    private final float[] tile = new float[ROWS * COLUMNS];

    /**
     * @param columns most columns of B
     * @param depth largest inner dimension
     */
    HeapProduct(int columns, int depth) {
        this.depth = depth;
        packedB = new float[PackedTiles.panels(columns, COLUMNS) * COLUMNS * depth];
        packedA = new float[depth * ROWS];
    }

    /** Takes B [k, n], whose element (i, j) is at {@code at + i * row + j * column}. */
    HeapProduct right(float[] b, int at, int row, int column, int k, int n) {
        for (int panel = 0; panel * COLUMNS < n; panel++) {
            int live = Math.min(COLUMNS, n - panel * COLUMNS);
            int to = panel * COLUMNS * depth;
            int from = at + panel * COLUMNS * column;
            if (column == 1 && live == COLUMNS) {
                for (int i = 0; i < k; i++) {
                    System.arraycopy(b, from + i * row, packedB, to + i * COLUMNS, COLUMNS);
                }
                continue;
            }
            for (int j = 0; j < COLUMNS; j++) {
                for (int i = 0; i < k; i++) {
                    packedB[to + i * COLUMNS + j] = j < live ? b[from + i * row + j * column] : 0f;
                }
            }
        }
        return this;
    }

    /**
     * C = A B or C += A B with the B of {@link #right}.
     *
     * @param c [m, n] from element cAt, rows cRow apart
     * @param a [m, k], whose element (i, p) is at {@code aAt + i * aRow + p * aColumn}
     * @param k at most that of B: only B's first k rows take part
     */
    void multiply(
            float[] c, int cAt, int cRow, float[] a, int aAt, int aRow, int aColumn, int m, int n, int k, boolean add) {
        for (int i = 0; i < m; i += ROWS) {
            int rows = Math.min(ROWS, m - i);
            for (int r = 0; r < ROWS; r++) {
                int from = aAt + (i + r) * aRow;
                for (int p = 0; p < k; p++) {
                    packedA[p * ROWS + r] = r < rows ? a[from + p * aColumn] : 0f;
                }
            }
            for (int j = 0; j < n; j += COLUMNS) {
                int columns = Math.min(COLUMNS, n - j);
                int to = cAt + i * cRow + j;
                if (!add && rows == ROWS && columns == COLUMNS) {
                    PackedTiles.tile(c, to, cRow, packedA, 0, packedB, j * depth, k);
                    continue;
                }
                PackedTiles.tile(tile, 0, COLUMNS, packedA, 0, packedB, j * depth, k);
                for (int r = 0; r < rows; r++) {
                    for (int e = 0; e < columns; e++) {
                        float sum = tile[r * COLUMNS + e];
                        c[to + r * cRow + e] = add ? c[to + r * cRow + e] + sum : sum;
                    }
                }
            }
        }
    }
}
