package dev.squall.decoding;

/** Natural logarithms of probabilities, from scores. */
final class LogProbabilities {
    private LogProbabilities() {}

    /** log Σ exp(logits), over [from, from + vocabulary). */
    static double logSumExp(float[] logits, int from, int vocabulary) {
        float greatest = Float.NEGATIVE_INFINITY;
        for (int i = from; i < from + vocabulary; i++) {
            greatest = Math.max(greatest, logits[i]);
        }
        double sum = 0;
        for (int i = from; i < from + vocabulary; i++) {
            sum += Math.exp(logits[i] - greatest);
        }
        return greatest + Math.log(sum);
    }

    /** The ids of the n greatest scores, descending, the lowest id first of equals. */
    static int[] top(float[] logits, int n) {
        int[] ids = new int[Math.min(n, logits.length)];
        int filled = 0;
        for (int id = 0; id < logits.length; id++) {
            if (filled < ids.length || logits[id] > logits[ids[filled - 1]]) {
                int place = filled < ids.length ? filled++ : filled - 1;
                while (place > 0 && logits[ids[place - 1]] < logits[id]) {
                    ids[place] = ids[place - 1];
                    place--;
                }
                ids[place] = id;
            }
        }
        return ids;
    }
}
