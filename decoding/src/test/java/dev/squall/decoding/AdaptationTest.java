package dev.squall.decoding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What chooses the size of trees, in worlds whose costs and chances are known. */
class AdaptationTest {
    private static final double EVERY = 0.05; // seconds between two disturbances
    private static final double LONG = 0.01; // seconds of one, on average
    private static final double SLOWER = 1 + LONG / EVERY; // everything, by disturbances

    @Test
    void costsAreMeansBetweenWhichLinesAreDrawn() {
        PassCosts costs = new PassCosts();
        assertThat(costs.seconds(5)).isZero();
        assertThat(costs.wantsPlainPass(1)).isTrue();
        for (double seconds : new double[] {90, 2, 1.1, 1}) { // code that is being compiled
            costs.observe(1, seconds);
            assertThat(costs.seconds(1)).isEqualTo(seconds);
        }
        costs.observe(1, 2);
        assertThat(costs.seconds(1)).isCloseTo(1.2, within(1e-9));
        for (int i = 0; i < 200; i++) {
            costs.observe(1, 1);
        }
        assertThat(costs.seconds(1)).isCloseTo(1, within(1e-2));
        costs.observe(1, 500);
        assertThat(costs.seconds(1)).as("something else was at work").isLessThan(1.3);
        for (int i = 0; i < 2000; i++) {
            costs.observe(1, 1);
        }
        assertThat(costs.seconds(3)).as("nothing larger is known yet").isCloseTo(2, within(1e-9));
        assertThat(costs.largest()).isEqualTo(1);
        costs.observe(9, 3);
        assertThat(costs.largest()).isEqualTo(9);
        assertThat(costs.seconds(5)).isCloseTo(2, within(1e-9));
        assertThat(costs.seconds(13)).as("the line goes on").isCloseTo(4, within(1e-9));
        assertThat(costs.wantsPlainPass(1)).isFalse();
        assertThat(costs.wantsPlainPass(3)).as("three requests").isTrue();
        assertThat(costs.isStale(4)).isTrue();
        assertThat(costs.isStale(9)).isFalse();
        for (int i = 0; i < 300; i++) {
            costs.observe(1, 1.5);
        }
        assertThat(costs.isStale(9)).isTrue();
        assertThat(costs.seconds(9)).as("the best that is known").isEqualTo(3);
        assertThat(costs.seconds(1)).isCloseTo(1.5, within(1e-3));
    }

    @Test
    void sharesTakeThePlaceOfClaims() {
        Calibration odds = new Calibration();
        DraftTree tree = DraftTree.root(1);
        tree.add(0, 2, (float) Math.log(0.6)); // right one time in four
        tree.add(0, 3, (float) Math.log(0.3)); // right three times in four
        tree.add(1, 4, (float) Math.log(0.6 * 0.05)); // right always where 1 is
        double[] before = odds.probabilities(tree);
        assertThat(before[1]).isCloseTo(0.6, within(1e-6));
        assertThat(before[3]).isCloseTo(0.03, within(1e-6));
        for (int round = 0; round < 2000; round++) {
            odds.learn(tree, round % 4 == 0 ? new int[] {9, 2, 4, 8} : new int[] {9, 3, 7}, 1, 3);
        }
        double[] after = odds.probabilities(tree);
        assertThat(after[0]).isEqualTo(1);
        assertThat(after[1]).isCloseTo(0.25, within(0.05));
        assertThat(after[2]).isCloseTo(0.75, within(0.05));
        assertThat(after[3]).isCloseTo(0.25, within(0.06));
    }

    /** A world for {@link Pace}: what rounds of each width yield, and take, on average. */
    private record World(double[] accepted, double[] seconds) {
        private static int way(int width) {
            return width == 0 ? 0 : 1 + Integer.numberOfTrailingZeros(width);
        }

        double rate(int way) {
            return accepted[way] / seconds[way];
        }

        double best() {
            return IntStream.range(0, accepted.length)
                    .mapToDouble(this::rate)
                    .max()
                    .orElseThrow();
        }
    }

    /** Other programs run now and then, for longer than a round. */
    private static double disturbance(double took, Random random) {
        return random.nextDouble() < took / EVERY ? LONG * 2 * random.nextDouble() : 0;
    }

    /** Runs for some seconds; returns tokens a second. */
    private static double run(Pace pace, World world, double until, Random random) {
        double tokens = 0;
        double seconds = 0;
        int before = -1;
        while (seconds < until) {
            int way = World.way(pace.width());
            double mean = world.accepted[way];
            double accepted = mean == 1 ? 1 : Math.max(1, mean - 1.5 + random.nextInt(4)); // on average, or little more
            double took = world.seconds[way] * (0.9 + 0.2 * random.nextDouble());
            took += disturbance(took, random);
            took += way != before && way > 0 ? 3 * world.seconds[0] : 0; // a draft that has to catch up
            before = way;
            pace.observe(accepted, took);
            tokens += accepted;
            seconds += took;
        }
        return tokens / seconds;
    }

    static Stream<World> worlds() {
        return Stream.of(
                // a pass of several rows costs nearly as many passes: nothing pays, as on two cores
                new World(new double[] {1, 2.2, 2.6, 2.8, 3}, new double[] {1, 3.6, 4.6, 7, 14}),
                // wide trees cost little, as on large accelerators
                new World(new double[] {1, 2.2, 2.8, 3.4, 3.9}, new double[] {1, 1.5, 1.6, 1.75, 2}),
                // narrow trees pay, wide ones cost too much
                new World(new double[] {1, 2.5, 2.8, 3, 3.1}, new double[] {1, 1.5, 2.2, 3.4, 6}),
                // the text itself is guessed so well that no draft comes up to it
                new World(new double[] {4, 2.5, 2.8, 3, 3.1}, new double[] {2, 2.0, 2.5, 4, 7}),
                // a draft that is nearly always wrong
                new World(new double[] {1, 1, 1, 1, 1}, new double[] {1, 1.6, 2, 3, 5}));
    }

    /** Trials are to cost one per cent, and what the first ones cost is to be forgotten soon. */
    @ParameterizedTest
    @MethodSource("worlds")
    void theFastestWayIsFoundAndTrialsCostLittle(World unit) {
        World world = scaled(unit, 0.002); // seconds of a plain round
        Random random = new Random(1);
        Pace pace = new Pace(width -> 0.002 * width);
        run(pace, world, 200, random);
        double possible = world.best() / SLOWER;
        assertThat(run(pace, world, 200, random)).isGreaterThan(0.97 * possible);
    }

    @Test
    void aShortTextIsNeverTriedOn() {
        Pace pace = new Pace(width -> 0.002 * width);
        for (double seconds = 0; seconds < 5; seconds += 0.002) {
            pace.observe(1, 0.002);
            assertThat(pace.width()).isZero();
        }
    }

    /** Who names a draft that pays gets it within a second. */
    @Test
    void aNamedDraftIsTriedAtOnce() {
        World world = scaled(worlds().toList().get(1), 0.002);
        Random random = new Random(2);
        Pace pace = new Pace(width -> 0.001);
        pace.advance();
        run(pace, world, 1, random);
        assertThat(pace.width()).isPositive();
    }

    @Test
    void aChangeOfTheWorldIsNoticed() {
        List<World> worlds = worlds().map(unit -> scaled(unit, 0.002)).toList();
        Random random = new Random(3);
        Pace pace = new Pace(width -> 0.002 * width);
        for (int i : new int[] {0, 1, 2, 0, 1}) {
            run(pace, worlds.get(i), 120, random); // in the middle of a text
            World world = worlds.get(i);
            double possible = world.best() / SLOWER;
            assertThat(run(pace, world, 60, random)).as("world %d", i).isGreaterThan(0.95 * possible);
        }
    }

    /**
     * Guesses from the text, in a world whose passes of n rows take base + slope * n of a plain pass: stretches that copy,
     * where guesses are right with a chance, among others, where short equal stretches tempt and are wrong mostly.
     */
    @ParameterizedTest
    @CsvSource({
        "0.9,0.1,0.95", // large accelerators: every guess pays
        "0.4,0.6,0.95", // copying pays
        "0.3,0.7,0.6", // only few guesses pay
        "0,1,0.95", // nothing pays
        "-0.2,1.2,0.95" // and passes of several rows are badly made
    })
    void copiesAreCheckedAsFarAsTheyPay(double base, double slope, double right) {
        Random random = new Random(4);
        double best = Double.MAX_VALUE; // seconds a token
        for (int fixed : new int[] {1, 2, 4, 8, 16}) {
            best = Math.min(best, copy(null, new Calibration(), fixed, 100_000, base, slope, right, random));
        }
        TreeSize sizes = new TreeSize();
        Calibration odds = new Calibration();
        double cold = copy(sizes, odds, 0, 2_000, base, slope, right, random);
        assertThat(cold).as("a short text").isLessThan(1.01 * (base + slope));
        copy(sizes, odds, 0, 50_000, base, slope, right, random);
        double adaptive = copy(sizes, odds, 0, 100_000, base, slope, right, random);
        assertThat(adaptive).isLessThan(best / 0.97);
    }

    /** Plain passes that a token takes. */
    private static double copy(
            TreeSize sizes,
            Calibration odds,
            int fixed,
            int tokens,
            double base,
            double slope,
            double right,
            Random random) {
        double unit = 0.002; // seconds
        double passes = 0;
        int done = 0;
        boolean copies = false;
        while (done < tokens) {
            copies = random.nextInt(40) == 0 ? !copies : copies;
            int longest = copies ? 8 + random.nextInt(9) : random.nextInt(5); // 2 at least for a guess
            int[] text = new int[32];
            DraftTree tree = DraftTree.root(0);
            boolean so = true;
            for (int i = 0; longest > 1 && i < 31; i++) {
                double claim = 1 - 1.0 / Math.min(longest + i, 16);
                tree.add(i, 1, (float) (tree.score(i) + Math.log(claim)));
                so = so && random.nextDouble() < (copies ? right : 0.2);
                text[i] = so ? 1 : 2;
            }
            boolean plain = sizes != null && sizes.wantsPlainPass(1);
            int nodes = Math.min(fixed, tree.size());
            if (sizes != null) {
                nodes = plain ? 1 : sizes.bestCopy(odds.probabilities(tree), 1);
            }
            int accepted = 1;
            while (accepted < nodes && text[accepted - 1] == 1) {
                accepted++;
            }
            double pass = base + slope * nodes;
            odds.learn(tree, text, 0, accepted);
            if (sizes != null) {
                double took = unit * pass * (0.95 + 0.1 * random.nextDouble());
                sizes.observe(nodes, 1, took, accepted);
                sizes.spent(took);
            }
            done += accepted;
            passes += pass;
        }
        return passes / done;
    }

    private static World scaled(World unit, double seconds) {
        return new World(
                unit.accepted, Arrays.stream(unit.seconds).map(s -> s * seconds).toArray());
    }
}
