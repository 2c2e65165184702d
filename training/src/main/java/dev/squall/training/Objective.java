package dev.squall.training;

import java.io.IOException;
import java.nio.file.Path;

/**
 * What a run minimises: how its passes are filled, what its loss is, and how its weights are written. A pass depends on its
 * number only, so that a run which is resumed sees what it would have seen.
 */
public interface Objective {
    /**
     * A measurement on held-out text. A figure that an objective does not have is NaN.
     *
     * @param loss mean over all targets, in nats
     * @param targets how many
     * @param bitsPerByte of the text, where the loss is its code length
     * @param top1 share of targets whose token is the first choice
     * @param top5 share of targets whose token is among the first five
     */
    record Evaluation(double loss, long targets, double bitsPerByte, double top1, double top5) {}

    /** The parameters that are trained. */
    Network network();

    /**
     * Gives the parameters the values that a run begins with.
     *
     * @param deviation of matrices that begin at random
     */
    default void begin(long seed, double deviation) {
        network().initialize(seed, deviation);
    }

    /** What is trained on what, in a line. */
    String describe();

    /** Passes that read the training text once. */
    int passes();

    /** Tokens of a pass. */
    int tokens();

    /**
     * Runs a pass forward and back.
     *
     * @param pass its number in the whole run
     * @param share factor on its gradients: 1 / the number of passes of a step
     * @return the mean loss of its targets
     */
    double train(long pass, float share);

    /** Measures on the held-out text, without dropout. */
    Evaluation evaluate();

    /** Writes the weights as a directory that can be loaded. */
    void write(Path directory) throws IOException;
}
