package dev.squall.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class RowsTest {
    private final KvCache cache = new KvCache(KvCache.Shape.full(1, 1, 2, 4, 2, 16));

    @Test
    void aCausalRowSeesTheTextUpToItself() {
        KvCache.Sequence first = cache.open();
        KvCache.Sequence second = cache.open();
        first.ensure(4);
        second.ensure(6);
        Rows rows = new Rows(4, 2);
        rows.addCausal(first, 11, 0, false);
        int row = rows.addCausal(second, 12, 5, true);
        assertThat(rows.size()).isEqualTo(2);
        assertThat(rows.position().get(row)).isEqualTo(5);
        assertThat(rows.slot().get(row)).isEqualTo(second.base() + 5);
        assertThat(rows.windowStart().get(row)).isEqualTo(16);
        assertThat(rows.prefixEnd().get(row)).isEqualTo(16 + 6);
        assertThat(rows.mask().get(row)).isZero();
        assertThat(rows.logitRows()).isEqualTo(1);
        assertThat(rows.logitRow().get(0)).isEqualTo(row);
    }

    @Test
    void aTreeNodeSeesTheCommittedTokensAndItsAncestors() {
        KvCache.Sequence sequence = cache.open();
        sequence.ensure(12);
        Rows rows = new Rows(4, 4);
        int row = rows.addTreeNode(sequence, 7, 9, 8, 3, 0b1011, true);
        assertThat(rows.slot().get(row)).isEqualTo(sequence.base() + 11);
        assertThat(rows.position().get(row)).isEqualTo(9);
        assertThat(rows.prefixEnd().get(row)).isEqualTo(sequence.base() + 8);
        assertThat(rows.treeBase().get(row)).isEqualTo(sequence.base() + 8);
        assertThat(rows.mask().get(row)).isEqualTo(0b1011L);
    }

    @Test
    void aBidirectionalRowSeesTheWholeSentence() {
        KvCache.Sequence sequence = cache.open();
        sequence.ensure(5);
        Rows rows = new Rows(4, 4);
        int row = rows.addBidirectional(sequence, 7, 1, 5, false);
        assertThat(rows.windowStart().get(row)).isEqualTo(sequence.base());
        assertThat(rows.prefixEnd().get(row)).isEqualTo(sequence.base() + 5);
    }

    @Test
    void fullBatchesAreRefusedAndLeaveTheBatchAsItWas() {
        Rows rows = new Rows(2, 1);
        rows.add(1, 0, 0, 0, 1, 0, 0, true);
        assertThatThrownBy(() -> rows.add(1, 1, 1, 0, 2, 0, 0, true)).hasMessageContaining("logits");
        assertThat(rows.size()).isEqualTo(1);
        rows.add(1, 1, 1, 0, 2, 0, 0, false);
        assertThatThrownBy(() -> rows.add(1, 2, 2, 0, 3, 0, 0, false)).hasMessageContaining("full: capacity 2");
        rows.clear();
        assertThat(rows.size()).isZero();
        assertThat(rows.logitRows()).isZero();
    }

    @Test
    void aBatchCanBeCopiedIntoALargerOne() {
        Rows small = new Rows(2, 1);
        small.add(1, 2, 3, 4, 5, 6, 7, true);
        Rows large = new Rows(8, 8);
        large.add(9, 9, 9, 9, 9, 9, 9, true);
        large.add(9, 9, 9, 9, 9, 9, 9, true);
        large.copyFrom(small);
        assertThat(large.size()).isEqualTo(1);
        assertThat(large.logitRows()).isEqualTo(1);
        assertThat(new int[] {
                    large.token().get(0),
                    large.position().get(0),
                    large.slot().get(0),
                    large.windowStart().get(0),
                    large.prefixEnd().get(0),
                    large.treeBase().get(0),
                    (int) large.mask().get(0)
                })
                .containsExactly(1, 2, 3, 4, 5, 6, 7);
        assertThatThrownBy(() -> new Rows(1, 1).copyFrom(twoRows())).hasMessageContaining("2 rows");
    }

    private static Rows twoRows() {
        Rows rows = new Rows(2, 1);
        rows.add(1, 0, 0, 0, 1, 0, 0, false);
        rows.add(1, 1, 1, 0, 2, 0, 0, false);
        return rows;
    }
}
