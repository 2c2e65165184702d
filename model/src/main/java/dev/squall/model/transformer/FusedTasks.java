package dev.squall.model.transformer;

import dev.squall.attention.KvCache;
import dev.squall.attention.Rows;
import dev.squall.kernels.DeviceKernels;
import dev.squall.kernels.Weight;
import dev.squall.kernels.device.CacheTasks;
import dev.squall.kernels.device.Embeddings;
import dev.squall.kernels.device.ProductTasks;
import dev.squall.model.spec.LayerSpec;
import dev.squall.model.spec.LayerSpec.AttentionSpec;
import dev.squall.model.spec.ModelSpec;
import dev.squall.model.spec.RopeSpec;
import dev.squall.model.transformer.FusedWeights.FusedLayer;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.types.arrays.ByteArray;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.ShortArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/** Fused tasks whose kernel depends on how a weight is stored or on what a layer is made of, one a method. */
abstract class FusedTasks {
    final ModelSpec spec;
    final DeviceKernels kernels;
    final Rows rows;
    final KvCache cache;
    final Activations a;
    final FloatArray scaled; // [R, dim], x times the weight of the norm that comes next
    final FloatArray qkv; // [R, heads + 2 kvHeads, headDim]
    final FloatArray block; // [R, dim], sums of a block's output
    final SparseTasks blocks; // null: dense attention
    final Grids grids;
    final CacheTasks<TornadoNativeArray> cached;
    final KernelContext c = new KernelContext();

    FusedTasks(ModelSpec spec, DeviceKernels kernels, Rows rows, KvCache cache, Activations a, SparseTasks blocks) {
        this.spec = spec;
        this.kernels = kernels;
        this.rows = rows;
        this.cache = cache;
        this.a = a;
        this.blocks = blocks;
        this.grids = new Grids(kernels, blocks == null ? new GridScheduler() : blocks.grids());
        this.cached = CacheTasks.of(cache.type());
        scaled = a.array("scaled stream", spec.dim());
        qkv = a.array(
                "queries, keys and values",
                a.widest(layer ->
                        layer.attention().queryDim() + 2 * layer.attention().kvDim()));
        block = a.array("block output", spec.dim());
    }

    void embed(TaskGraph graph, Weight table, FloatArray norm) {
        var step = rows.step();
        var token = rows.token();
        var data = table.data();
        var x = a.x;
        int dim = spec.dim();
        float scale = spec.embeddingScale();
        switch (table.type()) {
            case F32 ->
                graph.task("embed", Embeddings::f32, c, step, token, (FloatArray) data, norm, x, scaled, dim, scale);
            case F16 ->
                graph.task("embed", Embeddings::f16, c, step, token, (ShortArray) data, norm, x, scaled, dim, scale);
            case BF16 ->
                graph.task("embed", Embeddings::bf16, c, step, token, (ShortArray) data, norm, x, scaled, dim, scale);
            case Q8_0 ->
                graph.task("embed", Embeddings::q8_0, c, step, token, (ByteArray) data, norm, x, scaled, dim, scale);
            case Q4_0 ->
                graph.task("embed", Embeddings::q4_0, c, step, token, (ByteArray) data, norm, x, scaled, dim, scale);
        }
    }

    void rotate(TaskGraph graph, AttentionSpec attention, FusedLayer w, int index) {
        RopeSpec rope = attention.rope();
        boolean normed = attention.queryKeyNorm() != null;
        graph.task(
                "rotate",
                cached.turnAndStore(),
                c,
                rows.step(),
                rows.slot(),
                cache.pageTable(),
                a.rotations.get(rope).cosSin(),
                qkv,
                w.queryNorm(),
                w.keyNorm(),
                a.query,
                cache.storedKeys(index),
                cache.storedValues(index),
                attention.heads(),
                attention.kvHeads(),
                attention.headDim(),
                rope.rotaryDim(),
                switch (rope.pairing()) {
                    case ADJACENT -> 1;
                    case HALVES -> rope.rotaryDim() / 2;
                },
                cache.pageSize(),
                normed ? 1 : 0,
                normed ? attention.queryKeyNorm().epsilon() : 0f);
        grids.addOverRows(graph, "rotate", attention.heads() + 2 * attention.kvHeads());
        a.checks.add(graph, "rotate", rows, a.query, Rows.LIVE, attention.queryDim());
    }

    void attend(TaskGraph graph, LayerSpec layer, int index) {
        AttentionSpec attention = layer.attention();
        if (blocks == null) {
            attendToAll(graph, layer, index);
        } else {
            blocks.attend(graph, index);
        }
        a.checks.add(graph, "attend", rows, a.attended, Rows.LIVE, attention.queryDim());
    }

    private void attendToAll(TaskGraph graph, LayerSpec layer, int index) {
        AttentionSpec attention = layer.attention();
        graph.task(
                "attend",
                cached.attend(),
                c,
                rows.step(),
                a.windowStart(rows, layer),
                rows.prefixEnd(),
                rows.treeBase(),
                rows.mask(),
                cache.pageTable(),
                rows.mask(), // of all pages: no selection
                0,
                a.query,
                cache.storedKeys(index),
                cache.storedValues(index),
                a.attended,
                attention.heads(),
                attention.kvHeads(),
                attention.headDim(),
                cache.pageSize(),
                attention.scale());
        grids.addOverRows(graph, "attend", attention.heads());
    }

    /** x += factor * (w * y + bias), scaled = x * norm. */
    void residual(
            TaskGraph graph, String name, FloatArray y, Weight w, FloatArray bias, FloatArray norm, float factor) {
        var product = kernels.products(w.type(), w.cols());
        graph.task(
                name,
                product.residual(),
                c,
                rows.step(),
                y,
                w.data(),
                ProductTasks.numbers(w.type()),
                bias,
                block,
                a.x,
                norm,
                scaled,
                w.rows(),
                w.cols(),
                product.panel(),
                factor);
        grids.add(graph, name, product.grid(w.rows(), product.panel()));
        a.checks.add(graph, name, rows, a.x, Rows.LIVE, w.rows());
    }
}
