package dev.squall.classification;

import dev.squall.classification.Relation.Example;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * Multinomial logistic regression over bags of words: the linear baseline. Features are the words before the head, the pairs and
 * single words between head and tail, the words behind the tail, and the two themselves; of a text alone, words and pairs.
 *
 * <p>Trained by AdaGrad (Duchi, Hazan and Singer 2011) on one example at a time, with a penalty on squared weights where they
 * are used. The same seed gives the same weights.
 */
public final class BagOfWords {
    private final List<String> labels;
    private final Map<String, Integer> features;
    private final double[][] weights; // [features][classes]

    /**
     * @param epochs passes over the examples
     * @param rate of AdaGrad
     * @param penalty on half the squared weights, an example
     */
    public record Options(int epochs, double rate, double penalty, long seed) {
        public static Options defaults() {
            return new Options(20, 0.05, 3e-3, 42);
        }
    }

    private BagOfWords(List<String> labels, Map<String, Integer> features) {
        this.labels = labels;
        this.features = features;
        weights = new double[features.size()][labels.size()];
    }

    /**
     * Trains a classifier.
     *
     * @throws IllegalArgumentException if an example has another label
     */
    public static BagOfWords train(List<Example> examples, List<String> labels, Options options) {
        Map<String, Integer> numbers = new HashMap<>();
        List<int[]> bags = new ArrayList<>();
        int[] targets = new int[examples.size()];
        for (Example example : examples) {
            targets[bags.size()] = labels.indexOf(example.label());
            if (targets[bags.size()] < 0) {
                throw new IllegalArgumentException("label: found " + example.label() + ", expected one of " + labels);
            }
            bags.add(features(example.input()).stream()
                    .mapToInt(feature -> numbers.computeIfAbsent(feature, each -> numbers.size()))
                    .toArray());
        }
        BagOfWords model = new BagOfWords(List.copyOf(labels), numbers);
        double[][] squares = new double[numbers.size()][labels.size()];
        Integer[] order = new Integer[targets.length];
        Arrays.setAll(order, i -> i);
        Random random = new Random(options.seed);
        for (int epoch = 0; epoch < options.epochs; epoch++) {
            Collections.shuffle(Arrays.asList(order), random);
            for (int i : order) {
                model.learn(bags.get(i), targets[i], squares, options);
            }
        }
        return model;
    }

    private void learn(int[] bag, int target, double[][] squares, Options options) {
        double[] p = probabilities(bag);
        p[target] -= 1;
        for (int feature : bag) {
            double[] w = weights[feature];
            for (int y = 0; y < p.length; y++) {
                double gradient = p[y] + options.penalty * w[y];
                squares[feature][y] += gradient * gradient;
                w[y] -= options.rate * gradient / (Math.sqrt(squares[feature][y]) + 1e-8);
            }
        }
    }

    /** The probabilities of all classes, [classes]. */
    private double[] probabilities(int[] bag) {
        double[] q = new double[labels.size()];
        for (int feature : bag) {
            for (int y = 0; y < q.length; y++) {
                q[y] += weights[feature][y];
            }
        }
        double largest = Arrays.stream(q).max().orElseThrow();
        double sum = 0;
        for (int y = 0; y < q.length; y++) {
            q[y] = Math.exp(q[y] - largest);
            sum += q[y];
        }
        for (int y = 0; y < q.length; y++) {
            q[y] /= sum;
        }
        return q;
    }

    /** The most probable class. */
    public String classify(Relation input) {
        double[] q = probabilities(features(input).stream()
                .filter(features::containsKey)
                .mapToInt(features::get)
                .toArray());
        int best = 0;
        for (int y = 1; y < q.length; y++) {
            best = q[y] > q[best] ? y : best;
        }
        return labels.get(best);
    }

    private static Set<String> features(Relation input) {
        Set<String> features = new LinkedHashSet<>(List.of("bias"));
        if (input.head() == null) {
            words(features, "", input.text(), true);
            return features;
        }
        int head = input.text().indexOf(input.head());
        int behind = head + input.head().length();
        int tail = input.text().indexOf(input.tail(), behind);
        if (tail < 0) {
            tail = input.text().indexOf(input.tail());
        }
        int first = Math.min(behind, tail + input.tail().length());
        int second = Math.max(head, tail);
        words(features, "head ", input.head(), false);
        words(features, "tail ", input.tail(), false);
        words(features, "before ", input.text().substring(0, Math.min(head, tail)), false);
        words(features, "between ", input.text().substring(Math.min(first, second), second), true);
        int end = Math.max(behind, tail + input.tail().length());
        words(features, "after ", input.text().substring(end), false);
        return features;
    }

    private static void words(Set<String> features, String where, String text, boolean pairs) {
        String last = "^";
        for (String word : text.strip().split("\\s+")) {
            features.add(where + word);
            if (pairs) {
                features.add(where + last + " " + word);
            }
            last = word;
        }
        if (pairs) {
            features.add(where + last + " $");
        }
    }
}
