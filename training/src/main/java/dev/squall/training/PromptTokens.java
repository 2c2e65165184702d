package dev.squall.training;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/**
 * Tokens of a prompt that are no words: their vectors are learned, behind two layers that make them easier to learn (Han et al.
 * 2022, section 3.3; the published program has them switched off).
 *
 * <pre>
 *   N = W2 · ReLU(W1 · E + b1) + b2        E, N [tokens, dim]
 * </pre>
 *
 * A row of the batch that is such a token reads its row of N in place of a word; position and type are added to it as to others.
 */
public final class PromptTokens {
    private static final String PREFIX = "prompt_tokens.";

    private final int count;
    private final int dim;
    private final Tensor table; // [tokens, dim]
    private final Tensor weight1; // [dim, dim]
    private final Tensor bias1; // [1, dim]
    private final Tensor weight2; // [dim, dim]
    private final Tensor bias2; // [1, dim]
    private final double[][] middle; // [tokens][dim], behind the ReLU
    private final double[][] made; // N: [tokens][dim]
    private final double[][] gradient; // of N: [tokens][dim]

    PromptTokens(Network network, int count, int dim) {
        this.count = count;
        this.dim = dim;
        table = network.parameter(PREFIX + "embeddings.weight", count, dim);
        weight1 = network.parameter(PREFIX + "dense.weight", dim, dim);
        bias1 = network.parameter(PREFIX + "dense.bias", 1, dim);
        weight2 = network.parameter(PREFIX + "out_proj.weight", dim, dim);
        bias2 = network.parameter(PREFIX + "out_proj.bias", 1, dim);
        middle = new double[count][dim];
        made = new double[count][dim];
        gradient = new double[count][dim];
    }

    /** Whether a parameter belongs to such tokens. */
    public static boolean owns(String parameter) {
        return parameter.startsWith(PREFIX);
    }

    /** Replaces the rows of x that are such tokens. */
    Tensor record(Tape tape, Tensor x) {
        Batch batch = tape.batch();
        Tensor y = tape.result("prompt tokens", dim);
        return tape.record(
                y,
                () -> {
                    make();
                    for (int row = 0; row < batch.rows(); row++) {
                        int token = batch.promptTokens.get(row);
                        for (int i = 0; i < dim; i++) {
                            int at = row * dim + i;
                            y.value().set(at, token < 0 ? x.value().get(at) : (float) made[token][i]);
                        }
                    }
                },
                () -> {
                    for (double[] each : gradient) {
                        Arrays.fill(each, 0);
                    }
                    for (int row = 0; row < batch.rows(); row++) {
                        int token = batch.promptTokens.get(row);
                        for (int i = 0; i < dim; i++) {
                            int at = row * dim + i;
                            if (token < 0) {
                                add(x.gradient(), at, y.gradient().get(at));
                            } else {
                                gradient[token][i] += y.gradient().get(at);
                            }
                        }
                    }
                    differentiate();
                });
    }

    private void make() {
        for (int token = 0; token < count; token++) {
            for (int o = 0; o < dim; o++) {
                double sum = bias1.value().get(o);
                for (int i = 0; i < dim; i++) {
                    sum += (double) weight1.value().get(o * dim + i)
                            * table.value().get(token * dim + i);
                }
                middle[token][o] = Math.max(0, sum);
            }
            for (int o = 0; o < dim; o++) {
                double sum = bias2.value().get(o);
                for (int i = 0; i < dim; i++) {
                    sum += weight2.value().get(o * dim + i) * middle[token][i];
                }
                made[token][o] = sum;
            }
        }
    }

    private void differentiate() {
        double[] back = new double[dim];
        for (int token = 0; token < count; token++) {
            Arrays.fill(back, 0);
            for (int o = 0; o < dim; o++) {
                double d = gradient[token][o];
                add(bias2.gradient(), o, d);
                for (int i = 0; i < dim; i++) {
                    back[i] += d * weight2.value().get(o * dim + i);
                    add(weight2.gradient(), o * dim + i, d * middle[token][i]);
                }
            }
            for (int o = 0; o < dim; o++) {
                double d = middle[token][o] > 0 ? back[o] : 0;
                add(bias1.gradient(), o, d);
                for (int i = 0; i < dim; i++) {
                    add(table.gradient(), token * dim + i, d * weight1.value().get(o * dim + i));
                    add(weight1.gradient(), o * dim + i, d * table.value().get(token * dim + i));
                }
            }
        }
    }

    private static void add(FloatArray to, int at, double more) {
        to.set(at, (float) (to.get(at) + more));
    }

    /** Vectors from N(0, 1), layers from U(−1/√dim, 1/√dim), as the published program begins. */
    public void initialize(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < table.size(); i++) {
            table.value().set(i, (float) random.nextGaussian());
        }
        double bound = 1 / Math.sqrt(dim);
        for (Tensor each : List.of(weight1, bias1, weight2, bias2)) {
            for (int i = 0; i < each.size(); i++) {
                each.value().set(i, (float) random.nextDouble(-bound, bound));
            }
        }
    }

    /** What the tokens have become: N, [tokens * dim]. */
    public float[] vectors() {
        make();
        float[] vectors = new float[count * dim];
        for (int i = 0; i < vectors.length; i++) {
            vectors[i] = (float) made[i / dim][i % dim];
        }
        return vectors;
    }
}
