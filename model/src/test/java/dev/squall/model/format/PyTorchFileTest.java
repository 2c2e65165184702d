package dev.squall.model.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squall.model.fixtures.TorchSave;
import dev.squall.model.fixtures.TorchSave.Pickler;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files of torch.save: views of storages in both forms, lists of tokens, and what is refused. */
class PyTorchFileTest {
    private static final long[] WIDE = {2, 3};

    @TempDir
    Path directory;

    /** Floats 0, 1, 2, ... */
    private static byte[] floats(int count) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * count).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            bytes.putFloat(i);
        }
        return bytes.array();
    }

    private Path write(boolean zip, TorchSave save) throws IOException {
        Files.writeString(directory.resolve("config.json"), "{}");
        Path file = directory.resolve("pytorch_model.bin");
        return zip ? save.zip(file) : save.legacy(file);
    }

    private float[] values(String name) {
        try (Checkpoint checkpoint = Checkpoints.open(directory)) {
            return TensorValues.read(checkpoint, checkpoint.require(name));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void viewsShareStorages(boolean zip) throws IOException {
        TorchSave save = new TorchSave()
                .storage("7", "FloatStorage", 12, floats(12))
                .tensor("all", "7", 0, new long[] {3, 4}, new long[] {4, 1})
                .tensor("part", "7", 5, WIDE, new long[] {3, 1})
                .tensor("transposed", "7", 1, WIDE, new long[] {1, 4})
                .tensor("column", "7", 2, new long[] {3, 1}, new long[] {4, 1})
                .tensor("repeated", "7", 2, WIDE, new long[] {0, 1})
                .tensor("halves", "HalfStorage", new long[] {2}, new byte[] {0, 0x3c, 0, 0x40});
        write(zip, save);
        assertThat(values("all")).hasSize(12).startsWith(0, 1, 2).endsWith(11);
        assertThat(values("part")).containsExactly(5, 6, 7, 8, 9, 10);
        assertThat(values("transposed")).containsExactly(1, 5, 9, 2, 6, 10);
        assertThat(values("column")).containsExactly(2, 6, 10);
        assertThat(values("repeated")).containsExactly(2, 3, 4, 2, 3, 4);
        assertThat(values("halves")).containsExactly(1, 2);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void viewsBeyondTheirStorageAreRefused(boolean zip) throws IOException {
        long most = 1L << 61;
        for (TorchSave wrong : List.of(
                new TorchSave().storage("0", "FloatStorage", 6, floats(6)).tensor("w", "0", 1, WIDE, new long[] {3, 1}),
                new TorchSave()
                        .storage("0", "FloatStorage", 6, floats(6))
                        .tensor("w", "0", 6, new long[0], new long[0]),
                new TorchSave().storage("0", "FloatStorage", 6, floats(6)).tensor("w", "0", most, WIDE, WIDE),
                new TorchSave()
                        .storage("0", "FloatStorage", 6, floats(6))
                        .tensor("w", "0", 0, new long[] {most, 2}, new long[] {most, most}),
                new TorchSave()
                        .storage("0", "FloatStorage", 6, floats(6))
                        .tensor("w", "0", 0, new long[] {1L << 40}, new long[] {0}),
                new TorchSave().storage("0", "FloatStorage", 7, floats(6)).tensor("w", "0", 0, WIDE, new long[] {3, 1}),
                new TorchSave().storage("0", "FloatStorage", most, floats(6)).tensor("w", "0", 0, WIDE, WIDE),
                new TorchSave().storage("0", "FloatStorage", -1, floats(6)).tensor("w", "0", 0, WIDE, WIDE))) {
            Path file = write(zip, wrong);
            assertThatThrownBy(() -> Checkpoints.open(directory))
                    .isInstanceOf(ModelFileException.class)
                    .hasMessageContainingAll(file.toString(), "found", "expected");
        }
    }

    @Test
    void shardsAreFoundByTheirIndex() throws IOException {
        Files.writeString(directory.resolve("config.json"), "{}");
        new TorchSave().tensor("a", "FloatStorage", WIDE, floats(6)).zip(directory.resolve("one.bin"));
        new TorchSave().tensor("b", "FloatStorage", new long[] {2}, floats(2)).legacy(directory.resolve("two.bin"));
        Files.writeString(
                directory.resolve("pytorch_model.bin.index.json"),
                "{\"weight_map\": {\"a\": \"one.bin\", \"b\": \"two.bin\"}}");
        assertThat(values("a")).containsExactly(0, 1, 2, 3, 4, 5);
        assertThat(values("b")).containsExactly(0, 1);
    }

    @Test
    void noWeightsAtAllAreNamed() throws IOException {
        Files.writeString(directory.resolve("config.json"), "{}");
        assertThatThrownBy(() -> Checkpoints.open(directory))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContainingAll("weights: found none", "model.safetensors", "pytorch_model.bin");
    }

    // ---- lists of tokens

    private Path list(byte[] pickle) throws IOException {
        Map<String, byte[]> members = new LinkedHashMap<>();
        members.put("data.pkl", pickle);
        return TorchSave.zip(directory.resolve("freq_5.pt"), members);
    }

    @Test
    void aPublishedListOfTokens() throws IOException {
        byte[] pickle = HexFormat.of().parseHex("80025d7100284b054d2c014a701101004a09f401004b02652e");
        assertThat(PyTorchFile.integers(list(pickle))).containsExactly(5, 300, 70000, 128009, 2);
        Path older = Files.write(directory.resolve("older.pt"), TorchSave.legacy(pickle, List.of(), new byte[0]));
        assertThat(PyTorchFile.integers(older)).containsExactly(5, 300, 70000, 128009, 2);
    }

    @Test
    void listsOfAnythingElseAreRefused() throws IOException {
        byte[] words = new Pickler().start().put(']').text("word").put('a').end();
        assertThatThrownBy(() -> PyTorchFile.integers(list(words)))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("element 0");
        byte[] large = new Pickler().start().put(']').integer(1L << 40).put('a').end();
        assertThatThrownBy(() -> PyTorchFile.integers(list(large))).hasMessageContaining("an integer of 32 bits");
        byte[] number = new Pickler().start().integer(3).end();
        assertThatThrownBy(() -> PyTorchFile.integers(list(number))).hasMessageContaining("a list of integers");
    }

    // ---- what a pickle may not do

    @Test
    void otherNamesAreNeverLookedUp() throws IOException {
        for (String name : List.of("posix system", "builtins eval", "torch.storage _load_from_bytes", "os popen")) {
            String[] parts = name.split(" ");
            byte[] evil = new Pickler()
                    .start()
                    .global(parts[0], parts[1])
                    .text("true")
                    .put(0x85, 'R')
                    .end();
            assertThatThrownBy(() -> PyTorchFile.integers(list(evil)))
                    .isInstanceOf(ModelFileException.class)
                    .hasMessageContainingAll("pickle at byte", "the name " + name.replace(' ', '.'));
        }
    }

    @Test
    void malformedPicklesAreNamed() throws IOException {
        Map<String, byte[]> wrong = new LinkedHashMap<>();
        wrong.put("opcode 0x69", new Pickler().start().put('i').end());
        wrong.put("protocol 4", new Pickler().put(0x80, 4).end());
        wrong.put("an empty stack", new Pickler().start().end());
        wrong.put("no mark", new Pickler().start().integer(1).put('e').end());
        wrong.put("nothing remembered as 9", new Pickler().start().put('h', 9).end());
        wrong.put("values left", new Pickler().start().integer(1).integer(2).end());
        wrong.put(
                "the end of the file",
                new Pickler().start().put('X', 255, 255, 255, 127).end());
        wrong.put("a call", new Pickler().start().put(']', ')', 'R').end());
        wrong.put("attributes", new Pickler().start().put(']', '}', 'b').end());
        wrong.put("a key", new Pickler().start().put('}', ']', ']', 's').end());
        wrong.put(
                "a list to append to",
                new Pickler().start().put(')').integer(1).put('a').end());
        wrong.put("a reference", new Pickler().start().put(']', 'Q').end());
        for (Map.Entry<String, byte[]> each : wrong.entrySet()) {
            assertThatThrownBy(() -> PyTorchFile.integers(list(each.getValue())))
                    .isInstanceOf(ModelFileException.class)
                    .hasMessageContainingAll("freq_5.pt: pickle", "found", each.getKey());
        }
    }

    @Test
    void aListWithinItselfIsNoTrouble() throws IOException {
        byte[] cycle = new Pickler()
                .start()
                .put(']', 'q', 0, ']', 'q', 1, 'h', 0, 'a', 'a')
                .end(); // a list that holds a list that holds the first
        assertThatThrownBy(() -> PyTorchFile.integers(list(cycle))).hasMessageContaining("element 0");
        byte[] size = new Pickler()
                .start()
                .text("storage")
                .global("torch", "FloatStorage")
                .text("0")
                .text("cpu")
                .put(']', 'q', 0, 'h', 0, 'a')
                .end();
        byte[] reference = new byte[size.length + 3];
        reference[0] = (byte) 0x80;
        reference[1] = 2;
        reference[2] = '(';
        System.arraycopy(size, 2, reference, 3, size.length - 3);
        reference[size.length] = 't';
        reference[size.length + 1] = 'Q';
        reference[size.length + 2] = '.';
        assertThatThrownBy(() -> PyTorchFile.integers(list(reference)))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("storage 0");
    }

    @Test
    void compressedMembersAndBigEndianFilesAreRefused() throws IOException {
        Path file = directory.resolve("freq_1.pt");
        byte[] pickle = new Pickler().start().put(']').end();
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            zip.putNextEntry(new ZipEntry("archive/data.pkl"));
            zip.write(pickle);
        }
        assertThatThrownBy(() -> PyTorchFile.integers(file)).hasMessageContaining("compressed by method 8");
        Map<String, byte[]> members = new LinkedHashMap<>();
        members.put("data.pkl", pickle);
        members.put("byteorder", "big".getBytes(StandardCharsets.US_ASCII));
        TorchSave.zip(file, members);
        assertThatThrownBy(() -> PyTorchFile.integers(file)).hasMessageContaining("byteorder: found big");
        Files.write(file, new byte[] {1, 2, 3});
        assertThatThrownBy(() -> PyTorchFile.integers(file)).hasMessageContaining("magic number");
    }

    @Test
    void sizesOf64BitsAreRead() throws IOException {
        byte[] pickle = new Pickler().start().put(']').integer(4).put('a').end();
        CRC32 crc = new CRC32();
        crc.update(pickle);
        byte[] name = "a/data.pkl".getBytes(StandardCharsets.US_ASCII);
        ByteBuffer zip = ByteBuffer.allocate(1000).order(ByteOrder.LITTLE_ENDIAN);
        zip.putInt(0x04034b50)
                .put(new byte[14])
                .putInt(-1)
                .putInt(-1)
                .putShort((short) name.length)
                .putShort((short) 0);
        zip.put(name).put(pickle);
        int directoryAt = zip.position();
        zip.putInt(0x02014b50).put(new byte[16]).putInt(-1).putInt(-1);
        zip.putShort((short) name.length).putShort((short) 28).putShort((short) 0);
        zip.put(new byte[8]).putInt(-1).put(name);
        zip.putShort((short) 1)
                .putShort((short) 24)
                .putLong(pickle.length)
                .putLong(pickle.length)
                .putLong(0);
        int end64 = zip.position();
        int size = end64 - directoryAt;
        zip.putInt(0x06064b50)
                .putLong(44)
                .put(new byte[12])
                .putLong(1)
                .putLong(1)
                .putLong(size)
                .putLong(directoryAt);
        zip.putInt(0x07064b50).putInt(0).putLong(end64).putInt(1);
        zip.putInt(0x06054b50).put(new byte[4]).putShort((short) -1).putShort((short) -1);
        zip.putInt(-1).putInt(-1).putShort((short) 0);
        byte[] bytes = new byte[zip.position()];
        zip.get(0, bytes);
        Path file = Files.write(directory.resolve("large.pt"), bytes);
        assertThat(PyTorchFile.integers(file)).containsExactly(4);
    }
}
