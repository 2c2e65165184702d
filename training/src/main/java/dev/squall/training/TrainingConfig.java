package dev.squall.training;

import dev.squall.model.format.JsonFiles;
import dev.squall.model.format.TensorType;
import dev.squall.model.spec.LayerSpec;
import dev.squall.model.spec.LayerSpec.Activation;
import dev.squall.model.spec.LayerSpec.AttentionSpec;
import dev.squall.model.spec.LayerSpec.FeedForwardSpec;
import dev.squall.model.spec.LayerSpec.Norm;
import dev.squall.model.spec.LayerSpec.NormSpec;
import dev.squall.model.spec.LayerSpec.Placement;
import dev.squall.model.spec.ModelSpec;
import dev.squall.model.spec.RopeSpec;
import dev.squall.model.spec.RopeSpec.Pairing;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/**
 * A training run as one file of JSON. Paths are relative to the file; fields that nobody knows are refused.
 *
 * @param kind what is trained
 * @param corpus directory of .txt files
 * @param heldOut the file of it that is never trained on and decides when to stop
 * @param exclude files of it that are not used at all
 * @param tokenizer directory with tokenizer.json
 * @param output directory of checkpoints, the curve and the weights
 * @param seed of initial weights, order and dropout
 * @param weights how the trained weights are stored; training itself is in F32
 * @param distillation of a draft, null for other kinds
 * @param masking of an encoder, null for other kinds
 */
public record TrainingConfig(
        Kind kind,
        Path corpus,
        String heldOut,
        List<String> exclude,
        Path tokenizer,
        Path output,
        long seed,
        Weights weights,
        Shape shape,
        Batches batches,
        Optimiser optimiser,
        Rhythm rhythm,
        Distillation distillation,
        Masking masking) {
    /** RoBERTa's position of a sequence's first token. */
    static final int FIRST_POSITION = 2;

    /** What a run trains. */
    public enum Kind {
        /** A language model. */
        DECODER,
        /** An EAGLE draft of a language model. */
        DRAFT,
        /** A RoBERTa encoder, by masked language modelling. */
        ENCODER
    }

    /** How trained weights are stored. */
    public enum Weights {
        F32(TensorType.F32, "float32"),
        F16(TensorType.F16, "float16");

        final TensorType type;
        final String torchName;

        Weights(TensorType type, String torchName) {
            this.type = type;
            this.torchName = torchName;
        }
    }

    /**
     * A Llama-shaped model with tied embeddings, or an encoder of RoBERTa's shape, which has no use for kvHeads and ropeTheta.
     *
     * @param dropout probability, on embeddings, attention weights and what blocks add to the residual stream
     */
    public record Shape(
            int layers,
            int width,
            int heads,
            int kvHeads,
            int headDim,
            int feedForward,
            int context,
            double ropeTheta,
            double normEpsilon,
            double dropout) {
        /** The specification of a model with this shape. */
        public ModelSpec spec(int vocabulary) {
            NormSpec norm = NormSpec.rms(normEpsilon);
            LayerSpec layer = new LayerSpec(
                    norm,
                    new AttentionSpec(
                            heads,
                            kvHeads,
                            headDim,
                            false,
                            false,
                            null,
                            RopeSpec.plain(Pairing.HALVES, ropeTheta, headDim),
                            0,
                            (float) (1 / Math.sqrt(headDim))),
                    norm,
                    new FeedForwardSpec(feedForward, Activation.SILU_GATED, false),
                    Placement.BEFORE,
                    1f);
            return new ModelSpec(
                    "llama", width, vocabulary, context, 1f, Collections.nCopies(layers, layer), norm, 1f, true);
        }

        /** The specification of an encoder with this shape; the table of positions has two rows that no token uses. */
        public ModelSpec encoderSpec(int vocabulary) {
            NormSpec norm = new NormSpec(Norm.LAYER, (float) normEpsilon);
            LayerSpec layer = new LayerSpec(
                    norm,
                    new AttentionSpec(
                            heads, heads, headDim, true, true, null, null, 0, (float) (1 / Math.sqrt(headDim))),
                    norm,
                    new FeedForwardSpec(feedForward, Activation.GELU, true),
                    Placement.AFTER,
                    1f);
            return new ModelSpec(
                    "roberta",
                    width,
                    vocabulary,
                    context + FIRST_POSITION,
                    1f,
                    Collections.nCopies(layers, layer),
                    null,
                    1f,
                    true);
        }
    }

    /**
     * @param sequences of a pass
     * @param length tokens of a sequence
     * @param accumulate passes of one optimiser step
     * @param headRows rows whose logits exist at a time
     */
    public record Batches(int sequences, int length, int accumulate, int headRows) {}

    /**
     * @param epochs how often the corpus is read
     * @param convention of AdamW, torch where none is given
     */
    public record Optimiser(
            double rate,
            int warmup,
            Schedule.Decay decay,
            double floor,
            int epochs,
            double beta1,
            double beta2,
            double epsilon,
            double weightDecay,
            double clip,
            double deviation,
            AdamW.Convention convention) {
        AdamW.Settings settings() {
            return new AdamW.Settings(convention, beta1, beta2, epsilon, clip);
        }
    }

    /**
     * @param evaluate steps between measurements on the held-out text
     * @param checkpoint steps between checkpoints
     * @param patience measurements without a better one after which a run ends, 0 to go on to the end
     */
    public record Rhythm(int evaluate, int checkpoint, int patience) {}

    /**
     * What a draft learns from (the defaults are EAGLE's).
     *
     * @param target its target: a directory of Hugging Face's form, or a GGUF file
     * @param hiddenWeight factor of the loss of hidden states
     * @param tokenWeight factor of the loss of tokens
     * @param noise largest amount that is added to what it reads of the target while training
     */
    public record Distillation(Path target, double hiddenWeight, double tokenWeight, double noise) {
        Distillation of(Path otherTarget) {
            return new Distillation(otherTarget, hiddenWeight, tokenWeight, noise);
        }
    }

    /**
     * What an encoder has to fill in.
     *
     * @param probability of a token to be one of them
     * @param sentences files of JSON lines whose {@code token} lists are further text
     * @param start directory of a trained encoder of the same shape, or of half the width, whose weights the run begins with; null to
     *     begin at random
     */
    public record Masking(double probability, List<Path> sentences, Path start) {
        Masking of(List<Path> otherSentences, Path otherStart) {
            return new Masking(
                    probability,
                    otherSentences.isEmpty() ? sentences : otherSentences,
                    otherStart == null ? start : otherStart);
        }
    }

    /**
     * Reads a configuration.
     *
     * @throws TrainingException naming the field that is wrong
     */
    public static TrainingConfig read(Path file) {
        ConfigFields fields = new ConfigFields(file, "", JsonFiles.object(file));
        Kind kind = fields.has("kind") ? fields.choice("kind", Kind.class) : Kind.DECODER;
        TrainingConfig config = new TrainingConfig(
                kind,
                fields.path("corpus"),
                fields.text("heldOut"),
                fields.texts("exclude"),
                fields.path("tokenizer"),
                fields.path("output"),
                fields.seed("seed"),
                fields.has("weights") ? fields.choice("weights", Weights.class) : Weights.F32,
                shape(fields.object("model")),
                batches(fields.object("batches")),
                optimiser(fields.object("optimiser")),
                rhythm(fields.object("rhythm")),
                kind == Kind.DRAFT ? distillation(fields.object("distillation")) : null,
                kind == Kind.ENCODER ? masking(fields.object("masking")) : null);
        fields.end();
        if (config.batches.length > config.shape.context) {
            throw fields.wrong(
                    "batches.length", config.batches.length, "at most model.context, " + config.shape.context);
        }
        return config;
    }

    /** The same run on other files; null, or no sentences, for those of the configuration. */
    public TrainingConfig with(
            Path otherCorpus,
            Path otherTokenizer,
            Path otherTarget,
            List<Path> otherSentences,
            Path otherStart,
            Path otherOutput) {
        boolean ofEncoder = !otherSentences.isEmpty() || otherStart != null;
        if (otherTarget != null && kind != Kind.DRAFT || ofEncoder && kind != Kind.ENCODER) {
            throw new TrainingException("kind: found " + kind.name().toLowerCase(Locale.ROOT)
                    + ", expected a draft where a target is named, and an encoder where sentences or a start are");
        }
        return new TrainingConfig(
                kind,
                otherCorpus == null ? corpus : otherCorpus,
                heldOut,
                exclude,
                otherTokenizer == null ? tokenizer : otherTokenizer,
                otherOutput == null ? output : otherOutput,
                seed,
                weights,
                shape,
                batches,
                optimiser,
                rhythm,
                distillation == null || otherTarget == null ? distillation : distillation.of(otherTarget),
                masking == null ? null : masking.of(otherSentences, otherStart));
    }

    private static Shape shape(ConfigFields fields) {
        int heads = fields.integer("heads", 1, 1024);
        Shape shape = new Shape(
                fields.integer("layers", 1, 1024),
                fields.integer("width", 1, 1 << 16),
                heads,
                fields.integer("kvHeads", 1, heads, heads),
                fields.integer("headDim", 2, 1024),
                fields.integer("feedForward", 1, 1 << 18),
                fields.integer("context", 2, 1 << 20),
                fields.number("ropeTheta", 1, 1e9, 10_000),
                fields.number("normEpsilon", 1e-12, 1, 1e-5),
                fields.number("dropout", 0, 0.9, 0));
        if (shape.heads % shape.kvHeads != 0) {
            throw fields.wrong("kvHeads", shape.kvHeads, "a divisor of heads, " + heads);
        }
        if (shape.headDim % 2 != 0) {
            throw fields.wrong("headDim", shape.headDim, "an even number");
        }
        fields.end();
        return shape;
    }

    private static Batches batches(ConfigFields fields) {
        Batches batches = new Batches(
                fields.integer("sequences", 1, 1 << 16),
                fields.integer("length", 2, 1 << 20),
                fields.integer("accumulate", 1, 1 << 16, 1),
                fields.integer("headRows", 1, 1 << 20, 512));
        fields.end();
        return batches;
    }

    private static Optimiser optimiser(ConfigFields fields) {
        Optimiser optimiser = new Optimiser(
                fields.number("rate", 1e-12, 10),
                fields.integer("warmup", 0, 1 << 30, 0),
                fields.choice("decay", Schedule.Decay.class),
                fields.number("floor", 0, 1, 0),
                fields.integer("epochs", 1, 1 << 20),
                fields.number("beta1", 0, 0.9999, 0.9),
                fields.number("beta2", 0, 0.999999, 0.95),
                fields.number("epsilon", 1e-12, 1, 1e-8),
                fields.number("weightDecay", 0, 10, 0.1),
                fields.number("clip", 1e-6, 1e6, 1),
                fields.number("deviation", 1e-6, 10, 0.02),
                fields.has("convention")
                        ? fields.choice("convention", AdamW.Convention.class)
                        : AdamW.Convention.TORCH);
        fields.end();
        return optimiser;
    }

    private static Distillation distillation(ConfigFields fields) {
        Distillation distillation = new Distillation(
                fields.path("target"),
                fields.number("hiddenWeight", 0, 1e6, 1),
                fields.number("tokenWeight", 0, 1e6, 0.1),
                fields.number("noise", 0, 100, 0.1));
        fields.end();
        return distillation;
    }

    private static Masking masking(ConfigFields fields) {
        Masking masking = new Masking(
                fields.number("probability", 0.001, 0.9, 0.15),
                fields.paths("sentences"),
                fields.has("start") ? fields.path("start") : null);
        fields.end();
        return masking;
    }

    private static Rhythm rhythm(ConfigFields fields) {
        Rhythm rhythm = new Rhythm(
                fields.integer("evaluate", 1, 1 << 30),
                fields.integer("checkpoint", 1, 1 << 30),
                fields.integer("patience", 0, 1 << 20, 0));
        fields.end();
        return rhythm;
    }
}
