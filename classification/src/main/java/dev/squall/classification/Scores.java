package dev.squall.classification;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How predictions compare with the truth: counts of pairs, and what is made of them. All figures are fractions.
 *
 * <p>Of a label {@code Cause-Effect(e1,e2)}, the relation is what stands in front of the parenthesis.
 */
public final class Scores {
    private final List<String> labels;
    private final int negative; // -1 for none
    private final int[][] counts; // [classes][classes + 1]: truth, then prediction; the last column is no answer

    /**
     * @param negative the class that stands for no answer, null if there is none
     */
    public Scores(List<String> labels, String negative) {
        this.labels = List.copyOf(labels);
        this.negative = negative == null ? -1 : index("negative class", negative);
        counts = new int[labels.size()][labels.size() + 1];
    }

    private int index(String field, String label) {
        int index = labels.indexOf(label);
        if (index < 0) {
            throw new IllegalArgumentException(field + ": found " + label + ", expected one of " + labels);
        }
        return index;
    }

    /**
     * Counts a prediction.
     *
     * @param predicted null where there is none, which is wrong
     */
    public void add(String truth, String predicted) {
        counts[index("truth", truth)][predicted == null ? labels.size() : index("prediction", predicted)]++;
    }

    /** How often each class was taken for each, [classes][classes + 1]: truth, then prediction; the last is no answer. */
    public int[][] confusion() {
        return Arrays.stream(counts).map(int[]::clone).toArray(int[][]::new);
    }

    public List<String> labels() {
        return labels;
    }

    /** Examples. */
    public int total() {
        int total = 0;
        for (int y = 0; y < labels.size(); y++) {
            total += truths(y);
        }
        return total;
    }

    /** The share of right predictions. */
    public double accuracy() {
        int right = 0;
        for (int y = 0; y < labels.size(); y++) {
            right += counts[y][y];
        }
        return total() == 0 ? 0 : (double) right / total();
    }

    /** F1 of all classes but the negative one, counted together: what is reported for TACRED. */
    public double microF1() {
        int right = 0;
        int predicted = 0;
        int truths = 0;
        for (int y = 0; y < labels.size(); y++) {
            if (y != negative) {
                right += counts[y][y];
                predicted += predictions(y);
                truths += truths(y);
            }
        }
        return f1(right, predicted, truths);
    }

    /**
     * The official score of SemEval-2010 task 8 (Hendrickx et al. 2010): the mean F1 of the relations without the negative class.
     * A prediction is right if its direction is; how often a relation was predicted, and is true, is counted in either
     * direction. A relation that never occurs counts as 0.
     */
    public double macroF1() {
        Map<String, int[]> relations = new LinkedHashMap<>(); // {right, predicted, true}
        for (int y = 0; y < labels.size(); y++) {
            if (y != negative) {
                int[] three = relations.computeIfAbsent(relation(labels.get(y)), name -> new int[3]);
                three[0] += counts[y][y];
                three[1] += predictions(y);
                three[2] += truths(y);
            }
        }
        return relations.values().stream()
                .mapToDouble(three -> f1(three[0], three[1], three[2]))
                .average()
                .orElse(0);
    }

    private static String relation(String label) {
        int direction = label.indexOf('(');
        return direction < 0 ? label : label.substring(0, direction);
    }

    private int truths(int y) {
        return Arrays.stream(counts[y]).sum();
    }

    private int predictions(int y) {
        return Arrays.stream(counts).mapToInt(row -> row[y]).sum();
    }

    private static double f1(int right, int predicted, int truths) {
        return right == 0 ? 0 : 2.0 * right / (predicted + truths);
    }

    /** A line a class: precision, recall, F1 and how often it is true. */
    public String table() {
        StringBuilder table = new StringBuilder(
                String.format("%-40s %9s %9s %9s %6s%n", "class", "precision", "recall", "F1", "true"));
        for (int y = 0; y < labels.size(); y++) {
            int right = counts[y][y];
            table.append(String.format(
                    Locale.ROOT,
                    "%-40s %9.4f %9.4f %9.4f %6d%n",
                    labels.get(y),
                    predictions(y) == 0 ? 0 : (double) right / predictions(y),
                    truths(y) == 0 ? 0 : (double) right / truths(y),
                    f1(right, predictions(y), truths(y)),
                    truths(y)));
        }
        return table.toString();
    }
}
