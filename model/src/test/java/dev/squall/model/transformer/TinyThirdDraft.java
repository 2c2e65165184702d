package dev.squall.model.transformer;

import dev.squall.model.format.SafetensorsWriter;
import dev.squall.model.transformer.TinyModel.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import tools.jackson.databind.json.JsonMapper;

/**
 * An EAGLE-3 draft for a {@link TinyModel} of at least five layers, all of it random but always the same.
 *
 * @param target the model that it drafts for
 * @param vocabulary tokens of its own head, which are every third of the model's, with d2t; or all of them without
 */
public record TinyThirdDraft(TinyModel target, int vocabulary) {
    static final int HEADS = 4;
    static final int KV_HEADS = 2;
    static final int HIDDEN = 80;
    static final double EPSILON = 1e-5;

    /** A model deep enough to be read in three places. */
    public static TinyModel deepModel() {
        return new TinyModel(
                "deep", "llama", 64, 7, 4, 2, 16, 96, 96, 256, 1e-5, 10_000, Map.of(), 0, 0, false, false, false);
    }

    /** The model's token of one of the draft's. */
    public int token(int id) {
        return vocabulary == target.vocabulary() ? id : 3 * id + 2;
    }

    Map<String, Tensor> tensors() {
        Random random = new Random(11);
        int dim = target.dim();
        int headDim = dim / HEADS;
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        tensors.put("fc.weight", matrix(random, dim, 3 * dim));
        tensors.put("midlayer.hidden_norm.weight", norm(random, dim));
        tensors.put("midlayer.input_layernorm.weight", norm(random, dim));
        tensors.put("midlayer.post_attention_layernorm.weight", norm(random, dim));
        tensors.put("midlayer.self_attn.q_proj.weight", matrix(random, HEADS * headDim, 2 * dim));
        tensors.put("midlayer.self_attn.k_proj.weight", matrix(random, KV_HEADS * headDim, 2 * dim));
        tensors.put("midlayer.self_attn.v_proj.weight", matrix(random, KV_HEADS * headDim, 2 * dim));
        tensors.put("midlayer.self_attn.o_proj.weight", matrix(random, dim, HEADS * headDim));
        tensors.put("midlayer.mlp.gate_proj.weight", matrix(random, HIDDEN, dim));
        tensors.put("midlayer.mlp.up_proj.weight", matrix(random, HIDDEN, dim));
        tensors.put("midlayer.mlp.down_proj.weight", matrix(random, dim, HIDDEN));
        tensors.put("norm.weight", norm(random, dim));
        tensors.put("lm_head.weight", matrix(random, vocabulary, dim));
        return tensors;
    }

    /** Writes the directory of the draft. */
    public Path write(Path directory) {
        Map<String, Object> config = new LinkedHashMap<>();
        config.put("hidden_size", target.dim());
        config.put("intermediate_size", HIDDEN);
        config.put("num_attention_heads", HEADS);
        config.put("num_key_value_heads", KV_HEADS);
        config.put("num_hidden_layers", 1);
        config.put("rms_norm_eps", EPSILON);
        config.put("vocab_size", target.vocabulary());
        config.put("draft_vocab_size", vocabulary);
        SafetensorsWriter writer = new SafetensorsWriter();
        tensors().forEach((name, tensor) -> {
            long[] shape = new long[tensor.shape().length];
            for (int i = 0; i < shape.length; i++) {
                shape[i] = tensor.shape()[i];
            }
            writer.tensor(
                    name, "F32", shape, TinyWeights.encode("F32", tensor.data()).bytes());
        });
        if (vocabulary < target.vocabulary()) {
            ByteBuffer offsets = ByteBuffer.allocate(8 * vocabulary).order(ByteOrder.LITTLE_ENDIAN);
            for (int i = 0; i < vocabulary; i++) {
                offsets.putLong(token(i) - i);
            }
            writer.tensor("d2t", "I64", new long[] {vocabulary}, offsets.array());
        }
        try {
            Files.createDirectories(directory);
            new JsonMapper().writeValue(directory.resolve("config.json").toFile(), config);
            writer.write(directory.resolve("model.safetensors"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return directory;
    }

    private static Tensor matrix(Random random, int rows, int cols) {
        float[] data = new float[rows * cols];
        for (int i = 0; i < data.length; i++) {
            data[i] = (float) (random.nextGaussian() / Math.sqrt(cols));
        }
        return new Tensor(new int[] {rows, cols}, data);
    }

    private static Tensor norm(Random random, int size) {
        float[] data = new float[size];
        for (int i = 0; i < size; i++) {
            data[i] = (float) (1 + 0.3 * random.nextGaussian());
        }
        return new Tensor(new int[] {size}, data);
    }
}
