package dev.squall.kernels.simd;

import static dev.squall.kernels.simd.Memory.ALL;
import static dev.squall.kernels.simd.Memory.FLOATS;
import static dev.squall.kernels.simd.Memory.ORDER;

import dev.squall.kernels.Lanes;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;

/**
 * Scores of four queries against keys where they lie, for machines whose vectors have all the sixteen lanes of a sum ({@link Memory#WHOLE}).
 *
 * <p>A tile of four queries by four keys is sixteen sums, which stay in registers: it reads half a vector for each
 * multiply-add. Then the lanes of each sum are added, in the order of {@link Lanes}, neighbours eight, four, two and one
 * apart: two sums at a time become one vector that has the one in the lanes with a bit clear, the other in those with it set.
 * Two such steps make a vector of a query and four keys, two more one of a query and sixteen keys. The steps are written out, as
 * so many operations on vectors leave no room for methods of one's own; see {@link Memory}.
 *
 * <p>All arguments are addresses, bytes, or counts of slots.
 */
final class WideScores {
    /** Floats of room that {@link #score} wants: [4 tiles, 4 queries, 16]. */
    static final int ROOM = 4 * 4 * Lanes.COUNT;

    private static final VectorMask<Float> MASK_8 = VectorMask.fromLong(FLOATS, 0xFF00);
    private static final VectorMask<Float> MASK_4 = VectorMask.fromLong(FLOATS, 0xF0F0);
    private static final VectorMask<Float> MASK_2 = VectorMask.fromLong(FLOATS, 0xCCCC);
    private static final VectorMask<Float> MASK_1 = VectorMask.fromLong(FLOATS, 0xAAAA);
    private static final IntVector SWAP_8 = neighbours(8);
    private static final IntVector SWAP_4 = neighbours(4);
    private static final IntVector SWAP_2 = neighbours(2);
    private static final IntVector SWAP_1 = neighbours(1);

    private WideScores() {}

    /** What a lane of one of two vectors is added to: of the first one where the bit is clear, of the second where it is set. */
    private static IntVector neighbours(int bit) {
        int[] from = new int[Lanes.COUNT];
        for (int lane = 0; lane < from.length; lane++) {
            from[lane] = (lane & bit) == 0 ? lane + bit : Lanes.COUNT + lane - bit;
        }
        return IntVector.fromArray(Vectors.INTS, from, 0);
    }

    /**
     * Scores of four queries, some of which may be the same.
     *
     * @param a a query of n bytes, a multiple of 64
     * @param aTo takes its scores, a float for each slot
     * @param keys the first key
     * @param apart from one key to the next
     * @param slots keys, a multiple of 16
     * @param room {@link #ROOM}
     */
    static void score(
            long a,
            long b,
            long c,
            long d,
            long aTo,
            long bTo,
            long cTo,
            long dTo,
            long n,
            long keys,
            long apart,
            int slots,
            float scale,
            long room) {
        for (long t = 0; t < slots; t += 16) {
            multiply(a, b, c, d, n, keys + t * apart, apart, room);
            addLanes(room, aTo + 4 * t, scale);
            addLanes(room + 64, bTo + 4 * t, scale);
            addLanes(room + 128, cTo + 4 * t, scale);
            addLanes(room + 192, dTo + 4 * t, scale);
        }
    }

    /**
     * Sixteen keys, by four tiles of every fourth one: lane 4 i + j of a query's vector is the sum of the lanes j, j + 4, j + 8
     * and j + 12 of its product with the tile's key i.
     */
    private static void multiply(long a, long b, long c, long d, long n, long key, long apart, long to) {
        long step = Memory.sixteen;
        for (long end = key + 4 * apart; key < end; key += apart, to += 256) {
            FloatVector a0 = FloatVector.zero(FLOATS);
            FloatVector a1 = FloatVector.zero(FLOATS);
            FloatVector a2 = FloatVector.zero(FLOATS);
            FloatVector a3 = FloatVector.zero(FLOATS);
            FloatVector b0 = FloatVector.zero(FLOATS);
            FloatVector b1 = FloatVector.zero(FLOATS);
            FloatVector b2 = FloatVector.zero(FLOATS);
            FloatVector b3 = FloatVector.zero(FLOATS);
            FloatVector c0 = FloatVector.zero(FLOATS);
            FloatVector c1 = FloatVector.zero(FLOATS);
            FloatVector c2 = FloatVector.zero(FLOATS);
            FloatVector c3 = FloatVector.zero(FLOATS);
            FloatVector d0 = FloatVector.zero(FLOATS);
            FloatVector d1 = FloatVector.zero(FLOATS);
            FloatVector d2 = FloatVector.zero(FLOATS);
            FloatVector d3 = FloatVector.zero(FLOATS);
            for (long i = 0; i < n; i += step) {
                FloatVector k0 = FloatVector.fromMemorySegment(FLOATS, ALL, key + i, ORDER);
                FloatVector k1 = FloatVector.fromMemorySegment(FLOATS, ALL, key + 4 * apart + i, ORDER);
                FloatVector k2 = FloatVector.fromMemorySegment(FLOATS, ALL, key + 8 * apart + i, ORDER);
                FloatVector k3 = FloatVector.fromMemorySegment(FLOATS, ALL, key + 12 * apart + i, ORDER);
                FloatVector q = FloatVector.fromMemorySegment(FLOATS, ALL, a + i, ORDER);
                a0 = q.fma(k0, a0);
                a1 = q.fma(k1, a1);
                a2 = q.fma(k2, a2);
                a3 = q.fma(k3, a3);
                q = FloatVector.fromMemorySegment(FLOATS, ALL, b + i, ORDER);
                b0 = q.fma(k0, b0);
                b1 = q.fma(k1, b1);
                b2 = q.fma(k2, b2);
                b3 = q.fma(k3, b3);
                q = FloatVector.fromMemorySegment(FLOATS, ALL, c + i, ORDER);
                c0 = q.fma(k0, c0);
                c1 = q.fma(k1, c1);
                c2 = q.fma(k2, c2);
                c3 = q.fma(k3, c3);
                q = FloatVector.fromMemorySegment(FLOATS, ALL, d + i, ORDER);
                d0 = q.fma(k0, d0);
                d1 = q.fma(k1, d1);
                d2 = q.fma(k2, d2);
                d3 = q.fma(k3, d3);
            }
            a0 = a0.blend(a2, MASK_8)
                    .add(SWAP_8.selectFrom(a0.reinterpretAsInts(), a2.reinterpretAsInts())
                            .reinterpretAsFloats());
            a1 = a1.blend(a3, MASK_8)
                    .add(SWAP_8.selectFrom(a1.reinterpretAsInts(), a3.reinterpretAsInts())
                            .reinterpretAsFloats());
            b0 = b0.blend(b2, MASK_8)
                    .add(SWAP_8.selectFrom(b0.reinterpretAsInts(), b2.reinterpretAsInts())
                            .reinterpretAsFloats());
            b1 = b1.blend(b3, MASK_8)
                    .add(SWAP_8.selectFrom(b1.reinterpretAsInts(), b3.reinterpretAsInts())
                            .reinterpretAsFloats());
            c0 = c0.blend(c2, MASK_8)
                    .add(SWAP_8.selectFrom(c0.reinterpretAsInts(), c2.reinterpretAsInts())
                            .reinterpretAsFloats());
            c1 = c1.blend(c3, MASK_8)
                    .add(SWAP_8.selectFrom(c1.reinterpretAsInts(), c3.reinterpretAsInts())
                            .reinterpretAsFloats());
            d0 = d0.blend(d2, MASK_8)
                    .add(SWAP_8.selectFrom(d0.reinterpretAsInts(), d2.reinterpretAsInts())
                            .reinterpretAsFloats());
            d1 = d1.blend(d3, MASK_8)
                    .add(SWAP_8.selectFrom(d1.reinterpretAsInts(), d3.reinterpretAsInts())
                            .reinterpretAsFloats());
            a0.blend(a1, MASK_4)
                    .add(SWAP_4.selectFrom(a0.reinterpretAsInts(), a1.reinterpretAsInts())
                            .reinterpretAsFloats())
                    .intoMemorySegment(ALL, to, ORDER);
            b0.blend(b1, MASK_4)
                    .add(SWAP_4.selectFrom(b0.reinterpretAsInts(), b1.reinterpretAsInts())
                            .reinterpretAsFloats())
                    .intoMemorySegment(ALL, to + 64, ORDER);
            c0.blend(c1, MASK_4)
                    .add(SWAP_4.selectFrom(c0.reinterpretAsInts(), c1.reinterpretAsInts())
                            .reinterpretAsFloats())
                    .intoMemorySegment(ALL, to + 128, ORDER);
            d0.blend(d1, MASK_4)
                    .add(SWAP_4.selectFrom(d0.reinterpretAsInts(), d1.reinterpretAsInts())
                            .reinterpretAsFloats())
                    .intoMemorySegment(ALL, to + 192, ORDER);
        }
    }

    /** The rest of the tree, for one query and sixteen keys. */
    private static void addLanes(long from, long to, float scale) {
        FloatVector a = FloatVector.fromMemorySegment(FLOATS, ALL, from, ORDER);
        FloatVector b = FloatVector.fromMemorySegment(FLOATS, ALL, from + 256, ORDER);
        FloatVector c = FloatVector.fromMemorySegment(FLOATS, ALL, from + 512, ORDER);
        FloatVector d = FloatVector.fromMemorySegment(FLOATS, ALL, from + 768, ORDER);
        FloatVector even = a.blend(c, MASK_2)
                .add(SWAP_2.selectFrom(a.reinterpretAsInts(), c.reinterpretAsInts())
                        .reinterpretAsFloats());
        FloatVector odd = b.blend(d, MASK_2)
                .add(SWAP_2.selectFrom(b.reinterpretAsInts(), d.reinterpretAsInts())
                        .reinterpretAsFloats());
        even.blend(odd, MASK_1)
                .add(SWAP_1.selectFrom(even.reinterpretAsInts(), odd.reinterpretAsInts())
                        .reinterpretAsFloats())
                .mul(scale)
                .intoMemorySegment(ALL, to, ORDER);
    }
}
