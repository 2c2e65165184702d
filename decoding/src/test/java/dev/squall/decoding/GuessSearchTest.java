package dev.squall.decoding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;

/** The search of a tree: a case worked by hand, and against a search without any cleverness. */
class GuessSearchTest {
    private static final int[] FULL_IDS = {2, 5, 7, 11, 13, 17};

    /** The logits of a toy draft behind a path of so many tokens, the last one given. */
    private static double[] logits(int last, int length) {
        double[] logits = new double[FULL_IDS.length];
        for (int j = 0; j < logits.length; j++) {
            logits[j] = (7 * last + 3 * length + 5 * j) % 11 / 2.0 + 0.013 * j;
        }
        return logits;
    }

    /** The K likeliest ids and their log-probabilities into [at, at + K). */
    private static void candidates(double[] logits, int topK, int[] ids, float[] logProbabilities, int at) {
        double sum = Arrays.stream(logits).map(Math::exp).sum();
        int[] ranked = IntStream.range(0, logits.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> -logits[i]))
                .mapToInt(i -> i)
                .toArray();
        for (int rank = 0; rank < topK; rank++) {
            boolean there = rank < ranked.length;
            ids[at + rank] = there ? ranked[rank] : -1;
            logProbabilities[at + rank] =
                    there ? (float) (logits[ranked[rank]] - Math.log(sum)) : Float.NEGATIVE_INFINITY;
        }
    }

    @Test
    void theToyOfThreeLevels() {
        GuessSearch search = new GuessSearch(3, 3);
        int[] ids = new int[9];
        float[] values = new float[9];
        candidates(logits(4, 1), 3, ids, values, 0);
        search.first(ids, values);
        long[][] masks = {{1, 2, 4}, {9, 18, 33}, {73, 146, 289}};
        int[][] tokens = {{2, 7, 13}, {2, 7, 7}, {13, 13, 13}};
        for (int pass = 1; pass < 3; pass++) {
            for (int row = 0; row < 3; row++) {
                assertThat(search.mask(row)).isEqualTo(masks[pass - 1][row]);
                assertThat(FULL_IDS[search.token(row)]).isEqualTo(tokens[pass - 1][row]);
                candidates(logits(FULL_IDS[search.token(row)], pass + 1), 3, ids, values, 3 * row);
            }
            search.next(pass, ids.clone(), values.clone());
        }
        assertThat(IntStream.range(0, 3).mapToLong(search::mask).toArray()).containsExactly(masks[2]);
        String[] history = {
            "-0.74735 0 -1", "-1.22135 2 -1", "-1.69535 4 -1",
            "-1.49471 0 0", "-1.96871 2 0", "-2.44271 4 0",
            "-1.80465 2 1", "-2.27865 4 1", "-4.31765 1 1",
            "-2.44271 0 2", "-2.91671 2 2", "-3.39071 4 2",
            "-1.74058 4 3", "-3.77958 1 3", "-4.25358 3 3",
            "-2.58070 1 6", "-3.05470 3 6", "-3.52870 5 6",
            "-2.74476 1 4", "-3.21876 3 4", "-3.69276 5 4"
        };
        assertThat(search.candidates()).isEqualTo(history.length);
        for (int i = 0; i < history.length; i++) {
            String[] expected = history[i].split(" ");
            String[] found = search.describe(i).split(" ");
            assertThat(Double.parseDouble(found[0])).isCloseTo(Double.parseDouble(expected[0]), within(1.5e-5));
            assertThat(found[1] + " " + found[2]).as("candidate %d", i).isEqualTo(expected[1] + " " + expected[2]);
        }
        DraftTree tree = search.tree(4, id -> FULL_IDS[id], 8);
        int[][] nodes = { // token, parent, depth, mask
            {4, -1, 0, 1},
            {2, 0, 1, 3},
            {7, 0, 1, 5},
            {2, 1, 2, 11},
            {13, 0, 1, 17},
            {13, 3, 3, 43},
            {7, 2, 2, 69},
            {7, 1, 2, 131}
        };
        assertThat(tree.size()).isEqualTo(8);
        for (int i = 0; i < 8; i++) {
            assertThat(new int[] {tree.token(i), tree.parent(i), tree.depth(i), (int) tree.mask(i)})
                    .as("node %d", i)
                    .containsExactly(nodes[i]);
        }
        assertThat(walk(tree, 2, 2, 9, 13, 5, 17, 2, 2)).containsExactly(0, 1, 3, 5);
        assertThat(walk(tree, 2, 9, 7, 13, 5, 17, 2, 2))
                .as("right nodes under wrong ones")
                .containsExactly(0, 1);
        assertThat(walk(tree, 99, 99, 99, 99, 99, 99, 99, 99)).containsExactly(0);
        assertThat(walk(tree, 7, 2, 7, 13, 5, 17, 3, 2)).containsExactly(0, 2, 6);
    }

    /** The nodes that are accepted if the model chooses such tokens behind the nodes. */
    private static int[] walk(DraftTree tree, int... choices) {
        List<Integer> path = new ArrayList<>();
        for (int node = 0; node >= 0; node = tree.child(node, choices[node])) {
            path.add(node);
        }
        return path.stream().mapToInt(i -> i).toArray();
    }

    /** Every candidate with its whole way, in the order in which they are found. */
    private record Way(List<Integer> tokens, float score) {}

    @Property(tries = 300)
    void treesAreTheBestOfAllLevels(
            @ForAll @IntRange(min = 1, max = 6) int topK,
            @ForAll @IntRange(min = 1, max = 5) int depth,
            @ForAll @IntRange(min = 2, max = 64) int nodes,
            @ForAll @IntRange(min = 1, max = 8) int vocabulary,
            @ForAll @LongRange(min = 0, max = 1_000_000) long seed) {
        GuessSearch search = new GuessSearch(topK, depth);
        List<Way> all = new ArrayList<>();
        int[] ids = new int[topK * topK];
        float[] values = new float[topK * topK];
        candidates(table(seed, List.of(), vocabulary), topK, ids, values, 0);
        search.first(ids, values);
        List<Way> beam = new ArrayList<>();
        for (int rank = 0; rank < topK; rank++) {
            beam.add(new Way(List.of(ids[rank]), values[rank]));
        }
        all.addAll(beam);
        for (int pass = 1; pass < depth; pass++) {
            List<Way> level = new ArrayList<>();
            for (int row = 0; row < topK; row++) {
                Way way = beam.get(row);
                assertThat(search.token(row)).isEqualTo(way.tokens().getLast());
                assertThat(Long.bitCount(search.mask(row)))
                        .isEqualTo(way.tokens().size());
                candidates(table(seed, way.tokens(), vocabulary), topK, ids, values, row * topK);
                for (int j = 0; j < topK; j++) {
                    List<Integer> tokens = new ArrayList<>(way.tokens());
                    tokens.add(ids[row * topK + j]);
                    level.add(new Way(tokens, way.score() + values[row * topK + j]));
                }
            }
            search.next(pass, ids.clone(), values.clone());
            all.addAll(level);
            beam = level.stream()
                    .sorted(Comparator.comparingDouble(w -> -w.score()))
                    .limit(topK)
                    .toList();
        }
        List<List<Integer>> expected = all.stream()
                .sorted(Comparator.comparingDouble(w -> -w.score()))
                .limit(nodes - 1)
                .filter(w -> Float.isFinite(w.score()))
                .map(Way::tokens)
                .toList();
        DraftTree tree = search.tree(1000, id -> id + 500, nodes);
        List<List<Integer>> found = new ArrayList<>();
        for (int node = 1; node < tree.size(); node++) {
            assertThat(tree.parent(node)).isLessThan(node);
            assertThat(tree.mask(node)).isEqualTo(tree.mask(tree.parent(node)) | 1L << node);
            List<Integer> way = new ArrayList<>();
            for (int at = node; at > 0; at = tree.parent(at)) {
                way.addFirst(tree.token(at) - 500);
            }
            found.add(way);
        }
        assertThat(found).isEqualTo(expected);
    }

    /** Logits of few values, so that equal scores are common. */
    private static double[] table(long seed, List<Integer> way, int vocabulary) {
        Random random = new Random(seed * 31 + way.hashCode());
        return random.ints(vocabulary, 0, 4).mapToDouble(i -> i).toArray();
    }
}
