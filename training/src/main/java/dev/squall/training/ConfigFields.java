package dev.squall.training;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** The fields of one JSON object of a configuration: typed, within bounds, and none that nobody reads. */
final class ConfigFields {
    private final Path file;
    private final String prefix;
    private final JsonNode object;
    private final Set<String> read = new HashSet<>();

    ConfigFields(Path file, String prefix, JsonNode object) {
        this.file = file;
        this.prefix = prefix;
        this.object = object;
    }

    ConfigFields object(String name) {
        JsonNode node = required(name);
        if (!node.isObject()) {
            throw wrong(name, node, "an object");
        }
        return new ConfigFields(file, prefix + name + ".", node);
    }

    boolean has(String name) {
        return !absent(name);
    }

    int integer(String name, int least, int most) {
        JsonNode node = required(name);
        if (!node.isIntegralNumber() || !node.canConvertToInt() || node.intValue() < least || node.intValue() > most) {
            throw wrong(name, node, "an integer from " + least + " to " + most);
        }
        return node.intValue();
    }

    int integer(String name, int least, int most, int otherwise) {
        return absent(name) ? otherwise : integer(name, least, most);
    }

    long seed(String name) {
        JsonNode node = required(name);
        if (!node.isIntegralNumber() || !node.canConvertToLong()) {
            throw wrong(name, node, "a 64-bit integer");
        }
        return node.longValue();
    }

    double number(String name, double least, double most) {
        JsonNode node = required(name);
        if (!node.isNumber() || !(node.doubleValue() >= least && node.doubleValue() <= most)) {
            throw wrong(name, node, "a number from " + least + " to " + most);
        }
        return node.doubleValue();
    }

    double number(String name, double least, double most, double otherwise) {
        return absent(name) ? otherwise : number(name, least, most);
    }

    String text(String name) {
        JsonNode node = required(name);
        if (!node.isString()) {
            throw wrong(name, node, "a string");
        }
        return node.stringValue();
    }

    <E extends Enum<E>> E choice(String name, Class<E> type) {
        String value = text(name);
        for (E each : type.getEnumConstants()) {
            if (each.name().equalsIgnoreCase(value)) {
                return each;
            }
        }
        throw wrong(
                name,
                object.get(name),
                "one of " + Arrays.toString(type.getEnumConstants()).toLowerCase(java.util.Locale.ROOT));
    }

    List<String> texts(String name) {
        if (absent(name)) {
            return List.of();
        }
        JsonNode node = object.get(name);
        List<String> values = new ArrayList<>();
        for (JsonNode each : node) {
            if (!each.isString()) {
                throw wrong(name, node, "a list of strings");
            }
            values.add(each.stringValue());
        }
        if (!node.isArray()) {
            throw wrong(name, node, "a list of strings");
        }
        return values;
    }

    /** A path, relative to the configuration's own directory. */
    Path path(String name) {
        return file.toAbsolutePath().getParent().resolve(text(name)).normalize();
    }

    /** Paths, relative to the configuration's own directory. */
    List<Path> paths(String name) {
        Path directory = file.toAbsolutePath().getParent();
        return texts(name).stream()
                .map(each -> directory.resolve(each).normalize())
                .toList();
    }

    /** Refuses fields that were not asked for: mostly slips of the pen. */
    void end() {
        for (String name : object.propertyNames()) {
            if (!read.contains(name)) {
                throw wrong(name, object.get(name), "no such field");
            }
        }
    }

    private boolean absent(String name) {
        read.add(name);
        return !object.hasNonNull(name);
    }

    private JsonNode required(String name) {
        if (absent(name)) {
            throw wrong(name, null, "a value");
        }
        return object.get(name);
    }

    TrainingException wrong(String name, Object found, String expected) {
        return new TrainingException(file + ": " + prefix + name + ": found " + (found == null ? "nothing" : found)
                + ", expected " + expected);
    }
}
