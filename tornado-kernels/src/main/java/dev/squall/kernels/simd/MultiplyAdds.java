package dev.squall.kernels.simd;

import jdk.incubator.vector.FloatVector;

/** Multiply-adds that wait for nothing but one another: ten sums side by side, which hide how long each takes. */
public final class MultiplyAdds {
    /** Multiply-adds of a round. */
    public static final int A_ROUND = 10 * Vectors.W;

    private MultiplyAdds() {}

    /** Does some rounds, and returns a positive number that depends on all of them. */
    public static float run(int rounds) {
        FloatVector half = FloatVector.broadcast(Vectors.WIDE, 0.5f);
        FloatVector one = FloatVector.broadcast(Vectors.WIDE, 1f);
        FloatVector a = FloatVector.zero(Vectors.WIDE);
        FloatVector b = FloatVector.zero(Vectors.WIDE);
        FloatVector c = FloatVector.zero(Vectors.WIDE);
        FloatVector d = FloatVector.zero(Vectors.WIDE);
        FloatVector e = FloatVector.zero(Vectors.WIDE);
        FloatVector f = FloatVector.zero(Vectors.WIDE);
        FloatVector g = FloatVector.zero(Vectors.WIDE);
        FloatVector h = FloatVector.zero(Vectors.WIDE);
        FloatVector i = FloatVector.zero(Vectors.WIDE);
        FloatVector j = FloatVector.zero(Vectors.WIDE);
        long step = Memory.sixteen / 64;
        for (long round = 0; round < rounds; round += step) {
            a = a.fma(half, one);
            b = b.fma(half, one);
            c = c.fma(half, one);
            d = d.fma(half, one);
            e = e.fma(half, one);
            f = f.fma(half, one);
            g = g.fma(half, one);
            h = h.fma(half, one);
            i = i.fma(half, one);
            j = j.fma(half, one);
        }
        return a.add(b).add(c).add(d).add(e).add(f).add(g).add(h).add(i).add(j).lane(0);
    }
}
