package dev.squall.model.transformer;

import java.lang.foreign.MemorySegment;
import java.util.List;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;

/** Copies of the residual stream where it enters some layers, side by side: what an EAGLE-3 draft reads of its model. */
final class Taps {
    private final List<Integer> layers;
    private final int dim;
    private final FloatArray streams; // [rows, layers, dim]

    Taps(List<Integer> layers, int rows, int dim) {
        this.layers = layers;
        this.dim = dim;
        this.streams = new FloatArray(Math.toIntExact((long) rows * layers.size() * dim));
    }

    /** Whether the stream is wanted where it enters a layer. */
    boolean reads(int layer) {
        return layers.contains(layer);
    }

    /**
     * Copies the stream if it is wanted there.
     *
     * @param layer that comes next
     * @param x [rows, dim]
     */
    void read(int layer, FloatArray x, int rows) {
        for (int tap = 0; tap < layers.size(); tap++) {
            for (int row = 0; row < rows && layers.get(tap) == layer; row++) {
                long to = (long) row * layers.size() + tap;
                long bytes = (long) dim * Float.BYTES;
                MemorySegment.copy(x.getSegment(), row * bytes, streams.getSegment(), to * bytes, bytes);
            }
        }
    }

    FloatArray streams() {
        return streams;
    }
}
