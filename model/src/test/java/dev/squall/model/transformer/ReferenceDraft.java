package dev.squall.model.transformer;

import dev.squall.model.spec.DraftVariant;
import dev.squall.model.transformer.TinyModel.Tensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * An EAGLE draft written from the method's description in float64, one row after the other, with no cache but lists: it
 * shares nothing with the engine.
 */
class ReferenceDraft {
    private final TinyDraft draft;
    private final Map<String, Tensor> tensors;
    private final String layer; // what stands before the names of the layer's tensors
    private final Map<String, Tensor> model;
    private final List<double[]> keys = new ArrayList<>();
    private final List<double[]> values = new ArrayList<>();
    private final DraftVariant.Rope rope;

    ReferenceDraft(TinyDraft draft) {
        this(draft, DraftVariant.Rope.MODEL);
    }

    /** A draft that rotates as the model does, or by the 10,000 of a configuration that is silent. */
    ReferenceDraft(TinyDraft draft, DraftVariant.Rope rope) {
        this(draft, draft.tensors(), "layers.0.", rope);
    }

    ReferenceDraft(TinyDraft draft, Map<String, Tensor> tensors, String layer) {
        this(draft, tensors, layer, DraftVariant.Rope.MODEL);
    }

    private ReferenceDraft(TinyDraft draft, Map<String, Tensor> tensors, String layer, DraftVariant.Rope rope) {
        this.draft = draft;
        this.tensors = tensors;
        this.layer = layer;
        this.model = draft.target().tensors();
        this.rope = rope;
    }

    /** The feature of the next row, which stands at a position and sees all rows before it. */
    double[] row(int token, double[] hidden, int position) {
        int dim = hidden.length;
        double[] embedding = embedding(token);
        if (draft.miniCpm()) {
            embedding = norm(embedding, "input_norm1");
            hidden = norm(hidden, "input_norm2");
        }
        double[] pair = new double[2 * dim];
        System.arraycopy(embedding, 0, pair, 0, dim); // the embedding first
        System.arraycopy(hidden, 0, pair, dim, dim);
        double[] u = product("fc", pair);
        double scale = draft.miniCpm()
                ? TinyDraft.SCALE_DEPTH / Math.sqrt(draft.target().layers() + 1)
                : 1;
        return layer(u, draft.miniCpm() ? norm(u, layer + "input_layernorm") : u, position, scale);
    }

    double[] embedding(int token) {
        int dim = draft.target().dim();
        double[] embedding = new double[dim];
        for (int i = 0; i < dim; i++) {
            embedding[i] = model.get("model.embed_tokens.weight").data()[token * dim + i];
        }
        return embedding;
    }

    /** @param seen what queries, keys and values are made of */
    double[] layer(double[] u, double[] seen, int position, double scale) {
        double[] r = add(u, product(layer + "self_attn.o_proj", attention(seen, position)), scale);
        double[] n = norm(r, layer + "post_attention_layernorm");
        double[] gate = product(layer + "mlp.gate_proj", n);
        double[] up = product(layer + "mlp.up_proj", n);
        for (int i = 0; i < gate.length; i++) {
            gate[i] = gate[i] / (1 + Math.exp(-gate[i])) * up[i];
        }
        return add(r, product(layer + "mlp.down_proj", gate), scale);
    }

    private double[] attention(double[] x, int position) {
        int headDim = draft.headDim();
        double[] query = product(layer + "self_attn.q_proj", x);
        double[] key = product(layer + "self_attn.k_proj", x);
        rotate(query, position);
        rotate(key, position);
        keys.add(key);
        values.add(product(layer + "self_attn.v_proj", x));
        double[] out = new double[query.length];
        for (int head = 0; head < draft.heads(); head++) {
            int kvHead = head / (draft.heads() / draft.kvHeads());
            double[] weights = new double[keys.size()];
            double sum = 0;
            for (int t = 0; t < weights.length; t++) {
                double score = 0;
                for (int i = 0; i < headDim; i++) {
                    score += query[head * headDim + i] * keys.get(t)[kvHead * headDim + i];
                }
                weights[t] = Math.exp(score / Math.sqrt(headDim));
                sum += weights[t];
            }
            for (int t = 0; t < weights.length; t++) {
                for (int i = 0; i < headDim; i++) {
                    out[head * headDim + i] += weights[t] / sum * values.get(t)[kvHead * headDim + i];
                }
            }
        }
        return out;
    }

    /** Halves of each head, by the frequencies of the model where its heads are as wide. */
    private void rotate(double[] x, int position) {
        int half = draft.headDim() / 2;
        TinyModel target = draft.target();
        boolean shared = rope == DraftVariant.Rope.MODEL && target.headDim() == draft.headDim();
        for (int at = 0; at < x.length; at += 2 * half) {
            for (int i = 0; i < half; i++) {
                double frequency = Math.pow(shared ? target.ropeTheta() : 10_000, -(double) i / half);
                if (shared && "llama3".equals(target.ropeScaling().get("rope_type"))) {
                    frequency = llama3(frequency, target.ropeScaling());
                }
                double cos = Math.cos(position * frequency);
                double sin = Math.sin(position * frequency);
                double a = x[at + i];
                double b = x[at + i + half];
                x[at + i] = a * cos - b * sin;
                x[at + i + half] = a * sin + b * cos;
            }
        }
    }

    private static double llama3(double frequency, Map<String, Object> scaling) {
        double factor = ((Number) scaling.get("factor")).doubleValue();
        double low = ((Number) scaling.get("low_freq_factor")).doubleValue();
        double high = ((Number) scaling.get("high_freq_factor")).doubleValue();
        double context = ((Number) scaling.get("original_max_position_embeddings")).doubleValue();
        double wave = 2 * Math.PI / frequency;
        if (wave < context / high) {
            return frequency;
        }
        if (wave > context / low) {
            return frequency / factor;
        }
        double smooth = (context / wave - low) / (high - low);
        return (1 - smooth) * frequency / factor + smooth * frequency;
    }

    /** The ranks of ids by descending score. */
    List<Integer> ranked(double[] feature, int[] ids) {
        return IntStream.range(0, ids.length)
                .boxed()
                .sorted(Comparator.comparingDouble(i -> -logit(feature, ids[i])))
                .toList();
    }

    /** ln of the probability of ids[i] among ids. */
    double logProbability(double[] feature, int[] ids, int i) {
        double sum = IntStream.of(ids)
                .mapToDouble(id -> Math.exp(logit(feature, id)))
                .sum();
        return logit(feature, ids[i]) - Math.log(sum);
    }

    private double logit(double[] feature, int token) {
        Tensor head = model.get(draft.target().tied() ? "model.embed_tokens.weight" : "lm_head.weight");
        double sum = 0;
        for (int i = 0; i < feature.length; i++) {
            sum += head.data()[token * feature.length + i] * feature[i];
        }
        return sum;
    }

    double[] product(String name, double[] x) {
        Tensor weight = tensors.get(name + ".weight");
        Tensor bias = tensors.get(name + ".bias");
        double[] out = new double[weight.rows()];
        for (int row = 0; row < out.length; row++) {
            out[row] = bias == null ? 0 : bias.data()[row];
            for (int col = 0; col < x.length; col++) {
                out[row] += weight.data()[row * x.length + col] * x[col];
            }
        }
        return out;
    }

    double[] norm(double[] x, String name) {
        float[] weight = tensors.get(name + ".weight").data();
        double squares = 0;
        for (double value : x) {
            squares += value * value;
        }
        double[] out = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            out[i] = x[i] / Math.sqrt(squares / x.length + draft.epsilon()) * weight[i];
        }
        return out;
    }

    private static double[] add(double[] x, double[] y, double scale) {
        double[] out = x.clone();
        for (int i = 0; i < x.length; i++) {
            out[i] += scale * y[i];
        }
        return out;
    }
}
