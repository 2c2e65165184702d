package dev.squall.model.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.squall.attention.KvCache;
import dev.squall.attention.Rows;
import dev.squall.kernels.KernelSet;
import dev.squall.model.fixtures.BigramModel;
import dev.squall.model.spec.Families;
import dev.squall.model.transformer.Transformer;
import dev.squall.model.transformer.TransformerOptions;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each way in which a model file can be wrong, and what the message says: file, field, found and expected. */
class BadFilesTest {
    private static final int MOST = 1 << 30;

    @TempDir
    Path directory;

    private Path gguf;

    @BeforeEach
    void name() {
        gguf = directory.resolve("model.gguf");
    }

    private static void load(Path model) {
        try (Checkpoint checkpoint = Checkpoints.open(model)) {
            Transformer.load(
                            Families.spec(checkpoint), checkpoint, KernelSet.reference(), TransformerOptions.defaults())
                    .close();
        }
    }

    private static void refused(Path model, String file, String field, String found, String expected) {
        assertThatThrownBy(() -> load(model))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining(file + ": " + field)
                .hasMessageContaining("found " + found)
                .hasMessageContaining(", expected ")
                .hasMessageContaining(expected);
    }

    private void refusedGguf(byte[] bytes, String field, String found, String expected) throws IOException {
        Files.write(gguf, bytes);
        refused(gguf, "model.gguf", field, found, expected);
    }

    private static byte[] sound() {
        return BigramModel.gguf(16).bytes();
    }

    private static byte[] with(byte[] bytes, int at, long value) {
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(at, value);
        return bytes;
    }

    private static int find(byte[] bytes, String text) {
        byte[] piece = text.getBytes(StandardCharsets.UTF_8);
        for (int at = 0; ; at++) {
            if (Arrays.equals(bytes, at, at + piece.length, piece, 0, piece.length)) {
                return at;
            }
        }
    }

    @Test
    void wrongMagicAndVersion() throws IOException {
        byte[] magic = sound();
        magic[0] = 'X';
        refusedGguf(magic, "magic", "0x", "'GGUF'");
        byte[] version = sound();
        version[4] = 9;
        refusedGguf(version, "version", "9", "2 or 3");
        byte[] bigEndian = sound();
        bigEndian[4] = 0;
        bigEndian[7] = 3;
        refusedGguf(bigEndian, "version", "a big-endian file", "2 or 3");
    }

    @ParameterizedTest
    @CsvSource({"0", "3", "10", "30", "200", "2000"})
    void truncated(int size) throws IOException {
        Files.write(gguf, Arrays.copyOf(sound(), size));
        assertThatThrownBy(() -> load(gguf))
                .isInstanceOf(ModelFileException.class)
                .hasMessageContaining("model.gguf: ")
                .hasMessageContaining(", expected ");
    }

    @Test
    void truncatedData() throws IOException {
        byte[] bytes = sound();
        refusedGguf(Arrays.copyOf(bytes, bytes.length - 64), "tensor output.weight", "4096 bytes", "within the file's");
    }

    @ParameterizedTest
    @CsvSource({"8, tensor_count", "16, metadata_kv_count"})
    void absurdCounts(int at, String field) throws IOException {
        refusedGguf(with(sound(), at, Long.MAX_VALUE), field, "9223372036854775807", "what fits");
        refusedGguf(with(sound(), at, -1), field, "18446744073709551615", "what fits");
        refusedGguf(with(sound(), at, MOST), field, "1073741824", "what fits");
    }

    @Test
    void absurdStringAndArray() throws IOException {
        refusedGguf(with(sound(), 24, 1L << 40), "key 0", "a string of 1099511627776 bytes", "that are left");
        byte[] array = sound();
        int count = find(array, "tokenizer.ggml.tokens") + "tokenizer.ggml.tokens".length() + 8;
        refusedGguf(with(array, count, MOST), "tokenizer.ggml.tokens", "an array of 1073741824 string", "what fits");
    }

    @Test
    void noUtf8() throws IOException {
        byte[] bytes = sound();
        bytes[find(bytes, "general.name")] = (byte) 0xC3;
        refusedGguf(bytes, "key 1", "bytes that are no UTF-8", "UTF-8");
    }

    @Test
    void nestedArrays() throws IOException {
        byte[] bytes = sound();
        int at = find(bytes, "tokenizer.ggml.scores") + "tokenizer.ggml.scores".length() + 4;
        ByteBuffer nested = ByteBuffer.allocate(bytes.length + 12 * 8).order(ByteOrder.LITTLE_ENDIAN);
        nested.put(bytes, 0, at);
        for (int depth = 0; depth < 8; depth++) {
            nested.putInt(9).putLong(1);
        }
        nested.put(bytes, at, bytes.length - at);
        refusedGguf(nested.array(), "tokenizer.ggml.scores", "an array of 1 array, nested", "nested at most");
    }

    @Test
    void duplicates() throws IOException {
        byte[] key = sound();
        int at = find(key, "general.name");
        byte[] twice = "general.architecture".getBytes(StandardCharsets.UTF_8);
        byte[] longer = new byte[key.length + twice.length - 12];
        ByteBuffer.wrap(longer)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(key, 0, at - 8)
                .putLong(twice.length)
                .put(twice)
                .put(key, at + 12, key.length - at - 12);
        refusedGguf(longer, "general.architecture", "the key twice", "it once");
        refusedGguf(
                BigramModel.gguf(16).tensor("output.weight", new long[] {1}, 0f).bytes(),
                "tensor output.weight",
                "the name twice",
                "it once");
    }

    @ParameterizedTest
    @CsvSource({"-1", "0", "4611686018427387904", "9223372036854775807"})
    void shapes(long size) throws IOException {
        byte[] bytes = sound();
        int at = find(bytes, "token_embd.weight") + "token_embd.weight".length() + 4;
        refusedGguf(with(bytes, at, size), "tensor token_embd.weight", "", "");
    }

    @Test
    void placesAndTypes() throws IOException {
        byte[] offset = sound();
        int at = find(offset, "token_embd.weight") + "token_embd.weight".length() + 4 + 16;
        refusedGguf(with(offset, at + 4, 1L << 50), "tensor token_embd.weight", "", "");
        byte[] type = sound();
        type[at] = 77;
        refusedGguf(type, "tensor token_embd.weight", "", "");
        byte[] misaligned = with(sound(), at + 4, 7);
        refusedGguf(misaligned, "tensor token_embd.weight", "offset 7", "");
    }

    @Test
    void missingTensorAndWrongShape() throws IOException {
        byte[] bytes = sound();
        bytes[find(bytes, "blk.0.attn_k.weight") + 4] = '9';
        refusedGguf(bytes, "tensor blk.0.attn_k.weight", "nothing", "shape [32, 32]");
        GgufWriter other = BigramModel.gguf(16).put("llama.feed_forward_length", 64);
        refusedGguf(other.bytes(), "tensor blk.0.ffn_gate.weight", "shape [32, 32]", "shape [64, 32]");
    }

    @Test
    void unknownFamilyAndScaling() throws IOException {
        refusedGguf(
                BigramModel.gguf(16).put("general.architecture", "mamba").bytes(),
                "general.architecture",
                "mamba",
                "llama");
        refusedGguf(
                BigramModel.gguf(16).put("llama.rope.scaling.type", "spiral").bytes(),
                "llama.rope.scaling.type",
                "spiral",
                "");
    }

    @Test
    void safetensors() throws IOException {
        FuzzSubjects.write("SAFETENSORS", directory);
        Path file = directory.resolve("model.safetensors");
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, with(bytes.clone(), 0, Long.MAX_VALUE));
        refused(directory, "model.safetensors", "header length", "9223372036854775807", "2 to ");
        Files.write(file, Arrays.copyOf(bytes, bytes.length - 4));
        refused(directory, "model.safetensors", "tensor model.norm.weight", "data_offsets", "within the file");
        byte[] type = bytes.clone();
        type[find(type, "F32")] = 'Q';
        Files.write(file, type);
        refused(directory, "model.safetensors", "tensor model.embed_tokens.weight", "", "");
        Files.write(file, "garbage!".getBytes(StandardCharsets.US_ASCII));
        refused(directory, "model.safetensors", "header length", "", "");
        Files.delete(file);
        refused(directory, directory.toString(), "weights", "none", "model.safetensors or pytorch_model.bin");
    }

    @Test
    void index() throws IOException {
        FuzzSubjects.write("SAFETENSORS", directory);
        Path index = directory.resolve("model.safetensors.index.json");
        Files.writeString(index, "{\"weight_map\": {\"model.norm.weight\": \"other.safetensors\"}}");
        refused(directory, "other.safetensors", "file", "nothing", "a file");
        Files.writeString(index, "{\"weight_map\": {\"model.norm.weight\": \"../model.safetensors\"}}");
        refused(
                directory,
                index.getFileName().toString(),
                "weight_map.model.norm.weight",
                "",
                "a file beside the index");
        Files.writeString(index, "{\"weight_map\": {\"lm_head.weight\": \"model.safetensors\"}}");
        refused(directory, index.getFileName().toString(), "weight_map.lm_head.weight", "no such tensor", "");
        new SafetensorsWriter()
                .tensor("model.norm.weight", "F32", new long[] {8}, new byte[32])
                .write(directory.resolve("second.safetensors"));
        Files.writeString(
                index,
                "{\"weight_map\": {\"model.norm.weight\": \"second.safetensors\", \"lm\": \"model.safetensors\"}}");
        refused(directory, "", "tensor model.norm.weight", "the name twice", "it once");
    }

    @Test
    void json() throws IOException {
        FuzzSubjects.write("CONFIG", directory);
        Path config = directory.resolve("config.json");
        Files.writeString(config, "{\"model_type\": \"llama\"");
        refused(directory, "config.json", "JSON", "", "well-formed JSON");
        Files.writeString(config, "[".repeat(100_000));
        refused(directory, "config.json", "JSON", "", "well-formed JSON");
        Files.writeString(config, FuzzSubjects.CONFIG.replace("{\"model_type\"", "{\"vocab_size\": 3, \"model_type\""));
        refused(directory, "config.json", "JSON", "", "well-formed JSON");
        Files.writeString(config, FuzzSubjects.CONFIG.replace("\"hidden_size\": 8", "\"hidden_size\": -8"));
        refused(directory, "config.json", "hidden_size", "-8", "");
        Files.writeString(
                config, FuzzSubjects.CONFIG.replace("\"num_hidden_layers\": 1", "\"num_hidden_layers\": 1e99"));
        refused(directory, "config.json", "num_hidden_layers", "", "");
        Files.delete(config);
        refused(directory, "config.json", "file", "nothing", "a JSON file");
    }

    @Test
    void llama2c() throws IOException {
        Path file = directory.resolve("model.bin");
        byte[] bytes = FuzzSubjects.llama2c();
        Files.write(file, Arrays.copyOf(bytes, bytes.length - 4));
        refused(file, "model.bin", "", "", "");
        Files.write(file, Arrays.copyOf(bytes, bytes.length + 4));
        refused(file, "model.bin", "file", (bytes.length + 4) + " bytes", bytes.length + " bytes by its header");
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(0, -5);
        Files.write(file, bytes);
        refused(file, "model.bin", "dim", "-5", "1 to ");
    }

    @Test
    void otherFiles() throws IOException {
        Path text = Files.writeString(directory.resolve("notes.txt"), "hello");
        refused(text, "notes.txt", "model", "a file of another kind", "a GGUF file");
        refused(directory.resolve("absent"), "absent", "model", "nothing", "a GGUF file");
    }

    /** The JVM turns the fault into an error, which becomes a message; the process lives on. */
    @Test
    void truncatedWhileMapped() throws IOException {
        int dim = 64;
        int vocabulary = 4096; // an embedding table of many pages
        GgufWriter writer = new GgufWriter()
                .put("general.architecture", "llama")
                .put("llama.context_length", 16)
                .put("llama.embedding_length", dim)
                .put("llama.block_count", 1)
                .put("llama.feed_forward_length", dim)
                .put("llama.attention.head_count", 1)
                .put("llama.attention.layer_norm_rms_epsilon", 1e-6f)
                .tensor("blk.0.attn_norm.weight", new long[] {dim}, new float[dim])
                .tensor("blk.0.ffn_norm.weight", new long[] {dim}, new float[dim])
                .tensor("output_norm.weight", new long[] {dim}, new float[dim]);
        for (String name :
                new String[] {"attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"}) {
            writer.tensor("blk.0." + name + ".weight", new long[] {dim, dim}, new float[dim * dim]);
        }
        writer.tensor("token_embd.weight", new long[] {vocabulary, dim}, new float[vocabulary * dim]);
        writer.write(gguf);
        for (KernelSet kernels : new KernelSet[] {KernelSet.simd(), KernelSet.reference()}) {
            writer.write(gguf);
            try (Checkpoint checkpoint = Checkpoints.open(gguf);
                    Transformer transformer = Transformer.load(checkpoint, kernels, TransformerOptions.defaults())) {
                KvCache.Sequence sequence = transformer.cache().open();
                sequence.ensure(1);
                Rows rows = transformer.newRows();
                rows.addCausal(sequence, 5, 0, true);
                transformer.forward(rows);
                try (RandomAccessFile file = new RandomAccessFile(gguf.toFile(), "rw")) {
                    file.setLength(file.length() / 2);
                }
                assertThatThrownBy(() -> transformer.forward(rows))
                        .isInstanceOf(ModelFileException.class)
                        .hasMessageContaining("model.gguf: tensor token_embd.weight: found a file of ")
                        .hasMessageContaining("as when it was opened");
            }
        }
        assertThat(Files.size(gguf)).isPositive();
    }
}
