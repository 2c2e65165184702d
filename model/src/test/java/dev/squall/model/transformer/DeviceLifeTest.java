package dev.squall.model.transformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.squall.attention.KvCache;
import dev.squall.attention.Rows;
import dev.squall.kernels.Devices;
import dev.squall.kernels.KernelSet;
import dev.squall.kernels.Kernels;
import dev.squall.model.format.Checkpoint;
import dev.squall.model.format.Checkpoints;
import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.common.TornadoFunctions.Task4;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** What happens on a device between loading and closing: several models, failures, and memory that comes back. */
@Tag("device")
class DeviceLifeTest {
    private static final int CHUNK = 8; // rows of a pass
    private static final long MIB = 1 << 20;

    @TempDir
    Path folder;

    @BeforeAll
    static void needsADevice() {
        assumeTrue(Devices.present() && !Devices.all().isEmpty(), "skipped: this process has no TornadoVM device");
    }

    @Test
    void twoModelsTakeTurnsOnOneDevice() {
        TinyModel llama = TinyModel.llama3();
        TinyModel qwen = TinyModel.qwen2();
        int[] one = llama.text(1, 3 * CHUNK);
        int[] two = qwen.text(2, 3 * CHUNK);
        try (Checkpoint first = file(llama);
                Checkpoint second = file(qwen)) {
            float[][] firstAlone;
            float[][] secondAlone;
            try (Transformer alone = load(first)) {
                firstAlone = Texts.logits(alone, one, CHUNK);
            }
            try (Transformer alone = load(second)) {
                secondAlone = Texts.logits(alone, two, CHUNK);
            }
            try (Transformer a = load(first);
                    Transformer b = load(second)) {
                KvCache.Sequence inA = a.cache().open();
                KvCache.Sequence inB = b.cache().open();
                for (int from = 0; from < one.length; from += CHUNK) {
                    assertThat(pass(a, inA, one, from)).isEqualTo(firstAlone[from + CHUNK - 1]);
                    assertThat(pass(b, inB, two, from)).isEqualTo(secondAlone[from + CHUNK - 1]);
                }
            }
        }
    }

    /** A kernel that TornadoVM cannot compile, and a pass that is refused: what was there before goes on as if nothing was. */
    @Test
    void anExceptionInTheMiddleLeavesTheDeviceUsable() {
        TinyModel model = TinyModel.llama2();
        int[] text = model.text(3, 3 * CHUNK);
        try (Checkpoint checkpoint = file(model);
                Transformer transformer = load(checkpoint)) {
            float[][] expected = Texts.logits(transformer, text, CHUNK);
            KvCache.Sequence sequence = transformer.cache().open();
            assertThat(pass(transformer, sequence, text, 0)).isEqualTo(expected[CHUNK - 1]);

            Rows wrong = transformer.newRows();
            sequence.ensure(2 * CHUNK);
            wrong.addCausal(sequence, model.vocabulary(), CHUNK, true);
            assertThatThrownBy(() -> transformer.forward(wrong)).hasMessageContaining("token of row 0");

            try (Transformer broken = Transformer.load(checkpoint, withoutGate(), options())) {
                KvCache.Sequence other = broken.cache().open();
                assertThatThrownBy(() -> pass(broken, other, text, 0))
                        .hasMessageContaining("layer 0")
                        .hasMessageContaining("siluGate")
                        .hasMessageContaining(Devices.find("auto").name());
            }
            assertThat(pass(transformer, sequence, text, CHUNK)).isEqualTo(expected[2 * CHUNK - 1]);
            assertThat(pass(transformer, sequence, text, 2 * CHUNK)).isEqualTo(expected[3 * CHUNK - 1]);
        }
    }

    @Test
    void aResultThatIsNotFiniteIsNamed() {
        FiniteChecksTest.namesTheFault(Kernels.best("auto"), options(), folder);
    }

    @Test
    void theStartIsMeasured() {
        TinyModel model = TinyModel.llama2();
        try (Checkpoint checkpoint = file(model);
                Transformer transformer = load(checkpoint)) {
            assertThat(transformer.start()).isEqualTo(StartTimes.NONE);
            KvCache.Sequence sequence = transformer.cache().open();
            pass(transformer, sequence, model.text(1, CHUNK), 0);
            StartTimes start = transformer.start();
            assertThat(transformer.launches()).isEqualTo(6 + 6 * model.layers());
            assertThat(start.compiler()).isPositive();
            assertThat(start.driver()).isPositive();
            long weights = checkpoint.tensors().values().stream()
                    .mapToLong(tensor -> checkpoint.data(tensor).byteSize())
                    .sum();
            assertThat(start.copied()).isGreaterThan(weights);
            transformer.launch(); // nothing starts twice, and without rows nothing changes
            assertThat(transformer.start()).isEqualTo(start);
            float[] again = pass(transformer, sequence, model.text(1, CHUNK), 0);
            assertThat(again).isEqualTo(Texts.logits(transformer, sequence, model.text(1, CHUNK), 0, CHUNK)[CHUNK - 1]);
        }
    }

    /** 64 MiB of embedding, which is the head too, and next to nothing else. */
    @Test
    void aTableThatIsTheHeadTooIsCopiedOnce() {
        TinyModel model = wide();
        try (Checkpoint checkpoint = file(model);
                Transformer transformer = load(checkpoint)) {
            float[] found = pass(transformer, transformer.cache().open(), model.text(4, CHUNK), 0);
            assertThat(transformer.start().copied()).isBetween(64 * MIB, 80 * MIB);
            int[] text = model.text(4, CHUNK);
            double[] expected =
                    new ReferenceTransformer(model, TinyModelFiles.values(model, "F32")).logits(text)[CHUNK - 1];
            for (int i = 0; i < expected.length; i += 997) {
                assertThat((double) found[i]).isEqualTo(expected[i], within(1e-3));
            }
        }
    }

    @Test
    void aModelThatDoesNotFitIsRefusedWithTheNumbers() {
        TinyModel deep = new TinyModel(
                "deep", "llama", 64, 32, 4, 4, 16, 96, 96, 1 << 20, 1e-5, 10_000, Map.of(), 0, 0, false, false, true);
        long cache = 32L * 2 * 30 * (1 << 20) * 64 * Float.BYTES; // 515 GB
        assumeTrue(Devices.find("auto").memory() < cache, "skipped: this device has room for 515 GB");
        try (Checkpoint checkpoint = file(deep)) {
            TransformerOptions options = options().withContextLength(1 << 20).withSequences(30);
            assertThatThrownBy(() -> Transformer.load(checkpoint, Kernels.best("auto"), options))
                    .hasMessageContaining("GB of memory, expected at least 515.40 GB")
                    .hasMessageContaining("cache in F32 of 515.40 GB")
                    .hasMessageContaining(Devices.find("auto").name());
        }
    }

    @Test
    void aDraftThatDoesNotFitBesideItsModelIsRefusedWithTheNumbers() {
        TinyModel model = TinyModel.llama3();
        try (Checkpoint checkpoint = file(model);
                Checkpoint draft = Checkpoints.open(TinyDraft.of(model)[0].write(folder.resolve("draft")));
                Transformer transformer = load(checkpoint)) {
            long weights = checkpoint.tensors().values().stream()
                    .mapToLong(tensor -> checkpoint.data(tensor).byteSize())
                    .sum();
            int cached = transformer.cache().keys(0).getSize() * 2 * model.layers() * Float.BYTES;
            // What fused kernels want besides: 2^16 numbers a layer, zeros for biases and ones for norms.
            assertThat(transformer.onDevice().bytes())
                    .isBetween(weights + cached, weights + cached + model.layers() * (300L << 10));
            KvCache.Shape shape = KvCache.Shape.full(32, 4, 64, 64, 7, 1 << 20);
            assumeTrue(Devices.find("auto").memory() < shape.bytes(), "skipped: this device has room for 481 GB");
            assertThatThrownBy(() -> Refusals.draftOnDevice(draft, transformer, shape))
                    .hasMessageContaining("draft beside its model")
                    .hasMessageContaining("cache in F32 of 481.04 GB");
        }
    }

    /** A leak of the embedding would be 64 MiB each time; compiling and the Java heap grow by less than 110 in all. */
    @Test
    void closingGivesTheMemoryOfTheDeviceBack() throws IOException {
        TinyModel model = wide();
        int[] text = model.text(4, CHUNK);
        try (Checkpoint checkpoint = file(model)) {
            float[] expected = null;
            long settled = 0;
            for (int time = 1; time <= 20; time++) {
                try (Transformer transformer = load(checkpoint)) {
                    float[] found = pass(transformer, transformer.cache().open(), text, 0);
                    assertThat(found).isEqualTo(expected == null ? found : expected);
                    expected = found;
                }
                System.gc(); // arrays outside of the heap go with the objects that own them
                settled = time == 2 ? resident() : settled;
            }
            assertThat(resident() - settled).isLessThan(400 * MIB);
        }
    }

    /** Wide where it costs no compiling: 64 MiB of embedding, which is the head too. */
    private static TinyModel wide() {
        return new TinyModel(
                "wide", "llama", 64, 1, 4, 4, 16, 96, 1 << 18, 64, 1e-5, 10_000, Map.of(), 0, 0, false, false, true);
    }

    /** Bytes of memory that this process has; the device of a CPU takes its memory from them. */
    private static long resident() throws IOException {
        Path status = Path.of("/proc/self/status");
        assumeTrue(Files.exists(status), "skipped: no /proc/self/status to read this process's memory from");
        return Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }

    /** Logits after the last token of a chunk that begins at a position, [vocabulary]. */
    private static float[] pass(Transformer transformer, KvCache.Sequence sequence, int[] text, int from) {
        sequence.ensure(from + CHUNK);
        Rows rows = transformer.newRows();
        for (int position = from; position < from + CHUNK; position++) {
            rows.addCausal(sequence, text[position], position, position == from + CHUNK - 1);
        }
        transformer.forward(rows);
        return Texts.row(transformer, 0);
    }

    /** The reference kernels, but for one that no OpenCL compiler takes: it has no word for NaN. */
    private static KernelSet withoutGate() {
        Task4<IntArray, FloatArray, FloatArray, Integer> gate = DeviceLifeTest::notANumber;
        RecordComponent[] components = KernelSet.class.getRecordComponents();
        try {
            Object[] values = new Object[components.length];
            for (int i = 0; i < values.length; i++) {
                boolean replaced = components[i].getName().equals("siluGate");
                values[i] = replaced ? gate : components[i].getAccessor().invoke(KernelSet.reference());
            }
            return (KernelSet) KernelSet.class.getDeclaredConstructors()[0].newInstance(values);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }

    static void notANumber(IntArray step, FloatArray gate, FloatArray up, int n) {
        for (@Parallel int i = 0; i < gate.getSize(); i++) {
            gate.set(i, up.get(i) > step.get(0) ? Float.NaN : n);
        }
    }

    private Checkpoint file(TinyModel model) {
        return Checkpoints.open(TinyModelFiles.gguf(model, "F32", folder));
    }

    private static Transformer load(Checkpoint checkpoint) {
        return Transformer.load(checkpoint, Kernels.best("auto"), options());
    }

    private static TransformerOptions options() {
        return TransformerOptions.defaults()
                .withRows(CHUNK, CHUNK)
                .withPageSize(8)
                .withDevice("auto");
    }
}
