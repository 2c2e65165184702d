package dev.squall.benchmarks;

import dev.squall.kernels.WeightType;
import dev.squall.kernels.device.ProductTasks;
import java.util.Arrays;
import java.util.Random;
import uk.ac.manchester.tornado.api.GridScheduler;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.TornadoExecutionPlan;
import uk.ac.manchester.tornado.api.enums.DataTransferMode;
import uk.ac.manchester.tornado.api.exceptions.TornadoExecutionPlanException;
import uk.ac.manchester.tornado.api.types.arrays.ByteArray;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.ShortArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * The matrix products of the device set on a device, in the shapes of Llama 3.2 1B: weights read a second for one row, and
 * what more rows cost. A launch is part of the time. Several matrices in turn, so that weights come from memory.
 *
 * <pre>benchmarks/run DeviceKernels [TYPE]...</pre>
 */
public final class DeviceKernels {
    private static final int[][] SHAPES = {{2_048, 2_048}, {8_192, 2_048}, {2_048, 8_192}, {128_256, 2_048}};
    private static final int[] ROWS = {1, 8, 32};
    private static final int PANEL = 16;
    private static final long BYTES = 128L << 20;
    private static final int MOST_MATRICES = 16;
    private static final long NANOS_A_ROW_COUNT = 1_000_000_000L;

    private DeviceKernels() {}

    public static void main(String[] types) throws TornadoExecutionPlanException {
        System.out.printf(
                "%-5s %-15s %5s %12s %8s %8s %10s%n",
                "type", "shape", "rows", "best us", "median", "GB/s", "x one row");
        for (String type : types.length == 0 ? new String[] {"Q8_0"} : types) {
            for (int[] shape : SHAPES) {
                measure(WeightType.valueOf(type), shape[0], shape[1]);
            }
        }
    }

    private static void measure(WeightType type, int rows, int cols) throws TornadoExecutionPlanException {
        long size = type.byteSize((long) rows * cols);
        int matrices = (int) Math.clamp(Math.ceilDiv(BYTES, size), 1, MOST_MATRICES);
        int capacity = Arrays.stream(ROWS).max().getAsInt();
        IntArray step = new IntArray(1);
        FloatArray x = new FloatArray(capacity * cols);
        for (int i = 0; i < x.getSize(); i++) {
            x.set(i, i % 7 - 3);
        }
        FloatArray out = new FloatArray(capacity * rows);
        FloatArray numbers = ProductTasks.numbers(type);
        TaskGraph graph = new TaskGraph("products")
                .transferToDevice(DataTransferMode.EVERY_EXECUTION, step)
                .transferToDevice(DataTransferMode.FIRST_EXECUTION, x, numbers);
        GridScheduler scheduler = new GridScheduler();
        KernelContext c = new KernelContext();
        ProductTasks<TornadoNativeArray> tasks = ProductTasks.vectors(type);
        for (int i = 0; i < matrices; i++) {
            TornadoNativeArray w = weights(type, (int) size);
            graph.transferToDevice(DataTransferMode.FIRST_EXECUTION, w);
            graph.task("product" + i, tasks.product(), c, step, x, w, numbers, out, 0, rows, cols, PANEL);
            scheduler.addWorkerGrid("products.product" + i, tasks.grid(rows, PANEL));
        }
        graph.transferToHost(DataTransferMode.UNDER_DEMAND, out);
        try (TornadoExecutionPlan plan = new TornadoExecutionPlan(graph.snapshot())) {
            plan.withGridScheduler(scheduler);
            double oneRow = 0;
            for (int live : ROWS) {
                step.set(0, live);
                double[] micros = times(plan, matrices);
                oneRow = live == 1 ? micros[0] : oneRow;
                System.out.printf(
                        "%-5s %-15s %5d %12.0f %8.0f %8.1f %10.2f%n",
                        type,
                        "[" + rows + "," + cols + "]",
                        live,
                        micros[0],
                        micros[micros.length / 2],
                        size / micros[0] / 1000,
                        micros[0] / oneRow);
            }
        }
    }

    /** Microseconds a product, ascending. */
    private static double[] times(TornadoExecutionPlan plan, int matrices) {
        plan.execute();
        plan.execute();
        double[] micros = new double[1000];
        int n = 0;
        for (long end = System.nanoTime() + NANOS_A_ROW_COUNT;
                n < 5 || n < micros.length && System.nanoTime() < end;
                n++) {
            long begin = System.nanoTime();
            plan.execute();
            micros[n] = (System.nanoTime() - begin) / 1000.0 / matrices;
        }
        double[] sorted = Arrays.copyOf(micros, n);
        Arrays.sort(sorted);
        return sorted;
    }

    private static TornadoNativeArray weights(WeightType type, int size) {
        Random random = new Random(7);
        switch (type) {
            case F32 -> {
                FloatArray w = new FloatArray(size / 4);
                for (int i = 0; i < w.getSize(); i++) {
                    w.set(i, random.nextFloat() - 0.5f);
                }
                return w;
            }
            case F16, BF16 -> {
                ShortArray w = new ShortArray(size / 2);
                for (int i = 0; i < w.getSize(); i++) {
                    float value = 0.02f * (float) random.nextGaussian(); // as in models: few exponents
                    w.set(
                            i,
                            type == WeightType.F16
                                    ? Float.floatToFloat16(value)
                                    : (short) (Float.floatToRawIntBits(value) >> 16));
                }
                return w;
            }
            case Q8_0, Q4_0 -> {
                ByteArray w = new ByteArray(size);
                for (int i = 0; i < size; i++) {
                    w.set(i, i % type.blockBytes() == 1 ? 0x1C : (byte) random.nextInt());
                }
                return w;
            }
        }
        throw new AssertionError(type);
    }
}
