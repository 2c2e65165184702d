package dev.squall.model.transformer;

import dev.squall.attention.Rows;
import dev.squall.model.spec.LayerSpec;
import dev.squall.model.spec.ModelSpec;
import dev.squall.model.spec.RopeSpec;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.ToIntFunction;
import java.util.stream.Stream;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * The buffers between the kernels of every set, with room for R rows, and for L rows that ask for logits. All layers use
 * the same ones.
 */
final class Activations {
    final FloatArray x; // [R, dim], residual stream
    final FloatArray query; // [R, heads, headDim]
    final FloatArray attended; // [R, heads, headDim]
    final FloatArray gate; // [R, hidden]
    final FloatArray hidden; // [R, dim], the stream after the final norm, or itself where there is none
    final FloatArray asked; // [L, dim], the hidden states that the head reads
    final FloatArray logits; // [L, vocabulary]
    final Map<RopeSpec, Rotation> rotations = new LinkedHashMap<>();
    private final Map<Integer, IntArray> windowStart =
            new LinkedHashMap<>(); // sliding window -> [R], first visible slot
    final FiniteChecks checks;
    private final ModelSpec spec;
    private final int rows;

    /**
     * The rotations of a step.
     *
     * @param frequencies [rotaryDim / 2], radians a position
     * @param cosSin [R, rotaryDim]
     */
    record Rotation(FloatArray frequencies, FloatArray cosSin) {}

    Activations(ModelSpec spec, int rows, int logitRows) {
        this(spec, rows, logitRows, new FiniteChecks(0));
    }

    Activations(ModelSpec spec, int rows, int logitRows, FiniteChecks checks) {
        this.checks = checks;
        this.spec = spec;
        this.rows = rows;
        int dim = spec.dim();
        x = array("residual stream", dim);
        query = array("queries", widest(layer -> layer.attention().queryDim()));
        attended = array("attention output", widest(layer -> layer.attention().queryDim()));
        gate = array("gate", widest(layer -> layer.feedForward().hidden()));
        hidden = spec.finalNorm() == null ? x : array("hidden state", dim);
        asked = array("hidden states of logit rows", logitRows, dim);
        logits = array("logits", logitRows, spec.vocabulary());
        for (LayerSpec layer : spec.layers()) {
            if (layer.attention().rope() != null) {
                rotations.computeIfAbsent(
                        layer.attention().rope(),
                        rope -> new Rotation(
                                FloatArray.fromArray(rope.frequencies()), array("rotation", rope.rotaryDim())));
            }
            int window = layer.attention().slidingWindow();
            if (window > 0) {
                windowStart.computeIfAbsent(window, w -> new IntArray(rows));
            }
        }
    }

    /** The angles of all rotations. */
    Stream<FloatArray> cosSin() {
        return rotations.values().stream().map(Rotation::cosSin);
    }

    /** The first visible slot of each row, [R]; layers with the same sliding window share it. */
    IntArray windowStart(Rows batch, LayerSpec layer) {
        int window = layer.attention().slidingWindow();
        return window > 0 ? windowStart.get(window) : batch.windowStart();
    }

    /** A row at position p of a layer with window w sees the positions from p - w + 1 on. */
    void slideWindows(Rows batch) {
        windowStart.forEach((window, starts) -> {
            for (int row = 0; row < batch.size(); row++) {
                int first = batch.windowStart().get(row);
                starts.set(row, Math.max(first, first + batch.position().get(row) + 1 - window));
            }
        });
    }

    int widest(ToIntFunction<LayerSpec> width) {
        return spec.layers().stream().mapToInt(width).max().orElseThrow();
    }

    /** [R, width]. */
    FloatArray array(String what, int width) {
        return array(what, rows, width);
    }

    static FloatArray array(String what, int rows, int width) {
        long size = (long) rows * width;
        if (size > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("buffer of " + what + ": found " + rows + " rows of " + width
                    + " floats, expected fewer than 2^31 in all; load with fewer rows");
        }
        return new FloatArray((int) size);
    }
}
