package dev.squall.decoding;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.GenerationOptions;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What is drawn has the distribution that the options describe. */
class SamplerTest {
    private static final int VOCABULARY = 40;

    private static float[] logits(long seed) {
        Random random = new Random(seed);
        float[] logits = new float[VOCABULARY];
        for (int i = 0; i < VOCABULARY; i++) {
            logits[i] = (float) (3 * random.nextGaussian());
        }
        return logits;
    }

    /** The filters by definition: sort, cut, renormalise, one after the other. */
    private static double[] expected(float[] logits, GenerationOptions o) {
        Integer[] order = IntStream.range(0, logits.length).boxed().toArray(Integer[]::new);
        java.util.Arrays.sort(order, Comparator.comparingDouble((Integer id) -> -logits[id]));
        double[] p = new double[logits.length];
        double sum = 0;
        for (int rank = 0; rank < order.length; rank++) {
            boolean kept = o.topK() == 0 || rank < o.topK();
            p[order[rank]] = kept ? Math.exp((logits[order[rank]] - logits[order[0]]) / o.temperature()) : 0;
            sum += p[order[rank]];
        }
        double before = 0;
        for (int id : order) {
            double share = p[id] / sum;
            if (before >= o.topP()) {
                p[id] = 0;
            }
            before += share;
        }
        double most = p[order[0]];
        double rest = 0;
        for (int id : order) {
            p[id] = p[id] < o.minP() * most ? 0 : p[id];
            rest += p[id];
        }
        for (int id : order) {
            p[id] /= rest;
        }
        return p;
    }

    @Test
    void drawsFollowTheDistribution() {
        GenerationOptions.Builder b = GenerationOptions.builder();
        for (GenerationOptions options : new GenerationOptions[] {
            b.temperature(1).seed(1).build(),
            b.temperature(2).seed(2).build(),
            b.temperature(1.2).topK(5).seed(3).build(),
            b.temperature(1.2).topK(0).topP(0.7).seed(4).build(),
            b.temperature(1.2).topK(3).topP(0.8).seed(5).build(),
            b.temperature(1.5).topK(0).topP(1).minP(0.1).seed(6).build(),
            b.temperature(1.5).topK(20).topP(0.95).minP(0.02).seed(7).build(),
        }) {
            float[] logits = logits(options.seed());
            double[] p = expected(logits, options);
            Sampler sampler = new Sampler(options, VOCABULARY);
            int n = 20_000;
            int[] counts = new int[VOCABULARY];
            for (int position = 0; position < n; position++) {
                counts[sampler.sample(logits, position)]++;
            }
            double chiSquare = 0;
            int freedom = -1;
            for (int id = 0; id < VOCABULARY; id++) {
                if (p[id] == 0) {
                    assertThat(counts[id])
                            .as("token %d, which %s excludes", id, options)
                            .isZero();
                } else if (p[id] * n >= 5) {
                    chiSquare += Math.pow(counts[id] - p[id] * n, 2) / (p[id] * n);
                    freedom++;
                }
            }
            // Five deviations above the mean of the chi-square distribution.
            assertThat(chiSquare).as("%s", options).isLessThan(freedom + 5 * Math.sqrt(2.0 * freedom) + 5);
        }
    }

    @Test
    void greedyTakesTheLowestIdOfEquals() {
        Sampler sampler = new Sampler(GenerationOptions.defaults(), 4);
        assertThat(sampler.sample(new float[] {1, 5, 5, 2}, 0)).isEqualTo(1);
        assertThat(sampler.sample(new float[] {-1, -5, -5, -2}, 0)).isZero();
    }

    @Test
    void repetitionPenaltyDividesPositiveAndMultipliesNegativeScores() {
        Sampler sampler =
                new Sampler(GenerationOptions.builder().repetitionPenalty(2).build(), 3);
        sampler.observe(0);
        assertThat(sampler.sample(new float[] {5, 3, 0}, 0)).isEqualTo(1);
        assertThat(sampler.sample(new float[] {7, 3, 0}, 0)).isZero();
        assertThat(sampler.sample(new float[] {-1, -1.5f, -9}, 0)).isEqualTo(1);
    }

    @Test
    void randomNumbersDependOnSeedAndPositionAlone() {
        Set<Double> seen = new HashSet<>();
        double sum = 0;
        for (int seed = 0; seed < 100; seed++) {
            for (int position = 0; position < 100; position++) {
                double u = RandomNumbers.uniform(seed, position);
                assertThat(u).isBetween(0.0, Math.nextDown(1.0)).isEqualTo(RandomNumbers.uniform(seed, position));
                seen.add(u);
                sum += u;
            }
        }
        assertThat(seen).hasSize(10_000);
        assertThat(sum / 10_000).isBetween(0.485, 0.515);
    }
}
