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
 * Multinomial logistic regression over bags of words: the linear baseline. Features are the words of head and tail with the stem
 * of the last, and of what lies between them the words, their stems, pairs of neighbours and their number; of a text alone,
 * words and pairs. A feature of an example is 1 / √(features of the example). Chosen by five-fold cross-validation within the
 * training part of SemEval-2010 task 8: what stands around the two things, parts of words and triples made it worse.
 *
 * <p>Trained by AdaGrad (Duchi, Hazan and Singer 2011) on one example at a time, with a penalty on squared weights where they
 * are used. The same seed gives the same weights.
 */
public final class BagOfWords {
    private static final int FAR = 8; // words; what is farther apart counts as this
    private static final List<String> ENDINGS =
            List.of("ations", "ation", "ings", "ing", "ers", "er", "ies", "es", "ed", "s", "y", "e"); // longest first

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
            return new Options(20, 0.2, 3e-4, 42);
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
        double[] p = probabilities(bag, bag.length);
        p[target] -= 1;
        double value = 1 / Math.sqrt(bag.length);
        for (int feature : bag) {
            double[] w = weights[feature];
            for (int y = 0; y < p.length; y++) {
                double gradient = value * p[y] + options.penalty * w[y];
                squares[feature][y] += gradient * gradient;
                w[y] -= options.rate * gradient / (Math.sqrt(squares[feature][y]) + 1e-8);
            }
        }
    }

    /**
     * The probabilities of all classes, [classes].
     *
     * @param size features of the example, those that no weight is known of too
     */
    private double[] probabilities(int[] bag, int size) {
        double[] q = new double[labels.size()];
        for (int feature : bag) {
            for (int y = 0; y < q.length; y++) {
                q[y] += weights[feature][y] / Math.sqrt(size);
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
        Set<String> found = features(input);
        int[] bag = found.stream()
                .filter(features::containsKey)
                .mapToInt(features::get)
                .toArray();
        double[] q = probabilities(bag, found.size());
        int best = 0;
        for (int y = 1; y < q.length; y++) {
            best = q[y] > q[best] ? y : best;
        }
        return labels.get(best);
    }

    private static Set<String> features(Relation input) {
        Set<String> features = new LinkedHashSet<>(List.of("bias"));
        if (input.head() == null) {
            words(features, "", input.text());
            return features;
        }
        int first = Math.min(
                input.headAt() + input.head().length(),
                input.tailAt() + input.tail().length());
        int second = Math.max(input.headAt(), input.tailAt());
        String between = input.text().substring(Math.min(first, second), second);
        entity(features, "head ", input.head());
        entity(features, "tail ", input.tail());
        words(features, "between ", between);
        for (String word : split(between)) {
            features.add("between stem " + stem(word));
        }
        features.add("distance " + Math.min(FAR, split(between).length));
        return features;
    }

    private static String[] split(String text) {
        return text.isBlank() ? new String[0] : text.strip().split("\\s+");
    }

    private static void entity(Set<String> features, String where, String name) {
        String[] words = split(name);
        for (String word : words) {
            features.add(where + word);
        }
        features.add(where + "stem " + stem(words[words.length - 1]));
    }

    private static void words(Set<String> features, String where, String text) {
        String last = "^";
        for (String word : split(text)) {
            features.add(where + word);
            features.add(where + last + " " + word);
            last = word;
        }
        features.add(where + last + " $");
    }

    /** A word without its ending, as far as a list of endings knows. */
    private static String stem(String word) {
        for (String ending : ENDINGS) {
            if (word.endsWith(ending) && word.length() > ending.length() + 2) {
                return word.substring(0, word.length() - ending.length());
            }
        }
        return word;
    }
}
