package dev.squall.kernels.device;

import dev.squall.kernels.KvType;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task18;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task19;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task7;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;
import uk.ac.manchester.tornado.api.types.arrays.ShortArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * The kernels of the device set that read or write a key/value cache, for one type of its numbers. Those of an F16 cache have the
 * results, bit for bit, of those of an F32 cache that holds its numbers.
 *
 * @param <A> the arrays of keys and values
 * @param turnAndStore {@link Rotary#turnAndStore}
 * @param selectBlocks {@link BlockSelection#selectBlocks}
 * @param attend {@link Attention#attend}
 * @param move {@link KeyValues#move}
 */
public record CacheTasks<A extends TornadoNativeArray>(
        Task19<
                        KernelContext,
                        IntArray,
                        IntArray,
                        IntArray,
                        FloatArray,
                        FloatArray,
                        FloatArray,
                        FloatArray,
                        FloatArray,
                        A,
                        A,
                        Integer,
                        Integer,
                        Integer,
                        Integer,
                        Integer,
                        Integer,
                        Integer,
                        Float>
                turnAndStore,
        Task18<
                        KernelContext,
                        IntArray,
                        IntArray,
                        IntArray,
                        IntArray,
                        LongArray,
                        IntArray,
                        IntArray,
                        FloatArray,
                        A,
                        FloatArray,
                        FloatArray,
                        FloatArray,
                        LongArray,
                        IntArray,
                        Integer,
                        Integer,
                        Float>
                selectBlocks,
        Task18<
                        KernelContext,
                        IntArray,
                        IntArray,
                        IntArray,
                        IntArray,
                        LongArray,
                        IntArray,
                        LongArray,
                        Integer,
                        FloatArray,
                        A,
                        A,
                        FloatArray,
                        Integer,
                        Integer,
                        Integer,
                        Integer,
                        Float>
                attend,
        Task7<KernelContext, IntArray, A, A, Integer, Integer, Integer> move) {

    /** The kernels for a cache; keys and values have to be arrays of its type. */
    public static CacheTasks<TornadoNativeArray> of(KvType type) {
        return any(
                switch (type) {
                    case F32 ->
                        new CacheTasks<FloatArray>(
                                Rotary::turnAndStore, BlockSelection::selectBlocks, Attention::attend, KeyValues::move);
                    case F16 ->
                        new CacheTasks<ShortArray>(
                                Rotary::turnAndStoreF16,
                                BlockSelection::selectBlocksF16,
                                Attention::attendF16,
                                KeyValues::moveF16);
                });
    }

    @SuppressWarnings("unchecked")
    private static CacheTasks<TornadoNativeArray> any(CacheTasks<? extends TornadoNativeArray> tasks) {
        return (CacheTasks<TornadoNativeArray>) tasks;
    }
}
