package dev.squall.training;

import dev.squall.kernels.Workers;
import java.util.ArrayList;
import java.util.List;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * AdamW (Loshchilov and Hutter 2019) after clipping all gradients by their common norm.
 *
 * <p>The gradients are zero after a step.
 */
public final class AdamW {
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
            Workers.shared().parallelFor(rows.length, 16, (from, to) -> {
                for (int row = from; row < to; row++) {
                    for (int i = row * parameter.width(); i < (row + 1) * parameter.width(); i++) {
                        double g = parameter.gradient().get(i);
                        rows[row] += g * g;
                    }
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
        FloatArray p = parameter.value();
        Workers.shared().parallelFor(parameter.size(), 4096, (from, to) -> {
            for (int i = from; i < to; i++) {
                double g = parameter.gradient().get(i) * clip;
                double m = settings.beta1 * moments.m.get(i) + (1 - settings.beta1) * g;
                double v = settings.beta2 * moments.v.get(i) + (1 - settings.beta2) * g * g;
                moments.m.set(i, (float) m);
                moments.v.set(i, (float) v);
                double change = factor * m / (Math.sqrt(v) + epsilon);
                double old = p.get(i);
                p.set(i, (float) (torch ? old * (1 - decay) - change : (old - change) * (1 - decay)));
            }
        });
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
