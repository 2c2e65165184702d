package dev.squall.classification;

import dev.squall.classification.CompiledRules.Spacing;
import dev.squall.model.spec.EncoderSpec.Head;

/**
 * How {@link FineTuning} trains. Without more, the published settings, but for small batches and a warm-up that fits short runs.
 *
 * @param method rules or markers
 * @param epochs passes over the examples
 * @param patience epochs without a better score after which training ends, 0 for never
 * @param batch examples of a step
 * @param tokens most tokens of a prompt; longer texts lose their beginning
 * @param rate highest learning rate
 * @param promptRate highest learning rate of tokens of the prompt that are no words
 * @param wordRate factor on the learning rate of the table of words, 0 to leave it as it is: where most words of a task are
 *     rare, those that are trained on would leave the others, which mean the like, behind
 * @param average epochs over which weights are averaged, late steps counting more ({@link dev.squall.training.WeightAverage}), 0
 *     to take them as they are
 * @param consistency weight of what two readings of an example with different dropout differ by (R-Drop, Liang et al. 2021), 0 to
 *     read each once; otherwise a step takes twice as long
 * @param warmup part of the steps in which the rate rises
 * @param weightDecay of matrices
 * @param dropout of hidden states and attention
 * @param wordDropout of tokens of a prompt, which then read as the mask (Dai and Le 2015 leave out words): for small encoders,
 *     which otherwise learn by heart
 * @param window words that are read before and behind the two things, 0 for all: for small encoders, which learn what is far
 *     from them by heart
 * @param head what scores words, null for the head that the encoder has
 * @param spacing of prompts
 * @param loss where rules ask
 */
public record FineTuningOptions(
        Method method,
        int epochs,
        int patience,
        int batch,
        int tokens,
        double rate,
        double promptRate,
        double wordRate,
        double average,
        double consistency,
        double warmup,
        double weightDecay,
        double dropout,
        double wordDropout,
        int window,
        Head head,
        Spacing spacing,
        Loss loss,
        long seed) {
    /** What an encoder is trained with. */
    public enum Method {
        /** The questions of rules: PTR. */
        RULES,
        /** Markers around the two things and a linear layer on their states: the ordinary way. */
        MARKERS
    }

    /** What is minimised where rules ask. */
    public enum Loss {
        /** The mean of the masks' cross-entropies and the cross-entropy of classes: the published program's. */
        RELEASED,
        /** The sum of the masks' cross-entropies: the paper's, equation 8. */
        PAPER
    }

    public static FineTuningOptions defaults() {
        return builder().build();
    }

    public static Builder builder() {
        return new Builder();
    }

    /**
     * What suits an encoder of a few million parameters that has read little, such as the one that comes with Squall. Where rules
     * ask, it begins with words that it knows, and is done sooner than with a layer that knows nothing yet.
     */
    public static Builder small(Method method) {
        return builder()
                .method(method)
                .epochs(method == Method.RULES ? 10 : 14)
                .batch(32)
                .rate(5e-4)
                .wordRate(0.1)
                .average(1)
                .wordDropout(0.2)
                .window(2)
                .spacing(Spacing.CLEAN);
    }

    /** Collects what is other than usual. */
    public static final class Builder {
        private Method method = Method.RULES;
        private int epochs = 5;
        private int patience;
        private int batch = 16;
        private int tokens = 128;
        private double rate = 3e-5;
        private double promptRate = 1e-5;
        private double wordRate = 1;
        private double average;
        private double consistency;
        private double warmup = 0.1;
        private double weightDecay = 0.01;
        private double dropout = 0.1;
        private double wordDropout;
        private int window;
        private Head head;
        private Spacing spacing = Spacing.RELEASED;
        private Loss loss = Loss.RELEASED;
        private long seed = 42;

        private Builder() {}

        public Builder method(Method method) {
            this.method = method;
            return this;
        }

        public Builder epochs(int epochs) {
            this.epochs = epochs;
            return this;
        }

        public Builder patience(int patience) {
            this.patience = patience;
            return this;
        }

        public Builder batch(int batch) {
            this.batch = batch;
            return this;
        }

        public Builder tokens(int tokens) {
            this.tokens = tokens;
            return this;
        }

        public Builder rate(double rate) {
            this.rate = rate;
            return this;
        }

        public Builder promptRate(double promptRate) {
            this.promptRate = promptRate;
            return this;
        }

        public Builder wordRate(double wordRate) {
            this.wordRate = wordRate;
            return this;
        }

        public Builder average(double average) {
            this.average = average;
            return this;
        }

        public Builder consistency(double consistency) {
            this.consistency = consistency;
            return this;
        }

        public Builder warmup(double warmup) {
            this.warmup = warmup;
            return this;
        }

        public Builder weightDecay(double weightDecay) {
            this.weightDecay = weightDecay;
            return this;
        }

        public Builder dropout(double dropout) {
            this.dropout = dropout;
            return this;
        }

        public Builder wordDropout(double wordDropout) {
            this.wordDropout = wordDropout;
            return this;
        }

        public Builder window(int window) {
            this.window = window;
            return this;
        }

        public Builder head(Head head) {
            this.head = head;
            return this;
        }

        public Builder spacing(Spacing spacing) {
            this.spacing = spacing;
            return this;
        }

        public Builder loss(Loss loss) {
            this.loss = loss;
            return this;
        }

        public Builder seed(long seed) {
            this.seed = seed;
            return this;
        }

        public FineTuningOptions build() {
            return new FineTuningOptions(
                    method,
                    epochs,
                    patience,
                    batch,
                    tokens,
                    rate,
                    promptRate,
                    wordRate,
                    average,
                    consistency,
                    warmup,
                    weightDecay,
                    dropout,
                    wordDropout,
                    window,
                    head,
                    spacing,
                    loss,
                    seed);
        }
    }
}
