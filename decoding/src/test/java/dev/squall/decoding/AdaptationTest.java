package dev.squall.decoding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What chooses the size of trees, in worlds whose costs and chances are known. */
class AdaptationTest {
    @Test
    void costsAreMediansBetweenWhichLinesAreDrawn() {
        PassCosts costs = new PassCosts();
        assertThat(costs.seconds(5)).isZero();
        assertThat(costs.wantsPlainPass(1)).isTrue();
        for (double seconds : new double[] {90, 1, 1.1, 0.9, 1, 50, 1}) { // two passes were disturbed
            costs.observe(1, seconds);
        }
        assertThat(costs.seconds(1)).isEqualTo(1);
        assertThat(costs.seconds(3)).as("nothing larger is known yet").isCloseTo(2, within(1e-9));
        costs.observe(9, 3);
        assertThat(costs.seconds(5)).isCloseTo(2, within(1e-9));
        assertThat(costs.seconds(13)).as("the line goes on").isCloseTo(4, within(1e-9));
        assertThat(costs.wantsPlainPass(1)).isFalse();
        assertThat(costs.wantsPlainPass(3)).as("three requests").isTrue();
        for (int i = 0; i < 300; i++) {
            costs.observe(9, 3);
        }
        assertThat(costs.wantsPlainPass(1)).isTrue();
        assertThat(costs.seconds(1))
                .as("forgotten, so guessed from what is known")
                .isCloseTo(0.6, within(1e-9));
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
            odds.learn(tree, round % 4 == 0 ? new int[] {0, 1, 3} : new int[] {0, 2});
        }
        double[] after = odds.probabilities(tree);
        assertThat(after[0]).isEqualTo(1);
        assertThat(after[1]).isCloseTo(0.25, within(0.05));
        assertThat(after[2]).isCloseTo(0.75, within(0.05));
        assertThat(after[3]).isCloseTo(0.25, within(0.06));
    }

    /** Rates of the ways in tokens a second; the fastest one must be taken in nearly all rounds, whatever comes first. */
    @ParameterizedTest
    @CsvSource({"10,6,7,8,9", "10,12,14,11,7", "10,11,13,16,19", "10,16,12,11,9", "10,9.2,9,8,5"})
    void theFastestWayIsFound(double none, double one, double two, double four, double eight) {
        double[] rates = {none, one, two, four, eight};
        double best = DoubleStream.of(rates).max().orElseThrow();
        Random random = new Random(1);
        Pace pace = new Pace();
        double tokens = 0;
        double seconds = 0;
        for (int round = 0; round < 5000; round++) {
            int width = pace.width();
            double rate = rates[width == 0 ? 0 : 1 + Integer.numberOfTrailingZeros(width)];
            double accepted = width == 0 ? 1 : 1 + random.nextInt(5); // 3 on average
            double took = (width == 0 ? 1 : 3) / rate * (0.9 + 0.2 * random.nextDouble());
            pace.observe(accepted, took);
            tokens += accepted;
            seconds += took;
        }
        assertThat(tokens / seconds).isGreaterThan(0.93 * best);
    }

    @Test
    void aChangeOfTheWorldIsNoticed() {
        Pace pace = new Pace();
        for (int round = 0; round < 1000; round++) {
            pace.observe(pace.width() == 0 ? 1 : 3, pace.width() == 0 ? 1 : 5); // no guesses pay
        }
        assertThat(pace.width()).isZero();
        int guessing = 0;
        for (int round = 0; round < 4000; round++) {
            guessing += pace.width() > 0 ? 1 : 0;
            pace.observe(pace.width() == 0 ? 1 : 3, pace.width() == 0 ? 1 : 1.5); // now they do
        }
        assertThat(guessing).isGreaterThan(3000);
    }
}
