package dev.squall.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.kernels.device.CacheTasks;
import dev.squall.kernels.device.Embeddings;
import dev.squall.kernels.device.Rotary;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.TaskGraph;
import uk.ac.manchester.tornado.api.types.arrays.ByteArray;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.ShortArray;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/** What the device set fuses beside products has the bits of the reference kernels, one after the other. */
class DeviceStreamTest {
    private static final int CAPACITY = 5;
    private static final int LIVE = 4;
    private static final int PAGE = 4;

    private final KernelContext c = new KernelContext();
    private final Random random = new Random(11);
    private final IntArray step = IntArray.fromElements(LIVE, 2);

    private FloatArray numbers(int n) {
        return FloatArray.fromArray(AttentionCase.numbers(random, n));
    }

    private static FloatArray ones(int n) {
        FloatArray ones = new FloatArray(n);
        ones.init(1f);
        return ones;
    }

    private record Heads(int heads, int kvHeads, int headDim, int rotaryDim) {}

    @ParameterizedTest
    @CsvSource({
        "2,2,8,8,true,true",
        "4,2,16,16,false,true",
        "6,1,20,12,true,false",
        "3,3,64,64,false,false",
        "2,1,33,2,true,false",
        "4,2,48,32,false,true"
    })
    void rotate(int heads, int kvHeads, int headDim, int rotaryDim, boolean adjacent, boolean normed) {
        Heads h = new Heads(heads, kvHeads, headDim, rotaryDim);
        IntArray slot = IntArray.fromElements(0, 9, 3, 14, 1);
        IntArray pageTable = IntArray.fromElements(2, 0, 3, 1);
        IntArray position = IntArray.fromElements(0, 131_071, 5, 77, 3);
        FloatArray frequencies = numbers(rotaryDim / 2);
        FloatArray cosSin = new FloatArray(CAPACITY * rotaryDim);
        FloatArray expectedAngles = new FloatArray(CAPACITY * rotaryDim);
        KernelSet.reference().rotaryAngles().apply(step, position, frequencies, expectedAngles, rotaryDim, 1.5f);
        DeviceTask.run(
                CAPACITY * rotaryDim / 2,
                1,
                g -> g.task(DeviceTask.NAME, Rotary::angles, c, step, position, frequencies, cosSin, rotaryDim, 1.5f),
                new Object[] {step, position, frequencies, cosSin},
                cosSin);
        int angles = LIVE * rotaryDim;
        assertThat(Arrays.copyOf(cosSin.toHeapArray(), angles))
                .isEqualTo(Arrays.copyOf(expectedAngles.toHeapArray(), angles));

        FloatArray qkv = numbers(CAPACITY * (heads + 2 * kvHeads) * headDim);
        FloatArray queryNorm = normed ? numbers(headDim) : ones(headDim);
        FloatArray keyNorm = normed ? numbers(headDim) : ones(headDim);
        FloatArray query = new FloatArray(CAPACITY * heads * headDim);
        FloatArray expectedQuery = part(qkv, h, 0, heads);
        FloatArray key = part(qkv, h, heads, kvHeads);
        KernelSet set = KernelSet.reference();
        if (normed) {
            set.rmsNorm().apply(step, expectedQuery, queryNorm, expectedQuery, 0, heads, headDim, 1e-5f);
            set.rmsNorm().apply(step, key, keyNorm, key, 0, kvHeads, headDim, 1e-5f);
        }
        var turn = adjacent ? set.rotateAdjacent() : set.rotateHalves();
        turn.apply(step, cosSin, expectedQuery, heads, headDim, rotaryDim);
        turn.apply(step, cosSin, key, kvHeads, headDim, rotaryDim);
        FloatArray value = part(qkv, h, heads + kvHeads, kvHeads);
        int apart = adjacent ? 1 : rotaryDim / 2;
        for (KvType type : KvType.values()) {
            TornadoNativeArray keys = HalfCacheTest.stored(type, numbers(4 * kvHeads * PAGE * headDim));
            TornadoNativeArray values = HalfCacheTest.stored(type, numbers(4 * kvHeads * PAGE * headDim));
            TornadoNativeArray expectedKeys =
                    HalfCacheTest.stored(type, FloatArray.fromArray(HalfCacheTest.numbers(keys)));
            TornadoNativeArray expectedValues =
                    HalfCacheTest.stored(type, FloatArray.fromArray(HalfCacheTest.numbers(values)));
            switch (type) {
                case F32 ->
                    set.cacheF32()
                            .storeKeyValues()
                            .apply(
                                    step,
                                    slot,
                                    pageTable,
                                    key,
                                    value,
                                    (FloatArray) expectedKeys,
                                    (FloatArray) expectedValues,
                                    kvHeads,
                                    headDim,
                                    PAGE);
                case F16 ->
                    set.cacheF16()
                            .storeKeyValues()
                            .apply(
                                    step,
                                    slot,
                                    pageTable,
                                    key,
                                    value,
                                    (ShortArray) expectedKeys,
                                    (ShortArray) expectedValues,
                                    kvHeads,
                                    headDim,
                                    PAGE);
            }
            DeviceTask.run(
                    CAPACITY * (heads + 2 * kvHeads),
                    1,
                    g -> g.task(
                            DeviceTask.NAME,
                            CacheTasks.of(type).turnAndStore(),
                            c,
                            step,
                            slot,
                            pageTable,
                            cosSin,
                            qkv,
                            queryNorm,
                            keyNorm,
                            query,
                            keys,
                            values,
                            heads,
                            kvHeads,
                            headDim,
                            rotaryDim,
                            apart,
                            PAGE,
                            normed ? 1 : 0,
                            1e-5f),
                    new Object[] {step, slot, pageTable, cosSin, qkv, queryNorm, keyNorm, query, keys, values},
                    query,
                    keys,
                    values);
            int live = LIVE * heads * headDim;
            assertThat(Arrays.copyOf(query.toHeapArray(), live))
                    .isEqualTo(Arrays.copyOf(expectedQuery.toHeapArray(), live));
            assertThat(HalfCacheTest.numbers(keys)).isEqualTo(HalfCacheTest.numbers(expectedKeys));
            assertThat(HalfCacheTest.numbers(values)).isEqualTo(HalfCacheTest.numbers(expectedValues));
        }
    }

    /** Every number of 16 bits, what is in the middle between two of them, and random numbers. */
    @Test
    void valuesAreRoundedAsTheStandardSays() {
        int headDim = 1024;
        int rows = 192;
        FloatArray qkv = new FloatArray(rows * 3 * headDim);
        qkv.init(1f);
        short[] expected = new short[rows * headDim];
        for (int i = 0; i < expected.length; i++) {
            float x = i < 1 << 17 ? HalfCacheTest.between(i) : Float.intBitsToFloat(random.nextInt());
            qkv.set((i / headDim * 3 + 2) * headDim + i % headDim, x);
            expected[i] = Float.floatToFloat16(x);
        }
        IntArray live = IntArray.fromElements(rows, 0);
        IntArray slot = new IntArray(rows);
        for (int row = 0; row < rows; row++) {
            slot.set(row, row);
        }
        IntArray pageTable = IntArray.fromElements(0);
        FloatArray ones = ones(rows * headDim);
        FloatArray query = new FloatArray(rows * headDim);
        ShortArray keys = new ShortArray(rows * headDim);
        ShortArray values = new ShortArray(rows * headDim);
        DeviceTask.run(
                rows * 3,
                1,
                g -> g.task(
                        DeviceTask.NAME,
                        Rotary::turnAndStoreF16,
                        c,
                        live,
                        slot,
                        pageTable,
                        ones,
                        qkv,
                        ones,
                        ones,
                        query,
                        keys,
                        values,
                        1,
                        1,
                        headDim,
                        headDim,
                        1,
                        rows,
                        0,
                        0f),
                new Object[] {live, slot, pageTable, ones, qkv, query, keys, values},
                values);
        for (int i = 0; i < expected.length; i++) {
            boolean number = !Float.isNaN(Float.float16ToFloat(expected[i]));
            if (number ? values.get(i) != expected[i] : !Float.isNaN(Float.float16ToFloat(values.get(i)))) {
                assertThat(values.get(i)).as("number " + i).isEqualTo(expected[i]);
            }
        }
    }

    /** Some of the heads of every row, as an array of their own. */
    private static FloatArray part(FloatArray qkv, Heads h, int first, int count) {
        FloatArray part = new FloatArray(CAPACITY * count * h.headDim);
        int all = h.heads + 2 * h.kvHeads;
        for (int i = 0; i < part.getSize(); i++) {
            int row = i / (count * h.headDim);
            part.set(i, qkv.get((row * all + first) * h.headDim + i % (count * h.headDim)));
        }
        return part;
    }

    @ParameterizedTest
    @EnumSource
    void embedding(WeightType type) {
        int vocab = 7;
        int dim = type.blockSize() == 1 ? 37 : 64;
        int bytes = (int) type.byteSize((long) vocab * dim);
        IntArray token = IntArray.fromElements(6, 0, 3, 3, 99);
        TornadoNativeArray table = table(type, bytes);
        FloatArray norm = numbers(dim);
        FloatArray x = new FloatArray(CAPACITY * dim);
        FloatArray scaled = new FloatArray(CAPACITY * dim);
        FloatArray expected = new FloatArray(CAPACITY * dim);
        KernelSet set = KernelSet.reference();
        switch (type) {
            case F32 -> set.embeddingF32().apply(step, token, (FloatArray) table, expected, dim, 3f);
            case F16 -> set.embeddingF16().apply(step, token, (ShortArray) table, expected, dim, 3f);
            case BF16 -> set.embeddingBF16().apply(step, token, (ShortArray) table, expected, dim, 3f);
            case Q8_0 -> set.embeddingQ8_0().apply(step, token, (ByteArray) table, expected, dim, 3f);
            case Q4_0 -> set.embeddingQ4_0().apply(step, token, (ByteArray) table, expected, dim, 3f);
        }
        DeviceTask.run(
                dim,
                8,
                g -> embed(g, type, token, table, norm, x, scaled, dim),
                new Object[] {step, token, table, norm, x, scaled},
                x,
                scaled);
        int live = LIVE * dim;
        assertThat(Arrays.copyOf(x.toHeapArray(), live)).isEqualTo(Arrays.copyOf(expected.toHeapArray(), live));
        for (int i = 0; i < live; i++) {
            assertThat(scaled.get(i)).isEqualTo(x.get(i) * norm.get(i % dim));
        }
    }

    private TaskGraph embed(
            TaskGraph g,
            WeightType type,
            IntArray token,
            TornadoNativeArray table,
            FloatArray norm,
            FloatArray x,
            FloatArray scaled,
            int dim) {
        String task = DeviceTask.NAME;
        return switch (type) {
            case F32 -> g.task(task, Embeddings::f32, c, step, token, (FloatArray) table, norm, x, scaled, dim, 3f);
            case F16 -> g.task(task, Embeddings::f16, c, step, token, (ShortArray) table, norm, x, scaled, dim, 3f);
            case BF16 -> g.task(task, Embeddings::bf16, c, step, token, (ShortArray) table, norm, x, scaled, dim, 3f);
            case Q8_0 -> g.task(task, Embeddings::q8_0, c, step, token, (ByteArray) table, norm, x, scaled, dim, 3f);
            case Q4_0 -> g.task(task, Embeddings::q4_0, c, step, token, (ByteArray) table, norm, x, scaled, dim, 3f);
        };
    }

    /** Finite numbers of all sizes, subnormal ones too. */
    private TornadoNativeArray table(WeightType type, int bytes) {
        return switch (type) {
            case F32 -> numbers(bytes / 4);
            case F16, BF16 -> {
                ShortArray a = new ShortArray(bytes / 2);
                for (int i = 0; i < a.getSize(); i++) {
                    short bits = (short) random.nextInt();
                    int exponent = type == WeightType.F16 ? bits >> 10 & 31 : bits >> 7 & 255;
                    int none = type == WeightType.F16 ? 31 : 255; // infinities and what is no number
                    a.set(i, exponent == none ? (short) i : bits);
                }
                yield a;
            }
            case Q8_0, Q4_0 -> {
                ByteArray a = new ByteArray(bytes);
                for (int i = 0; i < bytes; i++) {
                    a.set(i, i % type.blockBytes() == 1 ? (byte) 0x2C : (byte) random.nextInt());
                }
                yield a;
            }
        };
    }

    @Test
    void hidden() {
        for (int dim : new int[] {5, 16, 40}) {
            IntArray logitRow = IntArray.fromElements(3, 1, 0);
            FloatArray x = numbers(CAPACITY * dim);
            FloatArray norm = numbers(dim);
            FloatArray hidden = new FloatArray(CAPACITY * dim);
            FloatArray asked = new FloatArray(3 * dim);
            FloatArray expected = new FloatArray(CAPACITY * dim);
            KernelSet.reference().rmsNorm().apply(step, x, norm, expected, 0, 1, dim, 1e-5f);
            DeviceTask.run(
                    CAPACITY + 3,
                    1,
                    g -> g.task(
                            DeviceTask.NAME,
                            Embeddings::hidden,
                            c,
                            step,
                            logitRow,
                            x,
                            norm,
                            hidden,
                            asked,
                            1,
                            dim,
                            1e-5f,
                            0.5f),
                    new Object[] {step, logitRow, x, norm, hidden, asked},
                    hidden,
                    asked);
            int live = LIVE * dim;
            assertThat(Arrays.copyOf(hidden.toHeapArray(), live))
                    .isEqualTo(Arrays.copyOf(expected.toHeapArray(), live));
            for (int i = 0; i < 2 * dim; i++) {
                assertThat(asked.get(i)).isEqualTo(expected.get(logitRow.get(i / dim) * dim + i % dim) * 0.5f);
            }
        }
    }
}
