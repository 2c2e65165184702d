package dev.squall.decoding;

import dev.squall.Speculation;

/**
 * How many guesses are checked: as many as promise the most tokens a second, from how likely each is right and what passes
 * of so many rows cost here.
 *
 * <p>Guesses of a draft model have been paid for, so that any size may be taken; guesses from the text cost nothing, and only
 * sizes whose cost is known are taken, if they promise clearly more than a pass without guesses. A size that nobody knows,
 * or that was measured long ago, is tried out of an {@link Allowance} once the guesses are likely enough to pay most of it.
 */
final class TreeSize {
    /** A guess from the text is checked where it promises that much more than a pass without. */
    private static final double WORTH = 1.03;

    private static final double COLD = 0.02; // seconds that code for several rows takes to be compiled, or more

    private final PassCosts costs = new PassCosts();
    private final Allowance allowance = new Allowance();
    private boolean trying; // the pass that is being prepared is of a size that nobody knows

    /** Guesses from the text are wanted by name: trying need not wait until there is time for it. */
    void advance() {
        allowance.advance(COLD);
    }

    /** Whether it is time for a pass without guesses, against which all others are held. */
    boolean wantsPlainPass(int requests) {
        return costs.wantsPlainPass(requests);
    }

    /** Seconds of a pass, 0 if nothing is known. */
    double seconds(int rows) {
        return costs.seconds(rows);
    }

    /**
     * How many nodes of a tree promise the most tokens a second.
     *
     * @param probability that each node is right, [nodes]
     * @param requests trees of about this size that share the pass
     * @param drafting seconds that the guesses took
     */
    int best(double[] probability, int requests, double drafting) {
        return best(probability, probability.length, requests, drafting);
    }

    private int best(double[] probability, int most, int requests, double drafting) {
        double tokens = 0;
        double bestRate = 0;
        int best = 1;
        for (int nodes = 1; nodes <= most; nodes++) {
            tokens += probability[nodes - 1];
            double rate = tokens / (costs.seconds(requests * nodes) + drafting);
            if (rate > bestRate) {
                bestRate = rate;
                best = nodes;
            }
        }
        return best;
    }

    /** As {@link #best}, for guesses from the text itself. */
    int bestCopy(double[] probability, int requests) {
        int unknown = trying ? 0 : unknown(probability, requests);
        if (unknown > 0) {
            trying = true;
            return unknown;
        }
        int known = Math.clamp(costs.largest() / requests, 1, probability.length);
        int best = best(probability, known, requests, 0);
        double tokens = expected(probability, best);
        return tokens * costs.seconds(requests) > WORTH * costs.seconds(requests * best) ? best : 1;
    }

    /** The size that was measured longest ago, if it may be tried; else 0. */
    private int unknown(double[] probability, int requests) {
        int oldest = 0;
        for (int nodes = 2; nodes <= probability.length; nodes *= 2) {
            int rows = requests + nodes - 1;
            if (costs.isStale(rows) && (oldest == 0 || costs.age(rows) > costs.age(requests + oldest - 1))) {
                oldest = nodes;
            }
        }
        if (oldest == 0) {
            return 0;
        }
        double plain = costs.seconds(requests);
        double gain = (expected(probability, oldest) - 1) * plain / requests;
        double price = Math.max(0, costs.seconds(requests + oldest - 1) - plain - gain);
        boolean cold = costs.largest() <= requests;
        return allowance.affords(price + (cold ? COLD : 0)) ? oldest : 0;
    }

    private static double expected(double[] probability, int nodes) {
        double tokens = 0;
        for (int node = 0; node < nodes; node++) {
            tokens += probability[node];
        }
        return tokens;
    }

    /** Seconds that a round with guesses of a draft model takes longer than one without, as far as is known. */
    double extra(int width) {
        double wide = costs.seconds(Math.min(4 * width, Speculation.MOST_NODES));
        return width == 0 ? 0 : Math.max(0, wide - costs.seconds(1));
    }

    /**
     * Takes the time of a pass in which every request got its round.
     *
     * @param accepted tokens that a request got, on average
     */
    void observe(int rows, int requests, double pass, double accepted) {
        if (trying) {
            allowance.pay(pass - accepted * costs.seconds(requests));
        }
        trying = false;
        costs.observe(rows, pass);
    }

    /** Takes the seconds of a step. */
    void spent(double step) {
        allowance.earn(step, COLD + costs.seconds(Speculation.MOST_NODES / 2)); // the dearest size that is tried
    }
}
