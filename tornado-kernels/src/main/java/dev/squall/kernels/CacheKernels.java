package dev.squall.kernels;

import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task10;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task13;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task14;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task15;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task7;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;

/**
 * The kernels of a {@link KernelSet} that read or write a key/value cache, for one type of its numbers. An F16 cache has the
 * results, bit for bit, of an F32 cache that holds its numbers.
 *
 * @param <A> the arrays of keys and values
 */
public record CacheKernels<A>(
        Task10<IntArray, IntArray, IntArray, FloatArray, FloatArray, A, A, Integer, Integer, Integer> storeKeyValues,
        Task15<
                        IntArray,
                        IntArray,
                        IntArray,
                        IntArray,
                        LongArray,
                        IntArray,
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
        Task7<IntArray, IntArray, IntArray, A, FloatArray, IntArray, Integer> compressKeys,
        Task14<
                        IntArray,
                        IntArray,
                        IntArray,
                        IntArray,
                        LongArray,
                        IntArray,
                        FloatArray,
                        A,
                        FloatArray,
                        FloatArray,
                        LongArray,
                        FloatArray,
                        IntArray,
                        Float>
                selectBlocks,
        Task13<
                        IntArray,
                        IntArray,
                        IntArray,
                        IntArray,
                        LongArray,
                        IntArray,
                        LongArray,
                        FloatArray,
                        A,
                        A,
                        FloatArray,
                        IntArray,
                        Float>
                attendToBlocks) {

    /** The same kernels with another choice of blocks. */
    public CacheKernels<A> withSelectBlocks(
            Task14<
                            IntArray,
                            IntArray,
                            IntArray,
                            IntArray,
                            LongArray,
                            IntArray,
                            FloatArray,
                            A,
                            FloatArray,
                            FloatArray,
                            LongArray,
                            FloatArray,
                            IntArray,
                            Float>
                    selectBlocks) {
        return new CacheKernels<>(storeKeyValues, attend, compressKeys, selectBlocks, attendToBlocks);
    }
}
