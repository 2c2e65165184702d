package dev.squall.model.spec;

import dev.squall.model.format.Checkpoint;
import dev.squall.model.format.HuggingFaceCheckpoint;
import dev.squall.model.format.ModelFileException;
import dev.squall.model.spec.LayerSpec.Activation;
import dev.squall.model.spec.LayerSpec.AttentionSpec;
import dev.squall.model.spec.LayerSpec.FeedForwardSpec;
import dev.squall.model.spec.LayerSpec.NormSpec;
import dev.squall.model.spec.LayerSpec.Placement;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.regex.Pattern;

/**
 * An EAGLE draft (Li et al. 2024, EAGLE and EAGLE-2): one decoder layer that goes on from a model's own hidden states, and
 * shares the model's embeddings and head.
 *
 * <pre>
 *   row j      h(j), the model's hidden state after its final norm, and e(x(j+1)), the embedding of the next token
 *   u = fc [e; h] (+ bias)          embedding first; MiniCPM norms both before
 *   f = layer(u)                    Llama and Qwen2 without a norm before the attention; row j turns by position j
 *   scores of x(j+2) = head f       no norm before the head
 * </pre>
 *
 * EAGLE-3 (Li et al. 2025) reads the model at three depths instead, has a vocabulary of its own, and puts the embedding
 * into the attention:
 *
 * <pre>
 *   u = fc [x2; x(n/2); x(n-3)]     the model's residual stream where it enters these layers; behind guesses u = f of the parent
 *   q, k, v = W [norm(e); norm(u)]  r = u + attention;  f = r + feedForward(norm(r))
 *   scores = own head, norm(f)
 * </pre>
 *
 * What a file has decides about biases and norms: configurations of published drafts are silent on them, or wrong.
 *
 * @param dim width, that of the model
 * @param layer the layer
 * @param inputNorm norms on embedding and hidden state in front of fc, null if there are none
 * @param fcBias whether fc has a bias
 * @param embeddingScale factor on embeddings, that of the model
 * @param logitScale factor on f in front of the head, that of the model or 1
 * @param taps layers of the model at whose entrance its residual stream is read (EAGLE-3), none for its hidden state
 * @param outputNorm norm in front of the head (EAGLE-3), null if there is none
 * @param ownVocabulary tokens of the draft's own head (EAGLE-3), 0 if it shares the model's
 * @param prefix what stands before the names of the tensors, such as "model." or nothing
 */
public record DraftSpec(
        int dim,
        LayerSpec layer,
        NormSpec inputNorm,
        boolean fcBias,
        float embeddingScale,
        float logitScale,
        List<Integer> taps,
        NormSpec outputNorm,
        int ownVocabulary,
        String prefix) {

    public DraftSpec {
        taps = List.copyOf(taps);
    }

    /** Width of what the model gives for a row. */
    public int inputDim() {
        return dim * Math.max(1, taps.size());
    }

    /** Positions that a MiniCPM draft sees; its files do not say it. */
    private static final int MINICPM_WINDOW = 1024;

    private static final Pattern KNOWN =
            Pattern.compile("(model\\.)?(d2t|t2d|(embed_tokens|lm_head|fc|norm|input_norm[12]"
                    + "|(layers\\.0|midlayer)\\.(self_attn\\.[qkvo]_proj|mlp\\.(gate|up|down)_proj|input_layernorm|hidden_norm"
                    + "|post_attention_layernorm))\\.(weight|bias))");

    /**
     * Reads the specification of a draft.
     *
     * @param target the model that it drafts for
     * @param variant what the files do not say
     * @throws ModelFileException if it is no such draft, or one for a model of another width or other scales
     */
    public static DraftSpec of(Checkpoint checkpoint, ModelSpec target, DraftVariant variant) {
        if (!(checkpoint instanceof HuggingFaceCheckpoint directory)) {
            throw new ModelFileException(
                    checkpoint.path(),
                    "draft",
                    checkpoint.format().name(),
                    "a directory with config.json and the weights of an EAGLE draft");
        }
        String prefix = checkpoint.tensors().containsKey("model.fc.weight") ? "model." : "";
        if (checkpoint.tensors().containsKey(prefix + "fc.qweight")) {
            throw new ModelFileException(
                    checkpoint.path(),
                    "tensor " + prefix + "fc.qweight",
                    "weights in the layout of Marlin",
                    "fc.weight; use the directory with the weights that were not quantised");
        }
        checkpoint.require(prefix + "fc.weight");
        warnOfUnknown(checkpoint);
        HuggingFaceConfig config = new HuggingFaceConfig(directory, "eagle");
        Hyperparameters numbers = config.read();
        require(config, "hidden_size", numbers.dim(), target.dim() + ", the width of the model that it drafts for");
        require(config, "num_hidden_layers", numbers.layers(), "1");
        Names has = name -> checkpoint.tensors().containsKey(prefix + name);
        boolean third = has.tensor("midlayer.hidden_norm.weight");
        String layerName = third ? "midlayer" : "layers.0";
        boolean miniCpm = has.tensor("input_norm1.weight");
        if (miniCpm) {
            scale(config, "scale_emb", target.embeddingScale(), 1);
            scale(config, "dim_model_base", target.logitScale() * target.dim(), target.dim());
        }
        NormSpec norm = NormSpec.rms(numbers.epsilon());
        LayerSpec layer = new LayerSpec(
                has.tensor(layerName + ".input_layernorm.weight") ? norm : null,
                new AttentionSpec(
                        numbers.heads(),
                        numbers.kvHeads(),
                        numbers.headDim(),
                        config.flag("qkv_bias", numbers.inputBias())
                                || has.tensor(layerName + ".self_attn.q_proj.bias"),
                        has.tensor(layerName + ".self_attn.o_proj.bias"),
                        null,
                        rope(numbers, target, variant),
                        miniCpm ? MINICPM_WINDOW : 0,
                        (float) (1 / Math.sqrt(numbers.headDim()))),
                norm,
                new FeedForwardSpec(numbers.hidden(), Activation.SILU_GATED, numbers.feedForwardBias()),
                Placement.BEFORE,
                miniCpm ? residualScale(config, target) : 1f);
        return new DraftSpec(
                numbers.dim(),
                layer,
                miniCpm ? norm : null,
                has.tensor("fc.bias"),
                target.embeddingScale(),
                third || !variant.scaledHead() ? 1f : target.logitScale(),
                third ? taps(checkpoint, target) : List.of(),
                third ? norm : null,
                third ? ownVocabulary(config, target, has.tensor("d2t")) : 0,
                prefix);
    }

    /** Published files have more than a draft needs, above all the model's embedding; what nobody knows is said. */
    private static void warnOfUnknown(Checkpoint checkpoint) {
        List<String> unknown = checkpoint.tensors().keySet().stream()
                .filter(name -> !KNOWN.matcher(name).matches())
                .toList();
        if (!unknown.isEmpty()) {
            System.getLogger(DraftSpec.class.getName())
                    .log(Level.WARNING, checkpoint.path() + ": tensors that no draft has are not read: " + unknown);
        }
    }

    private interface Names {
        boolean tensor(String name);
    }

    private static void require(HuggingFaceConfig config, String field, int found, String expected) {
        if (!expected.split(",")[0].equals(Integer.toString(found))) {
            throw new ModelFileException(config.file(), field, Integer.toString(found), expected);
        }
    }

    private static void scale(HuggingFaceConfig config, String field, float expected, double otherwise) {
        double found = config.number(field, otherwise);
        if (Math.abs(found - expected) > 1e-3 * expected) {
            throw new ModelFileException(
                    config.file(), field, Double.toString(found), expected + ", as the model that it drafts for");
        }
    }

    private static int ownVocabulary(HuggingFaceConfig config, ModelSpec target, boolean mapped) {
        int size = config.count("draft_vocab_size", target.vocabulary());
        if (size > target.vocabulary() || size < target.vocabulary() && !mapped) {
            throw new ModelFileException(
                    config.file(),
                    "draft_vocab_size",
                    Integer.toString(size),
                    target.vocabulary() + ", as the model that it drafts for, or fewer and a tensor d2t");
        }
        return size;
    }

    private static List<Integer> taps(Checkpoint checkpoint, ModelSpec target) {
        int layers = target.layers().size();
        if (layers < 5) {
            throw new ModelFileException(
                    checkpoint.path(), "draft", "EAGLE-3 beside a model of " + layers + " layers", "at least 5");
        }
        return List.of(2, layers / 2, layers - 3);
    }

    /** Of a stack of the model's layers and this one. */
    private static float residualScale(HuggingFaceConfig config, ModelSpec target) {
        return (float) (config.number("scale_depth", Double.NaN)
                / Math.sqrt(target.layers().size() + 1.0));
    }

    /** The model's rotation, by halves whatever the model's file has; the draft's own where asked, or where heads have another size. */
    private static RopeSpec rope(Hyperparameters numbers, ModelSpec target, DraftVariant variant) {
        RopeSpec rope = target.layers().getFirst().attention().rope();
        boolean shared = variant.rope() == DraftVariant.Rope.MODEL && rope.rotaryDim() == numbers.headDim();
        return (shared ? rope : numbers.rope()).withPairing(RopeSpec.Pairing.HALVES);
    }
}
