package dev.squall.classification;

import dev.squall.classification.CompiledRules.Spacing;
import dev.squall.model.format.JsonFiles;
import dev.squall.model.format.ModelFileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * How an encoder was trained to classify: the file {@code classifier.json} beside its weights, so that whoever asks it need not
 * say so again.
 *
 * @param method what it was trained with
 * @param spacing of prompts of rules
 * @param entities whether inputs name two things
 * @param window words that are read before and behind the two things, 0 for all
 * @param promptTokens how many of the last rows of the table of words are learned tokens of prompts
 * @param labels the classes, in the order of their numbers
 * @param negative the class that stands for no answer, null for none
 */
record TrainedAs(
        FineTuningOptions.Method method,
        Spacing spacing,
        boolean entities,
        int window,
        int promptTokens,
        List<String> labels,
        String negative) {
    private static final String NAME = "classifier.json";

    /** Whether a directory says how it was trained. */
    static boolean isIn(Path directory) {
        return Files.exists(directory.resolve(NAME));
    }

    /** @throws ModelFileException if the file is not whole */
    static TrainedAs read(Path directory) {
        Path file = directory.resolve(NAME);
        JsonNode json = JsonFiles.object(file);
        List<String> labels = new ArrayList<>();
        json.path("labels").forEach(each -> labels.add(each.asString()));
        if (labels.size() < 2) {
            throw new ModelFileException(file, "labels", labels.toString(), "at least two");
        }
        return new TrainedAs(
                one(file, json, "method", FineTuningOptions.Method.values()),
                one(file, json, "spacing", Spacing.values()),
                json.path("entities").asBoolean(),
                count(file, json, "window"),
                count(file, json, "promptTokens"),
                labels,
                json.path("negative").asString(null));
    }

    private static int count(Path file, JsonNode json, String field) {
        JsonNode count = json.path(field);
        if (!count.isMissingNode() && (!count.isInt() || count.intValue() < 0)) {
            throw new ModelFileException(file, field, count.toString(), "a number, 0 or more");
        }
        return count.asInt(0);
    }

    /** The tokens of prompts that are in a directory's table of words. */
    static int promptTokens(Path directory) {
        return isIn(directory) ? read(directory).promptTokens : 0;
    }

    /** @throws ModelFileException if a field has none of some names */
    static <T extends Enum<T>> T one(Path file, JsonNode json, String field, T[] all) {
        String found = json.path(field).asString("nothing");
        return Arrays.stream(all)
                .filter(each -> each.name().equals(found))
                .findFirst()
                .orElseThrow(() -> new ModelFileException(file, field, found, "one of " + Arrays.toString(all)));
    }

    void write(Path directory) throws IOException {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("method", method.name());
        fields.put("spacing", spacing.name());
        fields.put("entities", entities);
        fields.put("window", window);
        fields.put("promptTokens", promptTokens);
        fields.put("labels", labels);
        if (negative != null) {
            fields.put("negative", negative);
        }
        Files.write(
                directory.resolve(NAME),
                JsonMapper.builder()
                        .enable(SerializationFeature.INDENT_OUTPUT)
                        .build()
                        .writeValueAsBytes(fields));
    }
}
