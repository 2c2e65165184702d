package dev.squall.model.transformer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.squall.attention.KvCache;
import dev.squall.attention.Rows;
import dev.squall.attention.SparseConfig;
import dev.squall.kernels.KernelSet;
import dev.squall.kernels.Kernels;
import dev.squall.model.fixtures.NeedleModel;
import dev.squall.model.format.Checkpoint;
import dev.squall.model.format.Checkpoints;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Needles: pairs of a key and a value, each said once in a long text of filler, in which another pair is said over and over.
 * A model that can only find them by attention is asked for their values at the end. The longest texts are for
 *
 * <pre>{@code
 * ./mvnw -pl model -am test -Dtest=NeedleTest -Dsurefire.failIfNoSpecifiedTests=false \
 *     -Dsquall.testGroups=long -Dsquall.excludedTestGroups=device
 * }</pre>
 */
class NeedleTest {
    private static final int ASKED = NeedleModel.CODES - 1; // the last key is the one that is said over and over
    private static final int ROWS = 512;

    @TempDir
    Path folder;

    /** Ten of 64 blocks: the first, five of the window, and four that are chosen. */
    private static final SparseConfig SMALL = new SparseConfig(32, 16, 1, 64, 256, 6, 0, false);

    @Test
    void sparseAttentionFindsWhatDenseFindsInFourThousandTokens() throws Exception {
        int[] expected = expected();
        assertThat(answers(4096, null)).isEqualTo(expected);
        assertThat(answers(4096, SMALL)).isEqualTo(expected);
        SparseConfig exact = new SparseConfig(32, 16, 1, 64, 256, 6, 0, true);
        assertThat(answers(4096, exact)).isEqualTo(expected);
    }

    /** Without blocks that are chosen by their keys nothing is found, so it is not the window that finds it. */
    @Test
    void theWindowAloneFindsNothing() throws Exception {
        SparseConfig windowOnly = new SparseConfig(32, 16, 1, 64, 256, 2, 0, false);
        int[] said = new int[ASKED];
        Arrays.fill(said, NeedleModel.answer(0));
        assertThat(answers(4096, windowOnly)).isEqualTo(said);
    }

    @Tag("long")
    @ParameterizedTest
    @ValueSource(ints = {32_768, 131_072})
    void sparseAttentionFindsWhatDenseFindsInLongTexts(int length) throws Exception {
        assertThat(answers(length, null)).isEqualTo(expected());
        assertThat(answers(length, SparseConfig.defaults())).isEqualTo(expected());
    }

    private static int value(int key) {
        return 1 + (3 * key + 2) % ASKED;
    }

    static int[] expected() {
        int[] answers = new int[ASKED];
        Arrays.setAll(answers, key -> NeedleModel.answer(value(key)));
        return answers;
    }

    /** Needles lie evenly in the first six sevenths of the text, what is said over and over everywhere. */
    private static int[] text(int length) {
        Random random = new Random(length);
        int[] text = new int[length];
        for (int t = 0; t < length; t++) {
            text[t] = t % 128 == 77 ? NeedleModel.pair(ASKED, 0) : NeedleModel.filler(random);
        }
        for (int key = 0; key < ASKED; key++) {
            text[(int) ((key + 0.5) / (ASKED + 0.5) * 6 / 7 * length)] = NeedleModel.pair(key, value(key));
        }
        return text;
    }

    private int[] answers(int length, SparseConfig sparse) throws Exception {
        return answers(length, sparse, KernelSet.simd(), ROWS);
    }

    /** The likeliest token after each question, which stands after the text in place of the one before. */
    int[] answers(int length, SparseConfig sparse, Kernels kernels, int rowsOfPass) throws Exception {
        Path file = NeedleModel.write(folder.resolve("needles.gguf"), length + 1);
        TransformerOptions options = TransformerOptions.defaults()
                .withRows(rowsOfPass, 1)
                .withContextLength(length + 1)
                .withSparse(sparse);
        try (Checkpoint checkpoint = Checkpoints.open(file);
                Transformer transformer = Transformer.load(checkpoint, kernels, options)) {
            KvCache.Sequence sequence = transformer.cache().open();
            read(transformer, sequence, text(length), sparse == null, rowsOfPass);
            int[] answers = new int[ASKED];
            for (int key = 0; key < ASKED; key++) {
                Rows rows = transformer.newRows();
                rows.addCausal(sequence, NeedleModel.question(key), length, true);
                transformer.forward(rows);
                answers[key] = Texts.argMax(Texts.row(transformer, 0));
            }
            return answers;
        }
    }

    /**
     * Keys and values of a first layer do not depend on what its rows see, so those of the text need not see anything but
     * themselves; only compressed keys must know where the text begins.
     */
    private static void read(
            Transformer transformer, KvCache.Sequence sequence, int[] text, boolean blind, int rowsOfPass) {
        sequence.ensure(text.length + 1);
        Rows rows = transformer.newRows();
        for (int start = 0; start < text.length; start += rowsOfPass) {
            rows.clear();
            for (int t = start; t < Math.min(text.length, start + rowsOfPass); t++) {
                if (blind) {
                    int slot = sequence.slot(t);
                    rows.add(text[t], t, slot, slot, slot + 1, slot, 0L, false);
                } else {
                    rows.addCausal(sequence, text[t], t, false);
                }
            }
            transformer.forward(rows);
        }
    }
}
