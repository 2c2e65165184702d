package dev.squall.decoding;

/**
 * How often guesses are right that claim some probability. Whoever guesses says how likely a node is if its parent is right;
 * what verification finds about nodes with a right parent is counted in classes of that claim, and the share of a class
 * takes the claim's place.
 */
final class Calibration {
    private static final double[] BOUNDS = {0.01, 0.03, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.92, 0.96, 0.98};

    /** Guesses that the claim itself counts as, before there is experience. */
    private static final double TRUST = 8;

    /** Guesses after which old experience has lost two thirds of its weight. */
    private static final double MEMORY = 200;

    private final double[] claimed = new double[BOUNDS.length + 1]; // [class], sum of claims
    private final double[] right = new double[BOUNDS.length + 1]; // [class]
    private final double[] counted = new double[BOUNDS.length + 1]; // [class]

    private static int classOf(double claim) {
        int i = 0;
        while (i < BOUNDS.length && claim >= BOUNDS[i]) {
            i++;
        }
        return i;
    }

    /**
     * Takes in what became of a tree, whether its guesses were checked or not.
     *
     * @param text behind the tree's root, as far as it is certain
     * @param from index of the first of its tokens
     * @param to index behind the last
     */
    void learn(DraftTree tree, int[] text, int from, int to) {
        int node = 0;
        for (int i = from; i < to && node >= 0; i++) {
            for (int child = node + 1; child < tree.size(); child++) {
                if (tree.parent(child) == node) {
                    count(claim(tree, child), tree.token(child) == text[i]);
                }
            }
            node = tree.child(node, text[i]);
        }
    }

    private void count(double claim, boolean isRight) {
        int i = classOf(claim);
        double kept = 1 - 1 / MEMORY;
        claimed[i] = claimed[i] * kept + claim;
        right[i] = right[i] * kept + (isRight ? 1 : 0);
        counted[i] = counted[i] * kept + 1;
    }

    private static double claim(DraftTree tree, int node) {
        return Math.exp(tree.score(node) - tree.score(tree.parent(node)));
    }

    /** How likely a node is right if its parent is. */
    private double share(double claim) {
        int i = classOf(claim);
        double excess = (right[i] - claimed[i]) / (counted[i] + TRUST); // over the claims of the class
        return Math.clamp(claim + excess, 0, 1);
    }

    /** How likely each node is right, its way counted in, [size]; 1 for the root. */
    double[] probabilities(DraftTree tree) {
        double[] probability = new double[tree.size()];
        probability[0] = 1;
        for (int node = 1; node < tree.size(); node++) {
            probability[node] = probability[tree.parent(node)] * share(claim(tree, node));
        }
        return probability;
    }
}
