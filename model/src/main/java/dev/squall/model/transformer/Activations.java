package dev.squall.model.transformer;

import dev.squall.model.spec.LayerSpec;
import dev.squall.model.spec.ModelSpec;
import dev.squall.model.spec.RopeSpec;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.ToIntFunction;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * The buffers between the kernels, with room for R rows, and for L rows that ask for logits. All layers use the same
 * ones.
 */
final class Activations {
    final FloatArray x; // [R, dim], residual stream
    final FloatArray normed; // [R, dim], input of a block
    final FloatArray query; // [R, heads, headDim]
    final FloatArray key; // [R, kvHeads, headDim]
    final FloatArray value; // [R, kvHeads, headDim]
    final FloatArray attended; // [R, heads, headDim]
    final FloatArray gate; // [R, hidden]
    final FloatArray up; // [R, hidden]
    final FloatArray block; // [R, dim], output of a block
    final FloatArray hidden; // [R, dim], after the final norm
    final FloatArray asked; // [L, dim], the hidden states that the head reads
    final FloatArray logits; // [L, vocabulary]
    final Map<RopeSpec, FloatArray> cosSin = new LinkedHashMap<>(); // rotation -> [R, rotaryDim]
    final Map<Integer, IntArray> windowStart = new LinkedHashMap<>(); // sliding window -> [R], first visible slot

    Activations(ModelSpec spec, int rows, int logitRows) {
        int dim = spec.dim();
        x = array("residual stream", rows, dim);
        normed = array("block input", rows, dim);
        query = array("queries", rows, widest(spec, layer -> layer.attention().queryDim()));
        key = array("keys", rows, widest(spec, layer -> layer.attention().kvDim()));
        value = array("values", rows, widest(spec, layer -> layer.attention().kvDim()));
        attended = array(
                "attention output",
                rows,
                widest(spec, layer -> layer.attention().queryDim()));
        gate = array("gate", rows, widest(spec, layer -> layer.feedForward().hidden()));
        up = array("up", rows, widest(spec, layer -> layer.feedForward().hidden()));
        block = array("block output", rows, dim);
        hidden = array("hidden state", rows, dim);
        asked = array("hidden states of logit rows", logitRows, dim);
        logits = array("logits", logitRows, spec.vocabulary());
        for (LayerSpec layer : spec.layers()) {
            RopeSpec rope = layer.attention().rope();
            cosSin.computeIfAbsent(rope, r -> array("rotation", rows, r.rotaryDim()));
            int window = layer.attention().slidingWindow();
            if (window > 0) {
                windowStart.computeIfAbsent(window, w -> new IntArray(rows));
            }
        }
    }

    private static int widest(ModelSpec spec, ToIntFunction<LayerSpec> width) {
        return spec.layers().stream().mapToInt(width).max().orElseThrow();
    }

    private static FloatArray array(String what, int rows, int width) {
        long size = (long) rows * width;
        if (size > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("buffer of " + what + ": found " + rows + " rows of " + width
                    + " floats, expected fewer than 2^31 in all; load with fewer rows");
        }
        return new FloatArray((int) size);
    }
}
