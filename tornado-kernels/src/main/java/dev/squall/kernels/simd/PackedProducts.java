package dev.squall.kernels.simd;

import static dev.squall.kernels.simd.Memory.ALL;
import static dev.squall.kernels.simd.Memory.FLOATS;
import static dev.squall.kernels.simd.Memory.ORDER;
import static dev.squall.kernels.simd.Memory.S;

import dev.squall.kernels.Workers;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import jdk.incubator.vector.FloatVector;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * The matrix products of training, where both factors have many rows: blocked and packed as by Goto and van de Geijn 2008.
 *
 * <p>The inner dimension is cut into chunks. Of each chunk, A is copied into panels of six rows and B into panels of two
 * vectors of columns, with the inner index running slowest, whatever way the factors lie in memory; then tiles of six rows by
 * two vectors sum in registers. An element of C is the sum of its products in ascending order, chunk after chunk: its bits
 * depend neither on the number of threads nor on the rows and columns beside it.
 */
public final class PackedProducts {
    private static final int ROWS = 6;
    private static final int COLUMNS = 2 * S;
    private static final int CHUNK = 256; // of the inner dimension: a panel of B, 16 KiB, stays in the first cache
    private static final int BLOCK_ROWS = 16; // panels of A that meet a panel of B while it is there
    private static final int BLOCK_COLUMNS = 16; // panels of B

    private static MemorySegment packedA = Memory.scratch(64);
    private static MemorySegment packedB = Memory.scratch(64);

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

    private static synchronized void multiply(
            FloatArray c, int cAt, Factor a, Factor b, int m, int n, int k, boolean add) {
        if (m == 0 || n == 0) {
            return;
        }
        a.check(m, k);
        b.check(k, n);
        new Factor(c, cAt, n, 1).check(m, n);
        int aPanels = (m + ROWS - 1) / ROWS;
        int bPanels = (n + COLUMNS - 1) / COLUMNS;
        packedA = atLeast(packedA, 4L * aPanels * ROWS * CHUNK);
        packedB = atLeast(packedB, 4L * bPanels * COLUMNS * CHUNK);
        long pa = packedA.address();
        long pb = packedB.address();
        long to = c.getSegment().address() + 4L * cAt;
        int across = (bPanels + BLOCK_COLUMNS - 1) / BLOCK_COLUMNS;
        int down = (aPanels + BLOCK_ROWS - 1) / BLOCK_ROWS;
        Workers workers = Workers.shared();
        for (int p = 0; p < k; p += CHUNK) {
            int first = p;
            int depth = Math.min(CHUNK, k - p);
            boolean sum = add || p > 0;
            workers.parallelFor(
                    aPanels,
                    8,
                    (from, end) -> pack(
                            pa,
                            a.address() + 4L * first * a.column,
                            4L * a.row,
                            4L * a.column,
                            ROWS,
                            m,
                            depth,
                            from,
                            end));
            workers.parallelFor(
                    bPanels,
                    8,
                    (from, end) -> pack(
                            pb,
                            b.address() + 4L * first * b.row,
                            4L * b.column,
                            4L * b.row,
                            COLUMNS,
                            n,
                            depth,
                            from,
                            end));
            workers.parallelFor(across * down, 1, (from, end) -> {
                MemorySegment edge = Memory.scratch(4L * ROWS * COLUMNS);
                for (int block = from; block < end; block++) {
                    block(pa, pb, to, edge.address(), block / across, block % across, m, n, depth, sum);
                }
                Reference.reachabilityFence(edge);
            });
        }
        Reference.reachabilityFence(a);
        Reference.reachabilityFence(b);
        Reference.reachabilityFence(c);
    }

    private static MemorySegment atLeast(MemorySegment scratch, long bytes) {
        return scratch.byteSize() >= bytes ? scratch : Memory.scratch(bytes);
    }

    /** Copies panels [from, end) of width lines each; lines past the last are zeros. Steps are in bytes. */
    private static void pack(
            long packed, long source, long line, long inner, int width, int lines, int depth, int from, int end) {
        for (int panel = from; panel < end; panel++) {
            long at = packed + 4L * panel * width * depth;
            int live = Math.min(width, lines - panel * width);
            long start = source + (long) panel * width * line;
            if (line == 4 && live == COLUMNS && width == COLUMNS) {
                for (int i = 0; i < depth; i++) {
                    for (int j = 0; j < COLUMNS; j += S) {
                        FloatVector.fromMemorySegment(FLOATS, ALL, start + i * inner + 4L * j, ORDER)
                                .intoMemorySegment(ALL, at + 4L * (i * COLUMNS + j), ORDER);
                    }
                }
                continue;
            }
            for (int j = 0; j < width; j++) {
                for (int i = 0; i < depth; i++) {
                    float value = j < live ? ALL.get(Memory.FLOAT, start + j * line + i * inner) : 0f;
                    ALL.set(Memory.FLOAT, at + 4L * ((long) i * width + j), value);
                }
            }
        }
    }

    private static void block(
            long pa, long pb, long c, long edge, int down, int across, int m, int n, int depth, boolean add) {
        int lastB = Math.min((across + 1) * BLOCK_COLUMNS, (n + COLUMNS - 1) / COLUMNS);
        int lastA = Math.min((down + 1) * BLOCK_ROWS, (m + ROWS - 1) / ROWS);
        for (int j = across * BLOCK_COLUMNS; j < lastB; j++) {
            for (int i = down * BLOCK_ROWS; i < lastA; i++) {
                long a = pa + 4L * i * ROWS * depth;
                long b = pb + 4L * j * COLUMNS * depth;
                long to = c + 4L * ((long) i * ROWS * n + (long) j * COLUMNS);
                int rows = Math.min(ROWS, m - i * ROWS);
                int columns = Math.min(COLUMNS, n - j * COLUMNS);
                if (rows == ROWS && columns == COLUMNS) {
                    tile(a, b, to, 4L * n, depth * (long) ROWS * 4, add);
                } else {
                    copy(edge, 4L * COLUMNS, to, 4L * n, rows, columns);
                    tile(a, b, edge, 4L * COLUMNS, depth * (long) ROWS * 4, add);
                    copy(to, 4L * n, edge, 4L * COLUMNS, rows, columns);
                }
            }
        }
    }

    private static void copy(long to, long toRow, long from, long fromRow, int rows, int columns) {
        for (int i = 0; i < rows; i++) {
            MemorySegment.copy(ALL, from + i * fromRow, ALL, to + i * toRow, 4L * columns);
        }
    }

    /**
     * C = A B or C += A B for one tile.
     *
     * @param a [depth, 6]
     * @param b [depth, 2 vectors]
     * @param c [6, 2 vectors], rows {@code row} bytes apart
     * @param bytes of the panel of A
     */
    private static void tile(long a, long b, long c, long row, long bytes, boolean add) {
        long next = 4L * S;
        long step = Memory.sixteen / 16 * ROWS;
        long stride = 2 * next;
        FloatVector c00 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector c01 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector c10 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector c11 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector c20 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector c21 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector c30 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector c31 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector c40 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector c41 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector c50 = FloatVector.broadcast(FLOATS, 0f);
        FloatVector c51 = FloatVector.broadcast(FLOATS, 0f);
        long q = b;
        for (long k = 0; k < bytes; k += step) {
            FloatVector b0 = FloatVector.fromMemorySegment(FLOATS, ALL, q, ORDER);
            FloatVector b1 = FloatVector.fromMemorySegment(FLOATS, ALL, q + next, ORDER);
            FloatVector a0 = FloatVector.broadcast(FLOATS, ALL.get(Memory.FLOAT, a + k));
            c00 = a0.fma(b0, c00);
            c01 = a0.fma(b1, c01);
            FloatVector a1 = FloatVector.broadcast(FLOATS, ALL.get(Memory.FLOAT, a + k + 4));
            c10 = a1.fma(b0, c10);
            c11 = a1.fma(b1, c11);
            FloatVector a2 = FloatVector.broadcast(FLOATS, ALL.get(Memory.FLOAT, a + k + 8));
            c20 = a2.fma(b0, c20);
            c21 = a2.fma(b1, c21);
            FloatVector a3 = FloatVector.broadcast(FLOATS, ALL.get(Memory.FLOAT, a + k + 12));
            c30 = a3.fma(b0, c30);
            c31 = a3.fma(b1, c31);
            FloatVector a4 = FloatVector.broadcast(FLOATS, ALL.get(Memory.FLOAT, a + k + 16));
            c40 = a4.fma(b0, c40);
            c41 = a4.fma(b1, c41);
            FloatVector a5 = FloatVector.broadcast(FLOATS, ALL.get(Memory.FLOAT, a + k + 20));
            c50 = a5.fma(b0, c50);
            c51 = a5.fma(b1, c51);
            q += stride;
        }
        store(c00, c01, c, add);
        store(c10, c11, c + row, add);
        store(c20, c21, c + 2 * row, add);
        store(c30, c31, c + 3 * row, add);
        store(c40, c41, c + 4 * row, add);
        store(c50, c51, c + 5 * row, add);
    }

    private static void store(FloatVector low, FloatVector high, long c, boolean add) {
        if (add) {
            low.add(FloatVector.fromMemorySegment(FLOATS, ALL, c, ORDER)).intoMemorySegment(ALL, c, ORDER);
            high.add(FloatVector.fromMemorySegment(FLOATS, ALL, c + 4L * S, ORDER))
                    .intoMemorySegment(ALL, c + 4L * S, ORDER);
        } else {
            low.intoMemorySegment(ALL, c, ORDER);
            high.intoMemorySegment(ALL, c + 4L * S, ORDER);
        }
    }
}
