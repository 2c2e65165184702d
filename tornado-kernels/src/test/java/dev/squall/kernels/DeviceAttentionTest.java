package dev.squall.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.kernels.AttentionCase.Shape;
import dev.squall.kernels.device.Attention;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.LongArray;

/** Attention of the device set on emulated work-items: prefixes, windows, trees, pages in any order. */
class DeviceAttentionTest {
    private static void attend(
            IntArray step,
            IntArray windowStart,
            IntArray prefixEnd,
            IntArray treeBase,
            LongArray mask,
            IntArray pageTable,
            FloatArray q,
            FloatArray keys,
            FloatArray values,
            FloatArray out,
            int heads,
            int kvHeads,
            int headDim,
            int pageSize,
            float scale) {
        KernelContext c = new KernelContext();
        DeviceTask.run(
                windowStart.getSize() * heads,
                4,
                graph -> graph.task(
                        DeviceTask.NAME,
                        Attention::attend,
                        c,
                        step,
                        windowStart,
                        prefixEnd,
                        treeBase,
                        mask,
                        pageTable,
                        q,
                        keys,
                        values,
                        out,
                        heads,
                        kvHeads,
                        headDim,
                        pageSize,
                        scale),
                new Object[] {step, windowStart, prefixEnd, treeBase, mask, pageTable, q, keys, values, out},
                out);
    }

    static List<Shape> shapes() {
        return AttentionKernelTest.shapes().toList();
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void theBitsOfReferenceInABatchAndAlone(Shape shape) {
        KernelSet reference = KernelSet.reference();
        int rows = AttentionKernelTest.rows().size();
        AttentionCase attention = new AttentionCase(shape, AttentionKernelTest.rows(), 300, 7L, true).store(reference);
        float[] expected = attention.attend(reference, 0, rows);
        assertThat(attention.attend(DeviceAttentionTest::attend, 0, rows)).isEqualTo(expected);
        int length = shape.heads() * shape.headDim();
        for (int row = rows - 8; row < rows; row++) {
            assertThat(attention.attend(DeviceAttentionTest::attend, row, row + 1))
                    .as("row " + row)
                    .isEqualTo(Arrays.copyOfRange(expected, row * length, (row + 1) * length));
        }
    }
}
