package dev.squall.model.transformer;

import dev.squall.attention.Rows;
import dev.squall.kernels.KernelSet;
import dev.squall.kernels.Weight;
import dev.squall.model.spec.LayerSpec.NormSpec;
import dev.squall.model.spec.RopeSpec;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.types.arrays.ByteArray;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.ShortArray;

/** Tasks of a {@link KernelSet} whose kernel depends on how a weight is stored or on what a layer is made of, one a method. */
abstract class PlainTasks {
    final KernelSet kernels;
    final Rows rows;
    final Activations a;
    final FloatArray block; // [R, dim], output of a block
    private final int dim;

    PlainTasks(KernelSet kernels, Rows rows, Activations a, int dim) {
        this.kernels = kernels;
        this.rows = rows;
        this.a = a;
        this.dim = dim;
        block = a.array("block output", dim);
    }

    /** Rows of a table [any, dim] to out [R, dim], times a scale. */
    void embed(TaskGraph graph, String name, Weight table, IntArray token, FloatArray out, float scale) {
        IntArray step = rows.step();
        switch (table.type()) {
            case F32 ->
                graph.task(name, kernels.embeddingF32(), step, token, (FloatArray) table.data(), out, dim, scale);
            case F16 ->
                graph.task(name, kernels.embeddingF16(), step, token, (ShortArray) table.data(), out, dim, scale);
            case BF16 ->
                graph.task(name, kernels.embeddingBF16(), step, token, (ShortArray) table.data(), out, dim, scale);
            case Q8_0 ->
                graph.task(name, kernels.embeddingQ8_0(), step, token, (ByteArray) table.data(), out, dim, scale);
            case Q4_0 ->
                graph.task(name, kernels.embeddingQ4_0(), step, token, (ByteArray) table.data(), out, dim, scale);
        }
        a.checks.add(graph, name, rows, out, Rows.LIVE, dim);
    }

    /** w · x of the rows that count says, to out [rows, w.rows]. */
    void product(TaskGraph graph, String name, FloatArray x, Weight w, FloatArray out, int count) {
        int m = w.rows();
        int n = w.cols();
        IntArray step = rows.step();
        switch (w.type()) {
            case F32 -> graph.task(name, kernels.matrixProductF32(), step, x, (FloatArray) w.data(), out, count, m, n);
            case F16 -> graph.task(name, kernels.matrixProductF16(), step, x, (ShortArray) w.data(), out, count, m, n);
            case BF16 ->
                graph.task(name, kernels.matrixProductBF16(), step, x, (ShortArray) w.data(), out, count, m, n);
            case Q8_0 -> graph.task(name, kernels.matrixProductQ8_0(), step, x, (ByteArray) w.data(), out, count, m, n);
            case Q4_0 -> graph.task(name, kernels.matrixProductQ4_0(), step, x, (ByteArray) w.data(), out, count, m, n);
        }
        a.checks.add(graph, name, rows, out, count, m);
    }

    /** Returns where the normed rows are: where they were, if the model has no norm. */
    FloatArray norm(
            TaskGraph graph,
            String name,
            NormSpec norm,
            FloatArray x,
            FloatArray weight,
            FloatArray bias,
            FloatArray out,
            int count) {
        if (norm == null) {
            return x;
        }
        switch (norm.kind()) {
            case RMS -> graph.task(name, kernels.rmsNorm(), rows.step(), x, weight, out, count, 1, dim, norm.epsilon());
            case LAYER ->
                graph.task(name, kernels.layerNorm(), rows.step(), x, weight, bias, out, count, dim, norm.epsilon());
        }
        a.checks.add(graph, name, rows, out, count, dim);
        return out;
    }

    /** Adds a bias [width], if there is one, to the live rows of x [R, width]. */
    void bias(TaskGraph graph, String name, FloatArray x, FloatArray bias, int width) {
        if (bias != null) {
            graph.task(name, kernels.addBias(), rows.step(), x, bias, Rows.LIVE, width);
            a.checks.add(graph, name, rows, x, Rows.LIVE, width);
        }
    }

    void headNorm(
            TaskGraph graph, String name, FloatArray x, FloatArray weight, int heads, int headDim, float epsilon) {
        graph.task(name, kernels.rmsNorm(), rows.step(), x, weight, x, Rows.LIVE, heads, headDim, epsilon);
        a.checks.add(graph, name, rows, x, Rows.LIVE, heads * headDim);
    }

    /** The norm of the stream if it stands here, else the stream. */
    FloatArray normIf(
            boolean here,
            TaskGraph graph,
            String name,
            NormSpec norm,
            FloatArray weight,
            FloatArray bias,
            FloatArray out) {
        return here ? norm(graph, name, norm, a.x, weight, bias, out, Rows.LIVE) : a.x;
    }

    void rotate(TaskGraph graph, String name, RopeSpec rope, FloatArray x, int heads, int headDim) {
        if (rope == null) {
            return;
        }
        FloatArray angles = a.rotations.get(rope).cosSin(); // [R, rotaryDim]
        int rotaryDim = rope.rotaryDim();
        switch (rope.pairing()) {
            case ADJACENT ->
                graph.task(name, kernels.rotateAdjacent(), rows.step(), angles, x, heads, headDim, rotaryDim);
            case HALVES -> graph.task(name, kernels.rotateHalves(), rows.step(), angles, x, heads, headDim, rotaryDim);
        }
        a.checks.add(graph, name, rows, x, Rows.LIVE, heads * headDim);
    }

    void addToStream(TaskGraph graph, String name, float scale) {
        graph.task(name, kernels.residual(), rows.step(), a.x, block, dim, scale);
        a.checks.add(graph, name, rows, a.x, Rows.LIVE, dim);
    }
}
