package dev.squall.model.convert;

import dev.squall.model.format.Checkpoint;
import dev.squall.model.format.Checkpoints;
import dev.squall.model.format.Format;
import dev.squall.model.format.GgufWriter;
import dev.squall.model.format.HuggingFaceCheckpoint;
import dev.squall.model.format.ModelFileException;
import dev.squall.model.format.TensorInfo;
import dev.squall.model.format.TensorType;
import dev.squall.model.format.TensorValues;
import dev.squall.model.spec.Families;
import dev.squall.model.spec.LayerSpec;
import dev.squall.model.spec.LayerSpec.AttentionSpec;
import dev.squall.model.spec.ModelSpec;
import dev.squall.model.spec.RecommendedSampling;
import dev.squall.model.spec.RopeSpec;
import dev.squall.model.spec.TensorNames;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes a Hugging Face directory as one GGUF file. What differs: the names; in architecture llama the rows of query and
 * key, whose pairs stand side by side instead of half a head apart; and scaled rotations, which become divisors of the
 * plain ones in {@code rope_freqs.weight}. Matrices are stored in the type that is asked for, vectors in F32. A
 * byte-level tokenizer.json beside the model goes into the metadata.
 */
public final class GgufConverter {
    private final HuggingFaceCheckpoint source;
    private final ModelSpec spec;
    private final String architecture;
    private final TensorType type;
    private final GgufWriter writer = new GgufWriter();

    private GgufConverter(HuggingFaceCheckpoint source, TensorType type) {
        this.source = source;
        this.spec = Families.spec(source);
        this.architecture = spec.family().equals("mistral") ? "llama" : spec.family();
        this.type = type;
    }

    /**
     * Converts a model.
     *
     * @param type F32, F16 or Q8_0
     * @throws ModelFileException if the source is no Hugging Face directory, or has what GGUF files cannot say
     */
    public static void convert(Path model, TensorType type, Path target) {
        try (Checkpoint checkpoint = Checkpoints.open(model)) {
            if (!(checkpoint instanceof HuggingFaceCheckpoint source)) {
                throw new ModelFileException(
                        model, "format", checkpoint.format().name(), "a Hugging Face directory to convert");
            }
            if (Files.exists(target)) {
                throw new ModelFileException(target, "file", "a file that is there already", "a new one to write");
            }
            new GgufConverter(source, type).write(target);
        }
    }

    private void write(Path target) {
        metadata();
        new GgufVocabulary(source.path(), spec.vocabulary()).put(writer, source.config());
        Map<String, String> names = names();
        for (TensorInfo tensor : source.tensors().values()) {
            String name = names.get(stem(tensor.name()));
            if (name == null) {
                throw refused("tensor " + tensor.name(), "a tensor of no known place", "those of " + spec.family());
            }
            if (!name.equals("output") || !spec.tiedHead()) {
                tensor(tensor, name);
            }
        }
        writer.write(target);
    }

    private void metadata() {
        AttentionSpec attention = spec.layers().getFirst().attention();
        writer.put("general.architecture", architecture);
        writer.put("general.name", source.path().toAbsolutePath().getFileName().toString());
        put("context_length", spec.contextLength());
        put("embedding_length", spec.dim());
        put("block_count", spec.layers().size());
        put("feed_forward_length", spec.layers().getFirst().feedForward().hidden());
        put("attention.head_count", attention.heads());
        put("attention.head_count_kv", attention.kvHeads());
        put("attention.key_length", attention.headDim());
        put("attention.value_length", attention.headDim());
        put("attention.layer_norm_rms_epsilon", spec.finalNorm().epsilon());
        for (LayerSpec layer : spec.layers()) {
            if (layer.attention().slidingWindow() != attention.slidingWindow()) {
                throw refused("sliding_window", "windows in some layers", "one for all layers, or none");
            }
        }
        if (attention.slidingWindow() > 0) {
            put("attention.sliding_window", attention.slidingWindow());
        }
        rotation(attention.rope());
        RecommendedSampling.of(source).ifPresent(sampling -> {
            writer.put(RecommendedSampling.TEMPERATURE, (float) sampling.temperature());
            writer.put(RecommendedSampling.TOP_K, sampling.topK());
            writer.put(RecommendedSampling.TOP_P, (float) sampling.topP());
        });
    }

    private void put(String key, Object value) {
        writer.put(architecture + "." + key, value);
    }

    /** With a base of one's own choice the divisors say everything: the base is the one of the configuration. */
    private void rotation(RopeSpec rope) {
        double base = source.config().path("rope_parameters").path("rope_theta").asDouble(0);
        base = base > 0 ? base : source.config().path("rope_theta").asDouble(10_000);
        put("rope.freq_base", (float) base);
        put("rope.dimension_count", rope.rotaryDim());
        if (rope.magnitude() != 1) {
            throw refused("rope_scaling", "a factor of " + rope.magnitude() + " on rotations (YaRN)", "none");
        }
        float[] plain =
                RopeSpec.plain(rope.pairing(), (float) base, rope.rotaryDim()).frequencies();
        float[] divisors = new float[plain.length];
        boolean scaled = false;
        for (int i = 0; i < plain.length; i++) {
            divisors[i] = plain[i] / rope.frequencies()[i];
            scaled |= Math.abs(divisors[i] - 1) > 1e-4;
        }
        if (scaled) {
            writer.tensor("rope_freqs.weight", new long[] {divisors.length}, divisors);
        }
    }

    /** Hugging Face name -> GGUF name, both without ending. */
    private Map<String, String> names() {
        TensorNames from = TensorNames.of(Format.HUGGING_FACE);
        TensorNames to = TensorNames.of(Format.GGUF);
        Map<String, String> names = new HashMap<>();
        names.put(from.embedding(), to.embedding());
        names.put(from.finalNorm(), to.finalNorm());
        names.put(from.head(), to.head());
        List<String> ofLayer = inLayer(from);
        for (int layer = 0; layer < spec.layers().size(); layer++) {
            for (int i = 0; i < ofLayer.size(); i++) {
                names.put(
                        from.inLayer(layer, ofLayer.get(i)),
                        to.inLayer(layer, inLayer(to).get(i)));
            }
        }
        return names;
    }

    private static List<String> inLayer(TensorNames names) {
        return new ArrayList<>(List.of(
                names.attentionNorm(),
                names.query(),
                names.key(),
                names.value(),
                names.attentionOutput(),
                names.queryNorm(),
                names.keyNorm(),
                names.feedForwardNorm(),
                names.gate(),
                names.up(),
                names.down()));
    }

    private static String stem(String name) {
        return name.substring(0, Math.max(0, name.lastIndexOf('.')));
    }

    private void tensor(TensorInfo tensor, String name) {
        AttentionSpec attention = spec.layers().getFirst().attention();
        int heads = name.endsWith("attn_q") ? attention.heads() : name.endsWith("attn_k") ? attention.kvHeads() : 0;
        boolean adjacent = architecture.equals("llama") && heads > 0;
        TensorType stored = tensor.shape().length == 1 ? TensorType.F32 : type;
        long width = tensor.shape()[tensor.shape().length - 1];
        if (width % stored.blockSize() != 0) {
            throw refused(
                    "tensor " + tensor.name(),
                    "rows of " + width,
                    "blocks of " + stored.blockSize() + " for " + stored);
        }
        String ending = tensor.name().substring(stem(tensor.name()).length());
        writer.tensor(name + ending, stored, tensor.shape(), () -> {
            float[] values = TensorValues.read(source, tensor);
            return TensorValues.encode(stored, adjacent ? interleaved(values, heads, attention) : values);
        });
    }

    /** Row i of the first half of what turns in a head becomes row 2i, row i of the second half row 2i + 1. */
    private static float[] interleaved(float[] values, int heads, AttentionSpec attention) {
        int headDim = attention.headDim();
        int half = attention.rope().rotaryDim() / 2;
        int cols = values.length / (heads * headDim);
        float[] out = values.clone(); // [heads * headDim, cols]; what does not turn stays
        for (int head = 0; head < heads; head++) {
            for (int i = 0; i < 2 * half; i++) {
                int to = head * headDim + 2 * (i % half) + i / half;
                System.arraycopy(values, (head * headDim + i) * cols, out, to * cols, cols);
            }
        }
        return out;
    }

    private ModelFileException refused(String field, String found, String expected) {
        return new ModelFileException(source.path(), field, found, expected + ", to write a GGUF file");
    }
}
