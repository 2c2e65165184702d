package dev.squall.model.format;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A llama2.c checkpoint, version 0: seven integers, then all tensors in F32, those of a kind for all layers together. Its
 * tensors bear the names of GGUF files.
 */
public final class Llama2cCheckpoint implements Checkpoint {
    private static final int HEADER_BYTES = 28;
    private static final int MOST_LAYERS = 1024;
    private static final int MOST = 1 << 24;

    /**
     * The header.
     *
     * @param sharedClassifier whether the output head is the embedding table
     */
    public record Header(
            int dim,
            int hiddenDim,
            int layers,
            int heads,
            int kvHeads,
            int vocabSize,
            int seqLen,
            boolean sharedClassifier) {}

    private final Arena arena = Arena.ofShared();
    private final MappedFile file;
    private final Header header;
    private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();
    private long offset = HEADER_BYTES;

    /** @throws ModelFileException if the header makes no sense, or does not agree with the size of the file */
    public Llama2cCheckpoint(Path path) {
        try {
            file = MappedFile.open(path, arena);
            header = readHeader(new Cursor(path, file.bytes(), 0));
            placeTensors();
        } catch (RuntimeException | Error failure) {
            arena.close();
            throw failure;
        }
    }

    private Header readHeader(Cursor cursor) {
        int dim = size(cursor, "dim", MOST);
        int hiddenDim = size(cursor, "hidden_dim", MOST);
        int layers = size(cursor, "n_layers", MOST_LAYERS);
        int heads = size(cursor, "n_heads", dim);
        int kvHeads = size(cursor, "n_kv_heads", heads);
        int vocab = cursor.int32("vocab_size");
        if (vocab == 0 || Math.abs((long) vocab) > MOST) {
            throw new ModelFileException(file.path(), "vocab_size", Integer.toString(vocab), "at most " + MOST);
        }
        int seqLen = size(cursor, "seq_len", MOST);
        if (dim % heads != 0 || dim / heads % 2 != 0 || heads % kvHeads != 0) {
            throw new ModelFileException(
                    file.path(),
                    "n_heads",
                    heads + " heads and " + kvHeads + " kv heads of width " + dim,
                    "heads of one even size, a multiple of the kv heads");
        }
        return new Header(dim, hiddenDim, layers, heads, kvHeads, Math.abs(vocab), seqLen, vocab > 0);
    }

    private int size(Cursor cursor, String field, int most) {
        int value = cursor.int32(field);
        if (value < 1 || value > most) {
            throw new ModelFileException(file.path(), field, Integer.toString(value), "1 to " + most);
        }
        return value;
    }

    private void placeTensors() {
        long dim = header.dim;
        long hidden = header.hiddenDim;
        long headDim = dim / header.heads;
        long kvDim = headDim * header.kvHeads;
        place("token_embd.weight", header.vocabSize, dim);
        placeLayers("attn_norm.weight", dim);
        placeLayers("attn_q.weight", dim, dim);
        placeLayers("attn_k.weight", kvDim, dim);
        placeLayers("attn_v.weight", kvDim, dim);
        placeLayers("attn_output.weight", dim, dim);
        placeLayers("ffn_norm.weight", dim);
        placeLayers("ffn_gate.weight", hidden, dim);
        placeLayers("ffn_down.weight", dim, hidden);
        placeLayers("ffn_up.weight", hidden, dim);
        place("output_norm.weight", dim);
        offset += 2 * header.seqLen * (headDim / 2) * Float.BYTES; // rotary tables, which nobody reads
        if (!header.sharedClassifier) {
            place("output.weight", header.vocabSize, dim);
        }
        if (offset != file.size()) {
            throw new ModelFileException(file.path(), "file", file.size() + " bytes", offset + " bytes by its header");
        }
    }

    private void placeLayers(String name, long... shape) {
        for (int layer = 0; layer < header.layers; layer++) {
            place("blk." + layer + "." + name, shape);
        }
    }

    private void place(String name, long... shape) {
        TensorInfo tensor = TensorInfo.checked(name, TensorType.F32, shape, file.path(), offset, file.size());
        tensors.put(name, tensor);
        offset += tensor.byteSize();
    }

    public Header header() {
        return header;
    }

    @Override
    public Path path() {
        return file.path();
    }

    @Override
    public Format format() {
        return Format.LLAMA2C;
    }

    @Override
    public Map<String, TensorInfo> tensors() {
        return Collections.unmodifiableMap(tensors);
    }

    @Override
    public MemorySegment data(TensorInfo tensor) {
        return file.slice("tensor " + tensor.name(), tensor.offset(), tensor.byteSize());
    }

    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
