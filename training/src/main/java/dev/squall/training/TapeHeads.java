package dev.squall.training;

import dev.squall.kernels.GradientKernels;
import dev.squall.kernels.gradient.Attention;
import dev.squall.kernels.gradient.Rotary;
import dev.squall.model.spec.LayerSpec.AttentionSpec;
import dev.squall.model.spec.RopeSpec;
import dev.squall.training.Tape.Live;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** The operations of a {@link Tape} on heads: rotation by positions (Su et al. 2021) and attention (Vaswani et al. 2017). */
public final class TapeHeads {
    private final Tape tape;

    TapeHeads(Tape tape) {
        this.tape = tape;
    }

    /** Rotates x in place: the product before it needs its result no more. */
    public Tensor rotate(Tensor x, RopeSpec rope, int heads, int headDim) {
        Live here = tape.live();
        tape.record(
                () -> turn(x.value(), here.rows, rope, heads, headDim, 1),
                () -> turn(x.gradient(), here.rows, rope, heads, headDim, -1));
        return x;
    }

    private void turn(FloatArray x, int rows, RopeSpec rope, int heads, int headDim, int direction) {
        boolean adjacent = rope.pairing() == RopeSpec.Pairing.ADJACENT;
        Rotary.rotate(
                x,
                rows,
                tape.batch().length,
                heads,
                headDim,
                adjacent,
                rope.frequencies(),
                rope.magnitude(),
                direction);
    }

    /** Attention within each sequence of the batch. */
    public Tensor attention(Tensor q, Tensor k, Tensor v, AttentionSpec spec, boolean causal, float dropout) {
        Tensor y = tape.result("attention", spec.queryDim());
        FloatArray weights = new FloatArray(
                Math.multiplyExact(Math.multiplyExact(tape.capacity(), tape.batch().length), spec.heads()));
        GradientKernels kernels = tape.kernels();
        int number = tape.number();
        return tape.record(
                y,
                () -> kernels.attend(
                        shape(spec, causal, dropout, number),
                        y.value(),
                        weights,
                        q.value(),
                        k.value(),
                        v.value(),
                        tape.batch().lengths),
                () -> kernels.attendBackward(
                        shape(spec, causal, dropout, number),
                        q.gradient(),
                        k.gradient(),
                        v.gradient(),
                        y.gradient(),
                        weights,
                        q.value(),
                        k.value(),
                        v.value(),
                        tape.batch().lengths));
    }

    /** Attention in the pass under way, whose dropout is its own. */
    private Attention shape(AttentionSpec spec, boolean causal, float dropout, int number) {
        return new Attention(
                tape.batch().sequences,
                tape.batch().length,
                spec.heads(),
                spec.kvHeads(),
                spec.headDim(),
                spec.scale(),
                causal,
                tape.training() ? dropout : 0f,
                tape.dropoutKey(number));
    }
}
