package dev.squall.kernels.simd;

import static dev.squall.kernels.simd.Memory.ALL;
import static dev.squall.kernels.simd.Memory.FLOATS;
import static dev.squall.kernels.simd.Memory.ORDER;
import static dev.squall.kernels.simd.Memory.S;
import static dev.squall.kernels.simd.PackedTiles.COLUMNS;
import static dev.squall.kernels.simd.PackedTiles.ROWS;

import dev.squall.kernels.Workers;
import java.lang.ref.Reference;
import jdk.incubator.vector.FloatVector;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * The matrix products of training, where both factors have many rows: blocked and packed as by Goto and van de Geijn 2008.
 *
 * <p>The inner dimension is cut into chunks. Of each chunk, both factors are copied into panels, whatever way they lie in
 * memory; then {@link PackedTiles} sum in registers. An element of C is the sum of its products in ascending order, chunk
 * after chunk: its bits depend neither on the number of threads nor on the rows and columns beside it.
 */
public final class PackedProducts {
    private static final int CHUNK = 256; // of the inner dimension: a panel of B, 16 KiB, stays in the first cache
    private static final int BLOCK_ROWS = 24; // panels of A that meet a panel of B while it is there, at most
    private static final int BLOCK_COLUMNS = 16; // panels of B, at most
    private static final int SHARES = 4; // blocks for each thread, where there are panels enough

    private static float[] packedA = {}; // [panels of A, chunk, rows of a tile]
    private static float[] packedB = {}; // [panels of B, chunk, columns of a tile]

    private PackedProducts() {}

    /** Where a factor begins and how it lies: element (i, j) is at {@code offset + i * row + j * column}. */
    private record Factor(FloatArray array, int offset, int row, int column) {
        long address() {
            return array.getSegment().address() + 4L * offset;
        }

        void check(int rows, int columns) {
            long last = offset + (rows - 1L) * row + (columns - 1L) * column;
            if (offset < 0 || last >= array.getSize()) {
                throw new IndexOutOfBoundsException(
                        "matrix product: found an array of " + array.getSize() + ", expected more than " + last);
            }
        }
    }

    /**
     * C = A Bᵀ, or C += A Bᵀ: a layer's outputs.
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
     * C = A B, or C += A B: the gradient of a layer's inputs.
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
     * C += Aᵀ B: the gradient of a layer's weights.
     *
     * @param c [m, n]
     * @param a [k, m] from element aAt
     * @param b [k, n] from element bAt
     */
    public static void addTransposedTimes(
            FloatArray c, FloatArray a, int aAt, FloatArray b, int bAt, int m, int n, int k) {
        multiply(c, 0, new Factor(a, aAt, 1, m), new Factor(b, bAt, n, 1), m, n, k, true);
    }

    /** How C is cut into blocks of rows x columns panels: into as many as are wanted, so that small products have work for all. */
    private record Blocks(int aPanels, int bPanels, int rows, int columns) {
        static Blocks of(int aPanels, int bPanels, int wanted) {
            int rows = Math.min(BLOCK_ROWS, aPanels);
            int columns = Math.min(BLOCK_COLUMNS, bPanels);
            while (rows * columns > 1 && new Blocks(aPanels, bPanels, rows, columns).count() < wanted) {
                if (rows >= columns) {
                    rows = (rows + 1) / 2;
                } else {
                    columns = (columns + 1) / 2;
                }
            }
            return new Blocks(aPanels, bPanels, rows, columns);
        }

        int across() {
            return PackedTiles.panels(bPanels, columns);
        }

        int count() {
            return across() * PackedTiles.panels(aPanels, rows);
        }
    }

    private static synchronized void multiply(
            FloatArray c, int cAt, Factor a, Factor b, int m, int n, int k, boolean add) {
        if (m == 0 || n == 0) {
            return;
        }
        a.check(m, k);
        b.check(k, n);
        new Factor(c, cAt, n, 1).check(m, n);
        int aPanels = PackedTiles.panels(m, ROWS);
        int bPanels = PackedTiles.panels(n, COLUMNS);
        packedA = atLeast(packedA, Math.multiplyExact(aPanels * ROWS, CHUNK));
        packedB = atLeast(packedB, Math.multiplyExact(bPanels * COLUMNS, CHUNK));
        float[] pa = packedA;
        float[] pb = packedB;
        long to = c.getSegment().address() + 4L * cAt;
        Workers workers = Workers.shared();
        Blocks blocks = Blocks.of(aPanels, bPanels, SHARES * workers.threads());
        for (int p = 0; p < k; p += CHUNK) {
            int first = p;
            int depth = Math.min(CHUNK, k - p);
            boolean sum = add || p > 0;
            long aFrom = a.address() + 4L * first * a.column;
            long bFrom = b.address() + 4L * first * b.row;
            workers.parallelFor(aPanels, 8, (from, end) -> pack(pa, aFrom, a.row, a.column, ROWS, m, depth, from, end));
            workers.parallelFor(
                    bPanels, 8, (from, end) -> pack(pb, bFrom, b.column, b.row, COLUMNS, n, depth, from, end));
            workers.parallelFor(blocks.count(), 1, (from, end) -> {
                float[] tile = new float[ROWS * COLUMNS];
                for (int block = from; block < end; block++) {
                    block(pa, pb, to, tile, blocks, block, m, n, depth, sum);
                }
            });
        }
        Reference.reachabilityFence(a);
        Reference.reachabilityFence(b);
        Reference.reachabilityFence(c);
    }

    private static float[] atLeast(float[] scratch, int size) {
        return scratch.length >= size ? scratch : new float[size];
    }

    /** Copies panels [from, end) of width lines each. Steps from line to line and along a line are in elements. */
    private static void pack(
            float[] packed, long source, int line, int inner, int width, int lines, int depth, int from, int end) {
        float[] buffer = new float[depth];
        for (int panel = from; panel < end; panel++) {
            int at = panel * width * depth;
            int live = Math.min(width, lines - panel * width);
            long start = source + 4L * panel * width * line;
            if (line == 1) {
                PackedTiles.packAcross(packed, at, start, 4L * inner, width, live, depth);
            } else {
                PackedTiles.packLines(packed, at, start, 4L * line, width, live, depth, buffer);
            }
        }
    }

    private static void block(
            float[] pa,
            float[] pb,
            long c,
            float[] tile,
            Blocks blocks,
            int block,
            int m,
            int n,
            int depth,
            boolean add) {
        int firstA = block / blocks.across() * blocks.rows;
        int firstB = block % blocks.across() * blocks.columns;
        for (int j = firstB; j < Math.min(firstB + blocks.columns, blocks.bPanels); j++) {
            for (int i = firstA; i < Math.min(firstA + blocks.rows, blocks.aPanels); i++) {
                PackedTiles.tile(tile, 0, COLUMNS, pa, i * ROWS * depth, pb, j * COLUMNS * depth, depth);
                long to = c + 4L * ((long) i * ROWS * n + (long) j * COLUMNS);
                store(tile, to, 4L * n, Math.min(ROWS, m - i * ROWS), Math.min(COLUMNS, n - j * COLUMNS), add);
            }
        }
    }

    /** Writes a tile, or adds it, to where it belongs. */
    private static void store(float[] tile, long c, long row, int rows, int columns, boolean add) {
        for (int i = 0; i < rows; i++) {
            long to = c + i * row;
            int j = 0;
            for (; j + S <= columns; j += S) {
                FloatVector sum = FloatVector.fromArray(FLOATS, tile, i * COLUMNS + j);
                if (add) {
                    sum = sum.add(FloatVector.fromMemorySegment(FLOATS, ALL, to + 4L * j, ORDER));
                }
                sum.intoMemorySegment(ALL, to + 4L * j, ORDER);
            }
            for (; j < columns; j++) {
                float old = add ? ALL.get(Memory.FLOAT, to + 4L * j) : 0f;
                ALL.set(Memory.FLOAT, to + 4L * j, tile[i * COLUMNS + j] + old);
            }
        }
    }
}
