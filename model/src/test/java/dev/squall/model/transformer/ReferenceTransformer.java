package dev.squall.model.transformer;

import java.util.Map;

/**
 * The same models in float64, written from the papers' formulas and sharing nothing with the engine: whole texts, no
 * cache, no batches, loops only. Weights in Hugging Face layout.
 */
public final class ReferenceTransformer {
    private final TinyModel model;
    private final Map<String, float[]> weights; // by Hugging Face name, row-major

    public ReferenceTransformer(TinyModel model, Map<String, float[]> weights) {
        this.model = model;
        this.weights = weights;
    }

    /** Logits after every token of a text, [tokens, vocabulary]. */
    public double[][] logits(int... text) {
        int dim = model.dim();
        double[][] x = new double[text.length][dim]; // residual stream
        float[] embedding = weights.get("model.embed_tokens.weight");
        for (int t = 0; t < text.length; t++) {
            for (int i = 0; i < dim; i++) {
                x[t][i] = embedding[text[t] * dim + i];
            }
        }
        for (int layer = 0; layer < model.layers(); layer++) {
            String name = "model.layers." + layer + ".";
            double[][] mixed = attention(layer, normed(x, name + "input_layernorm.weight"));
            add(x, mixed);
            add(x, feedForward(name, normed(x, name + "post_attention_layernorm.weight")));
        }
        double[][] hidden = normed(x, "model.norm.weight");
        return product(hidden, model.tied() ? "model.embed_tokens" : "lm_head", model.vocabulary());
    }

    private double[][] attention(int layer, double[][] x) {
        int heads = model.heads();
        int kvHeads = model.kvHeads();
        int headDim = model.headDim();
        String name = "model.layers." + layer + ".self_attn.";
        double[][] q = product(x, name + "q_proj", heads * headDim);
        double[][] k = product(x, name + "k_proj", kvHeads * headDim);
        double[][] v = product(x, name + "v_proj", kvHeads * headDim);
        for (int t = 0; t < x.length; t++) {
            for (int h = 0; h < heads; h++) {
                prepare(q[t], h * headDim, t, name + "q_norm.weight");
            }
            for (int h = 0; h < kvHeads; h++) {
                prepare(k[t], h * headDim, t, name + "k_norm.weight");
            }
        }
        int window = model.slidingWindow() == 0 || layer < model.fullLayers() ? x.length : model.slidingWindow();
        double[][] out = new double[x.length][heads * headDim];
        for (int t = 0; t < x.length; t++) {
            int first = Math.max(0, t - window + 1);
            for (int h = 0; h < heads; h++) {
                int from = h * headDim;
                int shared = h / (heads / kvHeads) * headDim; // the key/value head of this group
                double[] p = new double[t + 1];
                double sum = 0;
                for (int s = first; s <= t; s++) {
                    double score = 0;
                    for (int i = 0; i < headDim; i++) {
                        score += q[t][from + i] * k[s][shared + i];
                    }
                    p[s] = Math.exp(score / Math.sqrt(headDim));
                    sum += p[s];
                }
                for (int s = first; s <= t; s++) {
                    for (int i = 0; i < headDim; i++) {
                        out[t][from + i] += p[s] / sum * v[s][shared + i];
                    }
                }
            }
        }
        return product(out, name + "o_proj", model.dim());
    }

    /** Norm over a head, where the family has one, then rotation in the complex plane. */
    private void prepare(double[] x, int from, int position, String normName) {
        int headDim = model.headDim();
        if (model.headNorm()) {
            double[] head = new double[headDim];
            System.arraycopy(x, from, head, 0, headDim);
            System.arraycopy(normed(new double[][] {head}, normName)[0], 0, x, from, headDim);
        }
        int half = headDim / 2;
        for (int i = 0; i < half; i++) {
            double angle = position * frequency(i);
            double real = x[from + i];
            double imaginary = x[from + half + i];
            x[from + i] = magnitude() * (real * Math.cos(angle) - imaginary * Math.sin(angle));
            x[from + half + i] = magnitude() * (real * Math.sin(angle) + imaginary * Math.cos(angle));
        }
    }

    private double frequency(int pair) {
        int headDim = model.headDim();
        double plain = 1 / Math.pow(model.ropeTheta(), 2.0 * pair / headDim);
        Map<String, Object> scaling = model.ropeScaling();
        String type = (String) scaling.getOrDefault("rope_type", "default");
        switch (type) {
            case "default":
                return plain;
            case "linear":
                return plain / number("factor");
            case "llama3":
                double wave = 2 * Math.PI / plain;
                double context = number("original_max_position_embeddings");
                double low = number("low_freq_factor");
                double high = number("high_freq_factor");
                if (wave > context / low) {
                    return plain / number("factor");
                }
                if (wave < context / high) {
                    return plain;
                }
                double smooth = (context / wave - low) / (high - low);
                return (1 - smooth) * plain / number("factor") + smooth * plain;
            case "yarn":
                // Dimension d of the paper is pair * 2; gamma goes from 1 (extrapolate) to 0 (interpolate).
                double first = Math.floor(yarnPair(32));
                double last = Math.ceil(yarnPair(1));
                double ramp = Math.min(1, Math.max(0, (pair - first) / (last - first)));
                return plain / number("factor") * ramp + plain * (1 - ramp);
            default:
                throw new IllegalArgumentException(type);
        }
    }

    private double yarnPair(double turns) {
        double context = number("original_max_position_embeddings");
        return model.headDim() / 2.0 * Math.log(context / (2 * Math.PI * turns)) / Math.log(model.ropeTheta());
    }

    private double magnitude() {
        return "yarn".equals(model.ropeScaling().get("rope_type")) ? 0.1 * Math.log(number("factor")) + 1 : 1;
    }

    private double number(String key) {
        return ((Number) model.ropeScaling().get(key)).doubleValue();
    }

    private double[][] feedForward(String name, double[][] x) {
        double[][] gate = product(x, name + "mlp.gate_proj", model.hidden());
        double[][] up = product(x, name + "mlp.up_proj", model.hidden());
        for (int t = 0; t < x.length; t++) {
            for (int i = 0; i < model.hidden(); i++) {
                gate[t][i] = gate[t][i] / (1 + Math.exp(-gate[t][i])) * up[t][i];
            }
        }
        return product(gate, name + "mlp.down_proj", model.dim());
    }

    private double[][] normed(double[][] x, String name) {
        float[] weight = weights.get(name);
        double[][] out = new double[x.length][weight.length];
        for (int t = 0; t < x.length; t++) {
            double squares = 0;
            for (double value : x[t]) {
                squares += value * value;
            }
            double scale = 1 / Math.sqrt(squares / weight.length + model.epsilon());
            for (int i = 0; i < weight.length; i++) {
                out[t][i] = weight[i] * x[t][i] * scale;
            }
        }
        return out;
    }

    /** x W^T + b, with the bias that the model has under this name, if any. */
    private double[][] product(double[][] x, String name, int rows) {
        float[] weight = weights.get(name + ".weight");
        float[] bias = weights.get(name + ".bias");
        double[][] out = new double[x.length][rows];
        for (int t = 0; t < x.length; t++) {
            int cols = x[t].length;
            for (int r = 0; r < rows; r++) {
                double sum = bias == null ? 0 : bias[r];
                for (int c = 0; c < cols; c++) {
                    sum += weight[r * cols + c] * x[t][c];
                }
                out[t][r] = sum;
            }
        }
        return out;
    }

    private static void add(double[][] x, double[][] y) {
        for (int t = 0; t < x.length; t++) {
            for (int i = 0; i < x[t].length; i++) {
                x[t][i] += y[t][i];
            }
        }
    }
}
