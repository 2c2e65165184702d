package dev.squall.model.transformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.squall.attention.KvCache;
import dev.squall.attention.SparseConfig;
import dev.squall.kernels.DeviceKernels;
import dev.squall.kernels.Devices;
import dev.squall.kernels.KernelSet;
import dev.squall.kernels.Kernels;
import dev.squall.kernels.KvType;
import dev.squall.model.format.Checkpoint;
import dev.squall.model.format.Checkpoints;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tiny models with sparse attention on a device: in any batch the same bits, dense as long as all blocks fit. */
@Tag("device")
class DeviceSparseModelsTest {
    @TempDir
    Path folder;

    @BeforeAll
    static void needsADevice() {
        assumeTrue(Devices.present() && !Devices.all().isEmpty(), "skipped: this process has no TornadoVM device");
    }

    /** Windows of 4 keys, blocks of 8, of which a row attends to 4: by chunks, in trees and beside others. */
    @ParameterizedTest
    @EnumSource
    void aRowHasTheSameBitsInEveryBatch(KvType type) {
        TinyModel model = TinyModel.llama3();
        int[] text = model.text(3, 100);
        try (Checkpoint checkpoint = file(model);
                Transformer sparse = load(checkpoint, new SparseConfig(4, 2, 1, 8, 8, 3, 20, false), type);
                Transformer dense = load(checkpoint, null, type)) {
            float[][] whole = Texts.logits(sparse, text, 64);
            for (int chunk : new int[] {1, 7}) {
                assertThat(Texts.logits(sparse, text, chunk)).isDeepEqualTo(whole);
            }
            BatchInvarianceTest.treeAgainstPaths(sparse, model);
            BatchInvarianceTest.treeAgainstPaths(sparse, model);
            BatchInvarianceTest.sideBySide(sparse, model);
            assertThat(whole[99]).isNotEqualTo(Texts.logits(dense, text, 64)[99]);
            assertThat(sparse.launches()).isEqualTo(dense.launches() + model.layers());
        }
    }

    @ParameterizedTest
    @EnumSource
    void withRoomForAllBlocksSparseAttentionIsDense(KvType type) {
        TinyModel model = TinyModel.qwen3();
        int[] text = model.text(3, 100);
        try (Checkpoint checkpoint = file(model);
                Transformer sparse = load(checkpoint, new SparseConfig(8, 4, 1, 16, 16, 12, -1, false), type);
                Transformer dense = load(checkpoint, null, type)) {
            assertThat(Texts.logits(sparse, text, 10)).isDeepEqualTo(Texts.logits(dense, text, 64));
        }
    }

    /** A text turns sparse in its middle, and dense again where it is cut back. */
    @Test
    void aTextTurnsSparseAtItsDenseLength() {
        TinyModel model = TinyModel.llama3();
        int[] text = model.text(3, 100);
        try (Checkpoint checkpoint = file(model);
                Transformer sparse = load(checkpoint, new SparseConfig(8, 4, 1, 16, 0, 2, 60, true));
                Transformer dense = load(checkpoint, null);
                KvCache.Sequence sequence = sparse.cache().open()) {
            float[][] all = Texts.logits(dense, text, 64);
            float[][] some = Texts.logits(sparse, sequence, text, 0, 7);
            for (int t = 0; t < 100; t++) {
                assertThat(java.util.Arrays.equals(some[t], all[t]))
                        .as("token %d", t)
                        .isEqualTo(t < 59);
            }
            for (int from : new int[] {90, 40, 61}) {
                int[] other = text.clone();
                other[from] = (other[from] + 1) % model.vocabulary();
                sequence.truncate(from);
                float[][] goneOn = Texts.logits(sparse, sequence, other, from, 7);
                assertThat(goneOn[99]).as("cut to %d", from).isEqualTo(Texts.logits(sparse, other, 64)[99]);
                sequence.truncate(from);
                Texts.logits(sparse, sequence, text, from, 64);
            }
        }
    }

    /** Four of sixteen blocks are chosen by their keys; what the window alone finds is something else. */
    @Test
    void needlesAreFound() throws Exception {
        NeedleTest needles = new NeedleTest();
        needles.folder = folder;
        Kernels kernels = new DeviceKernels(false);
        SparseConfig chosen = new SparseConfig(32, 16, 1, 64, 128, 6, 0, false);
        assertThat(needles.answers(1024, chosen, kernels, 64)).isEqualTo(NeedleTest.expected());
        SparseConfig windowOnly = new SparseConfig(32, 16, 1, 64, 128, 2, 0, false);
        assertThat(needles.answers(1024, windowOnly, kernels, 64)).isNotEqualTo(NeedleTest.expected());
    }

    /** Reference kernels leave sparse attention to those of the device set, and have their bits wherever that is dense. */
    @ParameterizedTest
    @EnumSource
    void referenceKernelsHaveItToo(KvType type) {
        TinyModel model = TinyModel.llama3();
        int[] text = model.text(3, 100);
        try (Checkpoint checkpoint = file(model);
                Transformer sparse = reference(checkpoint, new SparseConfig(8, 4, 1, 16, 0, 2, 60, true), type);
                Transformer dense = reference(checkpoint, null, type);
                Transformer fused = load(checkpoint, new SparseConfig(8, 4, 1, 16, 0, 2, 60, true), type)) {
            float[][] all = Texts.logits(dense, text, 64);
            float[][] some = Texts.logits(sparse, text, 64);
            assertThat(Texts.logits(sparse, text, 7)).isDeepEqualTo(some);
            for (int t = 0; t < 100; t++) {
                assertThat(java.util.Arrays.equals(some[t], all[t]))
                        .as("token %d", t)
                        .isEqualTo(t < 59);
            }
            BatchInvarianceTest.treeAgainstPaths(sparse, model);
            BatchInvarianceTest.treeAgainstPaths(sparse, model);
            BatchInvarianceTest.sideBySide(sparse, model);
            assertThat(some[99]).containsExactly(Texts.logits(fused, text, 64)[99], within(2e-3f));
        }
    }

    private static Transformer reference(Checkpoint checkpoint, SparseConfig sparse, KvType type) {
        return Transformer.load(
                checkpoint, KernelSet.reference(), options(sparse).withKvType(type));
    }

    private Checkpoint file(TinyModel model) {
        return Checkpoints.open(TinyModelFiles.gguf(model, "F32", folder));
    }

    private static Transformer load(Checkpoint checkpoint, SparseConfig sparse) {
        return load(checkpoint, sparse, KvType.F32);
    }

    private static Transformer load(Checkpoint checkpoint, SparseConfig sparse, KvType type) {
        return Transformer.load(
                checkpoint, new DeviceKernels(false), options(sparse).withKvType(type));
    }

    private static TransformerOptions options(SparseConfig sparse) {
        return TransformerOptions.defaults()
                .withRows(64, 64)
                .withPageSize(16)
                .withSparse(sparse)
                .withSequences(4)
                .withContextLength(128)
                .withDevice("auto");
    }
}
