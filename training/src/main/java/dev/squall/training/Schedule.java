package dev.squall.training;

/**
 * The learning rate over a run: a linear rise, then a fall by a line or half a cosine (Loshchilov and Hutter 2017).
 *
 * @param rate at the top
 * @param warmup steps of the rise
 * @param steps of the whole run
 * @param floor the rate at the end of a cosine, as a part of the top
 */
public record Schedule(double rate, int warmup, int steps, Decay decay, double floor) {
    /** How the rate falls. */
    public enum Decay {
        LINEAR,
        COSINE
    }

    public Schedule {
        if (!(rate > 0) || warmup < 0 || steps < 1 || warmup > steps || !(floor >= 0 && floor <= 1)) {
            throw new IllegalArgumentException(
                    "schedule: found rate " + rate + ", warmup " + warmup + ", steps " + steps + ", floor " + floor
                            + ", expected rate > 0, 0 <= warmup <= steps, steps >= 1, floor in [0, 1]");
        }
    }

    /** The rate after {@code step} completed steps. */
    public double at(int step) {
        if (step < warmup) {
            return rate * step / Math.max(1, warmup);
        }
        double left = Math.max(0, (double) (steps - step) / Math.max(1, steps - warmup));
        return switch (decay) {
            case LINEAR -> rate * left;
            case COSINE -> rate * (floor + (1 - floor) * (1 - Math.cos(Math.PI * left)) / 2);
        };
    }
}
