package dev.squall.kernels.simd;

import static dev.squall.kernels.simd.Memory.ALL;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Tiles of a matrix product from packed panels, after Goto and van de Geijn 2008: four rows of A by two vectors of columns of
 * B. In a panel the inner index runs slowest, so that a tile reads both from one end to the other.
 *
 * <p>The panels are arrays of the heap, in which the compiler knows the bounds of a counted loop. Eight sums leave room for
 * the loop to be unrolled; from twelve on they were spilled to memory, at less than half the speed.
 */
final class PackedTiles {
    /** As wide as the machine has them: vectors lie along columns, so that their width changes no sum. */
    private static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;

    private static final int S = FLOATS.length();

    static final int ROWS = 4;
    static final int COLUMNS = 2 * S;

    private PackedTiles() {}

    /** How many panels hold some lines. */
    static int panels(int lines, int width) {
        return (lines + width - 1) / width;
    }

    /**
     * A panel whose lines lie whole in memory: packed[i * width + j] = line[j][i]; lines past the last are zeros.
     *
     * @param packed from element at: [depth, width]
     * @param source byte address of the panel's first line
     * @param line bytes from a line to the next
     * @param live lines of the panel that exist
     * @param buffer [depth], overwritten
     */
    static void packLines(
            float[] packed, int at, long source, long line, int width, int live, int depth, float[] buffer) {
        for (int j = 0; j < width; j++) {
            if (j < live) {
                MemorySegment.copy(ALL, Memory.FLOAT, source + j * line, buffer, 0, depth);
            } else {
                java.util.Arrays.fill(buffer, 0, depth, 0f);
            }
            spread(packed, at + j, width, buffer, depth);
        }
    }

    private static void spread(float[] to, int at, int step, float[] from, int count) {
        for (int i = 0; i < count; i++) {
            to[at + i * step] = from[i];
        }
    }

    /** A panel whose lines' elements of one inner index lie together; {@code inner} bytes from an index to the next. */
    static void packAcross(float[] packed, int at, long source, long inner, int width, int live, int depth) {
        for (int i = 0; i < depth; i++) {
            MemorySegment.copy(ALL, Memory.FLOAT, source + i * inner, packed, at + i * width, live);
            for (int j = live; j < width; j++) {
                packed[at + i * width + j] = 0f;
            }
        }
    }

    /**
     * C = A B for one tile, each element's products summed in ascending order.
     *
     * @param c from element cAt: [4, 2 vectors], rows {@code row} elements apart
     * @param a from element aAt: [depth, 4]
     * @param b from element bAt: [depth, 2 vectors]
     */
    static void tile(float[] c, int cAt, int row, float[] a, int aAt, float[] b, int bAt, int depth) {
        FloatVector c00 = FloatVector.zero(FLOATS);
        FloatVector c01 = FloatVector.zero(FLOATS);
        FloatVector c10 = FloatVector.zero(FLOATS);
        FloatVector c11 = FloatVector.zero(FLOATS);
        FloatVector c20 = FloatVector.zero(FLOATS);
        FloatVector c21 = FloatVector.zero(FLOATS);
        FloatVector c30 = FloatVector.zero(FLOATS);
        FloatVector c31 = FloatVector.zero(FLOATS);
        int p = aAt;
        int q = bAt;
        for (int k = 0; k < depth; k++) {
            FloatVector b0 = FloatVector.fromArray(FLOATS, b, q);
            FloatVector b1 = FloatVector.fromArray(FLOATS, b, q + S);
            FloatVector a0 = FloatVector.broadcast(FLOATS, a[p]);
            c00 = a0.fma(b0, c00);
            c01 = a0.fma(b1, c01);
            FloatVector a1 = FloatVector.broadcast(FLOATS, a[p + 1]);
            c10 = a1.fma(b0, c10);
            c11 = a1.fma(b1, c11);
            FloatVector a2 = FloatVector.broadcast(FLOATS, a[p + 2]);
            c20 = a2.fma(b0, c20);
            c21 = a2.fma(b1, c21);
            FloatVector a3 = FloatVector.broadcast(FLOATS, a[p + 3]);
            c30 = a3.fma(b0, c30);
            c31 = a3.fma(b1, c31);
            p += 4;
            q += 2 * S;
        }
        c00.intoArray(c, cAt);
        c01.intoArray(c, cAt + S);
        c10.intoArray(c, cAt + row);
        c11.intoArray(c, cAt + row + S);
        c20.intoArray(c, cAt + 2 * row);
        c21.intoArray(c, cAt + 2 * row + S);
        c30.intoArray(c, cAt + 3 * row);
        c31.intoArray(c, cAt + 3 * row + S);
    }
}
