package dev.squall.kernels.simd;

import dev.squall.kernels.Lanes;
import dev.squall.kernels.WeightType;
import dev.squall.kernels.Workers;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import uk.ac.manchester.tornado.api.types.arrays.ByteArray;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.ShortArray;

/**
 * A weight matrix times the live rows of a batch, split over the cores by weight rows.
 *
 * <p>Eight weight rows at a time are decoded, a stretch of columns that fits in the first cache, and multiplied with all
 * rows of the batch while they are there: memory is read once whatever the number of rows, and one row is computed exactly
 * as many are. The meaning of the kernels is that of {@link dev.squall.kernels.reference.MatrixProducts}.
 */
public final class MatrixProducts {
    /** Columns of a panel: 8 rows of it are 16 KB. */
    private static final int STRETCH = 512;
    /** Multiplications that are worth waking a thread: some 10 microseconds. */
    private static final int WORTH_A_THREAD = 1 << 17;

    private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

    private static final class Scratch {
        final float[] panel = new float[Tiles.WEIGHTS * STRETCH];
        float[] sums = new float[0]; // [rows, 8, 16]
        float[] x = new float[0]; // [rows, cols]

        float[] sums(int size) {
            sums = sums.length < size ? new float[size] : sums;
            return sums;
        }

        float[] x(int size) {
            x = x.length < size ? new float[size] : x;
            return x;
        }
    }

    private MatrixProducts() {}

    /** Single-precision weights. */
    public static void f32(IntArray step, FloatArray x, FloatArray w, FloatArray out, int count, int rows, int cols) {
        product(WeightType.F32, step.get(count), x, w.getSegment(), out, rows, cols);
    }

    /** Half-precision weights. */
    public static void f16(IntArray step, FloatArray x, ShortArray w, FloatArray out, int count, int rows, int cols) {
        product(WeightType.F16, step.get(count), x, w.getSegment(), out, rows, cols);
    }

    /** bfloat16 weights. */
    public static void bf16(IntArray step, FloatArray x, ShortArray w, FloatArray out, int count, int rows, int cols) {
        product(WeightType.BF16, step.get(count), x, w.getSegment(), out, rows, cols);
    }

    /** Weights in blocks of a half-precision scale and 32 signed bytes; cols is a multiple of 32. */
    public static void q8_0(IntArray step, FloatArray x, ByteArray w, FloatArray out, int count, int rows, int cols) {
        product(WeightType.Q8_0, step.get(count), x, w.getSegment(), out, rows, cols);
    }

    /** Weights in blocks of a half-precision scale and 32 four-bit numbers; cols is a multiple of 32. */
    public static void q4_0(IntArray step, FloatArray x, ByteArray w, FloatArray out, int count, int rows, int cols) {
        product(WeightType.Q4_0, step.get(count), x, w.getSegment(), out, rows, cols);
    }

    private static void product(
            WeightType type, int live, FloatArray x, MemorySegment w, FloatArray out, int rows, int cols) {
        if (live == 0) {
            return;
        }
        float[] input = SCRATCH.get().x(live * cols);
        MemorySegment.copy(x.getSegment(), ValueLayout.JAVA_FLOAT, 0, input, 0, live * cols);
        MemorySegment output = out.getSegment();
        int panels = (rows + Tiles.WEIGHTS - 1) / Tiles.WEIGHTS;
        long work = (long) Tiles.WEIGHTS * cols * live;
        int worth = (int) Math.max(1, WORTH_A_THREAD / work);
        Workers.shared().parallelFor(panels, worth, (from, to) -> {
            Scratch scratch = SCRATCH.get();
            int panel = from;
            if (live == 1 && type == WeightType.Q8_0 && RowProducts.available()) {
                int whole = Math.min(to, rows / Tiles.WEIGHTS);
                oneRow(
                        input,
                        w,
                        output,
                        cols,
                        from * Tiles.WEIGHTS,
                        whole * Tiles.WEIGHTS,
                        scratch.sums(4 * Lanes.COUNT));
                panel = Math.max(from, whole);
            }
            for (; panel < to; panel++) {
                panel(type, live, input, w, output, rows, cols, panel * Tiles.WEIGHTS, scratch);
            }
        });
    }

    /** The outputs [first, end) of one row, a multiple of eight. */
    private static void oneRow(
            float[] x, MemorySegment w, MemorySegment out, int cols, int first, int end, float[] sums) {
        for (int output = first; output < end; output += RowProducts.WEIGHTS) {
            RowProducts.q8(w, output, cols, x, sums);
            for (int i = 0; i < RowProducts.WEIGHTS; i++) {
                out.setAtIndex(ValueLayout.JAVA_FLOAT, output + i, Lanes.sum(sums, i * Lanes.COUNT));
            }
        }
    }

    private static void panel(
            WeightType type,
            int live,
            float[] x,
            MemorySegment w,
            MemorySegment out,
            int rows,
            int cols,
            int first,
            Scratch scratch) {
        int weights = Math.min(Tiles.WEIGHTS, rows - first);
        int size = live * Tiles.WEIGHTS * Lanes.COUNT;
        float[] sums = scratch.sums(size);
        java.util.Arrays.fill(sums, 0, size, 0f);
        for (int from = 0; from < cols; from += STRETCH) {
            int count = Math.min(STRETCH, cols - from);
            for (int i = 0; i < weights; i++) {
                WeightRows.decode(type, w, first + i, cols, from, count, scratch.panel, i * STRETCH);
            }
            int whole = count - count % Lanes.COUNT;
            Tiles.multiply(scratch.panel, STRETCH, x, from, cols, whole, sums, live);
            if (whole < count) {
                addTail(scratch.panel, x, from, cols, whole, count, sums, live);
            }
        }
        for (int row = 0; row < live; row++) {
            for (int i = 0; i < weights; i++) {
                float sum = Lanes.sum(sums, (row * Tiles.WEIGHTS + i) * Lanes.COUNT);
                out.setAtIndex(ValueLayout.JAVA_FLOAT, (long) row * rows + first + i, sum);
            }
        }
    }

    /** The numbers after the last whole sixteen go on in their lanes. */
    private static void addTail(
            float[] panel, float[] x, int from, int cols, int whole, int count, float[] sums, int live) {
        for (int row = 0; row < live; row++) {
            for (int i = 0; i < Tiles.WEIGHTS; i++) {
                int sum = (row * Tiles.WEIGHTS + i) * Lanes.COUNT;
                for (int k = whole; k < count; k++) {
                    int lane = sum + k - whole;
                    sums[lane] = Math.fma(panel[i * STRETCH + k], x[row * cols + from + k], sums[lane]);
                }
            }
        }
    }
}
