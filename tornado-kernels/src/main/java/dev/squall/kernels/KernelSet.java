package dev.squall.kernels;

import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task4;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task5;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task6;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task7;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task8;
import uk.ac.manchester.tornado.api.types.arrays.ByteArray;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.ShortArray;

/**
 * One implementation of every kernel, chosen when a graph is wired.
 *
 * <p>Parameters and shapes of a component are those of the method of the same meaning in
 * {@code dev.squall.kernels.reference}, which is its definition.
 *
 * @param name the set's name, for logs and reports
 */
public record KernelSet(
        String name,
        Task6<IntArray, IntArray, FloatArray, FloatArray, Integer, Float> embeddingF32,
        Task6<IntArray, IntArray, ShortArray, FloatArray, Integer, Float> embeddingF16,
        Task6<IntArray, IntArray, ShortArray, FloatArray, Integer, Float> embeddingBF16,
        Task6<IntArray, IntArray, ByteArray, FloatArray, Integer, Float> embeddingQ8_0,
        Task6<IntArray, IntArray, ByteArray, FloatArray, Integer, Float> embeddingQ4_0,
        Task8<IntArray, FloatArray, FloatArray, FloatArray, Integer, Integer, Integer, Float> rmsNorm,
        Task7<IntArray, FloatArray, FloatArray, FloatArray, Integer, Integer, Integer> matrixProductF32,
        Task7<IntArray, FloatArray, ShortArray, FloatArray, Integer, Integer, Integer> matrixProductF16,
        Task7<IntArray, FloatArray, ShortArray, FloatArray, Integer, Integer, Integer> matrixProductBF16,
        Task7<IntArray, FloatArray, ByteArray, FloatArray, Integer, Integer, Integer> matrixProductQ8_0,
        Task7<IntArray, FloatArray, ByteArray, FloatArray, Integer, Integer, Integer> matrixProductQ4_0,
        Task6<IntArray, IntArray, FloatArray, FloatArray, Integer, Float> rotaryAngles,
        Task6<IntArray, FloatArray, FloatArray, Integer, Integer, Integer> rotateAdjacent,
        Task6<IntArray, FloatArray, FloatArray, Integer, Integer, Integer> rotateHalves,
        CacheKernels<FloatArray> cacheF32,
        CacheKernels<ShortArray> cacheF16,
        Task8<IntArray, FloatArray, FloatArray, FloatArray, FloatArray, Integer, Integer, Float> layerNorm,
        Task5<IntArray, FloatArray, FloatArray, Integer, Integer> addBias,
        Task5<IntArray, FloatArray, FloatArray, Integer, Float> residual,
        Task4<IntArray, FloatArray, FloatArray, Integer> siluGate,
        Task4<IntArray, FloatArray, Integer, Integer> gelu,
        Task6<IntArray, IntArray, FloatArray, FloatArray, Integer, Integer> gather,
        Task5<IntArray, FloatArray, Integer, Integer, Float> scale,
        Task5<IntArray, FloatArray, IntArray, Integer, Integer> argMax,
        Task5<IntArray, FloatArray, FloatArray, Integer, Integer> logSumExp,
        Task7<IntArray, FloatArray, IntArray, FloatArray, Integer, Integer, Integer> topK)
        implements Kernels {

    private static final class Holder {
        static final KernelSet BEST = chooseBest();
    }

    private static final class VectorModule {
        static final boolean PRESENT = findVectors();
    }

    /** The definition: plain Java, one thread, and what TornadoVM compiles for any device. */
    public static KernelSet reference() {
        return new KernelSet(
                "reference",
                dev.squall.kernels.reference.Embeddings::f32,
                dev.squall.kernels.reference.Embeddings::f16,
                dev.squall.kernels.reference.Embeddings::bf16,
                dev.squall.kernels.reference.Embeddings::q8_0,
                dev.squall.kernels.reference.Embeddings::q4_0,
                dev.squall.kernels.reference.Norms::rms,
                dev.squall.kernels.reference.MatrixProducts::f32,
                dev.squall.kernels.reference.MatrixProducts::f16,
                dev.squall.kernels.reference.MatrixProducts::bf16,
                dev.squall.kernels.reference.MatrixProducts::q8_0,
                dev.squall.kernels.reference.MatrixProducts::q4_0,
                dev.squall.kernels.reference.Rotary::angles,
                dev.squall.kernels.reference.Rotary::adjacent,
                dev.squall.kernels.reference.Rotary::halves,
                new CacheKernels<FloatArray>(
                        dev.squall.kernels.reference.Attention::store,
                        dev.squall.kernels.reference.Attention::attend,
                        dev.squall.kernels.reference.SparseAttention::compress,
                        dev.squall.kernels.reference.BlockSelection::select,
                        dev.squall.kernels.reference.SparseAttention::attend),
                new CacheKernels<ShortArray>(
                        dev.squall.kernels.reference.Attention::storeF16,
                        dev.squall.kernels.reference.Attention::attendF16,
                        dev.squall.kernels.reference.SparseAttention::compressF16,
                        dev.squall.kernels.reference.BlockSelection::selectF16,
                        dev.squall.kernels.reference.SparseAttention::attendF16),
                dev.squall.kernels.reference.Norms::layer,
                dev.squall.kernels.reference.Elementwise::addBias,
                dev.squall.kernels.reference.Elementwise::residual,
                dev.squall.kernels.reference.Elementwise::siluGate,
                dev.squall.kernels.reference.Elementwise::gelu,
                dev.squall.kernels.reference.Elementwise::gather,
                dev.squall.kernels.reference.Elementwise::scale,
                dev.squall.kernels.reference.Vocabulary::argMax,
                dev.squall.kernels.reference.Vocabulary::logSumExp,
                dev.squall.kernels.reference.Vocabulary::topK);
    }

    /** The vector kernels of the JVM, on {@link Workers}; they need the module jdk.incubator.vector. */
    public static KernelSet simd() {
        return new KernelSet(
                "simd",
                dev.squall.kernels.simd.Embeddings::f32,
                dev.squall.kernels.simd.Embeddings::f16,
                dev.squall.kernels.simd.Embeddings::bf16,
                dev.squall.kernels.simd.Embeddings::q8_0,
                dev.squall.kernels.simd.Embeddings::q4_0,
                dev.squall.kernels.simd.Norms::rms,
                dev.squall.kernels.simd.MatrixProducts::f32,
                dev.squall.kernels.simd.MatrixProducts::f16,
                dev.squall.kernels.simd.MatrixProducts::bf16,
                dev.squall.kernels.simd.MatrixProducts::q8_0,
                dev.squall.kernels.simd.MatrixProducts::q4_0,
                dev.squall.kernels.simd.Rotary::angles,
                dev.squall.kernels.simd.Rotary::adjacent,
                dev.squall.kernels.simd.Rotary::halves,
                new CacheKernels<FloatArray>(
                        dev.squall.kernels.simd.Attention::store,
                        dev.squall.kernels.simd.Attention::attend,
                        dev.squall.kernels.simd.SparseAttention::compress,
                        dev.squall.kernels.simd.SparseAttention::select,
                        dev.squall.kernels.simd.SparseAttention::attend),
                new CacheKernels<ShortArray>(
                        dev.squall.kernels.simd.Attention::storeF16,
                        dev.squall.kernels.simd.Attention::attendF16,
                        dev.squall.kernels.simd.SparseAttention::compressF16,
                        dev.squall.kernels.simd.SparseAttention::selectF16,
                        dev.squall.kernels.simd.SparseAttention::attendF16),
                dev.squall.kernels.simd.Norms::layer,
                dev.squall.kernels.simd.Elementwise::addBias,
                dev.squall.kernels.simd.Elementwise::residual,
                dev.squall.kernels.simd.Elementwise::siluGate,
                dev.squall.kernels.simd.Elementwise::gelu,
                dev.squall.kernels.simd.Elementwise::gather,
                dev.squall.kernels.simd.Elementwise::scale,
                dev.squall.kernels.simd.Vocabulary::argMax,
                dev.squall.kernels.simd.Vocabulary::logSumExp,
                dev.squall.kernels.simd.Vocabulary::topK);
    }

    /** The same kernels with others for an F32 cache. */
    public KernelSet withCacheF32(CacheKernels<FloatArray> cacheF32) {
        return new KernelSet(
                name,
                embeddingF32,
                embeddingF16,
                embeddingBF16,
                embeddingQ8_0,
                embeddingQ4_0,
                rmsNorm,
                matrixProductF32,
                matrixProductF16,
                matrixProductBF16,
                matrixProductQ8_0,
                matrixProductQ4_0,
                rotaryAngles,
                rotateAdjacent,
                rotateHalves,
                cacheF32,
                cacheF16,
                layerNorm,
                addBias,
                residual,
                siluGate,
                gelu,
                gather,
                scale,
                argMax,
                logSumExp,
                topK);
    }

    /** The fastest set that this process can run; the first call says so once in the log if that is the slow one. */
    public static KernelSet best() {
        return Holder.BEST;
    }

    private static KernelSet chooseBest() {
        if (Devices.present()) {
            return reference(); // plain loops are what a device can compile
        }
        return vectors() ? simd() : reference();
    }

    /** Whether the vector module is there; the log says once if it is not. */
    static boolean vectors() {
        return VectorModule.PRESENT;
    }

    private static boolean findVectors() {
        boolean present = ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
        if (!present) {
            System.getLogger(KernelSet.class.getName())
                    .log(
                            System.Logger.Level.WARNING,
                            "the JVM runs without its vector module, so computing is many times slower; "
                                    + "start it with --add-modules jdk.incubator.vector");
        }
        return present;
    }

    @Override
    public String toString() {
        return name();
    }
}
