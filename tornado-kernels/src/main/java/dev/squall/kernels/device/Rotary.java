package dev.squall.kernels.device;

import dev.squall.kernels.MathFunctions;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.ShortArray;

/**
 * From the projections of a layer to what its attention reads: norms of the heads, rotary embedding (Su et al., RoFormer,
 * 2021), keys and values into the paged cache. The numbers are those of Norms, Rotary and Attention of the reference set, one
 * after the other.
 */
public final class Rotary {
    private Rotary() {}

    /**
     * Cosines and sines of this step, once for all layers: a pair of a row a work-item, R · rotaryDim / 2 in all.
     *
     * @param step counts of this step; step[0] rows are live
     * @param position [R]
     * @param frequencies [rotaryDim / 2], radians a position
     * @param cosSin [R, rotaryDim]: first the cosines, then the sines
     * @param magnitude factor of both, 1 unless the model's scaling asks for another
     */
    public static void angles(
            KernelContext c,
            IntArray step,
            IntArray position,
            FloatArray frequencies,
            FloatArray cosSin,
            int rotaryDim,
            float magnitude) {
        int pairs = rotaryDim / 2;
        int row = c.globalIdx / pairs;
        if (row < step.get(0)) {
            int pair = c.globalIdx % pairs;
            float angle = (float) position.get(row) * frequencies.get(pair);
            cosSin.set(row * rotaryDim + pair, MathFunctions.cos(angle) * magnitude);
            cosSin.set(row * rotaryDim + pairs + pair, MathFunctions.sin(angle) * magnitude);
        }
    }

    /**
     * Turns the pairs among the first rotaryDim elements of every query and key head, and stores keys and values: a head of a
     * row a work-item, R · (heads + 2 kvHeads) in all.
     *
     * @param step counts of this step; step[0] rows are live
     * @param slot [R], the logical slot of a row
     * @param pageTable [logical pages]
     * @param cosSin [R, rotaryDim] of {@link #angles}
     * @param qkv [R, heads + 2 kvHeads, headDim]: queries, keys, values
     * @param queryNorm [headDim], weight of the norm of query heads; ones where the model has none
     * @param keyNorm [headDim], weight of the norm of key heads; ones where the model has none
     * @param query [R, heads, headDim]
     * @param keys [pages, kvHeads, pageSize, headDim]
     * @param values [pages, kvHeads, pageSize, headDim]
     * @param apart between the elements of a pair: 1 for the pairs (2i, 2i + 1), rotaryDim / 2 for (i, i + rotaryDim / 2)
     * @param normed 1 for a model whose heads are normed, else 0
     */
    public static void turnAndStore(
            KernelContext c,
            IntArray step,
            IntArray slot,
            IntArray pageTable,
            FloatArray cosSin,
            FloatArray qkv,
            FloatArray queryNorm,
            FloatArray keyNorm,
            FloatArray query,
            FloatArray keys,
            FloatArray values,
            int heads,
            int kvHeads,
            int headDim,
            int rotaryDim,
            int apart,
            int pageSize,
            int normed,
            float epsilon) {
        turnAndStore(
                c.globalIdx,
                step,
                slot,
                pageTable,
                cosSin,
                qkv,
                queryNorm,
                keyNorm,
                query,
                false,
                keys,
                null,
                values,
                null,
                heads,
                kvHeads,
                headDim,
                rotaryDim,
                apart,
                pageSize,
                normed,
                epsilon);
    }

    /** As {@link #turnAndStore}, into a cache in F16. */
    public static void turnAndStoreF16(
            KernelContext c,
            IntArray step,
            IntArray slot,
            IntArray pageTable,
            FloatArray cosSin,
            FloatArray qkv,
            FloatArray queryNorm,
            FloatArray keyNorm,
            FloatArray query,
            ShortArray keys,
            ShortArray values,
            int heads,
            int kvHeads,
            int headDim,
            int rotaryDim,
            int apart,
            int pageSize,
            int normed,
            float epsilon) {
        turnAndStore(
                c.globalIdx,
                step,
                slot,
                pageTable,
                cosSin,
                qkv,
                queryNorm,
                keyNorm,
                query,
                true,
                null,
                keys,
                null,
                values,
                heads,
                kvHeads,
                headDim,
                rotaryDim,
                apart,
                pageSize,
                normed,
                epsilon);
    }

    /** Of the two forms of keys and of values, one is null. */
    private static void turnAndStore(
            int item,
            IntArray step,
            IntArray slot,
            IntArray pageTable,
            FloatArray cosSin,
            FloatArray qkv,
            FloatArray queryNorm,
            FloatArray keyNorm,
            FloatArray query,
            boolean half,
            FloatArray f32Keys,
            ShortArray f16Keys,
            FloatArray f32Values,
            ShortArray f16Values,
            int heads,
            int kvHeads,
            int headDim,
            int rotaryDim,
            int apart,
            int pageSize,
            int normed,
            float epsilon) {
        int all = heads + 2 * kvHeads;
        int row = item / all;
        if (row < step.get(0)) {
            int head = item % all;
            int from = item * headDim;
            int angles = row * rotaryDim;
            int to = inCache(slot.get(row), head - heads, pageTable, kvHeads, pageSize) * headDim;
            float factor = factor(qkv, from, headDim, normed, epsilon);
            if (head < heads) {
                int at = (row * heads + head) * headDim;
                turn(qkv, from, queryNorm, factor, cosSin, angles, apart, false, query, null, at, headDim, rotaryDim);
            } else if (head < heads + kvHeads) {
                turn(qkv, from, keyNorm, factor, cosSin, angles, apart, half, f32Keys, f16Keys, to, headDim, rotaryDim);
            } else {
                for (int i = 0; i < headDim; i++) {
                    CacheNumbers.set(half, f32Values, f16Values, to + i, qkv.get(from + i));
                }
            }
        }
    }

    /** The place, in heads, of a slot's key or value; of some head, for one that is a query. */
    private static int inCache(int slot, int head, IntArray pageTable, int kvHeads, int pageSize) {
        int kvHead = Math.max(head, 0) % kvHeads;
        return (pageTable.get(slot / pageSize) * kvHeads + kvHead) * pageSize + slot % pageSize;
    }

    private static float factor(FloatArray x, int at, int dim, int normed, float epsilon) {
        float factor = Products.normFactorOfAny(x, at, dim, epsilon);
        return normed == 1 ? factor : 1f;
    }

    /** What is in no pair is only normed; one of the two forms of what is written is null. */
    private static void turn(
            FloatArray x,
            int from,
            FloatArray norm,
            float factor,
            FloatArray cosSin,
            int angles,
            int apart,
            boolean half,
            FloatArray f32,
            ShortArray f16,
            int to,
            int headDim,
            int rotaryDim) {
        for (int i = 0; i < rotaryDim / 2; i++) {
            int first = apart == 1 ? 2 * i : i;
            int second = first + apart;
            float a = x.get(from + first) * factor * norm.get(first);
            float b = x.get(from + second) * factor * norm.get(second);
            float cos = cosSin.get(angles + i);
            float sin = cosSin.get(angles + rotaryDim / 2 + i);
            CacheNumbers.set(half, f32, f16, to + first, a * cos - b * sin);
            CacheNumbers.set(half, f32, f16, to + second, a * sin + b * cos);
        }
        for (int i = rotaryDim; i < headDim; i++) {
            CacheNumbers.set(half, f32, f16, to + i, x.get(from + i) * factor * norm.get(i));
        }
    }
}
