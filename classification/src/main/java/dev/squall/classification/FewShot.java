package dev.squall.classification;

import dev.squall.classification.Relation.Example;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Draws few examples of every class: a seeded shuffle, of which the first K of each class are taken (Gao, Fisch and Chen 2021;
 * the follow-ups of PTR do the same).
 */
public final class FewShot {
    /** The seeds of five draws, those of Gao et al. */
    public static final List<Integer> SEEDS = List.of(13, 21, 42, 87, 100);

    private FewShot() {}

    /**
     * @param training K of each class, fewer where there are fewer, in shuffled order
     * @param rest all others
     */
    public record Split(List<Example> training, List<Example> rest) {}

    /** Draws K examples of every class without replacement. */
    public static Split draw(List<Example> examples, int k, long seed) {
        if (k < 1) {
            throw new IllegalArgumentException("examples of a class: found " + k + ", expected at least 1");
        }
        List<Example> shuffled = new ArrayList<>(examples);
        Collections.shuffle(shuffled, new Random(seed));
        Map<String, Integer> taken = new HashMap<>();
        List<Example> training = new ArrayList<>();
        List<Example> rest = new ArrayList<>();
        for (Example example : shuffled) {
            (taken.merge(example.label(), 1, Integer::sum) <= k ? training : rest).add(example);
        }
        return new Split(List.copyOf(training), List.copyOf(rest));
    }
}
