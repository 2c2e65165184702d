package dev.squall.training;

import dev.squall.kernels.Workers;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * AdamW (Loshchilov and Hutter 2019) after clipping all gradients by their common norm.
 *
 * <p>The gradients are zero after a step.
 */
public final class AdamW {
    private static final int PIECE = 1024; // elements that are updated together, in plain loops that become vectors

    /** Where ε stands and when weights decay. */
    public enum Convention {
        /** ε beside the corrected √v, decay of the old weight: torch.optim.AdamW. */
        TORCH,
        /** ε beside the uncorrected √v, decay of the updated weight: transformers 4.0. */
        TRANSFORMERS
    }

    /**
     * @param clip largest norm of all gradients together
     */
    public record Settings(Convention convention, double beta1, double beta2, double epsilon, double clip) {}

    /**
     * Parameters that are treated alike.
     *
     * @param weightDecay λ, usually 0 for norms and biases
     * @param rateFactor factor on the learning rate
     */
    public record Group(List<Tensor> parameters, double weightDecay, double rateFactor) {
        public Group {
            parameters = List.copyOf(parameters);
        }
    }

    private record Moments(FloatArray m, FloatArray v) {}

    private final Settings settings;
    private final List<Group> groups;
    private final List<Tensor> parameters = new ArrayList<>();
    private final List<Moments> moments = new ArrayList<>(); // one a parameter
    private int steps;

    public AdamW(List<Group> groups, Settings settings) {
        this.groups = List.copyOf(groups);
        groups.forEach(group -> parameters.addAll(group.parameters));
        this.settings = settings;
        for (Tensor parameter : parameters) {
            moments.add(new Moments(new FloatArray(parameter.size()), new FloatArray(parameter.size())));
        }
    }

    public int steps() {
        return steps;
    }

    /** The norm of all gradients together, summed parameter by parameter. */
    public double gradientNorm() {
        double sum = 0;
        for (Tensor parameter : parameters) {
            double[] rows = new double[parameter.rows()];
            int width = parameter.width();
            Workers.shared().parallelFor(rows.length, 16, (from, to) -> {
                float[] floats = new float[width];
                double[] g = new double[width];
                for (int row = from; row < to; row++) {
                    read(g, parameter.gradient(), row * width, width, floats);
                    double sumOfRow = 0;
                    for (int i = 0; i < width; i++) {
                        sumOfRow += g[i] * g[i];
                    }
                    rows[row] = sumOfRow;
                }
            });
            for (double row : rows) {
                sum += row;
            }
        }
        return Math.sqrt(sum);
    }

    /**
     * Clips, takes a step, and clears the gradients.
     *
     * @param rate the learning rate of this step
     * @param norm of the gradients, finite
     */
    public void step(double rate, double norm) {
        if (!Double.isFinite(norm)) {
            throw new IllegalArgumentException("gradient norm: found " + norm + ", expected a finite number");
        }
        steps++;
        double clip = Math.min(1, settings.clip / (norm + 1e-6));
        int next = 0;
        for (Group group : groups) {
            for (Tensor parameter : group.parameters) {
                update(parameter, moments.get(next++), rate * group.rateFactor, group.weightDecay, clip);
                parameter.gradient().clear();
            }
        }
    }

    private void update(Tensor parameter, Moments moments, double rate, double weightDecay, double clip) {
        double correctM = 1 - Math.pow(settings.beta1, steps);
        double correctV = Math.sqrt(1 - Math.pow(settings.beta2, steps));
        boolean torch = settings.convention == Convention.TORCH;
        double epsilon = torch ? settings.epsilon * correctV : settings.epsilon;
        double decay = rate * weightDecay;
        double factor = rate * correctV / correctM;
        int size = parameter.size();
        Workers.shared().parallelFor(Math.ceilDiv(size, PIECE), 4, (from, to) -> {
            float[] floats = new float[PIECE];
            double[] p = new double[PIECE];
            double[] g = new double[PIECE];
            double[] m = new double[PIECE];
            double[] v = new double[PIECE];
            for (int at = from * PIECE; at < Math.min(size, to * PIECE); at += PIECE) {
                int n = Math.min(PIECE, size - at);
                read(p, parameter.value(), at, n, floats);
                read(g, parameter.gradient(), at, n, floats);
                read(m, moments.m, at, n, floats);
                read(v, moments.v, at, n, floats);
                for (int i = 0; i < n; i++) {
                    double clipped = g[i] * clip;
                    m[i] = settings.beta1 * m[i] + (1 - settings.beta1) * clipped;
                    v[i] = settings.beta2 * v[i] + (1 - settings.beta2) * clipped * clipped;
                    double change = factor * m[i] / (Math.sqrt(v[i]) + epsilon);
                    p[i] = torch ? p[i] * (1 - decay) - change : (p[i] - change) * (1 - decay);
                }
                write(moments.m, m, at, n, floats);
                write(moments.v, v, at, n, floats);
                write(parameter.value(), p, at, n, floats);
            }
        });
    }

    /** to[0, n) = from[at, at + n), by way of floats. */
    private static void read(double[] to, FloatArray from, int at, int n, float[] floats) {
        MemorySegment.copy(from.getSegment(), ValueLayout.JAVA_FLOAT, 4L * at, floats, 0, n);
        for (int i = 0; i < n; i++) {
            to[i] = floats[i];
        }
    }

    private static void write(FloatArray to, double[] from, int at, int n, float[] floats) {
        for (int i = 0; i < n; i++) {
            floats[i] = (float) from[i];
        }
        MemorySegment.copy(floats, 0, to.getSegment(), ValueLayout.JAVA_FLOAT, 4L * at, n);
    }

    /** Everything that a step changes besides the weights, by name: for a checkpoint. */
    public List<FloatArray> state() {
        List<FloatArray> arrays = new ArrayList<>();
        for (Moments each : moments) {
            arrays.add(each.m);
            arrays.add(each.v);
        }
        return arrays;
    }

    /** Continues a run whose {@link #state} was read back. */
    public void resume(int steps) {
        this.steps = steps;
    }
}
