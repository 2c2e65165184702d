package dev.squall.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.kernels.AttentionCase.Shape;
import dev.squall.kernels.device.CacheTasks;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/** Attention of the device set on emulated work-items: prefixes, windows, trees, pages in any order. */
class DeviceAttentionTest {
    /** @param type of the cache, which has the numbers of the one that the kernel is called with */
    private static AttentionCase.Attend attend(KvType type) {
        return (step,
                start,
                end,
                base,
                mask,
                pages,
                q,
                keys,
                values,
                out,
                heads,
                kvHeads,
                headDim,
                pageSize,
                scale) -> {
            KernelContext c = new KernelContext();
            TornadoNativeArray storedKeys = HalfCacheTest.stored(type, keys);
            TornadoNativeArray storedValues = HalfCacheTest.stored(type, values);
            DeviceTask.run(
                    start.getSize() * heads,
                    4,
                    graph -> graph.task(
                            DeviceTask.NAME,
                            CacheTasks.of(type).attend(),
                            c,
                            step,
                            start,
                            end,
                            base,
                            mask,
                            pages,
                            mask,
                            0,
                            q,
                            storedKeys,
                            storedValues,
                            out,
                            heads,
                            kvHeads,
                            headDim,
                            pageSize,
                            scale),
                    new Object[] {step, start, end, base, mask, pages, q, storedKeys, storedValues, out},
                    out);
        };
    }

    static List<Shape> shapes() {
        return AttentionKernelTest.shapes().toList();
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void theBitsOfReferenceInABatchAndAlone(Shape shape) {
        for (KvType type : KvType.values()) {
            KernelSet reference = KernelSet.reference();
            int rows = AttentionKernelTest.rows().size();
            AttentionCase attention = new AttentionCase(shape, AttentionKernelTest.rows(), 300, 7L, true);
            if (type == KvType.F16) {
                HalfCacheTest.round(attention.k);
                HalfCacheTest.round(attention.v);
            }
            attention.store(reference);
            float[] expected = attention.attend(reference, 0, rows);
            assertThat(attention.attend(attend(type), 0, rows)).isEqualTo(expected);
            int length = shape.heads() * shape.headDim();
            for (int row = rows - 8; row < rows; row++) {
                assertThat(attention.attend(attend(type), row, row + 1))
                        .as(type + " row " + row)
                        .isEqualTo(Arrays.copyOfRange(expected, row * length, (row + 1) * length));
            }
        }
    }
}
