package dev.squall.model.spec;

import dev.squall.model.format.Checkpoint;
import dev.squall.model.format.GgufCheckpoint;
import dev.squall.model.format.GgufMetadata;
import dev.squall.model.format.HuggingFaceCheckpoint;
import dev.squall.model.format.ModelFileException;
import java.nio.file.Path;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * How a model's makers want its tokens to be sampled, as generation_config.json of a Hugging Face directory or the keys
 * {@code general.sampling.*} of a GGUF file say. A number that is not there restricts nothing.
 *
 * @param temperature divides the scores, at least 0
 * @param topK only the k most probable tokens, 0 for all
 * @param topP only the nucleus of this probability, in (0, 1]
 */
public record RecommendedSampling(double temperature, int topK, double topP) {
    /** Key of the temperature in GGUF, an F32. */
    public static final String TEMPERATURE = "general.sampling.temp";
    /** Key of top-k in GGUF, an integer. */
    public static final String TOP_K = "general.sampling.top_k";
    /** Key of top-p in GGUF, an F32. */
    public static final String TOP_P = "general.sampling.top_p";

    /**
     * Reads a model's recommendation; empty where there is none, or where it is not to sample.
     *
     * @throws ModelFileException if a number is none, or out of its range
     */
    public static Optional<RecommendedSampling> of(Checkpoint checkpoint) {
        return switch (checkpoint) {
            case GgufCheckpoint gguf -> of(gguf.metadata());
            case HuggingFaceCheckpoint directory ->
                directory
                        .generationConfig()
                        .flatMap(config -> of(directory.path().resolve("generation_config.json"), config));
            default -> Optional.empty();
        };
    }

    private static Optional<RecommendedSampling> of(GgufMetadata metadata) {
        if (!metadata.has(TEMPERATURE) && !metadata.has(TOP_K) && !metadata.has(TOP_P)) {
            return Optional.empty();
        }
        return Optional.of(checked(
                metadata.file(),
                TEMPERATURE,
                decimal(metadata.number(TEMPERATURE, 1)),
                TOP_K,
                metadata.number(TOP_K, 0),
                TOP_P,
                decimal(metadata.number(TOP_P, 1))));
    }

    /** The shortest decimal number of an F32: 0.7 was meant, and not 0.699999988. */
    private static double decimal(double stored) {
        return Double.parseDouble(Float.toString((float) stored));
    }

    private static Optional<RecommendedSampling> of(Path file, JsonNode config) {
        JsonNode sample = config.path("do_sample");
        boolean says = sample.asBoolean(false)
                || present(config, "temperature")
                || present(config, "top_k")
                || present(config, "top_p");
        if (!says || sample.isBoolean() && !sample.booleanValue()) {
            return Optional.empty();
        }
        return Optional.of(checked(
                file,
                "temperature",
                number(file, config, "temperature", 1),
                "top_k",
                number(file, config, "top_k", 0),
                "top_p",
                number(file, config, "top_p", 1)));
    }

    private static boolean present(JsonNode config, String field) {
        return config.hasNonNull(field);
    }

    private static double number(Path file, JsonNode config, String field, double otherwise) {
        if (!present(config, field)) {
            return otherwise;
        }
        if (!config.get(field).isNumber()) {
            throw new ModelFileException(file, field, config.get(field).toString(), "a number");
        }
        return config.get(field).doubleValue();
    }

    private static RecommendedSampling checked(
            Path file, String temperatureField, double temperature, String kField, double k, String pField, double p) {
        check(temperature >= 0 && temperature <= Float.MAX_VALUE, file, temperatureField, temperature, "at least 0");
        check(k == Math.rint(k) && k <= Integer.MAX_VALUE, file, kField, k, "a whole number");
        check(p > 0 && p <= 1, file, pField, p, "more than 0 and at most 1");
        return new RecommendedSampling(temperature, (int) Math.max(0, k), p); // −1 means all, too
    }

    private static void check(boolean holds, Path file, String field, double found, String expected) {
        if (!holds) {
            throw new ModelFileException(file, field, Double.toString(found), expected);
        }
    }
}
