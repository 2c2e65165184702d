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
 * as many are. For few rows weights are decoded into registers and not stored. The meaning of the kernels is that of {@link dev.squall.kernels.reference.MatrixProducts}.
 */
public final class MatrixProducts {
    /** Columns of a panel that are multiplied with all rows of the batch at a time: they fit in the first cache. */
    private static final int STRETCH = 512;
    /** Bytes of the sixteen lanes of a sum. */
    private static final int SUM = 64;
    /** Rows up to which weights are decoded anew for each, from the first cache: cheaper than storing them in between. */
    private static final int FEW = 2;
    /** The same for a type whose weights are decoded once for four rows; see {@link WideProducts}. */
    private static final int FEW_BY_FOUR = 32;
    /** The same for half precision, whose decoding costs more; see {@link WideHalves}. */
    private static final int FEW_HALVES = 8;
    /** Multiplications that are worth waking a thread: some 10 microseconds. */
    private static final int WORTH_A_THREAD = 1 << 17;

    private static final ThreadLocal<Scratch> SCRATCH = ThreadLocal.withInitial(Scratch::new);

    private static final class Scratch {
        final MemorySegment panel = Memory.scratch(Tiles.WEIGHTS * Tiles.STRIDE); // [8, Tiles.COLUMNS]
        final MemorySegment spare = Memory.scratch(WeightRows.GROUP * Float.BYTES);
        MemorySegment sums = Memory.scratch(Tiles.WEIGHTS * SUM); // [rows, 8, 16]
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
        Objects.checkFromIndexSize(
                0, (long) live * cols * Float.BYTES, x.getSegment().byteSize());
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
        boolean wide = switch (type) {
            case Q8_0 -> WideProducts.supports(type) && live <= FEW_BY_FOUR;
            case Q4_0 -> WideProducts.supports(type) && live <= FEW;
            case F16 -> Memory.WHOLE && cols % WeightRows.GROUP == 0 && live > FEW && live <= FEW_HALVES;
            case F32, BF16 -> false;
        };
        boolean straight = !wide && live <= FEW && RowProducts.supports(type, cols);
        int unit = wide || straight ? 1 : Tiles.WEIGHTS; // weight rows that are computed together
        int worth = (int) Math.max(1, WORTH_A_THREAD / ((long) unit * cols * live));
        Workers.Range range = wide ? product::wide : straight ? product::straight : product::panels;
        Workers.shared().parallelFor((rows + unit - 1) / unit, worth, range);
        Reference.reachabilityFence(x);
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

        /** The outputs [from, to) of few rows, one from each quarter in turn; see {@link WideProducts}. */
        void wide(int from, int to) {
            int tile = WideProducts.TILE;
            long lanes = SCRATCH.get().sums(tile * tile * SUM).address();
            int quarter = (to - from + tile - 1) / tile;
            long bytes = (long) cols * Float.BYTES;
            for (int i0 = from; i0 < from + quarter; i0++) {
                int i1 = Math.min(i0 + quarter, to - 1);
                int i2 = Math.min(i1 + quarter, to - 1);
                int i3 = Math.min(i2 + quarter, to - 1);
                long w0 = w + i0 * wStride;
                long w1 = w + i1 * wStride;
                long w2 = w + i2 * wStride;
                long w3 = w + i3 * wStride;
                for (int row = 0, count; row < live; row += count) {
                    count = type == WeightType.Q4_0 ? 1 : Math.min(tile, live - row);
                    long x0 = x + row * xStride;
                    if (count == 1 && type != WeightType.F16) {
                        WideProducts.multiply(type, w0, w1, w2, w3, x0, bytes, lanes);
                    } else { // a row that is not there is the last one once more
                        long x1 = x0 + Math.min(1, count - 1) * xStride;
                        long x2 = x0 + Math.min(2, count - 1) * xStride;
                        long x3 = x0 + (count - 1) * xStride;
                        if (type == WeightType.F16) {
                            WideHalves.f16x4(w0, w1, w2, w3, x0, x1, x2, x3, bytes, lanes);
                        } else {
                            WideProducts.q8x4(w0, w1, w2, w3, x0, x1, x2, x3, bytes, lanes);
                        }
                    }
                    for (int r = 0; r < count; r++) {
                        set(row + r, i0, Memory.sum(lanes + (long) r * tile * SUM));
                        set(row + r, i1, Memory.sum(lanes + ((long) r * tile + 1) * SUM));
                        set(row + r, i2, Memory.sum(lanes + ((long) r * tile + 2) * SUM));
                        set(row + r, i3, Memory.sum(lanes + ((long) r * tile + 3) * SUM));
                    }
                }
            }
        }

        /** Adds a panel's numbers [0, count), which meet the inputs from {@code start} on. */
        private void multiply(int start, int count, long panel, long sums) {
            for (int k = 0; k < count; k += STRETCH) {
                long bytes = Math.min(STRETCH, count - k) * (long) Float.BYTES;
                long inputs = x + (start + k) * (long) Float.BYTES;
                Tiles.multiply(panel + k * (long) Float.BYTES, inputs, xStride, bytes, sums, live);
            }
        }

        /** The outputs of the panels [from, to) of eight weight rows, for all rows of the batch. */
        void panels(int from, int to) {
            Scratch scratch = SCRATCH.get();
            MemorySegment sums = scratch.sums((long) live * Tiles.WEIGHTS * SUM);
            for (int first = from * Tiles.WEIGHTS; first < Math.min(to * Tiles.WEIGHTS, rows); first += Tiles.WEIGHTS) {
                int weights = Math.min(Tiles.WEIGHTS, rows - first);
                sums.fill((byte) 0);
                for (int start = 0; start < cols; start += Tiles.COLUMNS) {
                    int count = Math.min(Tiles.COLUMNS, cols - start);
                    long at = w + first * wStride + type.byteSize(start);
                    for (int i = 0; i < weights; i++) {
                        long row = scratch.panel.address() + i * Tiles.STRIDE;
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
