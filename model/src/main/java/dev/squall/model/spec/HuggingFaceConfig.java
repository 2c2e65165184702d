package dev.squall.model.spec;

import dev.squall.model.format.HuggingFaceCheckpoint;
import dev.squall.model.format.ModelFileException;
import dev.squall.model.spec.RopeSpec.Pairing;
import java.nio.file.Path;
import tools.jackson.databind.JsonNode;

/**
 * Reads {@code config.json}. Defaults for absent fields are those of the configuration classes of the transformers
 * library; a field that changes the arithmetic in a way that is not implemented is refused.
 */
final class HuggingFaceConfig {
    private final HuggingFaceCheckpoint checkpoint;
    private final Path file;
    private final JsonNode config;
    private final String family;

    HuggingFaceConfig(HuggingFaceCheckpoint checkpoint) {
        this(checkpoint, null);
    }

    /** @param family what the model is, whatever its {@code model_type}; null to go by that */
    HuggingFaceConfig(HuggingFaceCheckpoint checkpoint, String family) {
        this.checkpoint = checkpoint;
        this.file = checkpoint.path().resolve("config.json");
        this.config = checkpoint.config();
        this.family = family == null ? modelType(config) : family;
    }

    /** MiniCPM4-0.5B's file names its class only. */
    private String modelType(JsonNode config) {
        boolean miniCpm = absent(config.get("model_type"))
                && config.path("architectures").path(0).asString("").equals("MiniCPMForCausalLM");
        return miniCpm ? "minicpm" : text(config, "model_type", null);
    }

    Path file() {
        return file;
    }

    String family() {
        return family;
    }

    Hyperparameters read() {
        String activation = text(config, "hidden_act", "silu");
        if (!activation.equals("silu")) {
            throw new ModelFileException(file, "hidden_act", activation, "silu");
        }
        int dim = positive("hidden_size", -1);
        int layers = Hyperparameters.plausibleLayers(
                checkpoint, file, "num_hidden_layers", positive("num_hidden_layers", -1));
        int heads = positive("num_attention_heads", -1);
        int kvHeads = positive("num_key_value_heads", heads);
        int headDim = positive("head_dim", family.equals("qwen3") ? 128 : dim / heads);
        int context = positive("max_position_embeddings", 2048);
        boolean bias = !family.equals("qwen2") && flag("attention_bias", false); // qwen2's are not optional
        return new Hyperparameters(
                file,
                family,
                dim,
                layers,
                heads,
                kvHeads,
                headDim,
                positive("intermediate_size", -1),
                positive("vocab_size", -1),
                context,
                number(config, "rms_norm_eps", 1e-6),
                rope(headDim, context),
                slidingWindow(layers),
                bias,
                bias,
                flag("mlp_bias", false),
                flag(
                        "tie_word_embeddings",
                        family.equals("minicpm") && !checkpoint.tensors().containsKey("lm_head.weight")));
    }

    /** MiniCPM's scales, none of which may be missing. */
    MuScales scales() {
        int layers = positive("num_hidden_layers", -1);
        return new MuScales(
                (float) number("scale_emb", Double.NaN),
                (float) (number("scale_depth", Double.NaN) / Math.sqrt(layers)),
                (float) (positive("hidden_size", -1) / number("dim_model_base", Double.NaN)));
    }

    /** Mistral slides in every layer, Qwen from {@code max_window_layers} on and only if it says so. */
    private int[] slidingWindow(int layers) {
        int[] window = new int[layers];
        boolean mistral = family.equals("mistral");
        boolean qwen = family.startsWith("qwen");
        if (!(mistral || qwen && flag("use_sliding_window", false))) {
            return window;
        }
        JsonNode size = config.get("sliding_window");
        if (size != null && size.isNull()) {
            return window;
        }
        int width = positive("sliding_window", 4096);
        int first = mistral ? 0 : integer("max_window_layers", 28);
        JsonNode types = config.get("layer_types");
        for (int layer = 0; layer < layers; layer++) {
            boolean slides = layer >= first;
            if (types != null && types.isArray()) {
                String type = layer < types.size() ? types.get(layer).asString("") : "nothing";
                slides = type.equals("sliding_attention");
                if (!slides && !type.equals("full_attention")) {
                    throw new ModelFileException(
                            file, "layer_types[" + layer + "]", type, "full_attention or sliding_attention");
                }
            }
            window[layer] = slides ? width : 0;
        }
        return window;
    }

    private RopeSpec rope(int headDim, int context) {
        JsonNode scaling = config.get("rope_parameters");
        String field = "rope_parameters";
        if (absent(scaling)) {
            scaling = config.get("rope_scaling");
            field = "rope_scaling";
        }
        double base = number(config, "rope_theta", 10_000);
        if (absent(scaling)) {
            return RopeSpec.plain(Pairing.HALVES, base, rotaryDim(config, headDim));
        }
        if (!scaling.isObject()) {
            throw new ModelFileException(file, field, scaling.toString(), "an object");
        }
        base = number(scaling, "rope_theta", base);
        RopeSpec plain = RopeSpec.plain(Pairing.HALVES, base, rotaryDim(scaling, rotaryDim(config, headDim)));
        String type = text(scaling, "rope_type", text(scaling, "type", "default"));
        return switch (type) {
            case "default" -> plain;
            case "linear" -> plain.linear(number(scaling, "factor", Double.NaN));
            case "llama3" ->
                plain.llama3(
                        number(scaling, "factor", Double.NaN),
                        number(scaling, "low_freq_factor", Double.NaN),
                        number(scaling, "high_freq_factor", Double.NaN),
                        (int) number(scaling, "original_max_position_embeddings", Double.NaN));
            case "yarn" -> yarn(scaling, field, plain, base, context);
            case "longrope" ->
                plain.longRope(
                        factors(scaling, field, "long_factor", plain.rotaryDim() / 2),
                        factors(scaling, field, "short_factor", plain.rotaryDim() / 2),
                        context,
                        (int) number(
                                scaling,
                                "original_max_position_embeddings",
                                number(config, "original_max_position_embeddings", context)));
            default ->
                throw new ModelFileException(
                        file, field + ".rope_type", type, "one of default, linear, llama3, yarn, longrope");
        };
    }

    private float[] factors(JsonNode scaling, String field, String name, int pairs) {
        JsonNode list = scaling.get(name);
        if (absent(list) || !list.isArray() || list.size() != pairs) {
            String found = absent(list) ? "nothing" : list.isArray() ? list.size() + " numbers" : list.toString();
            throw new ModelFileException(file, field + "." + name, found, "a list of " + pairs + " numbers");
        }
        float[] factors = new float[pairs];
        for (int i = 0; i < pairs; i++) {
            factors[i] = list.get(i).isNumber() ? list.get(i).floatValue() : Float.NaN;
            if (!(factors[i] > 0)) {
                throw new ModelFileException(
                        file, field + "." + name + "[" + i + "]", list.get(i).toString(), "a positive number");
            }
        }
        return factors;
    }

    private RopeSpec yarn(JsonNode scaling, String field, RopeSpec plain, double base, int context) {
        for (String unknown : new String[] {"mscale", "mscale_all_dim"}) {
            if (!absent(scaling.get(unknown))) {
                throw new ModelFileException(
                        file, field + "." + unknown, scaling.get(unknown).toString(), "nothing: not supported");
            }
        }
        RopeSpec rope = plain.yarn(
                base,
                number(scaling, "factor", Double.NaN),
                number(scaling, "beta_fast", 32),
                number(scaling, "beta_slow", 1),
                (int) number(scaling, "original_max_position_embeddings", context));
        return rope.withMagnitude(number(scaling, "attention_factor", rope.magnitude()));
    }

    private int rotaryDim(JsonNode node, int whole) {
        double part = number(node, "partial_rotary_factor", 1);
        int dim = (int) (whole * part);
        if (dim < 2 || dim > whole || dim % 2 != 0) {
            throw new ModelFileException(
                    file, "partial_rotary_factor", Double.toString(part), "an even part of a head of " + whole);
        }
        return dim;
    }

    // ---- typed fields

    /** A count that only some families have. */
    int count(String field, int otherwise) {
        return positive(field, otherwise);
    }

    /** Refuses a text that is there and another one. */
    void requireText(String field, String expected) {
        String found = text(config, field, expected);
        if (!found.equals(expected)) {
            throw new ModelFileException(file, field, found, expected);
        }
    }

    /** A number that only some families have; NaN as default makes it obligatory. */
    double number(String field, double otherwise) {
        return number(config, field, otherwise);
    }

    private static boolean absent(JsonNode node) {
        return node == null || node.isNull();
    }

    private int positive(String field, int otherwise) {
        int value = integer(field, otherwise);
        if (value < 1) {
            throw new ModelFileException(file, field, Integer.toString(value), "at least 1");
        }
        return value;
    }

    private int integer(String field, int otherwise) {
        JsonNode node = config.get(field);
        if (absent(node)) {
            if (otherwise < 0) {
                throw new ModelFileException(file, field, "nothing", "an integer");
            }
            return otherwise;
        }
        if (!node.isIntegralNumber() || !node.canConvertToInt()) {
            throw new ModelFileException(file, field, node.toString(), "an integer below 2^31");
        }
        return node.intValue();
    }

    /** A finite number; NaN as default makes the field obligatory. */
    private double number(JsonNode node, String field, double otherwise) {
        JsonNode value = node.get(field);
        if (absent(value) && !Double.isNaN(otherwise)) {
            return otherwise;
        }
        if (absent(value)
                || !value.isNumber()
                || !(value.doubleValue() > 0)
                || Double.isInfinite(value.doubleValue())) {
            throw new ModelFileException(
                    file, field, absent(value) ? "nothing" : value.toString(), "a positive number");
        }
        return value.doubleValue();
    }

    boolean flag(String field, boolean otherwise) {
        JsonNode node = config.get(field);
        if (absent(node)) {
            return otherwise;
        }
        if (!node.isBoolean()) {
            throw new ModelFileException(file, field, node.toString(), "true or false");
        }
        return node.booleanValue();
    }

    /** A string; null as default makes the field obligatory. */
    private String text(JsonNode node, String field, String otherwise) {
        JsonNode value = node.get(field);
        if (absent(value) && otherwise != null) {
            return otherwise;
        }
        if (absent(value) || !value.isString()) {
            throw new ModelFileException(file, field, absent(value) ? "nothing" : value.toString(), "a string");
        }
        return value.stringValue();
    }
}
