package dev.squall.training;

import dev.squall.kernels.Workers;
import dev.squall.training.Tape.Live;
import java.util.Arrays;
import java.util.stream.IntStream;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * The loss of prompt tuning with rules (Han et al. 2022): every mask chooses among label words of its own, and a class is a
 * choice at every mask.
 *
 * <pre>
 *   z[j][w] = h[j] · E[word w of mask j] (+ bias)        p[j] = softmax(z[j])
 *   s[y]    = Σ_j z[j][choice of class y at mask j]      q    = softmax(s)
 *   loss    = words / M Σ_j −log p[j][choice of the target at j]  +  classes · −log q[target]
 *             +  consistency / 4 (KL(q ‖ q') + KL(q' ‖ q))
 * </pre>
 *
 * q' is the q of the sample half a batch away. With a consistency, the second half of what is learned from has the samples of the
 * first again, and as their dropout is another, the two should agree (R-Drop, Liang et al. 2021, equation 3).
 *
 * <p>The rows it reads are those of {@link Tape#pick}: the masks of all samples in their order.
 */
public final class RuleLoss {
    /**
     * @param words [masks][label words of the mask], tokens
     * @param classes [classes][masks], which label word
     * @param wordWeight factor of the words' part of the loss
     * @param classWeight factor of the classes' part
     * @param consistency factor of what two readings of a sample differ by, 0 where each is read once
     */
    public record Rules(int[][] words, int[][] classes, double wordWeight, double classWeight, double consistency) {
        int masks() {
            return words.length;
        }
    }

    private final Rules rules;
    private final IntArray wanted; // [samples], the class of each
    private final int[][] places; // [samples][masks], which of a sample's rows each mask is
    private final double[][] scores; // [samples][classes], s of the last pass
    private final double[][][] words; // [samples][masks][label words], z of the last pass

    private RuleLoss(Rules rules, int samples) {
        this.rules = rules;
        wanted = new IntArray(samples);
        places = new int[samples][];
        for (int sample = 0; sample < samples; sample++) {
            want(sample, 0);
        }
        scores = new double[samples][rules.classes.length];
        words = new double[samples][rules.masks()][];
    }

    /**
     * Records the loss.
     *
     * @param x picked rows: [samples * masks, dim]
     * @param table [vocabulary, dim]
     * @param bias [1, vocabulary], null for none
     * @param samples of a batch
     */
    public static RuleLoss record(Tape tape, Tensor x, Tensor table, Tensor bias, Rules rules, int samples) {
        RuleLoss loss = new RuleLoss(rules, samples);
        Live here = tape.live();
        tape.record(
                () -> {
                    if (here.rows % rules.masks() != 0) {
                        throw new IllegalArgumentException("masks of a batch: found " + here.rows
                                + ", expected a multiple of " + rules.masks() + ", those of a sample");
                    }
                    int live = here.rows / rules.masks();
                    boolean paired = rules.consistency > 0 && tape.training();
                    if (paired && live % 2 != 0) {
                        throw new IllegalArgumentException(
                                "samples of a batch: found " + live + ", expected each of them twice");
                    }
                    Workers.shared().parallelFor(live, 1, (from, to) -> {
                        for (int sample = from; sample < to; sample++) {
                            loss.score(sample, x, table, bias);
                        }
                    });
                    for (int sample = 0; sample < live; sample++) { // one after the other: samples share words
                        int other = paired ? (sample + live / 2) % live : sample;
                        tape.addLoss(loss.differentiate(sample, other, tape, x, table, bias));
                    }
                },
                () -> {});
        return loss;
    }

    /**
     * Sets the class that a sample of the next pass should have.
     *
     * @param rows [masks], which of the sample's rows each mask is; in the order of the masks if none are given
     */
    public void want(int sample, int target, int... rows) {
        wanted.set(sample, target);
        places[sample] = rows.length > 0
                ? rows.clone()
                : IntStream.range(0, rules.masks()).toArray();
    }

    /** The scores of all classes that a sample had in the last pass. */
    public double[] scores(int sample) {
        return scores[sample].clone();
    }

    /** The probabilities of a mask's label words that a sample had in the last pass. */
    public double[] words(int sample, int mask) {
        return softmax(words[sample][mask]);
    }

    private int row(int sample, int mask) {
        return sample * rules.masks() + places[sample][mask];
    }

    private void score(int sample, Tensor x, Tensor table, Tensor bias) {
        int dim = table.width();
        for (int mask = 0; mask < rules.masks(); mask++) {
            int[] tokens = rules.words[mask];
            double[] z = new double[tokens.length];
            int row = row(sample, mask) * dim;
            for (int w = 0; w < z.length; w++) {
                for (int i = 0; i < dim; i++) {
                    z[w] += (double) x.value().get(row + i) * table.value().get(tokens[w] * dim + i);
                }
                z[w] += bias == null ? 0 : bias.value().get(tokens[w]);
            }
            words[sample][mask] = z;
        }
        for (int y = 0; y < rules.classes.length; y++) {
            scores[sample][y] = 0;
            for (int mask = 0; mask < rules.masks(); mask++) {
                scores[sample][y] += words[sample][mask][rules.classes[y][mask]];
            }
        }
    }

    /** The loss of a sample beside its other reading; its gradients are added while learning. */
    private double differentiate(int sample, int other, Tape tape, Tensor x, Tensor table, Tensor bias) {
        int target = wanted.get(sample);
        double[] q = softmax(scores[sample]);
        double loss = -rules.classWeight * Math.log(q[target]);
        double[] ds = new double[q.length];
        for (int y = 0; y < ds.length; y++) {
            ds[y] = rules.classWeight * (q[y] - (y == target ? 1 : 0));
        }
        if (other != sample) {
            loss += rules.consistency / 4 * differ(scores[sample], scores[other], rules.consistency / 2, ds);
        }
        double share = rules.wordWeight / rules.masks();
        for (int mask = 0; mask < rules.masks(); mask++) {
            double[] p = softmax(words[sample][mask]);
            loss -= share * Math.log(p[rules.classes[target][mask]]);
            if (!tape.training()) {
                continue;
            }
            double[] dz = new double[p.length];
            for (int w = 0; w < p.length; w++) {
                dz[w] = share * (p[w] - (w == rules.classes[target][mask] ? 1 : 0));
            }
            for (int y = 0; y < q.length; y++) {
                dz[rules.classes[y][mask]] += ds[y];
            }
            for (int w = 0; w < dz.length; w++) {
                add(x, row(sample, mask), table, bias, rules.words[mask][w], dz[w] * tape.weight() * rules.masks());
            }
        }
        return loss * rules.masks(); // a tape's loss is a mean over rows
    }

    /**
     * KL(q ‖ r) + KL(r ‖ q) of the softmaxes of two rows of scores.
     *
     * @param ds its gradients by the scores of q, times a factor, are added here
     */
    private static double differ(double[] qScores, double[] rScores, double factor, double[] ds) {
        double[] q = softmax(qScores);
        double[] r = softmax(rScores);
        double shift = logSum(qScores) - logSum(rScores);
        double[] ratio = new double[q.length]; // log q/r
        double forward = 0;
        double backward = 0;
        for (int y = 0; y < q.length; y++) {
            ratio[y] = qScores[y] - rScores[y] - shift;
            forward += q[y] * ratio[y];
            backward -= r[y] * ratio[y];
        }
        for (int y = 0; y < q.length; y++) {
            ds[y] += factor * (q[y] * (ratio[y] - forward) + q[y] - r[y]);
        }
        return forward + backward;
    }

    private static void add(Tensor x, int row, Tensor table, Tensor bias, int token, double dz) {
        int dim = table.width();
        for (int i = 0; i < dim; i++) {
            float h = x.value().get(row * dim + i);
            add(x.gradient(), row * dim + i, dz * table.value().get(token * dim + i));
            add(table.gradient(), token * dim + i, dz * h);
        }
        if (bias != null) {
            add(bias.gradient(), token, dz);
        }
    }

    private static void add(FloatArray array, int at, double more) {
        array.set(at, (float) (array.get(at) + more));
    }

    private static double[] softmax(double[] x) {
        double largest = largest(x);
        double sum = 0;
        double[] y = new double[x.length];
        for (int i = 0; i < x.length; i++) {
            y[i] = Math.exp(x[i] - largest);
            sum += y[i];
        }
        for (int i = 0; i < x.length; i++) {
            y[i] /= sum;
        }
        return y;
    }

    private static double logSum(double[] x) {
        double largest = largest(x);
        double sum = 0;
        for (double each : x) {
            sum += Math.exp(each - largest);
        }
        return largest + Math.log(sum);
    }

    private static double largest(double[] x) {
        return Arrays.stream(x).max().orElseThrow();
    }
}
