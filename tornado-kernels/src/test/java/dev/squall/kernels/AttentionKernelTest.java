package dev.squall.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.kernels.AttentionCase.Row;
import dev.squall.kernels.AttentionCase.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class AttentionKernelTest {
    static Stream<Shape> shapes() {
        return Stream.of(
                new Shape(2, 2, 8, 1),
                new Shape(4, 2, 16, 2),
                new Shape(8, 1, 24, 4),
                new Shape(8, 4, 8, 16),
                new Shape(3, 3, 16, 16),
                new Shape(4, 1, 64, 16),
                new Shape(8, 4, 40, 16),
                new Shape(2, 1, 5, 8),
                new Shape(8, 1, 32, 64),
                new Shape(4, 2, 80, 64),
                new Shape(7, 1, 32, 16),
                new Shape(20, 1, 16, 32),
                new Shape(2, 2, 128, 128));
    }

    /** A prompt, a window, two sequences far apart, a tree with the bits 0 and 63, and a row that sees nothing. */
    static List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        for (int t = 100; t < 137; t++) {
            rows.add(new Row(0, t + 1, 0, 0L));
        }
        for (int t = 60; t < 75; t++) {
            rows.add(new Row(t - 17, t + 1, 0, 0L));
        }
        rows.add(new Row(200, 231, 231, 1L));
        rows.add(new Row(200, 231, 231, 1L << 63 | 1L));
        rows.add(new Row(200, 231, 231, 1L << 63 | 0x00F0_0000_0001_0005L));
        rows.add(new Row(200, 200, 231, 1L << 63));
        rows.add(new Row(209, 235, 236, -1L));
        rows.add(new Row(7, 7, 0, 0L));
        return rows;
    }

    private static AttentionCase caseOf(Shape shape, boolean shuffled, KernelSet set) {
        return new AttentionCase(shape, rows(), 300, 7L, shuffled).store(set);
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void bothSetsAgreeWithTheFormula(Shape shape) {
        double[] expected = caseOf(shape, true, KernelSet.reference()).expected();
        for (KernelSet set : List.of(KernelSet.reference(), KernelSet.simd())) {
            float[] found = caseOf(shape, true, set).attend(set, 0, rows().size());
            for (int i = 0; i < expected.length; i++) {
                assertThat((double) found[i])
                        .as(set.name() + " element " + i)
                        .isCloseTo(expected[i], Offset.offset(4e-6));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void aRowAloneHasTheBitsThatItHasInABatch(Shape shape) {
        for (KernelSet set : List.of(KernelSet.reference(), KernelSet.simd())) {
            AttentionCase attention = caseOf(shape, true, set);
            int length = shape.heads() * shape.headDim();
            float[] batch = attention.attend(set, 0, rows().size());
            for (int row = 0; row < rows().size(); row++) {
                float[] alone = attention.attend(set, row, row + 1);
                assertThat(alone)
                        .as(set.name() + " row " + row)
                        .containsExactly(Arrays.copyOfRange(batch, row * length, (row + 1) * length));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("shapes")
    void whereThePagesLieChangesNothing(Shape shape) {
        KernelSet set = KernelSet.simd();
        float[] inOrder =
                new AttentionCase(shape, rows(), 300, 7L, false).store(set).attend(set, 0, rows().size());
        assertThat(caseOf(shape, true, set).attend(set, 0, rows().size())).containsExactly(inOrder);
    }

    @Test
    void threadsChangeNothing() {
        KernelSet set = KernelSet.simd();
        Shape shape = new Shape(8, 4, 32, 16);
        int threads = Workers.shared().threads();
        AttentionCase attention = caseOf(shape, true, set);
        try {
            Workers.share(1);
            float[] one = attention.attend(set, 0, rows().size());
            for (int n = 2; n <= 3; n++) {
                Workers.share(n);
                assertThat(attention.attend(set, 0, rows().size())).containsExactly(one);
            }
        } finally {
            Workers.share(threads);
        }
    }

    @Test
    void aRowThatSeesNothingGivesZeros() {
        Shape shape = new Shape(2, 1, 16, 16);
        for (KernelSet set : List.of(KernelSet.reference(), KernelSet.simd())) {
            AttentionCase nothing = new AttentionCase(shape, List.of(new Row(5, 5, 5, 0L)), 16, 1L, false).store(set);
            assertThat(nothing.attend(set, 0, 1)).containsOnly(0f);
        }
    }

    /** One query at a time, and by tiles. */
    @ParameterizedTest
    @ValueSource(ints = {2, 4})
    void theFirstCallAndTheCompiledCodeGiveTheSameBits(int heads) {
        KernelSet set = KernelSet.simd();
        Shape shape = heads == 2 ? new Shape(2, 1, 16, 4) : new Shape(4, 1, 64, 16);
        AttentionCase attention = new AttentionCase(shape, List.of(new Row(0, 9, 9, 5L)), 16, 3L, true).store(set);
        float[] first = attention.attend(set, 0, 1);
        for (int call = 0; call < 100_000; call++) {
            float[] found = attention.attend(set, 0, 1);
            if (!Arrays.equals(found, first)) {
                assertThat(found).as("call " + call).containsExactly(first);
            }
        }
    }
}
