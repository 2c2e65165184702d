package dev.squall.training;

/**
 * What a run minimises: how its passes are filled, and what its loss is. A pass depends on its number only, so that a run
 * which is resumed sees what it would have seen.
 */
public interface Objective {
    /**
     * A measurement on held-out text.
     *
     * @param loss mean over all targets, in nats
     * @param targets how many
     * @param bitsPerByte of the text, NaN where the loss is no code length of it
     */
    record Evaluation(double loss, long targets, double bitsPerByte) {}

    /** The parameters that are trained. */
    Network network();

    /** Passes that read the training text once. */
    int passes();

    /** Tokens of a pass. */
    int tokens();

    /**
     * Runs a pass forward and back.
     *
     * @param pass its number in the whole run
     * @param step the optimiser step it belongs to
     * @param share factor on its gradients: 1 / the number of passes of a step
     * @return the mean loss of its targets
     */
    double train(long pass, long step, float share);

    /** Measures on the held-out text, without dropout. */
    Evaluation evaluate();
}
