package dev.squall.app;

import dev.squall.ModelInfo;
import dev.squall.model.format.Checkpoint;
import dev.squall.model.format.Checkpoints;
import dev.squall.model.format.SafetensorsWriter;
import dev.squall.model.format.TensorType;
import dev.squall.model.format.TensorValues;
import dev.squall.model.ranking.TokenRanking;
import dev.squall.model.tokenizer.Tokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import tools.jackson.databind.json.JsonMapper;

/**
 * An EAGLE draft of a model's shape with random weights in F16, which guesses nothing right: what its parts cost can be
 * measured for a model that has none. Its ranking is the order of the tokens' ids, and has the ends of texts in.
 */
final class RandomDraft {
    private RandomDraft() {}

    /**
     * Writes one.
     *
     * @param model that it is to stand beside
     * @return its directory, a temporary one
     */
    static Path write(ModelInfo model) throws IOException {
        Path directory = Files.createTempDirectory("squall-random-draft");
        int dim = model.dim();
        Map<String, Object> config = new LinkedHashMap<>();
        config.put("hidden_size", dim);
        config.put("intermediate_size", model.hidden());
        config.put("num_attention_heads", model.heads());
        config.put("num_key_value_heads", model.kvHeads());
        config.put("head_dim", model.headDim());
        config.put("num_hidden_layers", 1);
        config.put("rms_norm_eps", 1e-5);
        config.put("vocab_size", model.vocabulary());
        config.put("hidden_act", "silu");
        JsonMapper.shared().writeValue(directory.resolve("config.json").toFile(), config);
        SafetensorsWriter file = new SafetensorsWriter();
        Random random = new Random(1);
        int queries = model.heads() * model.headDim();
        int keys = model.kvHeads() * model.headDim();
        matrix(file, random, "fc", dim, 2 * dim);
        matrix(file, random, "layers.0.self_attn.q_proj", queries, dim);
        matrix(file, random, "layers.0.self_attn.k_proj", keys, dim);
        matrix(file, random, "layers.0.self_attn.v_proj", keys, dim);
        matrix(file, random, "layers.0.self_attn.o_proj", dim, queries);
        matrix(file, random, "layers.0.mlp.gate_proj", model.hidden(), dim);
        matrix(file, random, "layers.0.mlp.up_proj", model.hidden(), dim);
        matrix(file, random, "layers.0.mlp.down_proj", dim, model.hidden());
        float[] ones = new float[dim];
        Arrays.fill(ones, 1);
        tensor(file, "layers.0.post_attention_layernorm", ones, dim);
        file.write(directory.resolve("model.safetensors"));
        int[] ids = IntStream.range(0, model.vocabulary()).toArray();
        long[] counts = new long[ids.length];
        Arrays.fill(counts, 1);
        new TokenRanking(ids.length, ids.length, ids, counts, ends(model.path()))
                .write(directory.resolve("ranking.json"));
        directory.toFile().deleteOnExit(); // the last that is named goes first
        for (String name : new String[] {"config.json", "model.safetensors", "ranking.json"}) {
            directory.resolve(name).toFile().deleteOnExit();
        }
        return directory;
    }

    private static int[] ends(Path model) {
        try (Checkpoint checkpoint = Checkpoints.open(model)) {
            return Tokenizers.of(checkpoint, null).endOfSequence().stream()
                    .mapToInt(id -> id)
                    .sorted()
                    .toArray();
        }
    }

    /** Uniform numbers of a size that keeps sums of them near one, [rows, columns]. */
    private static void matrix(SafetensorsWriter file, Random random, String name, int rows, int columns) {
        float width = (float) Math.sqrt(12.0 / columns);
        float[] weights = new float[rows * columns];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (random.nextFloat() - 0.5f) * width;
        }
        tensor(file, name, weights, rows, columns);
    }

    private static void tensor(SafetensorsWriter file, String name, float[] weights, long... shape) {
        file.tensor(name + ".weight", TensorType.F16.name(), shape, TensorValues.encode(TensorType.F16, weights));
    }
}
