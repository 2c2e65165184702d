package dev.squall.training;

import dev.squall.model.format.Format;
import dev.squall.model.spec.LayerSpec;
import dev.squall.model.spec.LayerSpec.Activation;
import dev.squall.model.spec.LayerSpec.Norm;
import dev.squall.model.spec.LayerSpec.NormSpec;
import dev.squall.model.spec.LayerSpec.Placement;
import dev.squall.model.spec.ModelSpec;
import dev.squall.model.spec.TensorNames;
import dev.squall.model.spec.TensorNames.EncoderNames;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/**
 * The forward pass of a model, written on a tape by walking the specification that inference reads.
 *
 * <p>Parameters have the names of Hugging Face checkpoints (or of those they are read from) and shapes [outputs, inputs]; norms and biases are [1, n].
 */
public final class Network {
    private final Map<String, Tensor> parameters = new LinkedHashMap<>();
    private final ModelSpec spec;
    private final Tape tape;
    private final TensorNames names;
    private final boolean causal;
    private final float dropout;
    private Tensor hidden;
    private PromptTokens promptTokens; // null for none

    private Network(ModelSpec spec, Tape tape, boolean causal, float dropout) {
        this(spec, tape, causal, dropout, causal ? TensorNames.of(Format.HUGGING_FACE) : TensorNames.roberta());
    }

    private Network(ModelSpec spec, Tape tape, boolean causal, float dropout, TensorNames names) {
        this.names = names;
        this.spec = spec;
        this.tape = tape;
        this.causal = causal;
        this.dropout = dropout;
    }

    /**
     * A model that predicts the next token, with its loss.
     *
     * @param chunk rows whose logits exist at a time
     */
    public static Network decoder(ModelSpec spec, Tape tape, float dropout, int chunk) {
        Network network = hiddenStates(spec, tape, dropout, Format.HUGGING_FACE);
        Tensor head = spec.tiedHead()
                ? network.parameters.get(network.names.embedding() + ".weight")
                : network.parameter(network.names.head() + ".weight", spec.vocabulary(), spec.dim());
        tape.losses().crossEntropy(network.hidden, head, null, spec.logitScale(), chunk);
        return network;
    }

    /** As {@link #decoder}, up to the state in front of the head and without a loss, with the names of a format. */
    public static Network hiddenStates(ModelSpec spec, Tape tape, float dropout, Format format) {
        Network network = new Network(spec, tape, true, dropout, TensorNames.of(format));
        Tensor table = network.parameter(network.names.embedding() + ".weight", spec.vocabulary(), spec.dim());
        Tensor x = network.layers(tape.dropout(tape.rows().embedding(table, spec.embeddingScale()), dropout));
        network.hidden = spec.finalNorm() == null ? x : network.norm(x, network.names.finalNorm(), spec.finalNorm());
        return network;
    }

    /**
     * The draft of EAGLE (Li et al. 2024): row j reads the target's hidden state of position j and the embedding of the token
     * after it, and foretells the hidden state of that token. Its parameters bear the published names: {@code fc}, then a layer
     * without a norm in front.
     *
     * @param spec of the draft: its layers, no final norm
     * @param table the target's embedding, frozen: [vocabulary, dim]
     * @param states the target's hidden states, filled for every pass: [rows, dim]
     */
    public static Network draft(ModelSpec spec, Tape tape, float dropout, Tensor table, Tensor states) {
        Network network = new Network(spec, tape, true, dropout);
        Tensor pair = tape.rows().concatenate(tape.rows().embedding(table, spec.embeddingScale()), states);
        Tensor fc = network.parameter("fc.weight", spec.dim(), 2 * spec.dim());
        network.hidden = network.layers(tape.linear(pair, fc, null));
        return network;
    }

    /**
     * A model that reads whole sentences, up to its last layer: embeddings are words, learned positions and one type, summed
     * and normed. Its hidden states are those of the rows that have a target, one after the other; behind the attention of the
     * last layer no others are computed.
     *
     * @param padding the token that fills up sequences
     */
    public static Network encoder(ModelSpec spec, Tape tape, float dropout, int padding) {
        return encoder(spec, tape, dropout, padding, 0);
    }

    /**
     * As {@link #encoder(ModelSpec, Tape, float, int)}, for prompts with tokens that are no words.
     *
     * @param promptTokens how many, 0 for none
     */
    public static Network encoder(ModelSpec spec, Tape tape, float dropout, int padding, int promptTokens) {
        EncoderNames own = EncoderNames.ROBERTA;
        Network network = new Network(spec, tape, false, dropout);
        Tensor words = network.parameter(network.names.embedding() + ".weight", spec.vocabulary(), spec.dim());
        Tensor places = network.parameter(own.positions() + ".weight", spec.contextLength(), spec.dim());
        Tensor type = network.parameter(own.types() + ".weight", 1, spec.dim());
        Tensor tokens = tape.rows().embedding(words, spec.embeddingScale(), padding);
        if (promptTokens > 0) {
            network.promptTokens = new PromptTokens(network, promptTokens, spec.dim());
            tokens = network.promptTokens.record(tape, tokens);
        }
        Tensor x = tape.residual(tokens, tape.rows().positions(places), 1f, 0f);
        x = tape.bias(x, type);
        x = network.norm(x, own.embeddingNorm(), spec.layers().getFirst().attentionNorm());
        network.hidden = network.layers(tape.dropout(x, dropout));
        return network;
    }

    /**
     * An encoder with the head and the loss of masked language modelling (Liu et al. 2019): tokens of the rows that have a target,
     * by a layer, GELU, a norm, and the embedding table with a bias.
     *
     * @param chunk rows whose logits exist at a time
     */
    public static Network maskedLanguageModel(ModelSpec spec, Tape tape, float dropout, int padding, int chunk) {
        Network network = encoder(spec, tape, dropout, padding);
        Tensor x = network.maskHead(network.hidden);
        tape.losses().crossEntropy(x, network.words(), network.maskBias(), 1f, chunk);
        return network;
    }

    /** The encoder's table of words. */
    public Tensor words() {
        return parameters.get(names.embedding() + ".weight");
    }

    /** The tokens of prompts that are no words, null if there are none. */
    public PromptTokens promptTokens() {
        return promptTokens;
    }

    /** What the head of masked language modelling makes of hidden states, before it looks at words: a layer, GELU, a norm. */
    public Tensor maskHead(Tensor x) {
        EncoderNames own = EncoderNames.ROBERTA;
        Tensor dense = parameter(own.headDense() + ".weight", spec.dim(), spec.dim());
        Tensor bias = parameter(own.headDense() + ".bias", 1, spec.dim());
        return norm(
                tape.gelu(tape.linear(x, dense, bias)),
                own.headNorm(),
                spec.layers().getFirst().attentionNorm());
    }

    /** That head's bias of every word. */
    public Tensor maskBias() {
        return parameter(EncoderNames.ROBERTA.headBias(), 1, spec.vocabulary());
    }

    /** All parameters by name, in the order in which the model meets them. */
    public Map<String, Tensor> parameters() {
        return parameters;
    }

    /** Elements of all parameters. */
    public long size() {
        return parameters.values().stream().mapToLong(Tensor::size).sum();
    }

    /** The hidden states in front of the head: [rows, dim], an encoder's of rows with a target only. */
    public Tensor hidden() {
        return hidden;
    }

    /**
     * Weights of matrices from N(0, deviation²), of those that write to the residual stream with a deviation smaller by
     * √(2 layers) (Radford et al. 2019), norms 1, biases 0. A table of positions begins as sinusoids (Vaswani et al. 2017, 3.5)
     * of the same deviation: what is near can be found from the first step on.
     */
    public void initialize(long seed, double deviation) {
        SplittableRandom random = new SplittableRandom(seed);
        double smaller = deviation / Math.sqrt(2.0 * spec.layers().size());
        for (Tensor parameter : parameters.values()) {
            String name = parameter.name();
            boolean writes =
                    name.endsWith(names.attentionOutput() + ".weight") || name.endsWith(names.down() + ".weight");
            boolean places = name.equals(EncoderNames.ROBERTA.positions() + ".weight");
            for (int i = 0; i < parameter.size(); i++) {
                double gauss = random.nextGaussian() * (writes ? smaller : deviation);
                double value = places ? deviation * Math.sqrt(2) * sinusoid(i / spec.dim(), i % spec.dim()) : gauss;
                parameter.value().set(i, parameter.isVector() ? name.endsWith("bias") ? 0f : 1f : (float) value);
            }
        }
    }

    private double sinusoid(int place, int i) {
        double angle = place / Math.pow(10_000, (i - i % 2) / (double) spec.dim());
        return i % 2 == 0 ? Math.sin(angle) : Math.cos(angle);
    }

    /** Matrices with weight decay, norms and biases without. */
    public List<AdamW.Group> groups(double weightDecay) {
        return groups(weightDecay, 1, 1);
    }

    /**
     * As {@link #groups(double)}.
     *
     * @param promptRate factor on the learning rate of the {@link PromptTokens}, which do not decay
     * @param wordRate factor on the learning rate of the table of words; with 0 it stays as it is
     */
    public List<AdamW.Group> groups(double weightDecay, double promptRate, double wordRate) {
        Map<Boolean, List<Tensor>> prompt =
                parameters.values().stream().collect(Collectors.partitioningBy(each -> PromptTokens.owns(each.name())));
        Map<Boolean, List<Tensor>> vectors =
                prompt.get(false).stream().collect(Collectors.partitioningBy(Tensor::isVector));
        List<Tensor> words =
                vectors.get(false).stream().filter(each -> each == words()).toList();
        List<Tensor> matrices =
                vectors.get(false).stream().filter(each -> each != words()).toList();
        return List.of(
                new AdamW.Group(words, weightDecay, wordRate),
                new AdamW.Group(matrices, weightDecay, 1),
                new AdamW.Group(vectors.get(true), 0, 1),
                new AdamW.Group(prompt.get(true), 0, promptRate));
    }

    private Tensor layers(Tensor x) {
        Tensor y = x;
        for (int layer = 0; layer < spec.layers().size(); layer++) {
            LayerSpec each = spec.layers().get(layer);
            boolean before = each.placement() == Placement.BEFORE;
            String attentionNorm = names.inLayer(layer, names.attentionNorm());
            String feedForwardNorm = names.inLayer(layer, names.feedForwardNorm());
            Tensor in = before ? norm(y, attentionNorm, each.attentionNorm()) : y;
            Tensor context = attention(in, layer, each.attention());
            if (!causal && layer == spec.layers().size() - 1) { // from here on, only rows that are asked for
                List<Tensor> picked = tape.rows().pick(y, context);
                y = picked.getFirst();
                context = picked.getLast();
            }
            Tensor block = linear(
                    context,
                    layer,
                    names.attentionOutput(),
                    spec.dim(),
                    each.attention().outputBias());
            y = tape.residual(y, block, each.residualScale(), dropout);
            y = before ? y : norm(y, attentionNorm, each.attentionNorm());
            in = before ? norm(y, feedForwardNorm, each.feedForwardNorm()) : y;
            y = tape.residual(y, feedForward(in, layer, each.feedForward()), each.residualScale(), dropout);
            y = before ? y : norm(y, feedForwardNorm, each.feedForwardNorm());
        }
        return y;
    }

    /** Attention up to its output projection. */
    private Tensor attention(Tensor x, int layer, LayerSpec.AttentionSpec attention) {
        refuse(layer, "queryKeyNorm", attention.queryKeyNorm() != null, attention.queryKeyNorm());
        refuse(layer, "slidingWindow", attention.slidingWindow() != 0, attention.slidingWindow());
        Tensor q = linear(x, layer, names.query(), attention.queryDim(), attention.inputBias());
        Tensor k = linear(x, layer, names.key(), attention.kvDim(), attention.inputBias());
        Tensor v = linear(x, layer, names.value(), attention.kvDim(), attention.inputBias());
        if (attention.rope() != null) {
            q = tape.heads().rotate(q, attention.rope(), attention.heads(), attention.headDim());
            k = tape.heads().rotate(k, attention.rope(), attention.kvHeads(), attention.headDim());
        }
        return tape.heads().attention(q, k, v, attention, causal, dropout);
    }

    /** What inference does and training does not: a model would be trained as another than it runs as. */
    private static void refuse(int layer, String field, boolean found, Object value) {
        if (found) {
            throw new IllegalArgumentException(
                    "layer " + layer + ": " + field + ": found " + value + ", expected none in training");
        }
    }

    private Tensor feedForward(Tensor x, int layer, LayerSpec.FeedForwardSpec feedForward) {
        boolean bias = feedForward.bias();
        Tensor middle;
        if (feedForward.activation() == Activation.SILU_GATED) {
            Tensor gate = linear(x, layer, names.gate(), feedForward.hidden(), bias);
            middle = tape.siluGate(gate, linear(x, layer, names.up(), feedForward.hidden(), bias));
        } else {
            middle = tape.gelu(linear(x, layer, names.up(), feedForward.hidden(), bias));
        }
        return linear(middle, layer, names.down(), spec.dim(), bias);
    }

    private Tensor linear(Tensor x, int layer, String name, int outputs, boolean hasBias) {
        String full = names.inLayer(layer, name);
        Tensor weight = parameter(full + ".weight", outputs, x.width());
        return tape.linear(x, weight, hasBias ? parameter(full + ".bias", 1, outputs) : null);
    }

    private Tensor norm(Tensor x, String name, NormSpec norm) {
        if (norm == null) {
            return x;
        }
        Tensor weight = parameter(name + ".weight", 1, x.width());
        return tape.norm(x, weight, norm.kind() == Norm.LAYER ? parameter(name + ".bias", 1, x.width()) : null, norm);
    }

    /** Another parameter, which this network does not use by itself. */
    public Tensor parameter(String name, int rows, int width) {
        Tensor tensor = new Tensor(name, rows, width);
        parameters.put(name, tensor);
        return tensor;
    }
}
