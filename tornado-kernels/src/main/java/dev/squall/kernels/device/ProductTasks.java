package dev.squall.kernels.device;

import dev.squall.kernels.WeightType;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.WorkerGrid1D;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task10;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task12;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task13;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task14;
import uk.ac.manchester.tornado.api.types.arrays.ByteArray;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.ShortArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * The matrix products of one storage format, in one of two ways that give the same sums: for a device with few wide cores and
 * for one with many narrow ones. Which is right is a property of the device, never of the number of rows.
 *
 * @param <W> the array of the weights
 * @param groups whether a panel is computed by a work-group instead of a work-item
 * @param product out = w · x
 * @param normed {@link Products#normed}
 * @param siluGate {@link Products#siluGate}
 * @param residual {@link Products#residual}
 */
public record ProductTasks<W extends TornadoNativeArray>(
        boolean groups,
        Task10<KernelContext, IntArray, FloatArray, W, FloatArray, FloatArray, Integer, Integer, Integer, Integer>
                product,
        Task12<
                        KernelContext,
                        IntArray,
                        FloatArray,
                        FloatArray,
                        W,
                        FloatArray,
                        FloatArray,
                        FloatArray,
                        Integer,
                        Integer,
                        Integer,
                        Float>
                normed,
        Task13<
                        KernelContext,
                        IntArray,
                        FloatArray,
                        FloatArray,
                        W,
                        FloatArray,
                        FloatArray,
                        FloatArray,
                        FloatArray,
                        Integer,
                        Integer,
                        Integer,
                        Float>
                siluGate,
        Task14<
                        KernelContext,
                        IntArray,
                        FloatArray,
                        W,
                        FloatArray,
                        FloatArray,
                        FloatArray,
                        FloatArray,
                        FloatArray,
                        FloatArray,
                        Integer,
                        Integer,
                        Integer,
                        Float>
                residual) {

    /** The columns of a matrix whose products are computed by vectors are a multiple of this. */
    public static final int VECTOR_COLS = 16;

    private static final FloatArray HALVES = numbers(Float::float16ToFloat); // binary16
    private static final FloatArray BRAINS = numbers(bits -> Float.intBitsToFloat(bits << 16)); // bfloat16

    private static final int PANEL_OF_GROUP = 4; // 64 work-items
    private static final int PANEL_OF_ITEM = 16;

    private interface Decoding {
        float number(short bits);
    }

    private static FloatArray numbers(Decoding decoding) {
        FloatArray numbers = new FloatArray(1 << 16);
        for (int bits = 0; bits < numbers.getSize(); bits++) {
            numbers.set(bits, decoding.number((short) bits));
        }
        return numbers;
    }

    /**
     * The argument {@code numbers} of all products, [65536]: the number that 16 bits mean, as a bfloat16 for weights of that
     * type, as a binary16 for all others, which have it in the scales of their blocks. Where these are looked up, decoding them
     * would cost more than all the rest.
     */
    public static FloatArray numbers(WeightType type) {
        return type == WeightType.BF16 ? BRAINS : HALVES;
    }

    /** How many neighbouring weight rows are computed together: a good choice for the argument {@code panel}. */
    public int panel() {
        return groups ? PANEL_OF_GROUP : PANEL_OF_ITEM;
    }

    /** A panel of weight rows a work-item, eight numbers at a time: for OpenCL CPUs, and {@link #VECTOR_COLS}. */
    public static ProductTasks<TornadoNativeArray> vectors(WeightType type) {
        return any(
                switch (type) {
                    case F32 ->
                        new ProductTasks<FloatArray>(
                                false,
                                F32Products::product,
                                F32Products::normed,
                                F32Products::siluGate,
                                F32Products::residual);
                    case F16 ->
                        new ProductTasks<ShortArray>(
                                false,
                                F16Products::product,
                                F16Products::normed,
                                F16Products::siluGate,
                                F16Products::residual);
                    case BF16 ->
                        new ProductTasks<ShortArray>(
                                false,
                                BF16Products::product,
                                BF16Products::normed,
                                BF16Products::siluGate,
                                BF16Products::residual);
                    case Q8_0 ->
                        new ProductTasks<ByteArray>(
                                false,
                                Q8Products::product,
                                Q8Products::normed,
                                Q8Products::siluGate,
                                Q8Products::residual);
                    case Q4_0 ->
                        new ProductTasks<ByteArray>(
                                false,
                                Q4Products::product,
                                Q4Products::normed,
                                Q4Products::siluGate,
                                Q4Products::residual);
                });
    }

    /** Sixteen work-items a weight row, a panel of rows a work-group: for GPUs. */
    public static ProductTasks<TornadoNativeArray> groups(WeightType type) {
        return any(
                switch (type) {
                    case F32 ->
                        new ProductTasks<FloatArray>(
                                true,
                                F32GroupProducts::product,
                                F32GroupProducts::normed,
                                F32GroupProducts::siluGate,
                                F32GroupProducts::residual);
                    case F16 ->
                        new ProductTasks<ShortArray>(
                                true,
                                F16GroupProducts::product,
                                F16GroupProducts::normed,
                                F16GroupProducts::siluGate,
                                F16GroupProducts::residual);
                    case BF16 ->
                        new ProductTasks<ShortArray>(
                                true,
                                BF16GroupProducts::product,
                                BF16GroupProducts::normed,
                                BF16GroupProducts::siluGate,
                                BF16GroupProducts::residual);
                    case Q8_0 ->
                        new ProductTasks<ByteArray>(
                                true,
                                Q8GroupProducts::product,
                                Q8GroupProducts::normed,
                                Q8GroupProducts::siluGate,
                                Q8GroupProducts::residual);
                    case Q4_0 ->
                        new ProductTasks<ByteArray>(
                                true,
                                Q4GroupProducts::product,
                                Q4GroupProducts::normed,
                                Q4GroupProducts::siluGate,
                                Q4GroupProducts::residual);
                });
    }

    /** The weights have to be an array of the type's class, as a {@link dev.squall.kernels.Weight} makes sure. */
    @SuppressWarnings("unchecked")
    private static ProductTasks<TornadoNativeArray> any(ProductTasks<? extends TornadoNativeArray> tasks) {
        return (ProductTasks<TornadoNativeArray>) tasks;
    }

    /**
     * The grid of a product.
     *
     * @param rows weight rows; of {@code siluGate}, hidden units
     * @param panel the kernel's argument of this name
     */
    public WorkerGrid1D grid(int rows, int panel) {
        int panels = (rows + panel - 1) / panel;
        int itemsOfPanel = groups ? 16 * panel : 1;
        WorkerGrid1D grid = new WorkerGrid1D(panels * itemsOfPanel);
        grid.setLocalWork(itemsOfPanel, 1, 1);
        return grid;
    }
}
