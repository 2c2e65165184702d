package dev.squall.classification;

import dev.squall.classification.CompiledRules.Prompt;
import dev.squall.classification.CompiledRules.Spacing;
import dev.squall.model.tokenizer.Tokenizer;
import dev.squall.model.transformer.Encoder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Classification by prompts and rules (Han et al. 2022): one pass of an encoder over the text and its questions, then
 *
 * <pre>
 *   z[j][w] = logit of label word w at mask j         p[j] = softmax(z[j]), over the label words of the mask only
 *   s[y]    = Σ_j z[j][choice of class y at mask j]   q    = softmax(s), over the classes
 * </pre>
 *
 * q is the paper's product of the p[j], divided by its sum over the classes. Works without any training; not thread-safe.
 */
public final class PtrClassifier implements Classifier {
    private final Encoder encoder;
    private final CompiledRules rules;

    private PtrClassifier(Encoder encoder, CompiledRules rules) {
        this.encoder = encoder;
        this.rules = rules;
    }

    /**
     * Begins to make a classifier.
     *
     * @param encoder stays the caller's, and open as long as the classifier is used
     * @param tokenizer that of the encoder
     */
    public static Builder builder(Encoder encoder, Tokenizer tokenizer) {
        return new Builder(encoder, tokenizer);
    }

    /** Collects what a classifier is made of. */
    public static final class Builder {
        private final Encoder encoder;
        private final Tokenizer tokenizer;
        private Rules rules;
        private Spacing spacing = Spacing.RELEASED;
        private int promptTokens;

        private Builder(Encoder encoder, Tokenizer tokenizer) {
            this.encoder = encoder;
            this.tokenizer = tokenizer;
        }

        public Builder rules(Rules rules) {
            this.rules = rules;
            return this;
        }

        /** {@link Spacing#RELEASED} if this is not said. */
        public Builder spacing(Spacing spacing) {
            this.spacing = spacing;
            return this;
        }

        /** How many of the last rows of the encoder's table of words are learned tokens of prompts; 0 if this is not said. */
        public Builder promptTokens(int promptTokens) {
            this.promptTokens = promptTokens;
            return this;
        }

        /**
         * Compiles the rules.
         *
         * @throws IllegalArgumentException if there are none, they cannot be compiled, or tokenizer, masks or learned tokens do
         *     not fit the encoder
         */
        public PtrClassifier build() {
            if (rules == null) {
                throw new IllegalArgumentException("rules: found none, expected some");
            }
            if (tokenizer.vocabSize() > encoder.spec().vocabulary()) {
                throw new IllegalArgumentException(
                        "tokenizer: found " + tokenizer.vocabSize() + " tokens, expected at most the encoder's "
                                + encoder.spec().vocabulary());
            }
            if (rules.masks() > encoder.masks()) {
                throw new IllegalArgumentException("rules " + rules.name() + ": found " + rules.masks()
                        + " masks, expected at most " + encoder.masks() + ", those the encoder was loaded for");
            }
            if (rules.promptTokens() != 0 && rules.promptTokens() != promptTokens) {
                throw new IllegalArgumentException("rules " + rules.name() + ": found " + rules.promptTokens()
                        + " learned tokens (" + Rules.NEW + "), expected " + promptTokens
                        + ", those that the encoder was trained with");
            }
            return new PtrClassifier(encoder, CompiledRules.compile(rules, tokenizer, spacing));
        }
    }

    /** The rules in the tokenizer's numbers. */
    public CompiledRules rules() {
        return rules;
    }

    @Override
    public List<String> labels() {
        return rules.labels();
    }

    @Override
    public String negative() {
        return rules.negative();
    }

    /**
     * Classifies an input.
     *
     * @throws IllegalArgumentException if the rules ask for two things that the input does not name, or the question does not fit
     */
    @Override
    public Prediction classify(Relation input) {
        Prompt prompt = rules.prompt(input, encoder.capacity());
        int vectors = encoder.spec().vocabulary() - rules.rules().promptTokens(); // the last rows of the table
        int[] ids = IntStream.of(prompt.ids())
                .map(id -> id < 0 ? vectors + (-1 - id) : id)
                .toArray();
        encoder.encode(ids, prompt.ascending());
        int[] ranks = prompt.ranks();
        int[][] words = rules.words();
        double[][] z = new double[words.length][];
        for (int j = 0; j < words.length; j++) {
            int mask = ranks[j];
            z[j] = IntStream.of(words[j])
                    .mapToDouble(word -> encoder.logit(mask, word))
                    .toArray();
        }
        return predict(rules, z);
    }

    /**
     * What follows from the scores of label words.
     *
     * @param z [masks][label words]
     */
    static Prediction predict(CompiledRules rules, double[][] z) {
        int[][] choices = rules.choices();
        List<String> labels = rules.labels();
        Prediction plain = Prediction.of(labels, rules.scores(z));
        int best = labels.indexOf(plain.label());
        int second = labels.indexOf(plain.runnerUp());
        List<Prediction.Mask> masks = new ArrayList<>();
        Map<String, Double> literals = new LinkedHashMap<>();
        int j = 0;
        for (Rules.Function function : rules.rules().functions()) {
            double margin = 0;
            for (int k = 0; k < function.masks(); k++, j++) {
                masks.add(mask(rules, function.name(), j, choices[best][j], Prediction.softmax(z[j])));
                margin += z[j][choices[best][j]] - z[j][choices[second][j]];
            }
            literals.put(function.name(), margin);
        }
        return new Prediction(
                plain.label(), plain.probability(), plain.probabilities(), masks, plain.runnerUp(), literals);
    }

    private static Prediction.Mask mask(CompiledRules rules, String function, int mask, int wanted, double[] p) {
        Map<String, Double> words = new LinkedHashMap<>();
        IntStream.range(0, p.length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer w) -> -p[w]))
                .forEach(w -> words.put(rules.word(mask, w), p[w]));
        return new Prediction.Mask(function, rules.word(mask, wanted), words);
    }
}
