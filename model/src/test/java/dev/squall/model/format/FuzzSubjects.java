package dev.squall.model.format;

import dev.squall.model.fixtures.BigramModel;
import dev.squall.model.fixtures.TorchSave;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Small sound model files of every kind, for {@link FormatFuzzTest} and {@link BadFilesTest} to damage. */
final class FuzzSubjects {
    private static final int DIM = 8;
    private static final int VOCABULARY = 8;

    static final String CONFIG = """
            {"model_type": "llama", "hidden_act": "silu", "hidden_size": 8, "num_hidden_layers": 1,
             "num_attention_heads": 2, "num_key_value_heads": 1, "intermediate_size": 8, "vocab_size": 8,
             "max_position_embeddings": 16, "rms_norm_eps": 1e-5, "rope_theta": 10000.0,
             "tie_word_embeddings": true, "bos_token_id": 1, "eos_token_id": [2]}
            """;

    static final String TOKENIZER = """
            {"version": "1.0", "added_tokens": [
              {"id": 1, "content": "<s>", "special": true}, {"id": 2, "content": "</s>", "special": true}],
             "normalizer": {"type": "Sequence", "normalizers": [
               {"type": "Prepend", "prepend": "\u2581"},
               {"type": "Replace", "pattern": {"String": " "}, "content": "\u2581"}]},
             "pre_tokenizer": null,
             "model": {"type": "BPE", "unk_token": "<unk>", "fuse_unk": true, "byte_fallback": false,
               "vocab": {"<unk>": 0, "<s>": 1, "</s>": 2, "\u2581": 3, "a": 4, "b": 5, "\u2581a": 6, "ab": 7},
               "merges": ["\u2581 a", "a b"]}}
            """;

    private FuzzSubjects() {}

    /** Writes the files of a kind: a GGUF file, a llama2.c file, or a directory of Hugging Face's. */
    static void write(String kind, Path directory) throws IOException {
        switch (kind) {
            case "GGUF" -> BigramModel.write(directory.resolve("model.gguf"), 16);
            case "LLAMA2C" -> Files.write(directory.resolve("model.bin"), llama2c());
            case "PYTORCH" -> torch(configured(directory)).zip(directory.resolve("pytorch_model.bin"));
            case "PYTORCH_LEGACY" -> torch(configured(directory)).legacy(directory.resolve("pytorch_model.bin"));
            default -> safetensors().write(configured(directory).resolve("model.safetensors"));
        }
    }

    private static Path configured(Path directory) throws IOException {
        Files.writeString(directory.resolve("config.json"), CONFIG);
        Files.writeString(directory.resolve("tokenizer.json"), TOKENIZER);
        return directory;
    }

    /** The same tensors as {@link #safetensors}. */
    private static TorchSave torch(Path directory) throws IOException {
        Path other = safetensors().write(directory.resolve("model.safetensors"));
        TorchSave save = TorchSave.of(directory);
        Files.delete(other);
        return save;
    }

    /** The tensors of {@link #CONFIG}. */
    static SafetensorsWriter safetensors() {
        SafetensorsWriter writer = new SafetensorsWriter();
        tensor(writer, "model.embed_tokens", VOCABULARY, DIM);
        String layer = "model.layers.0.";
        tensor(writer, layer + "input_layernorm", DIM);
        tensor(writer, layer + "self_attn.q_proj", DIM, DIM);
        tensor(writer, layer + "self_attn.k_proj", DIM / 2, DIM);
        tensor(writer, layer + "self_attn.v_proj", DIM / 2, DIM);
        tensor(writer, layer + "self_attn.o_proj", DIM, DIM);
        tensor(writer, layer + "post_attention_layernorm", DIM);
        tensor(writer, layer + "mlp.gate_proj", DIM, DIM);
        tensor(writer, layer + "mlp.up_proj", DIM, DIM);
        tensor(writer, layer + "mlp.down_proj", DIM, DIM);
        tensor(writer, "model.norm", DIM);
        return writer;
    }

    private static void tensor(SafetensorsWriter writer, String name, long... shape) {
        int elements = 1;
        for (long size : shape) {
            elements *= (int) size;
        }
        writer.tensor(name + ".weight", "F32", shape, new byte[4 * elements]);
    }

    /** One layer, two heads and one of keys, a shared classifier. */
    static byte[] llama2c() {
        int hidden = 8;
        int kvDim = DIM / 2;
        int context = 16;
        int floats = VOCABULARY * DIM
                + 2 * DIM
                + 2 * DIM * DIM
                + 2 * kvDim * DIM
                + 3 * hidden * DIM
                + DIM
                + 2 * context * (DIM / 2 / 2);
        ByteBuffer file = ByteBuffer.allocate(28 + 4 * floats).order(ByteOrder.LITTLE_ENDIAN);
        for (int field : new int[] {DIM, hidden, 1, 2, 1, VOCABULARY, context}) {
            file.putInt(field);
        }
        return file.array();
    }

    /** Where the structure of a GGUF file ends; a whole JSON file. */
    static int headerBytes(byte[] sound) {
        byte[] last = "output.weight".getBytes(StandardCharsets.UTF_8);
        for (int at = sound.length - last.length; at > 0; at--) {
            if (ByteBuffer.wrap(sound, at, last.length).equals(ByteBuffer.wrap(last)) && sound[at - 1] == 0) {
                return at + last.length + 4 + 16 + 4 + 8;
            }
        }
        return sound.length;
    }
}
