package dev.squall.training;

import dev.squall.kernels.Workers;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * The mean of the weights that a run passes through (Polyak and Juditsky 1992), in which late ones count more.
 *
 * <pre>
 *   average ← d average + (1 − d) weight     d = min(decay, (n − 1) / n) at the n-th step: at first the plain mean
 * </pre>
 *
 * A mean of steps lies nearer to the middle of a valley than the step that a run happens to end on.
 */
public final class WeightAverage {
    private static final int PIECE = 4096; // elements that a thread takes at a time

    private record Averaged(Tensor parameter, Tensor average) {} // of the same shape

    private final List<Averaged> all = new ArrayList<>();
    private final double decay;

    /**
     * @param steps about how many of the last steps count: decay is 1 − 1/steps
     * @throws IllegalArgumentException if steps are less than 1
     */
    public WeightAverage(Collection<Tensor> parameters, double steps) {
        if (!(steps >= 1)) {
            throw new IllegalArgumentException("steps of an average: found " + steps + ", expected at least 1");
        }
        decay = 1 - 1 / steps;
        for (Tensor each : parameters) {
            all.add(new Averaged(each, Tensor.constant("average." + each.name(), each.rows(), each.width())));
        }
    }

    /**
     * Counts the weights of a step.
     *
     * @param step from 1
     */
    public void add(int step) {
        double d = Math.min(decay, (step - 1.0) / step);
        for (Averaged each : all) {
            FloatArray now = each.parameter.value();
            FloatArray mean = each.average.value();
            Workers.shared().parallelFor(now.getSize(), PIECE, (from, to) -> {
                for (int i = from; i < to; i++) {
                    mean.set(i, (float) (d * mean.get(i) + (1 - d) * now.get(i)));
                }
            });
        }
    }

    /** Puts the averages in the place of the weights, and these in theirs: once to use them, again to go on. */
    public void exchange() {
        for (Averaged each : all) {
            FloatArray weight = each.parameter.value();
            FloatArray mean = each.average.value();
            for (int i = 0; i < weight.getSize(); i++) {
                float now = weight.get(i);
                weight.set(i, mean.get(i));
                mean.set(i, now);
            }
        }
    }

    /** The averages by name: for a checkpoint. */
    public Map<String, Tensor> tensors() {
        Map<String, Tensor> named = new LinkedHashMap<>();
        all.forEach(each -> named.put(each.average.name(), each.average));
        return named;
    }
}
