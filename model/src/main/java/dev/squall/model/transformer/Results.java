package dev.squall.model.transformer;

import dev.squall.attention.Rows;
import dev.squall.model.spec.ModelSpec;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** What the last pass has left. From a device each of it comes back when somebody asks for it, and never more than that. */
final class Results {
    private final ModelSpec spec;
    private final Plan plan;
    private final int epilogue; // the graph that has it all
    private final Rows rows; // of the pass
    private final Activations a;
    private final IntArray best; // [L], null on the JVM
    private boolean hiddenIsHere = true;
    private boolean logitsAreHere = true;
    private boolean bestIsHere = true;

    Results(ModelSpec spec, Plan plan, int epilogue, Rows rows, Activations a, IntArray best) {
        this.spec = spec;
        this.plan = plan;
        this.epilogue = epilogue;
        this.rows = rows;
        this.a = a;
        this.best = best;
    }

    /** There is a pass to come. */
    void renew() {
        hiddenIsHere = rows.size() == 0;
        logitsAreHere = rows.logitRows() == 0;
        bestIsHere = rows.logitRows() == 0;
    }

    /** [rows, dim]. */
    FloatArray hidden() {
        if (!hiddenIsHere) {
            plan.toHost(epilogue, a.hidden, (long) rows.size() * spec.dim());
            hiddenIsHere = true;
        }
        return a.hidden;
    }

    /** [logitRows, vocabulary]. */
    FloatArray logits() {
        if (!logitsAreHere) {
            plan.toHost(epilogue, a.logits, (long) rows.logitRows() * spec.vocabulary());
            logitsAreHere = true;
        }
        return a.logits;
    }

    /** The token of the largest of the k-th logits, of equal ones the lowest. */
    int best(int k) {
        if (best == null) {
            return largest(k * spec.vocabulary());
        }
        if (!bestIsHere) {
            plan.toHost(epilogue, best, rows.logitRows());
            bestIsHere = true;
        }
        return best.get(k);
    }

    private int largest(int from) {
        FloatArray logits = logits();
        int largest = 0;
        float best = logits.get(from);
        for (int id = 1; id < spec.vocabulary(); id++) {
            float score = logits.get(from + id);
            if (score > best) {
                best = score;
                largest = id;
            }
        }
        return largest;
    }
}
