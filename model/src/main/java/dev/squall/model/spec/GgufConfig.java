package dev.squall.model.spec;

import dev.squall.model.format.GgufCheckpoint;
import dev.squall.model.format.GgufMetadata;
import dev.squall.model.format.ModelFileException;
import dev.squall.model.format.TensorInfo;
import dev.squall.model.spec.RopeSpec.Pairing;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;

/** Reads the metadata of a GGUF file, whose keys begin with the name of the architecture. */
final class GgufConfig {
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final GgufCheckpoint file;
    private final GgufMetadata metadata;
    private final String architecture;

    GgufConfig(GgufCheckpoint file) {
        this.file = file;
        this.metadata = file.metadata();
        this.architecture = metadata.string("general.architecture");
    }

    String architecture() {
        return architecture;
    }

    Hyperparameters read(Pairing pairing) {
        int dim = positive("embedding_length");
        int layers = Hyperparameters.plausibleLayers(
                file, file.path(), architecture + ".block_count", positive("block_count"));
        int heads = positive("attention.head_count");
        int headDim = positive("attention.key_length", dim / heads);
        int valueDim = positive("attention.value_length", headDim);
        if (valueDim != headDim) {
            throw refused("attention.value_length", valueDim, headDim + ", the key length");
        }
        int experts = metadata.integer(architecture + ".expert_count", 0);
        if (experts != 0) {
            throw refused("expert_count", experts, "0: mixtures of experts are not supported");
        }
        int context = positive("context_length");
        TensorInfo embedding = file.require("token_embd.weight");
        if (embedding.shape().length != 2) {
            throw new ModelFileException(
                    embedding.file(),
                    "tensor token_embd.weight",
                    "shape " + Arrays.toString(embedding.shape()),
                    "2 dimensions");
        }
        int[] window = new int[layers];
        Arrays.fill(window, metadata.integer(architecture + ".attention.sliding_window", 0));
        return new Hyperparameters(
                file.path(),
                architecture,
                dim,
                layers,
                heads,
                positive("attention.head_count_kv", heads),
                headDim,
                positive("feed_forward_length"),
                Math.toIntExact(embedding.shape()[0]),
                context,
                metadata.number(architecture + ".attention.layer_norm_rms_epsilon"),
                rope(pairing, headDim, context),
                window,
                has("blk.0.attn_q.bias"),
                has("blk.0.attn_output.bias"),
                has("blk.0.ffn_down.bias"),
                !has("output.weight"));
    }

    /** Llama 3's scaling comes as a tensor of divisors, the others as keys. */
    private RopeSpec rope(Pairing pairing, int headDim, int context) {
        int rotaryDim = positive("rope.dimension_count", headDim);
        if (rotaryDim > headDim || rotaryDim % 2 != 0) {
            throw refused("rope.dimension_count", rotaryDim, "an even number up to " + headDim);
        }
        double base = metadata.number(architecture + ".rope.freq_base", 10_000);
        RopeSpec plain = RopeSpec.plain(pairing, base, rotaryDim);
        if (has("rope_freqs.weight")) {
            plain = plain.dividedBy(factors(file.require("rope_freqs.weight"), rotaryDim / 2));
        }
        if (has("rope_factors_long.weight") || has("rope_factors_short.weight")) {
            return longRope(plain, rotaryDim / 2, context);
        }
        String scaling = metadata.string(architecture + ".rope.scaling.type", "linear");
        double factor = metadata.number(
                architecture + ".rope.scaling.factor", metadata.number(architecture + ".rope.scale_linear", 1));
        return switch (scaling) {
            case "none" -> plain;
            case "linear" -> plain.linear(factor); // what older files mean, which write only a factor
            case "yarn" -> plain.yarn(base, factor, 32, 1, positive("rope.scaling.original_context_length", context));
            default -> throw refused("rope.scaling.type", scaling, "one of none, linear, yarn");
        };
    }

    /** LongRoPE's lists come as tensors; the longer of contexts says which one counts. */
    private RopeSpec longRope(RopeSpec plain, int pairs, int context) {
        float[] longs = factors(file.require("rope_factors_long.weight"), pairs);
        float[] shorts = factors(file.require("rope_factors_short.weight"), pairs);
        return plain.longRope(longs, shorts, context, positive("rope.scaling.original_context_length", context));
    }

    /**
     * MiniCPM's scales. Files of before they were written have none of them, and mean the published ones.
     *
     * @throws ModelFileException if some of them are missing
     */
    MuScales scales() {
        String[] keys = {"embedding_scale", "residual_scale", "logit_scale"};
        double[] values = new double[keys.length];
        int present = 0;
        for (int i = 0; i < keys.length; i++) {
            values[i] = metadata.number(architecture + "." + keys[i], 0);
            present += values[i] > 0 ? 1 : 0;
        }
        if (present == 0) {
            return MuScales.published(positive("block_count"), positive("embedding_length"));
        }
        for (int i = 0; i < keys.length; i++) {
            if (!(values[i] > 0)) {
                throw refused(keys[i], values[i], "a positive number, as the other scales are there");
            }
        }
        return new MuScales((float) values[0], (float) values[1], (float) values[2]);
    }

    private float[] factors(TensorInfo tensor, int pairs) {
        if (!tensor.type().name().equals("F32") || !Arrays.equals(tensor.shape(), new long[] {pairs})) {
            throw new ModelFileException(
                    tensor.file(),
                    "tensor " + tensor.name(),
                    tensor.type() + " " + Arrays.toString(tensor.shape()),
                    "F32 [" + pairs + "]");
        }
        return file.data(tensor).toArray(FLOAT);
    }

    private boolean has(String tensor) {
        return file.tensors().containsKey(tensor);
    }

    private int positive(String key) {
        return positive(key, metadata.integer(architecture + "." + key));
    }

    private int positive(String key, int otherwise) {
        int value = metadata.integer(architecture + "." + key, otherwise);
        if (value < 1) {
            throw refused(key, value, "at least 1");
        }
        return value;
    }

    private ModelFileException refused(String key, Object found, String expected) {
        return new ModelFileException(file.path(), architecture + "." + key, found.toString(), expected);
    }
}
