package dev.squall.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.squall.kernels.device.ProductTasks;
import java.util.Arrays;
import java.util.Random;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.ByteArray;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.ShortArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * A weight matrix, a stream of rows, and what the products of them have to be: the bits of {@code reference} for the plain
 * product, the formula in float64 for the fused ones, as near as the additions' rounding allows.
 */
final class DeviceProductCase {
    private static final float EPSILON = 1e-5f;

    private final WeightType type;
    private final FloatArray numbers; // [65536]
    private final ProductTasks<TornadoNativeArray> tasks;
    private final int rows;
    private final int cols;
    private final int panel;
    private final int capacity;
    private final TornadoNativeArray w; // [rows, cols]
    private final float[] weights; // [rows, cols], decoded
    private final FloatArray x; // [capacity, cols]
    private final FloatArray norm; // [cols]
    private final FloatArray scaled; // [capacity, cols]
    private final FloatArray bias; // [rows]
    private final Random random;

    /** @param rows even: rows of the gate and of its factor take turns */
    DeviceProductCase(WeightType type, boolean groups, int rows, int cols, int panel, int capacity) {
        this.type = type;
        this.numbers = ProductTasks.numbers(type);
        this.tasks = groups ? ProductTasks.groups(type) : ProductTasks.vectors(type);
        this.rows = rows;
        this.cols = cols;
        this.panel = panel;
        this.capacity = capacity;
        this.random = new Random(31L * rows + cols);
        this.w = matrix();
        this.weights = decoded();
        this.x = numbers(capacity * cols);
        this.norm = numbers(cols);
        this.bias = numbers(rows);
        this.scaled = new FloatArray(capacity * cols);
        for (int i = 0; i < scaled.getSize(); i++) {
            scaled.set(i, x.get(i) * norm.get(i % cols));
        }
    }

    @Override
    public String toString() {
        return type + (tasks.groups() ? " by groups [" : " by vectors [") + rows + ", " + cols + "], panels of "
                + panel;
    }

    private FloatArray numbers(int n) {
        FloatArray numbers = new FloatArray(n);
        for (int i = 0; i < n; i++) {
            numbers.set(i, random.nextFloat() * 2 - 1);
        }
        return numbers;
    }

    private TornadoNativeArray matrix() {
        int n = rows * cols;
        return switch (type) {
            case F32 -> numbers(n);
            case F16, BF16 -> {
                ShortArray a = new ShortArray(n);
                for (int i = 0; i < n; i++) {
                    float number = random.nextFloat() * 2 - 1;
                    a.set(
                            i,
                            type == WeightType.F16
                                    ? Float.floatToFloat16(number)
                                    : (short) (Float.floatToRawIntBits(number) >> 16));
                }
                yield a;
            }
            case Q8_0, Q4_0 -> {
                ByteArray a = new ByteArray(Math.toIntExact(type.byteSize(n)));
                byte[] bytes = new byte[type.blockBytes()];
                for (int at = 0; at < a.getSize(); at += bytes.length) {
                    random.nextBytes(bytes);
                    short scale = Float.floatToFloat16((random.nextFloat() - 0.5f) / 50);
                    bytes[0] = (byte) scale;
                    bytes[1] = (byte) (scale >> 8);
                    for (int i = 0; i < bytes.length; i++) {
                        a.set(at + i, bytes[i]);
                    }
                }
                yield a;
            }
        };
    }

    private float[] decoded() {
        KernelSet set = KernelSet.reference();
        IntArray all = IntArray.fromElements(rows);
        IntArray row = new IntArray(rows);
        for (int o = 0; o < rows; o++) {
            row.set(o, o);
        }
        FloatArray out = new FloatArray(rows * cols);
        switch (type) {
            case F32 -> set.embeddingF32().apply(all, row, (FloatArray) w, out, cols, 1f);
            case F16 -> set.embeddingF16().apply(all, row, (ShortArray) w, out, cols, 1f);
            case BF16 -> set.embeddingBF16().apply(all, row, (ShortArray) w, out, cols, 1f);
            case Q8_0 -> set.embeddingQ8_0().apply(all, row, (ByteArray) w, out, cols, 1f);
            case Q4_0 -> set.embeddingQ4_0().apply(all, row, (ByteArray) w, out, cols, 1f);
        }
        return out.toHeapArray();
    }

    // ---- the plain product

    private float[] product(int live) {
        IntArray step = IntArray.fromElements(0, live);
        FloatArray out = new FloatArray(capacity * rows);
        out.init(Float.NaN);
        KernelContext c = new KernelContext();
        DeviceTask.run(
                tasks.grid(rows, panel),
                g -> g.task(DeviceTask.NAME, tasks.product(), c, step, x, w, numbers, out, 1, rows, cols, panel),
                new Object[] {step, x, w, numbers, out},
                out);
        return out.toHeapArray();
    }

    private float[] referenceProduct() {
        KernelSet set = KernelSet.reference();
        IntArray step = IntArray.fromElements(0, capacity);
        FloatArray out = new FloatArray(capacity * rows);
        switch (type) {
            case F32 -> set.matrixProductF32().apply(step, x, (FloatArray) w, out, 1, rows, cols);
            case F16 -> set.matrixProductF16().apply(step, x, (ShortArray) w, out, 1, rows, cols);
            case BF16 -> set.matrixProductBF16().apply(step, x, (ShortArray) w, out, 1, rows, cols);
            case Q8_0 -> set.matrixProductQ8_0().apply(step, x, (ByteArray) w, out, 1, rows, cols);
            case Q4_0 -> set.matrixProductQ4_0().apply(step, x, (ByteArray) w, out, 1, rows, cols);
        }
        return out.toHeapArray();
    }

    /** The bits of reference, whatever the number of rows; rows that are not live stay untouched. */
    void productHasTheBitsOfReference() {
        float[] expected = referenceProduct();
        for (int live = 0; live <= capacity; live++) {
            float[] found = product(live);
            float[] wanted = Arrays.copyOf(expected, expected.length);
            Arrays.fill(wanted, live * rows, wanted.length, Float.NaN);
            int comparable = Devices.present() ? live * rows : wanted.length; // a device leaves anything in the rest
            assertThat(Arrays.copyOf(found, comparable))
                    .as("%s, %d live rows", this, live)
                    .isEqualTo(Arrays.copyOf(wanted, comparable));
        }
    }

    // ---- the fused products

    /** A sum in float64, and how far its float may be from it. */
    private record Sum(double value, double error) {
        Sum affine(double factor, double offset) {
            double v = value * factor + offset;
            return new Sum(v, error * Math.abs(factor) + 4e-7 * (Math.abs(value * factor) + Math.abs(offset)));
        }

        void check(float found, Object what) {
            assertThat((double) found).as(what.toString()).isCloseTo(value, within(error + 1e-30));
        }
    }

    /** w[o] · y[r]: cols / 16 additions a lane, four for the tree, one for each product and its factors. */
    private Sum sum(FloatArray y, int r, int o) {
        double value = 0;
        double magnitude = 0;
        for (int i = 0; i < cols; i++) {
            double term = (double) weights[o * cols + i] * y.get(r * cols + i);
            value += term;
            magnitude += Math.abs(term);
        }
        return new Sum(value, magnitude * (cols / 16 + 8) * 0x1p-24);
    }

    private double normFactor(int r) {
        double squares = 0;
        for (int i = 0; i < cols; i++) {
            squares += (double) x.get(r * cols + i) * x.get(r * cols + i);
        }
        return 1 / Math.sqrt(squares / cols + EPSILON);
    }

    /** The factor's own rounding: that of a sum of squares, halved by the root, and of three operations. */
    private Sum normed(int r, int o) {
        Sum sum = sum(scaled, r, o);
        double factor = normFactor(r);
        double ofFactor = Math.abs(sum.value * factor) * (cols / 32 + 8) * 0x1p-24;
        Sum normed = sum.affine(factor, bias.get(o));
        return new Sum(normed.value, normed.error + ofFactor);
    }

    void normedIsTheNormThenTheProductThenTheBias() {
        int live = capacity - 1;
        IntArray step = IntArray.fromElements(live, 0);
        FloatArray out = new FloatArray(capacity * rows);
        KernelContext c = new KernelContext();
        DeviceTask.run(
                tasks.grid(rows, panel),
                g -> g.task(
                        DeviceTask.NAME,
                        tasks.normed(),
                        c,
                        step,
                        x,
                        scaled,
                        w,
                        numbers,
                        bias,
                        out,
                        rows,
                        cols,
                        panel,
                        EPSILON),
                new Object[] {step, x, scaled, w, numbers, bias, out},
                out);
        for (int r = 0; r < live; r++) {
            for (int o = 0; o < rows; o++) {
                normed(r, o).check(out.get(r * rows + o), this + ", row " + r + ", output " + o);
            }
        }
    }

    void siluGateIsTheNormThenBothProductsThenTheGate() {
        int live = capacity - 1;
        int hidden = rows / 2;
        IntArray step = IntArray.fromElements(live, 0);
        FloatArray both = new FloatArray(capacity * rows);
        FloatArray gate = new FloatArray(capacity * hidden);
        KernelContext c = new KernelContext();
        DeviceTask.run(
                tasks.grid(hidden, panel),
                g -> g.task(
                        DeviceTask.NAME,
                        tasks.siluGate(),
                        c,
                        step,
                        x,
                        scaled,
                        w,
                        numbers,
                        bias,
                        both,
                        gate,
                        hidden,
                        cols,
                        panel,
                        EPSILON),
                new Object[] {step, x, scaled, w, numbers, bias, both, gate},
                gate);
        for (int r = 0; r < live; r++) {
            for (int o = 0; o < hidden; o++) {
                Sum g = normed(r, 2 * o);
                Sum u = normed(r, 2 * o + 1);
                double silu = g.value / (1 + Math.exp(-g.value));
                // silu is nowhere steeper than 1.1
                double error = Math.abs(u.value) * 1.1 * g.error
                        + Math.abs(silu) * u.error
                        + g.error * u.error * 1.1
                        + 1e-6 * Math.abs(silu * u.value);
                new Sum(silu * u.value, error).check(gate.get(r * hidden + o), this + ", row " + r + ", unit " + o);
            }
        }
    }

    void residualAddsToTheStreamAndScalesItForTheNextNorm() {
        int live = capacity - 1;
        float factor = 0.75f;
        IntArray step = IntArray.fromElements(live, 0);
        FloatArray block = new FloatArray(capacity * rows);
        FloatArray next = numbers(rows);
        FloatArray stream = numbers(capacity * rows);
        float[] before = stream.toHeapArray();
        FloatArray nextScaled = new FloatArray(capacity * rows);
        KernelContext c = new KernelContext();
        DeviceTask.run(
                tasks.grid(rows, panel),
                g -> g.task(
                        DeviceTask.NAME,
                        tasks.residual(),
                        c,
                        step,
                        x,
                        w,
                        numbers,
                        bias,
                        block,
                        stream,
                        next,
                        nextScaled,
                        rows,
                        cols,
                        panel,
                        factor),
                new Object[] {step, x, w, numbers, bias, block, stream, next, nextScaled},
                stream,
                nextScaled);
        for (int i = 0; i < live * rows; i++) {
            Sum value = sum(x, i / rows, i % rows).affine(1, bias.get(i % rows)).affine(factor, before[i]);
            value.check(stream.get(i), this + ", stream " + i);
            assertThat(nextScaled.get(i)).isEqualTo(stream.get(i) * next.get(i % rows));
        }
        for (int i = live * rows; i < stream.getSize(); i++) {
            assertThat(stream.get(i)).as("a row that is not live").isEqualTo(before[i]);
        }
    }
}
