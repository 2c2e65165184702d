package dev.squall.decoding;

import dev.squall.GenerationOptions;
import java.util.Arrays;
import java.util.BitSet;

/**
 * Chooses a token from the scores of one row, by the options of one request.
 *
 * <p>Bias, repetition penalty, temperature, top-k, top-p, min-p, then one random number: the same as filtering and
 * renormalising the distribution step by step. Ties always go to the lowest id.
 */
public final class Sampler {
    private final GenerationOptions options;
    private final int vocabulary;
    private final float[] scores; // [vocabulary]
    private final BitSet occurred = new BitSet();

    /** @throws IllegalArgumentException if the bias names a token that does not exist */
    public Sampler(GenerationOptions options, int vocabulary) {
        this.options = options;
        this.vocabulary = vocabulary;
        this.scores = new float[vocabulary];
        options.logitBias().keySet().forEach(id -> {
            if (id < 0 || id >= vocabulary) {
                throw new IllegalArgumentException(
                        "logitBias: found token " + id + ", expected 0 to " + (vocabulary - 1));
            }
        });
    }

    /** Counts a token of the prompt or the completion in for the repetition penalty. */
    public void observe(int token) {
        occurred.set(token);
    }

    /** Whether it always chooses the token of the largest score, whatever the others are. */
    boolean takesTheBest() {
        return options.temperature() == 0
                && options.repetitionPenalty() == 1
                && options.logitBias().isEmpty();
    }

    /**
     * Chooses the token at a position.
     *
     * @param logits [vocabulary], left as they are
     */
    public int sample(float[] logits, int position) {
        System.arraycopy(logits, 0, scores, 0, vocabulary);
        options.logitBias().forEach((id, bias) -> scores[id] += bias);
        penaliseRepetition();
        if (options.temperature() == 0) {
            return argMax(scores);
        }
        float inverse = (float) (1 / options.temperature());
        for (int id = 0; id < vocabulary; id++) {
            scores[id] *= inverse;
        }
        double random = RandomNumbers.uniform(options.seed(), position);
        boolean filters = options.topK() > 0 || options.topP() < 1 || options.minP() > 0;
        return filters ? drawFiltered(random) : drawAny(random);
    }

    private void penaliseRepetition() {
        float penalty = (float) options.repetitionPenalty();
        if (penalty == 1f) {
            return;
        }
        for (int id = occurred.nextSetBit(0); id >= 0; id = occurred.nextSetBit(id + 1)) {
            scores[id] = scores[id] > 0 ? scores[id] / penalty : scores[id] * penalty;
        }
    }

    /** The greatest score's id, the lowest of equals. */
    static int argMax(float[] scores) {
        int best = 0;
        for (int id = 1; id < scores.length; id++) {
            if (scores[id] > scores[best]) {
                best = id;
            }
        }
        return best;
    }

    private int drawAny(double random) {
        float greatest = scores[argMax(scores)];
        double sum = 0;
        for (float score : scores) {
            sum += Math.exp(score - greatest);
        }
        double target = random * sum;
        double cumulative = 0;
        int last = 0;
        for (int id = 0; id < vocabulary; id++) {
            double weight = Math.exp(scores[id] - greatest);
            if (weight > 0) {
                cumulative += weight;
                last = id;
                if (cumulative > target) {
                    return id;
                }
            }
        }
        return last;
    }

    private int drawFiltered(double random) {
        long[] ranked = candidates(); // ascending keys: descending scores
        int count = ranked.length;
        if (options.topK() > 0) {
            count = Math.min(count, options.topK());
        }
        float greatest = score(ranked[0]);
        double[] weights = new double[count]; // [count], relative to the most probable token
        double sum = 0;
        for (int i = 0; i < count; i++) {
            weights[i] = Math.exp(score(ranked[i]) - greatest);
            sum += weights[i];
        }
        // Without top-k the nucleus is measured against the whole distribution, of which the tail was never ranked.
        double whole = options.topK() > 0 ? sum : sumOfAll(greatest);
        int kept = 0;
        double mass = 0;
        while (kept < count && (kept == 0 || mass < options.topP() * whole)) {
            mass += weights[kept++];
        }
        while (kept > 1 && weights[kept - 1] < options.minP()) {
            mass -= weights[--kept];
        }
        double target = random * mass;
        double cumulative = 0;
        for (int i = 0; i < kept; i++) {
            cumulative += weights[i];
            if (cumulative > target) {
                return id(ranked[i]);
            }
        }
        return id(ranked[kept - 1]);
    }

    private double sumOfAll(float greatest) {
        double sum = 0;
        for (float score : scores) {
            sum += Math.exp(score - greatest);
        }
        return sum;
    }

    /**
     * The tokens that can pass the filters, ranked. A token of less than (1 − topP) / vocabulary of the probability can
     * never be in the nucleus unless it is the first, and min-p is a bound on the score: so most are never sorted.
     */
    private long[] candidates() {
        float greatest = scores[argMax(scores)];
        double bound = Double.NEGATIVE_INFINITY;
        if (options.minP() > 0 && (options.topP() == 1 || options.topK() == 0)) { // else top-p sums over what it drops
            bound = greatest + Math.log(options.minP()) - 1e-3;
        }
        if (options.topP() < 1 && options.topK() == 0) {
            double least = (1 - options.topP()) / vocabulary * sumOfAll(greatest);
            bound = Math.max(bound, greatest + Math.log(least) - 1e-3);
        }
        long[] keys = new long[vocabulary];
        int count = 0;
        for (int id = 0; id < vocabulary; id++) {
            if (scores[id] >= bound || scores[id] == greatest) {
                keys[count++] = key(scores[id], id);
            }
        }
        if (options.topK() > 0 && options.topK() < count / 8) {
            return greatestOf(keys, count, options.topK());
        }
        keys = Arrays.copyOf(keys, count);
        Arrays.sort(keys);
        return keys;
    }

    /** The k smallest keys in order: a bounded heap with the greatest kept key on top. */
    private static long[] greatestOf(long[] keys, int count, int k) {
        long[] heap = Arrays.copyOf(keys, k);
        for (int i = k / 2 - 1; i >= 0; i--) {
            sink(heap, i);
        }
        for (int i = k; i < count; i++) {
            if (keys[i] < heap[0]) {
                heap[0] = keys[i];
                sink(heap, 0);
            }
        }
        Arrays.sort(heap);
        return heap;
    }

    private static void sink(long[] heap, int at) {
        long value = heap[at];
        int child = 2 * at + 1;
        while (child < heap.length) {
            if (child + 1 < heap.length && heap[child + 1] > heap[child]) {
                child++;
            }
            if (heap[child] <= value) {
                break;
            }
            heap[at] = heap[child];
            at = child;
            child = 2 * at + 1;
        }
        heap[at] = value;
    }

    /** Sorts by descending score, then by ascending id. */
    private static long key(float score, int id) {
        int bits = Float.floatToIntBits(score);
        int ascending = bits ^ ((bits >> 31) & Integer.MAX_VALUE);
        return ((long) ~ascending << 32) | id;
    }

    private static int id(long key) {
        return (int) key;
    }

    private float score(long key) {
        return scores[id(key)];
    }
}
