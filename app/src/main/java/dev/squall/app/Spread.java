package dev.squall.app;

import java.util.stream.DoubleStream;

/**
 * What several runs have of one figure.
 *
 * @param mean over runs
 * @param deviation of the sample, with n − 1; 0 for a single run
 */
record Spread(double mean, double deviation) {
    static Spread of(double... runs) {
        double mean = DoubleStream.of(runs).average().orElse(0);
        double squares = DoubleStream.of(runs).map(x -> (x - mean) * (x - mean)).sum();
        return new Spread(mean, runs.length < 2 ? 0 : Math.sqrt(squares / (runs.length - 1)));
    }
}
