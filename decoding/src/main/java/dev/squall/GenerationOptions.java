package dev.squall;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How a text is continued. The default is greedy: at temperature 0 the most probable token is taken, the lowest id of
 * equals.
 *
 * <p>The options change the model's scores in this order: logit bias, repetition penalty, temperature, top-k, top-p,
 * min-p.
 *
 * @param maxTokens most tokens of the completion, at least 0
 * @param temperature divides the scores; 0 is greedy
 * @param topK only the k most probable tokens, 0 for all
 * @param topP only the fewest tokens, most probable first, whose probabilities sum to at least this, in (0, 1]
 * @param minP only tokens at least this times as probable as the most probable one, in [0, 1]
 * @param repetitionPenalty positive scores of tokens that occurred are divided by it, negative ones multiplied (Keskar et
 *     al. 2019); 1 for none
 * @param logitBias added to the scores of tokens, by id
 * @param seed of the random numbers: a token's depends on the seed and its position alone
 * @param stop strings that end the text where they come up; they do not belong to it
 * @param parseSpecial whether special tokens that are spelled out in the prompt are read as such
 * @param ignoreEndOfSequence whether end-of-sequence tokens are tokens like others; for measurements
 * @param logProbabilities whether tokens carry their log-probabilities
 * @param alternatives how many of the most probable tokens each token carries
 * @param speculation how tokens are guessed in advance; it never changes the text
 */
public record GenerationOptions(
        int maxTokens,
        double temperature,
        int topK,
        double topP,
        double minP,
        double repetitionPenalty,
        Map<Integer, Float> logitBias,
        long seed,
        List<String> stop,
        boolean parseSpecial,
        boolean ignoreEndOfSequence,
        boolean logProbabilities,
        int alternatives,
        Speculation speculation) {

    public GenerationOptions {
        check(maxTokens >= 0, "maxTokens", maxTokens, "at least 0");
        check(temperature >= 0 && temperature <= Float.MAX_VALUE, "temperature", temperature, "a finite number from 0");
        check(topK >= 0, "topK", topK, "at least 0");
        check(topP > 0 && topP <= 1, "topP", topP, "more than 0 and at most 1");
        check(minP >= 0 && minP <= 1, "minP", minP, "0 to 1");
        check(
                repetitionPenalty > 0 && repetitionPenalty <= Float.MAX_VALUE,
                "repetitionPenalty",
                repetitionPenalty,
                "a finite number above 0");
        check(alternatives >= 0, "alternatives", alternatives, "at least 0");
        logitBias = Map.copyOf(logitBias);
        logitBias.forEach((id, bias) -> check(!bias.isNaN(), "logitBias of token " + id, bias, "a number"));
        stop = List.copyOf(stop);
        stop.forEach(string -> check(!string.isEmpty(), "stop", "an empty string", "at least one character"));
    }

    public static Builder builder() {
        return new Builder();
    }

    /** Greedy, at most 256 tokens. */
    public static GenerationOptions defaults() {
        return builder().build();
    }

    private static void check(boolean holds, String field, Object found, String expected) {
        if (!holds) {
            throw new IllegalArgumentException(field + ": found " + found + ", expected " + expected);
        }
    }

    /** Collects options; what is not set keeps its default. */
    public static final class Builder {
        private int maxTokens = 256;
        private double temperature;
        private int topK;
        private double topP = 1;
        private double minP;
        private double repetitionPenalty = 1;
        private final Map<Integer, Float> logitBias = new LinkedHashMap<>();
        private long seed;
        private final List<String> stop = new ArrayList<>();
        private boolean parseSpecial;
        private boolean ignoreEndOfSequence;
        private boolean logProbabilities;
        private int alternatives;
        private Speculation speculation = Speculation.auto();

        private Builder() {}

        public Builder maxTokens(int maxTokens) {
            this.maxTokens = maxTokens;
            return this;
        }

        public Builder temperature(double temperature) {
            this.temperature = temperature;
            return this;
        }

        public Builder topK(int topK) {
            this.topK = topK;
            return this;
        }

        public Builder topP(double topP) {
            this.topP = topP;
            return this;
        }

        public Builder minP(double minP) {
            this.minP = minP;
            return this;
        }

        public Builder repetitionPenalty(double repetitionPenalty) {
            this.repetitionPenalty = repetitionPenalty;
            return this;
        }

        public Builder logitBias(int token, double bias) {
            logitBias.put(token, (float) bias);
            return this;
        }

        public Builder seed(long seed) {
            this.seed = seed;
            return this;
        }

        /** Adds stop strings. */
        public Builder stop(String... strings) {
            stop.addAll(List.of(strings));
            return this;
        }

        public Builder parseSpecial(boolean parseSpecial) {
            this.parseSpecial = parseSpecial;
            return this;
        }

        public Builder ignoreEndOfSequence(boolean ignoreEndOfSequence) {
            this.ignoreEndOfSequence = ignoreEndOfSequence;
            return this;
        }

        public Builder logProbabilities(boolean logProbabilities) {
            this.logProbabilities = logProbabilities;
            return this;
        }

        /** How many of the most probable tokens each token carries; more than 0 asks for log-probabilities too. */
        public Builder alternatives(int alternatives) {
            this.alternatives = alternatives;
            return this;
        }

        /** How tokens are guessed in advance; by default by the draft model, where one was loaded. */
        public Builder speculation(Speculation speculation) {
            this.speculation = speculation;
            return this;
        }

        public GenerationOptions build() {
            return new GenerationOptions(
                    maxTokens,
                    temperature,
                    topK,
                    topP,
                    minP,
                    repetitionPenalty,
                    logitBias,
                    seed,
                    stop,
                    parseSpecial,
                    ignoreEndOfSequence,
                    logProbabilities || alternatives > 0,
                    alternatives,
                    speculation);
        }
    }
}
