package dev.squall.training;

import dev.squall.model.spec.LayerSpec;
import dev.squall.model.spec.LayerSpec.Activation;
import dev.squall.model.spec.LayerSpec.AttentionSpec;
import dev.squall.model.spec.LayerSpec.Norm;
import dev.squall.model.spec.LayerSpec.NormSpec;
import dev.squall.model.spec.LayerSpec.Placement;
import dev.squall.model.spec.ModelSpec;
import dev.squall.model.spec.RopeSpec;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The formulas of the models that are trained, in double and without a thought of speed: what the tape's gradients are held
 * against. A sequence is [length][width]; weights are [outputs, inputs] as in checkpoints.
 */
final class DoubleModel {
    private final ModelSpec spec;
    private final boolean causal;
    private final Map<String, double[]> weights = new LinkedHashMap<>();

    DoubleModel(ModelSpec spec, boolean causal, Map<String, Tensor> parameters) {
        this.spec = spec;
        this.causal = causal;
        parameters.forEach((name, tensor) -> {
            double[] values = new double[tensor.size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = tensor.value().get(i);
            }
            weights.put(name, values);
        });
    }

    double[] weight(String name) {
        return weights.get(name);
    }

    double[][] decoder(int[] ids) {
        double[][] x = embed("model.embed_tokens.weight", ids, spec.embeddingScale());
        x = layers(x, "model.layers.", "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj");
        return spec.finalNorm() == null ? x : norm(x, "model.norm", spec.finalNorm());
    }

    double[][] draft(double[] table, int[] ids, double[][] states) {
        double[][] pair = new double[ids.length][2 * spec.dim()];
        for (int row = 0; row < ids.length; row++) {
            for (int i = 0; i < spec.dim(); i++) {
                pair[row][i] = table[ids[row] * spec.dim() + i] * spec.embeddingScale();
                pair[row][spec.dim() + i] = states[row][i];
            }
        }
        return layers(
                linear(pair, "fc", spec.dim()),
                "model.layers.",
                "self_attn.q_proj",
                "self_attn.k_proj",
                "self_attn.v_proj",
                "self_attn.o_proj");
    }

    double[][] encoder(int[] ids) {
        double[][] x = embed("roberta.embeddings.word_embeddings.weight", ids, 1);
        double[] places = weights.get("roberta.embeddings.position_embeddings.weight");
        double[] type = weights.get("roberta.embeddings.token_type_embeddings.weight");
        for (int row = 0; row < x.length; row++) {
            for (int i = 0; i < spec.dim(); i++) {
                x[row][i] += places[(row + 2) * spec.dim() + i] + type[i];
            }
        }
        x = norm(x, "roberta.embeddings.LayerNorm", spec.layers().getFirst().attentionNorm());
        return layers(
                x,
                "roberta.encoder.layer.",
                "attention.self.query",
                "attention.self.key",
                "attention.self.value",
                "attention.output.dense");
    }

    double[][] maskHead(double[][] x) {
        double[][] y = linear(x, "lm_head.dense", spec.dim());
        for (double[] row : y) {
            for (int i = 0; i < row.length; i++) {
                row[i] = gelu(row[i]);
            }
        }
        return norm(y, "lm_head.layer_norm", spec.layers().getFirst().attentionNorm());
    }

    private double[][] embed(String table, int[] ids, double scale) {
        double[][] x = new double[ids.length][spec.dim()];
        for (int row = 0; row < ids.length; row++) {
            for (int i = 0; i < spec.dim(); i++) {
                x[row][i] = weights.get(table)[ids[row] * spec.dim() + i] * scale;
            }
        }
        return x;
    }

    private double[][] layers(double[][] x, String prefix, String query, String key, String value, String output) {
        for (int layer = 0; layer < spec.layers().size(); layer++) {
            LayerSpec each = spec.layers().get(layer);
            String at = prefix + layer + ".";
            boolean before = each.placement() == Placement.BEFORE;
            String attentionNorm = at + (causal ? "input_layernorm" : "attention.output.LayerNorm");
            String feedForwardNorm = at + (causal ? "post_attention_layernorm" : "output.LayerNorm");
            double[][] in = before ? norm(x, attentionNorm, each.attentionNorm()) : x;
            AttentionSpec attention = each.attention();
            double[][] context = attend(
                    turn(linear(in, at + query, attention.queryDim()), attention, attention.heads()),
                    turn(linear(in, at + key, attention.kvDim()), attention, attention.kvHeads()),
                    linear(in, at + value, attention.kvDim()),
                    attention);
            x = sum(x, linear(context, at + output, spec.dim()), each.residualScale());
            x = before ? x : norm(x, attentionNorm, each.attentionNorm());
            in = before ? norm(x, feedForwardNorm, each.feedForwardNorm()) : x;
            x = sum(x, feedForward(in, at, each), each.residualScale());
            x = before ? x : norm(x, feedForwardNorm, each.feedForwardNorm());
        }
        return x;
    }

    private double[][] feedForward(double[][] x, String at, LayerSpec layer) {
        int hidden = layer.feedForward().hidden();
        boolean gated = layer.feedForward().activation() == Activation.SILU_GATED;
        double[][] up = linear(x, at + (gated ? "mlp.up_proj" : "intermediate.dense"), hidden);
        double[][] gate = gated ? linear(x, at + "mlp.gate_proj", hidden) : null;
        for (int row = 0; row < x.length; row++) {
            for (int i = 0; i < hidden; i++) {
                up[row][i] = gated ? gate[row][i] / (1 + Math.exp(-gate[row][i])) * up[row][i] : gelu(up[row][i]);
            }
        }
        return linear(up, at + (gated ? "mlp.down_proj" : "output.dense"), spec.dim());
    }

    private double[][] attend(double[][] q, double[][] k, double[][] v, AttentionSpec spec) {
        int n = spec.headDim();
        double[][] out = new double[q.length][spec.queryDim()];
        for (int head = 0; head < spec.heads(); head++) {
            int kv = head / (spec.heads() / spec.kvHeads());
            for (int row = 0; row < q.length; row++) {
                int seen = causal ? row + 1 : q.length;
                double[] scores = new double[seen];
                for (int j = 0; j < seen; j++) {
                    for (int i = 0; i < n; i++) {
                        scores[j] += q[row][head * n + i] * k[j][kv * n + i] * spec.scale();
                    }
                }
                double[] a = softmax(scores);
                for (int j = 0; j < seen; j++) {
                    for (int i = 0; i < n; i++) {
                        out[row][head * n + i] += a[j] * v[j][kv * n + i];
                    }
                }
            }
        }
        return out;
    }

    private static double[][] turn(double[][] x, AttentionSpec spec, int heads) {
        RopeSpec rope = spec.rope();
        if (rope == null) {
            return x;
        }
        int half = rope.rotaryDim() / 2;
        boolean adjacent = rope.pairing() == RopeSpec.Pairing.ADJACENT;
        for (int row = 0; row < x.length; row++) {
            for (int head = 0; head < heads; head++) {
                for (int i = 0; i < half; i++) {
                    int a = head * spec.headDim() + (adjacent ? 2 * i : i);
                    int b = adjacent ? a + 1 : a + half;
                    double angle = row * (double) rope.frequencies()[i];
                    double x0 = x[row][a];
                    double x1 = x[row][b];
                    x[row][a] = x0 * Math.cos(angle) - x1 * Math.sin(angle);
                    x[row][b] = x1 * Math.cos(angle) + x0 * Math.sin(angle);
                }
            }
        }
        return x;
    }

    private double[][] linear(double[][] x, String name, int outputs) {
        double[] w = weights.get(name + ".weight");
        double[] bias = weights.get(name + ".bias");
        double[][] y = new double[x.length][outputs];
        for (int row = 0; row < x.length; row++) {
            for (int o = 0; o < outputs; o++) {
                y[row][o] = dot(x[row], w, o) + (bias == null ? 0 : bias[o]);
            }
        }
        return y;
    }

    /** The product of a vector and a row of a matrix. */
    static double dot(double[] x, double[] w, int row) {
        double sum = 0;
        for (int i = 0; i < x.length; i++) {
            sum += x[i] * w[row * x.length + i];
        }
        return sum;
    }

    private double[][] norm(double[][] x, String name, NormSpec norm) {
        if (norm == null) {
            return x;
        }
        double[] w = weights.get(name + ".weight");
        double[] bias = weights.get(name + ".bias");
        double[][] y = new double[x.length][];
        for (int row = 0; row < x.length; row++) {
            double mean = 0;
            for (double each : x[row]) {
                mean += norm.kind() == Norm.LAYER ? each / x[row].length : 0;
            }
            double squares = 0;
            for (double each : x[row]) {
                squares += (each - mean) * (each - mean) / x[row].length;
            }
            y[row] = new double[x[row].length];
            for (int i = 0; i < x[row].length; i++) {
                y[row][i] =
                        (x[row][i] - mean) / Math.sqrt(squares + norm.epsilon()) * w[i] + (bias == null ? 0 : bias[i]);
            }
        }
        return y;
    }

    private static double[][] sum(double[][] x, double[][] block, double scale) {
        double[][] y = new double[x.length][];
        for (int row = 0; row < x.length; row++) {
            y[row] = new double[x[row].length];
            for (int i = 0; i < x[row].length; i++) {
                y[row][i] = x[row][i] + scale * block[row][i];
            }
        }
        return y;
    }

    static double[] softmax(double[] x) {
        double largest = Double.NEGATIVE_INFINITY;
        for (double each : x) {
            largest = Math.max(largest, each);
        }
        double[] y = new double[x.length];
        double sum = 0;
        for (int i = 0; i < x.length; i++) {
            y[i] = Math.exp(x[i] - largest);
            sum += y[i];
        }
        for (int i = 0; i < x.length; i++) {
            y[i] /= sum;
        }
        return y;
    }

    /** x Φ(x), with the power series of erf. */
    static double gelu(double x) {
        double z = x / Math.sqrt(2);
        double term = z;
        double sum = z;
        for (int n = 1; n < 200; n++) {
            term *= -z * z / n;
            sum += term / (2 * n + 1);
        }
        return x * (1 + 2 / Math.sqrt(Math.PI) * sum) / 2;
    }
}
