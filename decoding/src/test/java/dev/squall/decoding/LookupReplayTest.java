package dev.squall.decoding;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.Generation;
import dev.squall.GenerationOptions;
import dev.squall.Speculation;
import dev.squall.Squall;
import dev.squall.Token;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Texts of the bundled model, which often repeats itself, decoded again on machines whose passes cost what one says. */
class LookupReplayTest {
    private static final int[] ROWS = {1, 2, 4, 8, 16, 32, 60};
    private static final double[][] COSTS = { // [machines][ROWS], passes of one row
        {1, 1.31, 3.31, 4.36, 6.91, 12.28, 21.24}, // measured on two cores
        {1, 1.9, 3.6, 4.9, 7.9, 13.9, 22.9}, // the same for a model of a billion parameters
        {1, 1.02, 1.05, 1.1, 1.3, 1.6, 2}, // an accelerator
        {1, 2.1, 4.3, 8.6, 17, 34, 64} // where nothing can pay
    };
    private static final double PASS = 0.0018; // seconds of a pass of one row
    private static final int TOKENS = 160;

    private record Text(int[] tokens, int prompt) {}

    @Test
    void guessesFromTheTextComeUpToEveryFixedLength() {
        List<Text> texts = texts();
        for (double[] costs : COSTS) {
            double best = 0;
            for (int length : new int[] {0, 1, 3, 7, 15}) {
                best = Math.max(best, rate(texts, costs, length, null));
            }
            Speculating adaptive = new Speculating(new TreeSize(), new Calibration(), new Random(1));
            double cold = rate(texts, costs, 31, adaptive);
            assertThat(cold).as("the first second of a process").isGreaterThan(0.97);
            for (int again = 0; again < 40; again++) {
                rate(texts, costs, 31, adaptive);
            }
            assertThat(rate(texts, costs, 31, adaptive)).isGreaterThan(0.97 * best);
        }
    }

    private static List<Text> texts() {
        List<Text> texts = new ArrayList<>();
        try (Squall squall = Squall.load()) {
            GenerationOptions options = GenerationOptions.builder()
                    .maxTokens(TOKENS)
                    .ignoreEndOfSequence(true)
                    .speculation(Speculation.none())
                    .build();
            for (String prompt : List.of("It was a", "The old man said that", "Once upon a time there lived")) {
                int[] ids = squall.tokenizer().encodePrompt(prompt, false);
                Generation result = squall.generate(ids, options);
                IntStream generated = result.tokens().stream().mapToInt(Token::id);
                texts.add(
                        new Text(IntStream.concat(IntStream.of(ids), generated).toArray(), ids.length));
            }
        }
        return texts;
    }

    private record Speculating(TreeSize sizes, Calibration odds, Random random) {}

    /** Tokens in the time of a pass of one row. */
    private static double rate(List<Text> texts, double[] costs, int length, Speculating adaptive) {
        double passes = 0;
        int tokens = 0;
        for (Text text : texts) {
            for (int at = text.prompt + 1; at < text.tokens.length; ) {
                DraftTree tree = PromptLookup.guess(text.tokens, at, Math.min(length, text.tokens.length - at - 1));
                int nodes = tree.size();
                if (adaptive != null) {
                    double[] odds = adaptive.odds.probabilities(tree);
                    nodes = adaptive.sizes.wantsPlainPass(1) ? 1 : adaptive.sizes.bestCopy(odds, 1);
                }
                int accepted = 1;
                while (accepted < nodes && tree.token(accepted) == text.tokens[at + accepted - 1]) {
                    accepted++;
                }
                double cost = cost(costs, nodes);
                if (adaptive != null) {
                    double took = PASS * cost * (0.97 + 0.06 * adaptive.random.nextDouble());
                    adaptive.odds.learn(tree, text.tokens, at, at + accepted);
                    adaptive.sizes.observe(nodes, 1, took, accepted);
                    adaptive.sizes.spent(took);
                }
                passes += cost;
                tokens += accepted;
                at += accepted;
            }
        }
        return tokens / passes;
    }

    private static double cost(double[] costs, int rows) {
        int above = 1;
        while (ROWS[above] < rows) {
            above++;
        }
        double part = (double) (rows - ROWS[above - 1]) / (ROWS[above] - ROWS[above - 1]);
        return costs[above - 1] + part * (costs[above] - costs[above - 1]);
    }
}
