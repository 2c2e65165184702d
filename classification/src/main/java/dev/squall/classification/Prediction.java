package dev.squall.classification;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The class of an input, and why.
 *
 * @param label the class with the highest score; of equal ones, the first
 * @param probability its share among all classes
 * @param probabilities label -> share, in the order of the classes
 * @param masks what the encoder holds for likely at every mask; none where no rules were asked
 * @param runnerUp the class with the second highest score
 * @param literals function -> by how much its words favour the label over the runner-up, in nats; their sum is the distance of
 *     the two scores; none where no rules were asked
 */
public record Prediction(
        String label,
        double probability,
        Map<String, Double> probabilities,
        List<Mask> masks,
        String runnerUp,
        Map<String, Double> literals) {

    /**
     * A mask of the prompt.
     *
     * @param function whose mask it is
     * @param wanted the word that the predicted class wants there
     * @param words label word -> probability among the label words of this mask, the most likely first
     */
    public record Mask(String function, String wanted, Map<String, Double> words) {}

    /**
     * What follows from scores alone.
     *
     * @param labels at least two
     * @param scores of the classes, logits
     */
    static Prediction of(List<String> labels, double[] scores) {
        double[] q = softmax(scores);
        int best = best(scores, -1);
        int second = best(scores, best);
        Map<String, Double> probabilities = new LinkedHashMap<>();
        for (int y = 0; y < q.length; y++) {
            probabilities.put(labels.get(y), q[y]);
        }
        return new Prediction(labels.get(best), q[best], probabilities, List.of(), labels.get(second), Map.of());
    }

    /** The first of the highest scores, but for one that is left out. */
    private static int best(double[] scores, int without) {
        int best = without == 0 ? 1 : 0;
        for (int y = best + 1; y < scores.length; y++) {
            best = y != without && scores[y] > scores[best] ? y : best;
        }
        return best;
    }

    static double[] softmax(double[] x) {
        double largest = Arrays.stream(x).max().orElseThrow();
        double[] y = Arrays.stream(x).map(each -> Math.exp(each - largest)).toArray();
        double sum = Arrays.stream(y).sum();
        return Arrays.stream(y).map(each -> each / sum).toArray();
    }

    /** The function whose literal speaks most for the label against the runner-up; none where there are no literals. */
    public String carriedBy() {
        return literals.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .map(Map.Entry::getKey)
                .orElse("none");
    }

    /** The prediction and its reasons, in lines for people. */
    public String explain() {
        StringBuilder text = new StringBuilder(String.format(Locale.ROOT, "%s (%.4f)%n", label, probability));
        for (Mask mask : masks) {
            String words = mask.words.entrySet().stream()
                    .limit(4)
                    .map(each -> String.format(Locale.ROOT, "%s %.4f", each.getKey(), each.getValue()))
                    .collect(Collectors.joining(", "));
            text.append(String.format(Locale.ROOT, "  %s wants '%s': %s%n", mask.function, mask.wanted, words));
        }
        String nats = literals.entrySet().stream()
                .map(each -> String.format(Locale.ROOT, "%s %+.3f", each.getKey(), each.getValue()))
                .collect(Collectors.joining(", "));
        if (literals.isEmpty()) {
            return text.append(String.format("  against %s%n", runnerUp)).toString();
        }
        return text.append(String.format(Locale.ROOT, "  against %s: %s%n", runnerUp, nats))
                .append(String.format(Locale.ROOT, "  carried by %s%n", carriedBy()))
                .toString();
    }
}
