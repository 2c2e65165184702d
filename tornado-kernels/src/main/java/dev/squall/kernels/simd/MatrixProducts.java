package dev.squall.kernels.simd;

import dev.squall.kernels.WeightType;
import dev.squall.kernels.Workers;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import java.util.Objects;
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
    /** Columns of a panel of eight decoded weight rows, which fits in the second cache: long enough to be read as a stream. */
    private static final int PANEL = 2048;
    /** Bytes from one row of a panel to the next: not a power of two, so that the rows do not share cache sets. */
    private static final long PANEL_STRIDE = PANEL * Float.BYTES + 64;
    /** Columns of a panel that are multiplied with all rows of the batch at a time: they fit in the first cache. */
    private static final int STRETCH = 512;
    /** Bytes of the sixteen lanes of a sum. */
    private static final int SUM = 64;
    /** Rows up to which weights are decoded anew for each, from the first cache: cheaper than storing them in between. */
    private static final int FEW = 2;
    /** Multiplications that are worth waking a thread: some 10 microseconds. */
    private static final int WORTH_A_THREAD = 1 << 17;

    private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

    private static final class Scratch {
        final MemorySegment panel = Memory.scratch(Tiles.WEIGHTS * PANEL_STRIDE); // [8, PANEL]
        final MemorySegment spare = Memory.scratch(WeightRows.GROUP * Float.BYTES);
        MemorySegment sums = Memory.scratch(2 * SUM); // [rows, 8, 16]
        MemorySegment x = Memory.scratch(64); // [rows, padded cols]

        MemorySegment sums(long bytes) {
            sums = sums.byteSize() < bytes ? Memory.scratch(bytes) : sums;
            return sums;
        }

        MemorySegment x(long bytes) {
            x = x.byteSize() < bytes ? Memory.scratch(bytes) : x;
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
        Objects.checkFromIndexSize(0, type.byteSize((long) rows * cols), w.byteSize());
        Objects.checkFromIndexSize(
                0, (long) live * rows * Float.BYTES, out.getSegment().byteSize());
        // Rows a cache line further apart than they are long: else those of one tile would share the same cache sets.
        long stride = WeightRows.padded(cols) * (long) Float.BYTES + 64;
        MemorySegment inputs = SCRATCH.get().x(live * stride);
        Workers.shared().parallelFor(live, 2, (from, to) -> {
            for (int row = from; row < to; row++) {
                WeightRows.arrange(type, x.getSegment(), (long) row * cols, cols, inputs, row * stride);
            }
        });
        Product product = new Product(
                type,
                live,
                inputs.address(),
                stride,
                w.address(),
                out.getSegment().address(),
                rows,
                cols,
                type.byteSize(cols));
        boolean straight = live <= FEW && RowProducts.supports(type, cols);
        int unit = straight ? 1 : Tiles.WEIGHTS; // weight rows that are computed together
        int worth = (int) Math.max(1, WORTH_A_THREAD / ((long) unit * cols * live));
        Workers.shared().parallelFor((rows + unit - 1) / unit, worth, straight ? product::straight : product::panels);
        Reference.reachabilityFence(inputs);
        Reference.reachabilityFence(w);
        Reference.reachabilityFence(out);
    }

    /**
     * What is multiplied, all memory by its address.
     *
     * @param x [live, padded cols], rows xStride bytes apart, in the order of the type's numbers
     * @param w [rows, cols], rows wStride bytes apart
     * @param out [live, rows]
     */
    private record Product(
            WeightType type, int live, long x, long xStride, long w, long out, int rows, int cols, long wStride) {

        /** The outputs [from, to) of few rows, one from each half in turn; see {@link RowProducts}. */
        void straight(int from, int to) {
            long lanes = SCRATCH.get().sums(2 * SUM).address();
            int half = (to - from + 1) / 2;
            for (int i = from; i < from + half; i++) {
                int j = Math.min(i + half, to - 1);
                for (int row = 0; row < live; row++) {
                    long bytes = (long) cols * Float.BYTES;
                    RowProducts.multiply(type, w + i * wStride, w + j * wStride, x + row * xStride, bytes, lanes);
                    set(row, i, Memory.sum(lanes));
                    set(row, j, Memory.sum(lanes + SUM));
                }
            }
        }

        /** Adds a panel's numbers [0, count), which meet the inputs from {@code start} on. */
        private void multiply(int start, int count, long panel, long sums) {
            for (int k = 0; k < count; k += STRETCH) {
                long bytes = Math.min(STRETCH, count - k) * (long) Float.BYTES;
                long inputs = x + (start + k) * (long) Float.BYTES;
                Tiles.multiply(panel + k * (long) Float.BYTES, PANEL_STRIDE, inputs, xStride, bytes, sums, live);
            }
        }

        /** The outputs of the panels [from, to) of eight weight rows, for all rows of the batch. */
        void panels(int from, int to) {
            Scratch scratch = SCRATCH.get();
            MemorySegment sums = scratch.sums((long) live * Tiles.WEIGHTS * SUM);
            for (int first = from * Tiles.WEIGHTS; first < Math.min(to * Tiles.WEIGHTS, rows); first += Tiles.WEIGHTS) {
                int weights = Math.min(Tiles.WEIGHTS, rows - first);
                sums.fill((byte) 0);
                for (int start = 0; start < cols; start += PANEL) {
                    int count = Math.min(PANEL, cols - start);
                    long at = w + first * wStride + type.byteSize(start);
                    for (int i = 0; i < weights; i++) {
                        long row = scratch.panel.address() + i * PANEL_STRIDE;
                        WeightRows.decode(type, at + i * wStride, count, row, scratch.spare.address());
                    }
                    multiply(start, WeightRows.padded(count), scratch.panel.address(), sums.address());
                }
                addUp(sums.address(), first, weights);
            }
        }

        /** The outputs [first, first + count) of every row, from the lanes of their sums. */
        private void addUp(long sums, int first, int count) {
            for (int row = 0; row < live; row++) {
                for (int i = 0; i < count; i++) {
                    set(row, first + i, Memory.sum(sums + (long) (row * Tiles.WEIGHTS + i) * SUM));
                }
            }
        }

        private void set(int row, int output, float sum) {
            Memory.ALL.set(Memory.FLOAT, out + ((long) row * rows + output) * Float.BYTES, sum);
        }
    }
}
